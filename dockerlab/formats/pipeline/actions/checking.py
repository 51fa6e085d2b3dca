"""Expressions in a workflow, checked when it is read: each place allows its own names."""

from __future__ import annotations

from collections.abc import Collection

from dockerlab.errors import FormatError
from dockerlab.formats.pipeline.actions.evaluation import bare, holes
from dockerlab.formats.pipeline.actions.expressions import STATES, calls, names, parse
from dockerlab.formats.pipeline.reading import Node

IN_WORKFLOW = ("github", "secrets", "vars")
IN_JOB = ("github", "needs", "vars", "matrix", "secrets")
IN_STEP = (*IN_JOB, "env", "steps", "job", "runner")
IF_JOB = ("github", "needs", "vars")
IF_STEP = ("github", "needs", "vars", "matrix", "env", "steps", "job", "runner")


def template(node: Node, allowed: Collection[str]) -> str:
    """A text whose ``${{ … }}`` can all be understood."""
    text = node.text()
    for hole in holes(text):
        _check(node, hole, allowed, states=False)
    if text.count("${{") > len(holes(text)):
        node.fail("${{ is opened and not closed by }}", "as in ${{ github.ref }}")
    return text


def condition(node: Node, allowed: Collection[str]) -> str:
    """An ``if:``, as an expression with or without braces."""
    text = node.text()
    if len(holes(text)) > 1 or not bare(text):
        node.fail("must be one expression", "as in if: github.ref == 'refs/heads/main'")
    if "${{" in text and bare(text) == text.strip():
        node.fail(
            "is always true: outside of ${{ … }} stands a text",
            "leave the braces out, or put them around the whole",
        )
    _check(node, bare(text), allowed, states=True)
    return text


def _check(node: Node, text: str, allowed: Collection[str], *, states: bool) -> None:
    try:
        tree = parse(text)
    except FormatError as error:
        node.fail(error.message, error.hint)
    for name in names(tree):
        if name.context not in allowed:
            node.fail(
                f"Unrecognized named-value: '{name.context}'", _instead(name.context, allowed)
            )
    if not states and (found := set(calls(tree)) & set(STATES)):
        node.fail(f"{found.pop()}() can only stand in an if:")


def _instead(context: str, allowed: Collection[str]) -> str:
    if context == "secrets" and "env" in allowed:
        return "an if: cannot see secrets; put it into env: and look at env.NAME"
    return f"here can stand: {', '.join(allowed)}"
