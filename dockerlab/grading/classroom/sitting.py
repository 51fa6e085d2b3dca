"""One grading of a class: what is handed in, less what is graded already, through a fleet.

OUT/results/KEY.json     one submission's result; what makes a sitting resumable
OUT/…                    the reports, written anew from the results each time
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dockerlab.course.progress import Progress, Step
from dockerlab.errors import DockerlabError
from dockerlab.grading.classroom.course import Course
from dockerlab.grading.classroom.fleet.jobs import Fleet, Setup
from dockerlab.grading.classroom.grader import digest
from dockerlab.grading.classroom.intake.submissions import Source, Submission
from dockerlab.grading.classroom.results import Result, Results


@dataclass(frozen=True)
class Pace(Step):
    """How far the sitting is. ``fresh`` of ``done`` took ``seconds``; the others were there.

    >>> str(Pace("Graded", 30, 60, fresh=20, seconds=40.0))
    'Graded: 30 of 60, about 1 min left'
    """

    fresh: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.text}: {self.done} of {self.total}{self._left()}"

    def _left(self) -> str:
        if self.done >= self.total or not self.fresh:
            return ""
        left = self.seconds / self.fresh * (self.total - self.done)
        return f", about {left / 60:.0f} min left" if left >= 50 else f", about {left:.0f} s left"


@dataclass
class Sitting:
    """``grade`` does what is missing and gives the results of all, in the order of ``sources``."""

    course: Course
    setup: Setup
    sources: Sequence[Source]
    results: Results
    progress: Progress
    _done: dict[str, Result] = field(default_factory=dict)
    _fresh: int = 0
    _begun: float = field(default_factory=time.monotonic)

    def grade(self, fleet: Fleet) -> list[Result]:
        """Raises SandboxDenied where submissions cannot be run here."""
        fleet.grade(self._missing(), self._take)
        return [self._done[source.sender.key] for source in self.sources]

    def _missing(self) -> Iterator[Submission]:
        for source in self.sources:
            submission = source.load()
            found = self.results.get(source.sender, self._digest(submission))
            if found is None:
                yield submission
            else:
                self._done[source.sender.key] = found
                self._tell()

    def _digest(self, submission: Submission) -> str:
        return digest(self.course, self.setup.limits, self.setup.language, submission)

    def _take(self, result: Result) -> None:
        self.results.put(result)
        self._done[result.sender.key] = result
        self._fresh += 1
        self._tell()

    def _tell(self) -> None:
        seconds = time.monotonic() - self._begun
        self.progress(Pace("Graded", len(self._done), len(self.sources), self._fresh, seconds))


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Raises DockerlabError while another grading writes to the same folder."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DockerlabError(
                f"another grading writes to {out}", "wait for it, or give another --out"
            ) from None
        yield
