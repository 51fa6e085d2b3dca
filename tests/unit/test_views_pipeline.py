"""The picture of a pipeline's run: its stages, its steps, what failed and why; still and live."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.errors import EngineUnavailable
from dockerlab.formats.pipeline.run import Finding, JobRun, Run, Status, StepRun
from dockerlab.views import PipelineView, show
from dockerlab.views.pipelines import reading, stages
from dockerlab.views.pipelines.still import LINES, MOST
from dockerlab.views.pipelines.words import PIPELINES
from dockerlab.views.words import Words

SVG = "{http://www.w3.org/2000/svg}"
BEGAN = 1_800_000_000.0
P, F, S, R, W = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.RUNNING, Status.WAITING


def step(name: str, phase: str, status: Status, *span: float, **more: Any) -> StepRun:
    began, ended = [*(BEGAN + at for at in span), None, None][:2]
    return StepRun(name, phase, status, began, ended, **more)


BUILD = step("docker build -t ch6/test .", "before_install", P, 0, 7.2, exit_code=0)
SAID_NO = step(
    "docker run ch6/test npm test", "script", F, 7.2, 13.1,
    exit_code=1, note="The script said no.", log=tuple(f"line {n}" for n in range(30)),
)  # fmt: skip
UNSENT = step("elasticbeanstalk", "deploy", S, note="the script failed.")
FAILED = Run(
    3, ".travis.yml", "master", "1a2b3c4d" + "0" * 32, "Break the greeting", F,
    BEGAN, BEGAN + 13.1, (JobRun("docker", (), F, (BUILD, SAID_NO, UNSENT)),),
    (Finding("AWS_SECRET_ACCESS_KEY", "deploy.sh", 12),),
)  # fmt: skip
SENT = replace(UNSENT, status=P, began=BEGAN + 13, ended=BEGAN + 19, note="")
SAID_YES = replace(SAID_NO, status=P, exit_code=0, note="")
PASSED = replace(
    FAILED, status=P, findings=(), jobs=(JobRun("docker", (), P, (BUILD, SAID_YES, SENT)),)
)
RUNNING = replace(
    PASSED, status=R, ended=None,
    jobs=(JobRun("docker", (), R, (BUILD, step("npm test", "script", R, 7.2, log=("so far",)),
                                   step("elasticbeanstalk", "deploy", W))),),
)  # fmt: skip
JOBS = Run(
    7, ".github/workflows/deploy.yml", "main", status=F, began=BEGAN, ended=BEGAN + 20,
    jobs=(
        JobRun("deploy", ("image", "test"), S, (), "the job test failed."),
        JobRun("image", ("lint",), P, (step("docker build .", "", P, 3, 9, exit_code=0),)),
        JobRun("lint", (), P, (step("npm run lint", "", P, 0, 3, exit_code=0),)),
        JobRun("test", (), F, (step("npm ci\nnpm test", "", F, 0, 9, exit_code=2),)),
    ),
)  # fmt: skip
UNREAD = Run(1, ".travis.yml", "master", status=Status.ERRORED, error="line 3: no key “scripts”")
RUNS = [FAILED, PASSED, RUNNING, JOBS, UNREAD, Run(1, "x.yml", "b")]


def texts(svg: str) -> list[str]:
    return ["".join(part.itertext()) for part in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_in_words() -> None:
    assert PipelineView(FAILED, "en").text.splitlines() == [
        "Run 3 of .travis.yml: ✗ failed, 13.1 s",
        "branch master · commit 1a2b3c4: Break the greeting",
        "It failed at “docker run ch6/test npm test”, with exit code 1. The script said no. "
        "Nothing was deployed: the script failed.",
        "Warning: The value of AWS_SECRET_ACCESS_KEY stands in deploy.sh, line 12. Who can read "
        "the repository can use it: revoke it, take a new one, and keep that in the settings only.",
        "Job docker: ✗ failed",
        "  1. before_install: docker build -t ch6/test . [✓ passed, 7.20 s]",
        "  2. script: docker run ch6/test npm test [✗ failed, 5.90 s, exit code 1]",
        "     The script said no.",
        "     its last lines:",
        *(f"     | line {n}" for n in range(10, 30)),
        "  3. deploy: elasticbeanstalk [» skipped]",
        "     the script failed.",
    ]


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("run", RUNS)
def test_text_and_picture_tell_each_step(run: Run, lang: Any) -> None:
    view = PipelineView(run, lang)
    drawn = "\n".join(texts(view.svg))
    assert view.title in drawn
    for job in run.jobs:
        assert view.words("pipe.job", name=job.name) in view.text
        for one in job.steps:
            mark = f"{reading.SIGNS[one.status]} {view.words(f'pipe.{one.status}')}"
            assert mark in view.text
            assert mark in drawn
            assert one.name.splitlines()[0] in view.text
            assert one.name.splitlines()[0] in drawn
            assert one.note in view.text


def test_every_word_is_there_in_both_languages_with_the_same_fields() -> None:
    for key, (english, korean) in PIPELINES.items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", korean))
        assert any("가" <= char <= "힣" for char in korean), key
    assert {f"pipe.{status}" for status in Status} <= set(PIPELINES)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (None, "Nothing has run yet. A push"),
        (UNREAD, "could not be followed, so nothing was run: line 3"),
        (replace(RUNNING, error="its process was killed"), "The run broke off: its process"),
        (Run(1, "f", "b"), "Nothing has run yet."),
        (RUNNING, "Now running: npm test."),
        (PASSED, "All went well. It was deployed."),
        (replace(PASSED, jobs=(JobRun("a", (), P, (BUILD, UNSENT)),)), "deployed: the script"),
        (replace(PASSED, status=Status.CANCELLED, jobs=()), "The run was cancelled."),
        (JOBS, "at “test: npm ci …”, with exit code 2. Nothing was deployed: the job test"),
        (replace(FAILED, jobs=(JobRun("a", (), F, (), "no such image"),)), "job a failed. no such"),
    ],
)
def test_the_summary_says_what_matters(run: Run | None, told: str) -> None:
    assert told in reading.summary(run, Words("en"))
    assert any("가" <= char <= "힣" for char in reading.summary(run, Words("ko")))


def test_jobs_come_in_the_order_of_their_needs() -> None:
    assert [job.name for job in stages.ordered(JOBS)] == ["lint", "test", "image", "deploy"]
    drawn = {stage.name: stage for stage in stages.stages(JOBS)}
    assert {name: stage.column for name, stage in drawn.items()} == {
        "lint": 0,
        "test": 0,
        "image": 1,
        "deploy": 2,
    }
    assert drawn["deploy"].after == (2, 1)
    circle = replace(JOBS, jobs=(JobRun("a", ("b",)), JobRun("b", ("a", "gone"))))
    assert [job.name for job in stages.ordered(circle)] == ["a", "b"]


def test_of_one_job_the_phases_are_the_stages() -> None:
    two = JobRun("docker", (), F, (BUILD, replace(BUILD, name="true"), SAID_NO, UNSENT))
    found = stages.stages(replace(FAILED, jobs=(two,)))
    assert [(stage.name, str(stage.status)) for stage in found] == [
        ("before_install", "passed"),
        ("script", "failed"),
        ("deploy", "skipped"),
    ]
    drawn = texts(PipelineView(FAILED, "en").svg)
    assert {"before_install", "script", "deploy", "✓", "✗", "»"} <= set(drawn)


@pytest.mark.parametrize(
    ("found", "status"),
    [([P, P], P), ([P, W], R), ([W, W], W), ([S, S], S), ([P, S], P), ([P, F, S], F)],
)
def test_steps_of_a_phase_come_to_one_status(found: list[Status], status: Status) -> None:
    assert stages.together([StepRun("x", status=one) for one in found]) is status


def test_a_failed_step_shows_its_last_lines() -> None:
    drawn = texts(PipelineView(FAILED, "en").svg)
    shown = [text for text in drawn if text.startswith("line ")]
    assert shown == [f"line {n}" for n in range(30 - LINES, 30)]
    assert "exit 1" in drawn


def test_hostile_logs_names_and_notes_are_only_text() -> None:
    evil = """'"><script>alert(1)</script><image href=x onload=y />\x1b]0;x\x07\x00\ud800"""
    bad = step(evil, evil, F, 0, 1, exit_code=1, note=evil, log=(evil, f"50%\r{evil}"))
    run = Run(1, evil, evil, evil, evil, F, BEGAN, BEGAN, (JobRun(evil, (), F, (bad, BUILD)),),
              (Finding(evil, evil, 1),), "")  # fmt: skip
    view = PipelineView(run, "en")
    root = ElementTree.fromstring(view.svg)
    for part in root.iter():
        assert part.tag.removeprefix(SVG) not in ("script", "image", "a", "foreignObject")
        assert not [name for name in part.attrib if name.startswith("on") or "href" in name]
    assert "50%" not in view.text


