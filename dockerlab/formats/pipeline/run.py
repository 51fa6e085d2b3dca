"""A run of a pipeline as it stands: jobs, their steps, what each wrote. One record feeds the log,
the picture and the tests; secrets are masked before anything gets in here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Of a run, a job or a step."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    """A test or a script said no."""
    ERRORED = "errored"
    """It could not be done: a file that cannot be read, a phase before the script, a time limit."""
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether it changes no more."""
        return self not in (Status.WAITING, Status.RUNNING)

    @property
    def bad(self) -> bool:
        return self in (Status.FAILED, Status.ERRORED, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class StepRun:
    """``phase`` is Travis's word for it (``script``, ``deploy``), or empty; ``note`` says in a
    sentence why it was skipped or what its failure means. Times are seconds since the epoch."""

    name: str
    phase: str = ""
    status: Status = Status.WAITING
    began: float | None = None
    ended: float | None = None
    exit_code: int | None = None
    note: str = ""
    log: tuple[str, ...] = ()

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it is not over."""
        return None if self.began is None or self.ended is None else self.ended - self.began


@dataclass(frozen=True, slots=True)
class JobRun:
    """``needs`` are the names of the jobs that it waits for; ``note`` as a step's."""

    name: str
    needs: tuple[str, ...] = ()
    status: Status = Status.WAITING
    steps: tuple[StepRun, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret's value found in the repository: never the value itself.

    ``commit`` is the one that brought it, where only the history still has it; else empty.
    """

    secret: str
    file: str
    line: int
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """``number`` from 1; ``file`` is the CI's file; ``commit`` a whole id, or empty from a folder;
    ``error`` says why the file could not be followed."""

    number: int
    file: str
    branch: str
    commit: str = ""
    subject: str = ""
    status: Status = Status.WAITING
    began: float | None = None
    ended: float | None = None
    jobs: tuple[JobRun, ...] = ()
    findings: tuple[Finding, ...] = ()
    error: str = ""

    @property
    def passed(self) -> bool:
        return self.status is Status.PASSED

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it is not over."""
        return None if self.began is None or self.ended is None else self.ended - self.began

    def job(self, name: str) -> JobRun | None:
        return next((job for job in self.jobs if job.name == name), None)
