"""What the graders of a class are given, and what they answer; it all travels between processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from dockerlab.grading.bank import Bank
from dockerlab.grading.classroom import machine
from dockerlab.grading.classroom.course import open_course
from dockerlab.grading.classroom.grader import Grader, untouched
from dockerlab.grading.classroom.intake.submissions import Submission
from dockerlab.grading.classroom.results import Result, settled
from dockerlab.grading.classroom.seam import Limits, SandboxDenied, Sandboxes
from dockerlab.grading.outcome import say
from dockerlab.views.words import Language

ATTEMPTS = 3
"""A submission whose grader died is graded again, and once more: it may have been the machine."""
LOOKING = 900.0
"""Seconds that all looks at a submission may take, besides the time that it runs."""


@dataclass(frozen=True)
class Setup:
    """How all submissions of a run are graded. ``sandboxes`` names a class: ``module:name``."""

    bank: Path
    assignment: str
    sandboxes: str
    images: Path
    limits: Limits = field(default_factory=Limits)
    language: Language | None = None

    def shared(self) -> AbstractContextManager[Sequence[int]]:
        """What all hands of a machine share, for ``open``."""
        return cast(AbstractContextManager[Sequence[int]], self._kind.shared(self.images))

    def open(self, shared: Sequence[int] = ()) -> Sandboxes:
        """The sandboxes of a process, which is to close them. Raises SandboxDenied."""
        return cast(Sandboxes, self._kind(self.images, shared=shared))

    @property
    def _kind(self) -> Any:
        """See ``seam.Sandboxes``."""
        home, name = self.sandboxes.split(":")
        return getattr(import_module(home), name)

    def grader(self, sandboxes: Sandboxes) -> Grader:
        """Raises SandboxDenied where submissions would see the answers."""
        if folder := machine.showing(self.bank):
            raise SandboxDenied(
                f"every submission would see the answers: {self.bank} is in {folder}, as Python is",
                "Give a copy of exercises/ that is elsewhere: dockerlab grade --course DIR.",
            )
        course = open_course(Bank(self.bank), self.assignment)
        return Grader(course, sandboxes, self.limits, self.language)

    @property
    def patience(self) -> float:
        """Seconds after which a grader that has not answered is taken to be stuck."""
        return self.limits.seconds + LOOKING


@dataclass(frozen=True)
class Answer:
    """``graded`` has a result. ``again``: the grader or the machine failed. ``denied``: no
    submission can be graded on this machine."""

    kind: Literal["graded", "again", "denied"]
    result: Result | None = None
    why: str = ""
    spent: bool = False
    """A look of it still goes on in the hand, and would hold up whatever is graded there next."""


Done = Callable[[Result], None]
"""Called in the process that asked, once a submission, in the order they come."""


class Fleet(Protocol):
    """Grades submissions in any order; each comes back once, graded or given up."""

    def grade(self, jobs: Iterator[Submission], done: Done) -> None:
        """Raises SandboxDenied where none of the machines can grade."""
        ...


def given_up(setup: Setup, submission: Submission, why: str) -> Result:
    """What is said of a submission that no grader came back with: not its fault, no grade."""
    course = open_course(Bank(setup.bank), setup.assignment)
    return settled(
        Result(
            sender=submission.sender,
            language=setup.language or submission.language or "en",
            assignment=course.assignment,
            digest="",
            ended="broken",
            outcomes=tuple(untouched(course, exercise) for exercise in course.exercises),
            notes=(*submission.notes, say("ended.broken")),
            detail=why,
        )
    )
