"""What can be claimed of the answers to questions that leave no state in an engine.

    question("port").is_number(5500)
    question("why").is_choice("no-name")
    question("steps").is_order("build", "run", "fetch")

Answers are hostile: any JSON may stand where one is expected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet

Number = float | Callable[[Bench], float]
"""A number, or how to measure it where it differs from engine to engine."""
Judge = Callable[[Bench, Any], Finding]
LONGEST = 50
"""Characters of a number that are read."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question by its name, and what may be claimed of its answer."""

    name: str

    def is_choice(self, *right: str) -> Claim:
        """One of the options, or exactly these where several are right; the order is free."""
        return self._claim(lambda _, given: self._chosen(given, frozenset(right)))

    def is_number(self, right: Number, *, within: float = 0.0) -> Claim:
        """A number, at most ``within`` away from the right one."""
        return self._claim(lambda bench, given: self._near(given, value(right, bench), within))

    def is_order(self, *steps: str) -> Claim:
        """All the steps, in this order."""
        return self._claim(lambda _, given: self._ordered(given, list(steps)))

    def is_text(self, *accepted: str) -> Claim:
        """One of these words, whatever its capitals and the blanks around it."""
        right = frozenset(map(plain, accepted))
        return self._claim(lambda _, given: self._worded(given, right))

    def _claim(self, judge: Judge) -> Claim:
        def look(bench: Bench) -> Finding:
            given = bench.answers().get(self.name)
            if given in (None, "", []):
                return absent("answer.none", question=self.name)
            return judge(bench, given)

        return Claim(say("answer.says", question=self.name), look)

    def _chosen(self, given: Any, right: frozenset[str]) -> Finding:
        chosen = words(given)
        if chosen is None:
            return unmet("answer.no_choice", question=self.name)
        if set(chosen) == right:
            return met()
        # How many there are is part of the question; which ones is not given away.
        if len(right) > 1 and right > set(chosen):
            return unmet("answer.choice_missing", question=self.name)
        return unmet("answer.wrong_choice", question=self.name)

    def _near(self, given: Any, right: float, within: float) -> Finding:
        number = numeral(given)
        if number is None:
            return unmet("answer.no_number", question=self.name)
        if abs(number - right) <= within:
            return met()
        return unmet("answer.wrong_number", question=self.name, given=f"{number:g}")

    def _ordered(self, given: Any, right: list[str]) -> Finding:
        steps = words(given)
        if steps is None or set(steps) != set(right):
            return unmet("answer.no_order", question=self.name)
        begun = agreeing(steps, right)
        if begun == len(right) == len(steps):
            return met()
        return unmet("answer.wrong_order", question=self.name, place=begun + 1)

    def _worded(self, given: Any, right: frozenset[str]) -> Finding:
        if not isinstance(given, str | int | float):
            return unmet("answer.no_text", question=self.name)
        if plain(str(given)) in right:
            return met()
        return unmet("answer.wrong_text", question=self.name, given=excerpt(str(given)))


def question(name: str) -> Question:
    return Question(name)


def value(number: Number, bench: Bench) -> float:
    return number(bench) if callable(number) else number


def words(given: Any) -> list[str] | None:
    """The options of an answer; None where it is no option, nor a list of options."""
    listed = [given] if isinstance(given, str) else given
    if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
        return listed
    return None


def numeral(given: Any) -> float | None:
    """The number that an answer is, also one in quotes.

    >>> numeral("5,500"), numeral(True), numeral("many")
    (5500.0, None, None)
    """
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    try:
        number = float(given.replace(",", "")[:LONGEST] if isinstance(given, str) else given)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def agreeing(steps: Sequence[str], right: Sequence[str]) -> int:
    """How many steps from the first on are right."""
    for place, (step, wanted) in enumerate(zip(steps, right, strict=False)):
        if step != wanted:
            return place
    return min(len(steps), len(right))
