"""What an exercise is made of: checks, each of one claim, and the misconceptions it knows.

Exercises are data: an ``exercise.py`` in the exercise's folder says one ``Exercise(...)``, and the
texts lie beside it (see ``bank.py``). Nothing here touches an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from dockerlab.grading.outcome import Finding, Saying

if TYPE_CHECKING:
    from dockerlab.grading.bench import Bench


Kind = Literal["choice", "choices", "number", "order", "text"]
"""Of a question: one option, all options that are right, a number, the options put in order."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that is to be so, said in a sentence, and how to look whether it is.

    ``look`` may raise: what docker-py or the network raises becomes "could not be checked".
    """

    says: Saying
    look: Callable[[Bench], Finding]


@dataclass(frozen=True, slots=True)
class Spot:
    """A misconception by its name, and how to see it in what was found.

    ``see`` gives the fields of its hint (an empty dict where it has none), or None when it is not
    this. The hint is what the exercise's own text says under that name, else the catalogue's
    ``spot.NAME``.
    """

    name: str
    see: Callable[[Bench], dict[str, object] | None]


@dataclass(frozen=True, slots=True)
class Check:
    """One claim and what it is worth.

    ``needs`` names checks that must have passed before. ``patience`` is how many seconds the
    state may take to come about: it is looked at again until then. ``seconds`` is how long one
    look may take. ``spots`` are the misconceptions that would make this fail, likeliest first;
    where none is seen, the exercise's hint named as the check is given. ``edits`` names a file of
    the starter that is to be changed for it: as long as it is as it was given, nothing was tried.
    """

    name: str
    claim: Claim
    points: float = 1.0
    needs: Sequence[str] = ()
    spots: Sequence[Spot] = ()
    patience: float = 0.0
    seconds: float = 60.0
    hidden: bool = False
    edits: str = ""


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise without its texts. ``level`` is 1 (easy) to 3 (hard); ``items`` are the note's.

    ``images`` are those of the course that it needs. ``questions`` are what its quiz asks, by
    name; the texts word them.
    """

    items: Sequence[str]
    level: int
    checks: Sequence[Check] = field(default_factory=tuple)
    images: Sequence[str] = ()
    questions: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)
