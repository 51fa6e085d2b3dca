"""Grading one submission: run its cells in a box, look at each graded cell, write down the best.

This runs in a process of the grader's that knows the answers; the submission never does.
"""

from __future__ import annotations

import errno
import hashlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import docker

import dockerlab
from dockerlab.client.connect import API_TIMEOUT
from dockerlab.client.lab import Lab
from dockerlab.grading.bench import Bench
from dockerlab.grading.classroom.course import Course
from dockerlab.grading.classroom.intake.submissions import Submission
from dockerlab.grading.classroom.notebook import Arranged, NotGradable, arrange, read
from dockerlab.grading.classroom.results import CellError, How, Result, settled
from dockerlab.grading.classroom.seam import Box, Limits, Ran, Sandboxes
from dockerlab.grading.exercise import Check
from dockerlab.grading.judge import judge
from dockerlab.grading.outcome import Outcome, Saying, State, Verdict, say
from dockerlab.views.words import Language

API_VERSION = "1.41"
_BAD_NAMES = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ)
LOOKING = 400.0
"""Seconds for all looks at a submission: one that keeps its engine busy would have each wait."""
LONGEST_ERROR = 4_000
"""Characters of a cell's error that are kept: its end, which says what it was."""


@dataclass(frozen=True)
class Grader:
    """Grades submissions of one course, each in a box of its own.

    ``language`` is that of all feedback; without one, each student's own edition's.
    """

    course: Course
    sandboxes: Sandboxes
    limits: Limits
    language: Language | None = None

    def digest(self, submission: Submission) -> str:
        """Names all that the result depends on."""
        return digest(self.course, self.limits, self.language, submission)

    def grade(self, submission: Submission) -> Result:
        """Raises SandboxDenied where no submission can be graded; OSError where this machine's
        memory or disk is full."""
        begun = time.monotonic()
        result = settled(self._graded(submission))
        seconds = time.monotonic() - begun
        return replace(result, digest=self.digest(submission), seconds=seconds)

    def _graded(self, submission: Submission) -> Result:
        if not submission.notebook:
            why = say("intake.nothing")
            return self._unread(submission, why)
        try:
            notebook = read(submission.files[submission.notebook], submission.notebook)
        except NotGradable as trouble:
            return self._unread(submission, trouble.why)
        arranged = arrange(notebook, self.course)
        notes = (*submission.notes, *notebook.notes, *arranged.notes)
        told = replace(
            submission,
            language=submission.language or ("ko" if notebook.korean else "en"),
            notes=notes,
            files={**notebook.answers, **submission.files},
        )
        return self._run(told, arranged)

    def _run(self, submission: Submission, arranged: Arranged) -> Result:
        with (
            _work_folder(self.course, submission.files) as files,
            self.sandboxes.open(files, self.limits) as box,
            _lab(box) as lab,
        ):
            looks = _Looks(self.course, box, lab)
            ran = box.run(arranged.cells, looks.at, self.limits)
            looks.finish()
        return self._result(
            submission,
            ran.ended,
            looks.outcomes,
            (*submission.notes, *_said(ran)),
            errors=_errors(ran),
            detail=ran.detail,
        )

    def _unread(self, submission: Submission, why: Saying) -> Result:
        return self._result(submission, "unread", {}, (*submission.notes, why))

    def _result(
        self,
        submission: Submission,
        ended: How,
        outcomes: Mapping[str, Outcome],
        notes: Sequence[Saying],
        *,
        errors: tuple[CellError, ...] = (),
        detail: str = "",
    ) -> Result:
        exercises = self.course.exercises
        return Result(
            sender=submission.sender,
            language=self.language or submission.language or "en",
            assignment=self.course.assignment,
            digest="",
            ended=ended,
            outcomes=tuple(outcomes.get(id) or untouched(self.course, id) for id in exercises),
            notes=tuple(notes),
            errors=errors,
            detail=detail,
        )


def digest(
    course: Course, limits: Limits, language: Language | None, submission: Submission
) -> str:
    """Names all that a result depends on: what was handed in, the course, and how it is graded."""
    parts = (dockerlab.__version__, course.digest, limits, language, submission.digest)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


class _Looks:
    """The outcomes of a submission's exercises: the best of each exercise's looks."""

    def __init__(self, course: Course, box: Box, lab: Lab) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self._course = course
        self._box = box
        self._lab = lab
        self._spent = 0.0

    def at(self, exercise: str) -> None:
        outcome = self._outcome(exercise)
        before = self.outcomes.get(exercise)
        if before is None or outcome.points > before.points:
            self.outcomes[exercise] = outcome

    def _outcome(self, exercise: str) -> Outcome:
        if self._spent > LOOKING:
            why = say("judging.slow", seconds=f"{LOOKING:g}")
            return untouched(self._course, exercise, "unchecked", why)
        begun = time.monotonic()
        entry = self._course.bank.get(exercise)
        folder = self._box.folder / exercise
        bench = Bench(self._lab, folder, self._box.fetch, self._box.originals)
        outcome = judge(entry, bench, hidden=entry.hidden())
        self._spent += time.monotonic() - begun
        return outcome

    def finish(self) -> None:
        """Look at what was never come to: its cell is gone, or the process ended before it."""
        for exercise in self._course.exercises:
            if exercise not in self.outcomes:
                self.at(exercise)


def untouched(
    course: Course, exercise: str, state: State = "not_attempted", why: Saying | None = None
) -> Outcome:
    """What comes of an exercise that nobody looked at: no point. Without a ``why``, as nothing
    could be run."""
    entry = course.bank.get(exercise)
    hidden = entry.hidden()
    checks: tuple[Check, ...] = (*entry.exercise.checks, *hidden)
    verdicts = tuple(
        Verdict(
            check.name,
            check.claim.says,
            state,
            why or say("notebook.not_run"),
            0.0,
            check.points,
            hidden=check.hidden or check in hidden,
        )
        for check in checks
    )
    return Outcome(exercise, Saying("", pair=entry.texts.title), verdicts)


@contextmanager
def _work_folder(course: Course, files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder with what everybody begins with, and the student's own files over it."""
    with tempfile.TemporaryDirectory(prefix="dockerlab-submission-") as made:
        folder = Path(made)
        for name, path in course.starters():
            _put(folder, name, path.read_bytes())
        for name, data in files.items():
            _put(folder, name, data)
        yield folder


def _put(folder: Path, name: str, data: bytes) -> None:
    """A name that cannot be here (too long, or a file where a folder is) is left out."""
    place = folder / name
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return
    except OSError as error:
        if error.errno not in _BAD_NAMES:
            raise


@contextmanager
def _lab(box: Box) -> Iterator[Lab]:
    """Not ``connect``: that would make it the process's own, and asks more than is needed."""
    client = docker.DockerClient(base_url=box.url, version=API_VERSION, timeout=API_TIMEOUT)
    try:
        yield Lab(client, box.url, "it is the submission's")
    finally:
        client.close()


def _said(ran: Ran) -> Iterator[Saying]:
    if ran.ended != "finished":
        yield say(f"ended.{ran.ended}")
    for cell in ran.cells:
        if cell.cut:
            yield say("cell.cut", cell=cell.id)


def _errors(ran: Ran) -> tuple[CellError, ...]:
    return tuple(
        CellError(cell.id, cell.error[-LONGEST_ERROR:]) for cell in ran.cells if cell.error
    )
