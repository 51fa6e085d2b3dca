"""The stages of a run: who waits for whom, and what stands in which column of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerlab.formats.pipeline.run import JobRun, Run, Status, StepRun


@dataclass(frozen=True, slots=True)
class Stage:
    """A node of the picture: a job, a phase of the only job, or a step of it.

    ``column`` and ``lane`` are its place, both from 0; ``after`` are indexes of earlier stages.
    """

    name: str
    status: Status
    seconds: float | None
    column: int
    lane: int = 0
    after: tuple[int, ...] = ()
    note: str = ""


def levels(jobs: Sequence[JobRun]) -> list[list[JobRun]]:
    """Jobs that wait for nobody, those that wait for them only, and so on; none is left out."""
    placed: set[str] = set()
    left, found = list(jobs), []
    names = {job.name for job in jobs}
    while left:
        # Of jobs that wait for each other, which no CI would begin, all come last.
        level = [job for job in left if {*job.needs} & names <= placed] or left
        found.append(level)
        placed |= {job.name for job in level}
        left = [job for job in left if job not in level]
    return found


def ordered(run: Run) -> list[JobRun]:
    return [job for level in levels(run.jobs) for job in level]


def stages(run: Run) -> list[Stage]:
    """What is drawn as a graph; the finest that still says something."""
    if len(run.jobs) > 1:
        return _jobs(run)
    steps = [step for job in run.jobs for step in job.steps]
    if not any(step.phase for step in steps):
        return list(_chain([(step.name, [step]) for step in steps]))
    groups: list[tuple[str, list[StepRun]]] = []
    for step in steps:
        name = step.phase or step.name
        if groups and groups[-1][0] == name:
            groups[-1][1].append(step)
        else:
            groups.append((name, [step]))
    return list(_chain(groups))


def _jobs(run: Run) -> list[Stage]:
    found: list[Stage] = []
    at: dict[str, int] = {}
    for column, level in enumerate(levels(run.jobs)):
        for lane, job in enumerate(level):
            after = tuple(at[name] for name in job.needs if name in at)
            seconds = _span(job.steps)
            found.append(Stage(job.name, job.status, seconds, column, lane, after, job.note))
        at |= {job.name: len(found) - len(level) + lane for lane, job in enumerate(level)}
    return found


def _chain(groups: Sequence[tuple[str, list[StepRun]]]) -> Iterator[Stage]:
    for column, (name, steps) in enumerate(groups):
        after = (column - 1,) if column else ()
        note = next((step.note for step in steps if step.note), "")
        yield Stage(name, together(steps), _span(steps), column, 0, after, note)


def together(steps: Sequence[StepRun]) -> Status:
    """What steps come to: the worst of them, or how far they are."""
    found = {step.status for step in steps}
    for status in (Status.ERRORED, Status.FAILED, Status.CANCELLED, Status.RUNNING):
        if status in found:
            return status
    if Status.WAITING in found:
        return Status.RUNNING if Status.PASSED in found else Status.WAITING
    return Status.PASSED if Status.PASSED in found else Status.SKIPPED


def _span(steps: Sequence[StepRun]) -> float | None:
    """From the first beginning to the last end; None while it is not over."""
    began = [step.began for step in steps if step.began is not None]
    ended = [step.ended for step in steps if step.ended is not None]
    return max(ended) - min(began) if began and len(ended) == len(began) else None
