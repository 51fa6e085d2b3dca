"""Patterns for paths, whose matching takes about as long as pattern and path are long.

A regular expression tries its stars in all combinations: ``*a*a*a*a*a*a*b`` keeps Python busy for
hours with a name of some hundred letters, and stops all its other threads meanwhile. So one with
many stars is not left to ``re`` but gone through once, all its places at the same time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

STAR = "[^/]*"
DEEP = ".*"
FOLDERS = "(?:.*/)?"

_LOOPS = (STAR, DEEP, FOLDERS)
_FEW = 2
"""So many stars cost the regular expression at most the square of a path's length."""

_LONGEST = 4096
"""Characters of a path; Linux knows no longer ones."""


class Glob:
    """A pattern. ``parts`` are STAR, DEEP, FOLDERS, or expressions for one character each."""

    def __init__(self, parts: Sequence[str]) -> None:
        """Raises re.error for a part that is no expression."""
        kept = [
            part
            for part, before in zip(parts, ["", *parts], strict=False)
            if part != before or part not in _LOOPS
        ]
        loops = sum(part in _LOOPS for part in kept)
        self._never = len(kept) - loops > _LONGEST
        self._regex: re.Pattern[str] | None = None
        self._places: _Places | None = None
        if self._never:
            return
        if loops <= _FEW:
            self._regex = re.compile("".join(kept), re.DOTALL)
        else:
            self._places = _Places.of(kept)

    def matches(self, path: str) -> bool:
        """Whether the whole path is of this pattern."""
        if self._never or len(path) > _LONGEST:
            return False
        if self._regex is not None:
            return self._regex.fullmatch(path) is not None
        assert self._places is not None
        return self._places.reach_the_end(path)


@dataclass(slots=True)
class _Places:
    """The places between the parts of a pattern, as the bits of a number: bit 0 is its start."""

    stay: int = 0
    """Places that any character leaves as they are."""
    stay_in_folder: int = 0
    """The same, for all but a slash."""
    skip: int = 0
    """Places from which the next one is reached without a character."""
    skip_two: int = 0
    _tests: list[re.Pattern[str] | None] = field(default_factory=list)
    _steps: dict[str, int] = field(default_factory=dict)
    """Character to the places from which it leads to the next one."""

    @classmethod
    def of(cls, parts: Sequence[str]) -> _Places:
        places = cls()
        for part in parts:
            places._add(part)
        return places

    def _add(self, part: str) -> None:
        bit = 1 << len(self._tests)
        if part == FOLDERS:  # a place before it, and one inside, left by a slash only
            self.skip |= bit
            self.skip_two |= bit
            self.stay |= bit << 1
            self._tests += [None, re.compile("/")]
        elif part in _LOOPS:
            self.skip |= bit
            self.stay |= bit if part == DEEP else 0
            self.stay_in_folder |= bit if part == STAR else 0
            self._tests.append(None)
        else:
            self._tests.append(re.compile(part, re.DOTALL))

    def reach_the_end(self, path: str) -> bool:
        here = self._skipped(1)
        for letter in path:
            steps = self._steps.get(letter)
            if steps is None:
                steps = self._steps[letter] = self._stepping(letter)
            stay = self.stay | (0 if letter == "/" else self.stay_in_folder)
            here = self._skipped((here & steps) << 1 | here & stay)
            if not here:
                return False
        return bool(here >> len(self._tests))

    def _skipped(self, here: int) -> int:
        while (more := here | (here & self.skip) << 1 | (here & self.skip_two) << 2) != here:
            here = more
        return here

    def _stepping(self, letter: str) -> int:
        found = 0
        for number, test in enumerate(self._tests):
            if test is not None and test.fullmatch(letter):
                found |= 1 << number
        return found
