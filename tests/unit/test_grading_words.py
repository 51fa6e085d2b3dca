"""The catalogue of the checks: whole, in two languages, and every sentence that is asked for."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import dockerlab.grading
from dockerlab.grading.words import CATALOGUE

PACKAGE = Path(dockerlab.grading.__file__).parent
SAYING = {"say", "met", "unmet", "absent", "unknown"}
_HANGUL = "[가-힣]"
# What follows a field may not depend on how the field ends.
_PARTICLE = re.compile(r"\}`?[”\"]?(은|는|이|가|을|를|과|와|으로|로)(?![가-힣])")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def asked() -> Iterator[tuple[str, str]]:
    """Each key that is written out in a call, and where."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            first = node.args[0] if node.args else None
            if node.func.id in SAYING and isinstance(first, ast.Constant):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", str(first.value)


def test_every_sentence_that_is_asked_for_is_there() -> None:
    missing = [f"{place} {key}" for place, key in asked() if key not in CATALOGUE]
    assert not missing


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_both_languages_say_the_same(key: str) -> None:
    english, korean = CATALOGUE[key]
    assert fields(english) == fields(korean)
    assert not re.search(_HANGUL, english)
    if re.search("[a-z]{3}", re.sub(r"`[^`]*`|\{\w+\}", "", english)):
        assert re.search(_HANGUL, korean)
    assert not _PARTICLE.search(korean), korean


def test_no_sentence_is_written_twice() -> None:
    """Modules are merged: a key of two of them would hide one of its sentences."""
    names: dict[str, str] = {}
    for path in sorted((PACKAGE / "words").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for key in node.keys if isinstance(node, ast.Dict) else ():
                if isinstance(key, ast.Constant):
                    assert key.value not in names, (key.value, path.name, names[key.value])
                    names[str(key.value)] = path.name
    assert set(names) == set(CATALOGUE)
