"""Every error that a learner can meet says what happened and what to do."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import dockerlab
from dockerlab import errors

CODE = Path(dockerlab.__file__).parent
PARTS = ("cli", "magics", "client", "course", "grading", "pipeline", "cloud")
ELSEWHERE = {
    "course/standins": "prepare() tells of them, with what to do, in one error for all images",
    "course/shelf.py": "an archive that an engine gave is read: it is the engine's to be right",
    "cloud/beanstalk/bundle.py": "AWS's own words, as an event; the cloud's view adds what to do",
    "pipeline/jobs": "a line of a step's log, after the step's own words",
    "pipeline/repository.py": "git's own words, in the log of a run",
}
"""Where an error has no hint of its own, and why that is right."""
OURS = {
    name
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, errors.DockerlabError)
}


def raised(path: Path) -> Iterator[ast.Call]:
    """The errors of ours that a module makes to raise them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            function = node.exc.func
            if isinstance(function, ast.Name) and function.id in OURS:
                yield node.exc


def hinted(call: ast.Call) -> bool:
    """Two arguments, the message and the hint; whatever is handed on in one piece has its own."""
    handed_on = any(isinstance(argument, ast.Starred) for argument in call.args)
    return handed_on or len(call.args) > 1 or "hint" in {word.arg for word in call.keywords}


@pytest.mark.parametrize("part", PARTS)
def test_every_error_has_a_hint(part: str) -> None:
    found = 0
    bare = []
    for path in sorted((CODE / part).rglob("*.py")):
        where = path.relative_to(CODE).as_posix()
        for call in raised(path):
            found += 1
            if not hinted(call) and not where.startswith(tuple(ELSEWHERE)):
                bare.append(f"{where}:{call.lineno}: {ast.unparse(call)[:120]}")
    assert found
    assert bare == []


def test_the_exceptions_are_still_there() -> None:
    assert [where for where in ELSEWHERE if not (CODE / where).exists()] == []


def test_a_bare_error_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "def f():\n    raise DockerlabError('no')\n    raise FormatError('no', 'do')\n"
    )
    assert [hinted(call) for call in raised(module)] == [False, True]