def test_of_very_many_steps_some_are_drawn_and_all_are_told() -> None:
    many = tuple(step(f"echo {n}", "", P, n, n + 1) for n in range(MOST + 40))
    view = PipelineView(Run(1, "f", "b", status=P, jobs=(JobRun("a", (), P, many),)), "en")
    assert "40 more steps are told in the text." in texts(view.svg)
    assert f"echo {MOST + 39} [" in view.text


def test_nothing_sticks_out_of_the_picture() -> None:
    wide = replace(SAID_NO, name="npm " * 90, note="why " * 200, log=("x" * 500,))
    run = replace(FAILED, subject="s " * 200, jobs=(JobRun("j" * 90, (), F, (wide,) * 3),))
    root = ElementTree.fromstring(PipelineView(run, "ko").svg)
    height = float(root.attrib["height"])
    for shape in root.iter(f"{SVG}rect"):
        assert float(shape.attrib["x"]) + float(shape.attrib["width"]) <= 960
        assert float(shape.attrib["y"]) + float(shape.attrib["height"]) <= height


# --- live


def test_live_rows_are_plain_data() -> None:
    pytest.importorskip("anywidget")
    widget: Any = PipelineView(FAILED, "en").widget
    assert [row["status"] for row in widget.rows] == ["ran", "failed", "pending"]
    assert widget.rows[1]["added"] == "exit 1"
    assert ["exit code", "1"] in widget.rows[1]["facts"]
    assert widget.logs == {"2": "\n".join(SAID_NO.log)}
    assert widget.head["accent"] == "red"
    assert "AWS_SECRET_ACCESS_KEY" in widget.head["warnings"][0]
    assert "<svg" in widget.strip


