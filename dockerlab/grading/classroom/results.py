"""Results on disk: a JSON file a submission, whole or not there.

Sentences are kept in both languages. What may differ from one grading to the next of the same
submission (how long it took, what a cell printed) is under ``run`` and is no part of ``grade``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from dockerlab.grading.classroom.intake.senders import Sender
from dockerlab.grading.classroom.seam import Ended
from dockerlab.grading.outcome import Outcome, Saying, Verdict
from dockerlab.views.words import Language

VERSION = 1
How = Ended | Literal["unread"]
"""``unread``: there was nothing that could be run."""


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell of the student's that raised."""

    cell: str
    text: str


@dataclass(frozen=True)
class Result:
    """All that came of one submission. ``digest`` names the input that it came of."""

    sender: Sender
    language: Language
    assignment: str
    digest: str
    ended: How
    outcomes: tuple[Outcome, ...]
    notes: tuple[Saying, ...] = ()
    errors: tuple[CellError, ...] = ()
    detail: str = ""
    """For the teacher."""
    seconds: float = 0.0

    @property
    def points(self) -> float:
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def of(self) -> float:
        return sum(outcome.of for outcome in self.outcomes)

    @property
    def graded(self) -> bool:
        """False where the fault is not the submission's: it is to be graded again."""
        return self.ended != "broken"

    @property
    def doubtful(self) -> bool:
        """Whether a person should look: something could not be checked."""
        return not self.graded or any(outcome.state == "unchecked" for outcome in self.outcomes)


class Results:
    """The results in a folder, by the sender's key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, sender: Sender, digest: str) -> Result | None:
        """That of this very input; None where there is none that is whole."""
        try:
            result = from_json(json.loads(self._path(sender).read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return result if result.digest == digest and result.graded else None

    def put(self, result: Result) -> None:
        """Safe from a kill at any moment: what is there afterwards is the old one or the new."""
        write(self._path(result.sender), dumped(to_json(result)), lasting=True)

    def _path(self, sender: Sender) -> Path:
        return self.folder / f"{sender.key}.json"


def write(path: Path, text: str, *, lasting: bool = False) -> None:
    """Replace a file at once, so that no half of it is ever seen.

    ``lasting``: also when the power fails, for which the disk is waited for.
    """
    made = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with made.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if lasting:
            os.fsync(file.fileno())
    made.replace(path)


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def grade_of(result: Result) -> dict[str, Any]:
    """What is the same whenever the same input is graded."""
    return {
        "student": asdict(result.sender),
        "assignment": result.assignment,
        "points": result.points,
        "of": result.of,
        "ended": result.ended,
        "exercises": [
            {
                "exercise": outcome.exercise,
                "state": outcome.state,
                "points": outcome.points,
                "of": outcome.of,
                "checks": {verdict.name: verdict.state for verdict in outcome.verdicts},
                "spotted": list(outcome.spotted),
            }
            for outcome in result.outcomes
        ],
    }


def to_json(result: Result) -> dict[str, Any]:
    return {
        "version": VERSION,
        "digest": result.digest,
        "language": result.language,
        "grade": grade_of(result),
        "outcomes": [_outcome(outcome) for outcome in result.outcomes],
        "notes": _told(result.notes),
        "run": {
            "seconds": round(result.seconds, 3),
            "detail": _clean(result.detail),
            "errors": [
                {"cell": _clean(error.cell), "text": _clean(error.text)} for error in result.errors
            ],
        },
    }


def from_json(found: Mapping[str, Any]) -> Result:
    """Raises KeyError, TypeError or ValueError for what is no result of this version."""
    if found["version"] != VERSION:
        raise ValueError(found["version"])
    grade, run = found["grade"], found["run"]
    return Result(
        sender=Sender(**grade["student"]),
        language=found["language"],
        assignment=grade["assignment"],
        digest=found["digest"],
        ended=grade["ended"],
        outcomes=tuple(_read_outcome(each) for each in found["outcomes"]),
        notes=tuple(map(_heard, found["notes"])),
        errors=tuple(CellError(**each) for each in run["errors"]),
        detail=run["detail"],
        seconds=run["seconds"],
    )


def settled(result: Result) -> Result:
    """With its sentences spoken, as it is read back: a catalogue's fields may hold anything."""
    return from_json(to_json(result))


def _outcome(outcome: Outcome) -> dict[str, Any]:
    verdicts = [
        {
            "name": verdict.name,
            "says": _both(verdict.says),
            "state": verdict.state,
            "why": _both(verdict.why),
            "points": verdict.points,
            "of": verdict.of,
            "hint": _both(verdict.hint) if verdict.hint else None,
            "spotted": verdict.spotted,
            "hidden": verdict.hidden,
        }
        for verdict in outcome.verdicts
    ]
    return {"exercise": outcome.exercise, "title": _both(outcome.title), "verdicts": verdicts}


def _read_outcome(found: Mapping[str, Any]) -> Outcome:
    verdicts = [
        Verdict(
            **{
                **each,
                "says": _heard(each["says"]),
                "why": _heard(each["why"]),
                "hint": _heard(each["hint"]) if each["hint"] else None,
            }
        )
        for each in found["verdicts"]
    ]
    return Outcome(found["exercise"], _heard(found["title"]), tuple(verdicts))


def _told(sayings: Iterable[Saying]) -> list[list[str]]:
    return [_both(saying) for saying in sayings]


def _both(saying: Saying) -> list[str]:
    return [_clean(saying.text("en")), _clean(saying.text("ko"))]


def _clean(text: str) -> str:
    """Half characters, as names of a student's may hold, cannot be stored."""
    return text.encode("utf-8", "replace").decode()


def _heard(pair: Any) -> Saying:
    en, ko = pair
    return Saying("", pair=(en, ko))
