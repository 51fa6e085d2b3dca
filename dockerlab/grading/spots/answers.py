"""Misconceptions that show in an answer."""

from __future__ import annotations

from typing import Any

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.answers import numeral, plain, words
from dockerlab.grading.exercise import Spot


def answered(name: str, question: str, *wrong: Any) -> Spot:
    """``question`` was answered by one of these: ``answered("door-of-the-app", "port", 8080)``.

    A frozenset stands for options in any order. The exercise's texts say under ``name`` what is
    behind that.
    """

    def see(bench: Bench) -> dict[str, object] | None:
        given = bench.answers().get(question)
        return {} if any(same(given, one) for one in wrong) else None

    return Spot(name, see)


def chose(name: str, question: str, option: str) -> Spot:
    """This option is among those chosen, whichever others are."""

    def see(bench: Bench) -> dict[str, object] | None:
        given = words(bench.answers().get(question))
        return {} if given is not None and option in given else None

    return Spot(name, see)


def same(given: Any, wrong: Any) -> bool:
    if isinstance(wrong, int | float):
        return numeral(given) == wrong
    if isinstance(wrong, str) and isinstance(given, str):
        return plain(given) == plain(wrong)
    if isinstance(wrong, str) and isinstance(given, list):
        return given == [wrong]
    if isinstance(wrong, frozenset):
        return set(words(given) or ()) == wrong
    return bool(given == wrong)