def test_a_job_without_steps_has_a_row_for_itself_and_logs_stay_with_theirs() -> None:
    pytest.importorskip("anywidget")
    quiet = JobRun("later", ("docker",), W)
    widget: Any = PipelineView(replace(FAILED, jobs=(*FAILED.jobs, quiet)), "en").widget
    assert [row["n"] for row in widget.rows] == [1, 2, 3, 4]
    assert widget.rows[3]["stage"].startswith("Job later: ○ waiting · after docker")
    assert list(widget.logs) == ["2"]


def test_a_run_is_followed_while_it_goes_on() -> None:
    pytest.importorskip("anywidget")
    go = threading.Event()

    def runs() -> Iterator[Run]:
        yield RUNNING
        go.wait(60)
        yield PASSED

    view: Any = PipelineView(runs(), "en")
    assert view.record is RUNNING
    widget = view.widget
    assert widget.tails == {"2": "so far"}
    assert widget.head["busy"]
    go.set()
    until(lambda: not widget.head["busy"] and not widget.tails)
    assert widget.head["summary"] == "All went well. It was deployed."


def test_what_cannot_be_followed_any_more_says_why() -> None:
    pytest.importorskip("anywidget")

    def runs() -> Iterator[Run]:
        yield RUNNING
        raise EngineUnavailable("the CI is gone", "start it again")

    view: Any = PipelineView(runs(), "en")
    widget = view.widget
    until(lambda: "no longer followed" in widget.head["summary"])
    assert "the CI is gone" in view.text


def test_before_the_first_run_the_picture_says_how_to_begin() -> None:
    view = PipelineView(iter(()), "en")
    assert "A push" in view.text
    assert "The runs of a pipeline" in texts(view.svg)


class Pushed:
    """A CI of which somebody pushes when told to."""

    name, remote = "ch6-app", "/ci/ch6-app/repository.git"

    def __init__(self) -> None:
        self.found: list[Run] = []

    @property
    def newest(self) -> int:
        return max((run.number for run in self.found), default=0)

    @property
    def last(self) -> Run | None:
        return self.found[-1] if self.found else None

    def follow(self) -> Iterator[Run]:
        yield self.found[-1]


def test_a_ci_shows_whichever_run_is_the_newest() -> None:
    pytest.importorskip("anywidget")
    ci = Pushed()
    view: Any = PipelineView(ci, "en")
    widget = view.widget
    assert view.text.splitlines() == [
        "The CI ch6-app",
        "Nothing has run yet. A push to it starts the first run: "
        "git remote add origin /ci/ch6-app/repository.git",
    ]
    for number, run in enumerate((RUNNING, FAILED, PASSED), 3):
        ci.found.append(replace(run, number=number))
        until(lambda: widget.title == f"Run {ci.newest} of .travis.yml")
    until(lambda: widget.head["accent"] == "green")
    view.close()


def test_the_gallery_knows_it_and_nothing_else_is_taken() -> None:
    assert isinstance(show(PASSED, "ko"), PipelineView)
    with pytest.raises(TypeError, match="is no Run"):
        PipelineView(3)  # type: ignore[arg-type]


def until(met: Any) -> None:
    end = time.monotonic() + 60
    while not met() and time.monotonic() < end:
        time.sleep(0.01)
    assert met()
