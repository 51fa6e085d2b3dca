"""Every sentence that a CI says of a step is there in Korean, too."""

from __future__ import annotations

import ast
import inspect
import re
from types import ModuleType

import pytest

from dockerlab.formats.pipeline.run import Finding, JobRun, Run, Status, StepRun
from dockerlab.pipeline import findings
from dockerlab.pipeline.deploy import advice, beanstalk, waiting
from dockerlab.pipeline.deploy.advice import _BY_CODE as AWS_CODES
from dockerlab.pipeline.deploy.advice import _BY_WORDS as AWS_WORDS
from dockerlab.pipeline.jobs import actions, causes, order, shipping, travis
from dockerlab.views import PipelineView
from dockerlab.views.pipelines.notes import told

HANGUL = re.compile("[가-힣]")
SENTENCES = [
    *causes._BY_CODE.values(),
    *(sentence for _, sentence in causes._BY_WORDS),
    *AWS_CODES.values(),
    *AWS_WORDS.values(),
    "it did not end within 4 seconds, and was ended",
    "the run was cancelled",
    "the branch topic is not one to deploy from",
    "its condition is not met: github.ref == 'x'",
    "the condition is not met: $A = b",
    "before_install has failed, which ends the job",
    "it needs test, lint, which has not succeeded",
    "the script has failed",
    "the script has not failed",
    "a step before it has failed",
    "another one of its matrix has failed",
    "there is no such command: is it misspelt, or not installed?; continue-on-error: goes on",
    ".travis.yml does not start for the branch x",
    ".travis.yml starts on push, not on pull_request",
    findings.KEY_ID,
]


@pytest.mark.parametrize("sentence", sorted(set(SENTENCES)))
def test_it_is_known(sentence: str) -> None:
    assert HANGUL.search(told(sentence, "ko"))
    assert told(sentence, "en") == sentence


def returned(module: ModuleType, functions: set[str]) -> list[str]:
    """The sentences that these functions return, as far as they are written out."""
    tree = ast.parse(inspect.getsource(module))
    inside = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name in functions]
    found = []
    for node in (node for function in inside for node in ast.walk(function)):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant):
            found.append(str(node.value.value))
    return [text for text in found if " " in text]


@pytest.mark.parametrize(
    ("module", "functions"), [(travis, {"_why_not"}), (actions, {"refusal"}), (order, {"_told"})]
)
def test_so_is_what_is_said_of_what_did_not_run(module: ModuleType, functions: set[str]) -> None:
    for sentence in returned(module, functions):
        assert HANGUL.search(told(sentence, "ko")), sentence


def hints(module: ModuleType) -> list[str]:
    """The second argument of every error that a module raises: what to do."""
    calls = [n for n in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(n, ast.Call)]
    named = [c for c in calls if getattr(c.func, "id", "") == "DeployFailed" and len(c.args) > 1]
    return [c.args[1].value for c in named if isinstance(c.args[1], ast.Constant)]  # type: ignore[misc]


@pytest.mark.parametrize("module", [advice, beanstalk, waiting, shipping])
def test_so_is_what_to_do_about_a_deployment(module: ModuleType) -> None:
    for sentence in hints(module):
        assert HANGUL.search(told(sentence, "ko")), sentence


def test_a_picture_tells_them_in_its_language() -> None:
    step = StepRun("docker ps", "script", Status.FAILED, 0, 1, 127, causes._BY_CODE[127])
    run = Run(
        1, ".travis.yml", "master", status=Status.FAILED, began=0, ended=1,
        jobs=(JobRun("build", (), Status.FAILED, (step,)),),
        findings=(Finding(findings.KEY_ID, "a", 1),),
    )  # fmt: skip
    assert step.note in PipelineView(run, "en").text
    korean = PipelineView(run, "ko").text
    assert step.note not in korean
    assert "그런 명령이 없습니다" in korean
    assert "AWS 액세스 키 id" in korean


def test_what_is_not_known_stays_as_it_is() -> None:
    assert told("something else", "ko") == "something else"
    assert told("", "ko") == ""
