"""Exercises: is it done, and if not yet, why.

What a learner calls is here, and loaded when it is first used:

    >>> from dockerlab.grading import check, hint, start
    >>> start("name-a-container")  # doctest: +SKIP
    >>> check("name-a-container")  # doctest: +SKIP

Inside, data is in the middle (``exercise``, ``outcome``, ``texts``), claims and spots look at the
state that was reached, ``judge`` makes an outcome of them; ``learner`` shows it in a notebook,
``classroom`` grades a class.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerlab.grading.learner.calls import (
        answer,
        check,
        hint,
        progress,
        quiz,
        solution,
        start,
    )

__all__ = ["answer", "check", "hint", "progress", "quiz", "solution", "start"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'dockerlab.grading' has no attribute {name!r}")
    value = getattr(import_module("dockerlab.grading.learner.calls"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
