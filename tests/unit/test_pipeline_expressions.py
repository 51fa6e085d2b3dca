"""Expressions of GitHub Actions: what they come to, and what is none."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.errors import FormatError, PipelineFileError
from dockerlab.formats.pipeline.actions.evaluation import Scope, evaluate, fill, truth
from dockerlab.formats.pipeline.actions.expressions import parse
from dockerlab.formats.pipeline.loading import load

VALUES = {
    "github": {"ref": "refs/heads/main", "event_name": "push", "event": {"n": 3}},
    "env": {"A": "x", "EMPTY": ""},
    "matrix": {"node": 22, "fast": True},
    "needs": {"test": {"result": "success", "outputs": {"v": "1"}}},
    "steps": {"my-step": {"outcome": "failure"}},
}
SCOPE = Scope(VALUES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("0x10", 16),
        ("-1.5e1", -15),
        ("'it''s'", "it's"),
        ("true", True),
        ("null", None),
        ("github.ref == 'refs/heads/main'", True),
        ("github.ref == 'REFS/HEADS/MAIN'", True),
        ("github.REF != 'x'", True),
        ("github['ref']", "refs/heads/main"),
        ("github.event.n > 2 && github.event.n <= 3", True),
        ("matrix.node == '22'", True),
        ("matrix.node == 22", True),
        ("matrix.fast == 1", True),
        ("matrix.none == ''", True),
        ("null == 0", True),
        ("'abc' == 0", False),
        ("steps.my-step.outcome", "failure"),
        ("needs.test.outputs.v", "1"),
        ("needs.other.result", None),
        ("env.EMPTY || 'other'", "other"),
        ("env.A && 'yes' || 'no'", "yes"),
        ("!env.EMPTY", True),
        ("!!env.A", True),
        ("!(true && false)", True),
        ("true || false && false", True),
        ("contains(github.ref, 'MAIN')", True),
        ("startsWith(github.ref, 'refs/heads/')", True),
        ("endsWith('abc', 'BC')", True),
        ("format('{0}-{1} {{}}', 'a', matrix.node)", "a-22 {}"),
        ("Contains('ab', 'b')", True),
        ("github == github", True),
        ("github < 1", False),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert evaluate(parse(text), SCOPE) == value


@pytest.mark.parametrize(
    ("condition", "well", "failed", "cancelled"),
    [
        ("", True, False, False),
        ("success()", True, False, False),
        ("failure()", False, True, False),
        ("always()", True, True, True),
        ("cancelled()", False, False, True),
        ("${{ always() && env.A == 'x' }}", True, True, True),
        ("env.A == 'x'", True, False, False),
        ("!cancelled()", True, True, False),
        ("env.A == 'y' || failure()", False, True, False),
    ],
)
def test_a_condition_and_what_came_before(
    condition: str, well: bool, failed: bool, cancelled: bool
) -> None:
    scopes = (SCOPE, Scope(VALUES, failed=True), Scope(VALUES, cancelled=True))
    assert [truth(condition, scope) for scope in scopes] == [well, failed, cancelled]


def test_holes_in_a_text() -> None:
    assert fill("a ${{ env.A }}-${{matrix.node}}${{ env.NO }}.", SCOPE) == "a x-22."
    assert fill("$A ${B} $((1)) ${{ 1.5 }} ${{ true }}", SCOPE) == "$A ${B} $((1)) 1.5 true"


@pytest.mark.parametrize(
    "text",
    ["", "a ==", "(1", "1)", "'a", '"a"', "a.b", "f(1)", "1 2", "github.", "github[1", "==", "&& 1",
     "contains(1", "1 = 1", "a & b", "github.ref@", "(" * 60 + "1" + ")" * 60, "1" + "+1" * 9999,
     "github" + "[0]" * 200, "!" * 200 + "(" , " && ".join(["1"] * 200)],
)  # fmt: skip
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(FormatError):
        parse(text)


def test_a_long_chain_needs_no_deep_stack() -> None:
    assert evaluate(parse(" && ".join(["true"] * 140)), SCOPE) is True
    assert evaluate(parse("!" * 280 + "true"), SCOPE) is True


@given(st.text(max_size=60) | st.text("githubenv.'()&|!=<> 0123[]{}$", max_size=60))
def test_any_text_is_an_expression_or_is_refused(text: str) -> None:
    try:
        tree = parse(text)
    except FormatError:
        return
    with contextlib.suppress(FormatError):
        evaluate(tree, SCOPE)


WORDS = st.sampled_from(
    ["on", "jobs", "steps", "run", "uses", "env", "language", "generic", "script", "deploy", "if",
     "strategy", "matrix", "needs", "push", "a", "with", "services", "docker", "branches", "only",
     "${{ github.ref }}", "${{", "actions/checkout@v4", "secure", "runs-on", "ubuntu-latest", "",
     "provider", "elasticbeanstalk", "outputs", "include", "exclude", "container", "global"]
)  # fmt: skip
TREES = st.recursive(
    WORDS | st.booleans() | st.integers() | st.none() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)


@given(st.dictionaries(WORDS, TREES, max_size=6), st.sampled_from([".travis.yml", "ci.yml"]))
def test_any_tree_is_a_plan_or_is_refused_by_line(tree: dict[str, Any], name: str) -> None:
    import yaml

    _refused_by_line(yaml.safe_dump(tree), name)


@given(st.text(max_size=200), st.sampled_from([".travis.yml", "ci.yml"]))
def test_any_text_is_a_plan_or_is_refused_by_line(text: str, name: str) -> None:
    _refused_by_line(text, name)


def _refused_by_line(text: str, name: str) -> None:
    try:
        load(text, name)
    except PipelineFileError as error:
        assert error.file == name
        assert error.line >= 0
