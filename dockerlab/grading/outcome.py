"""What came of looking at an exercise: frozen records of what is there, and what that means.

``Finding`` is what one look found, ``Verdict`` what one check makes of it, ``Outcome`` all of an
exercise. They hold sayings, not sentences, so that one result can be read in either language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dockerlab.grading.words import CATALOGUE
from dockerlab.views.words import Language, default_language

Found = Literal["met", "unmet", "absent", "unknown"]
"""``absent``: there is nothing yet to look at. ``unknown``: looking itself failed."""
State = Literal["passed", "partly", "not_yet", "not_attempted", "waiting", "unchecked"]
"""Of a check (never ``partly``) or an exercise (never ``waiting``)."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence of the catalogue and its fields; or, with ``pair``, one that an exercise brings.

    >>> Saying("judging.ok").text("en")
    'Done.'
    """

    key: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    pair: tuple[str, str] | None = None

    def text(self, lang: Language | None = None) -> str:
        pair = self.pair or CATALOGUE[self.key]
        text = pair[(lang or default_language()) == "ko"]
        fields = {
            name: value.text(lang) if isinstance(value, Saying) else value
            for name, value in self.fields.items()
        }
        return text.format_map(fields) if fields else text


def say(key: str, **fields: Any) -> Saying:
    """``say("container.absent", name="web")``."""
    return Saying(key, fields)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found, and why it is so."""

    state: Found
    why: Saying = field(default_factory=lambda: say("judging.ok"))

    def __bool__(self) -> bool:
        return self.state == "met"


def met(key: str = "judging.ok", **fields: Any) -> Finding:
    return Finding("met", say(key, **fields))


def unmet(key: str, **fields: Any) -> Finding:
    return Finding("unmet", say(key, **fields))


def absent(key: str, **fields: Any) -> Finding:
    return Finding("absent", say(key, **fields))


def unknown(key: str, **fields: Any) -> Finding:
    return Finding("unknown", say(key, **fields))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check makes of what it found. ``says`` is the claim in a sentence.

    ``hint`` fits the state found; ``spotted`` names the misconception that it is about, if one
    was seen. A hidden verdict is for the teacher only.
    """

    name: str
    says: Saying
    state: State
    why: Saying
    points: float
    of: float
    hint: Saying | None = None
    spotted: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """All verdicts of an exercise, in the order of its checks."""

    exercise: str
    title: Saying
    verdicts: tuple[Verdict, ...]

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def of(self) -> float:
        return sum(verdict.of for verdict in self.verdicts)

    @property
    def state(self) -> State:
        states = {verdict.state for verdict in self.verdicts}
        if states == {"passed"}:
            return "passed"
        if "unchecked" in states:
            return "unchecked"
        if states <= {"not_attempted", "waiting"}:
            return "not_attempted"
        return "partly" if self.points else "not_yet"

    @property
    def spotted(self) -> tuple[str, ...]:
        """The misconceptions seen, without repeats."""
        return tuple(dict.fromkeys(v.spotted for v in self.verdicts if v.spotted))

    def seen(self) -> Outcome:
        """Without the hidden verdicts: what a learner is shown."""
        shown = tuple(verdict for verdict in self.verdicts if not verdict.hidden)
        return Outcome(self.exercise, self.title, shown)
