"""Regular expressions of strangers, as Docker takes them in its filters by name.

Go's, which Docker uses, take time in proportion to pattern and text; with Python's own a short
pattern can keep the engine busy for ever. So theirs are only read by Python, and tried here on all
ways at once. As in Go there is no looking around and no referring back.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_LARGEST = 500
"""Steps of a pattern: each costs time at each letter."""

Test = Callable[[str], bool]
_CATEGORIES: dict[str, Test] = {
    "DIGIT": lambda letter: letter.isascii() and letter.isdigit(),
    "SPACE": lambda letter: letter in "\t\n\f\r ",
    "WORD": lambda letter: letter.isascii() and (letter.isalnum() or letter == "_"),
}


def search(pattern: str, text: str) -> bool:
    """Whether the pattern matches anywhere in the text. Raises ValueError for what is none."""
    return _compiled(pattern).search(text)


@dataclass(slots=True)
class _Step:
    """Takes a letter (``test``), holds at certain places only (``place``), or is free."""

    following: list[int]
    test: Test | None = None
    place: str = ""


@dataclass(slots=True)
class _Program:
    """Steps from ``first`` to step 0, the end."""

    folded: bool
    first: int = 0
    steps: list[_Step] = field(default_factory=lambda: [_Step([])])

    def add(self, step: _Step) -> int:
        if len(self.steps) > _LARGEST:
            raise ValueError("too long a pattern")
        self.steps.append(step)
        return len(self.steps) - 1

    def search(self, text: str) -> bool:
        text = text.lower() if self.folded else text
        current: set[int] = set()
        for at in range(len(text) + 1):
            current = self._reached({*current, self.first}, text, at)
            if 0 in current:
                return True
            taken = [self.steps[number] for number in current] if at < len(text) else []
            current = {
                n for step in taken if step.test and step.test(text[at]) for n in step.following
            }
        return False

    def _reached(self, begin: set[int], text: str, at: int) -> set[int]:
        """All steps that can be reached without a letter."""
        found, waiting = set(begin), list(begin)
        while waiting:
            step = self.steps[waiting.pop()]
            if step.test is None and _is_at(step.place, text, at):
                fresh = set(step.following) - found
                found |= fresh
                waiting += fresh
        return found

    # ---- making it, from the end to the beginning

    def sequence(self, items: Iterable[tuple[Any, Any]], then: int) -> int:
        for kind, value in reversed(list(items)):
            then = self._item(str(kind), value, then)
        return then

    def _item(self, kind: str, value: Any, then: int) -> int:
        match kind:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return self.add(_Step([then], _test(kind, value, self.folded)))
            case "AT":
                return self.add(_Step([then], place=str(value)))
            case "SUBPATTERN":
                return self.sequence(value[-1], then)
            case "BRANCH":
                return self.add(_Step([self.sequence(way, then) for way in value[1]]))
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, items = value
                return self._repeat(least, most, items, then)
        raise ValueError(f"no such thing in a pattern: {kind.lower()}")

    def _repeat(self, least: int, most: Any, items: Any, then: int) -> int:
        if most is parser.MAXREPEAT:
            loop = self.add(_Step([then]))
            self.steps[loop].following.append(self.sequence(items, loop))
            then = loop
        else:
            end = then
            for _ in range(min(most - least, _LARGEST + 1)):
                then = self.add(_Step([self.sequence(items, then), end]))
        for _ in range(min(least, _LARGEST + 1)):
            then = self.sequence(items, self.add(_Step([then])))
        return then


@functools.lru_cache(maxsize=16)
def _compiled(pattern: str) -> _Program:
    try:
        tree = parser.parse(pattern)
        program = _Program(folded=bool(tree.state.flags & re.IGNORECASE))
        program.first = program.sequence(tree, 0)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a pattern: {error}") from None
    return program


def _test(kind: str, value: Any, folded: bool) -> Test:
    match kind:
        case "ANY":
            return lambda letter: letter != "\n"
        case "IN":
            return _one_of([(str(kind), what) for kind, what in value], folded)
    wanted = chr(value).lower() if folded else chr(value)
    return lambda letter: (letter == wanted) is (kind == "LITERAL")


def _one_of(items: Sequence[tuple[str, Any]], folded: bool) -> Test:
    negated = any(kind == "NEGATE" for kind, _ in items)

    def has(letter: str) -> bool:
        return any(_is(kind, value, letter) for kind, value in items)

    if folded:
        return lambda letter: (has(letter) or has(letter.upper())) is not negated
    return lambda letter: has(letter) is not negated


def _is(kind: str, value: Any, letter: str) -> bool:
    match kind:
        case "LITERAL":
            return bool(ord(letter) == value)
        case "RANGE":
            return bool(value[0] <= ord(letter) <= value[1])
        case "CATEGORY":
            name = str(value).removeprefix("CATEGORY_")
            return _CATEGORIES[name.removeprefix("NOT_")](letter) is not name.startswith("NOT_")
    return False


def _is_at(place: str, text: str, at: int) -> bool:
    word = _CATEGORIES["WORD"]
    match place:
        case "AT_BEGINNING" | "AT_BEGINNING_STRING":
            return at == 0
        case "AT_END" | "AT_END_STRING":
            return at == len(text)
        case "AT_BOUNDARY" | "AT_NON_BOUNDARY":
            before, after = at > 0 and word(text[at - 1]), at < len(text) and word(text[at])
            return (before is not after) is (place == "AT_BOUNDARY")
    return True
