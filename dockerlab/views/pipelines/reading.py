"""A run read for the eye: who waits for whom, where it broke, and what came of the deployment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dockerlab.formats.pipeline.run import JobRun, Run, Status, StepRun
from dockerlab.formats.text import plain
from dockerlab.views.words import Words

SIGNS = {
    Status.WAITING: "○",
    Status.RUNNING: "▶",
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.ERRORED: "!",
    Status.SKIPPED: "»",
    Status.CANCELLED: "■",
}
ACCENTS = {
    Status.RUNNING: "blue",
    Status.PASSED: "green",
    Status.FAILED: "red",
    Status.ERRORED: "red",
    Status.CANCELLED: "orange",
}
DEPLOY = "deploy"


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


def marked(status: Status, words: Words) -> str:
    """Sign and word: told apart without colours, too."""
    return f"{SIGNS[status]} {words(f'pipe.{status}')}"


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


def culprit(run: Run) -> tuple[JobRun, StepRun | None] | None:
    """The job, and the step in it, that spoiled the run first."""
    bad = [job for job in ordered(run) if job.status.bad]
    steps = [(job, step) for job in bad for step in job.steps if step.status.bad]
    # Of steps cancelled since another one failed, the one that failed says why.
    steps.sort(key=lambda pair: pair[1].status is Status.CANCELLED)
    return steps[0] if steps else (bad[0], None) if bad else None


def headline(run: Run | None, words: Words) -> str:
    return words("pipe.title", n=run.number, file=run.file) if run else words("pipe.title.none")


def source(run: Run, words: Words) -> str:
    """Branch and commit on one line."""
    commit = (
        words("pipe.commit", commit=run.commit[:7]) if run.commit else words("pipe.folder")
    ) + (f": {run.subject}" if run.subject else "")
    branch = [words("pipe.branch", branch=run.branch)] if run.branch else []
    return " · ".join([*branch, commit])


def summary(run: Run | None, words: Words) -> str:
    """What the learner should take from it, in one to four sentences."""
    if run is None:
        return words("pipe.sum.none")
    if run.error:
        return words("pipe.sum.error", file=run.file, error=run.error)
    if run.status is Status.WAITING:
        return words("pipe.sum.waiting")
    if run.status is Status.RUNNING:
        return " ".join([*_now(run, words), *_failure(run, words)])
    told = _failure(run, words)
    if not told:
        key = "passed" if run.passed else "cancelled"
        told = [words(f"pipe.sum.{key}")] if run.status.bad or run.passed else []
    return " ".join([*told, *_deployment(run, words)])


def _now(run: Run, words: Words) -> list[str]:
    steps = [
        first_line(step) for job in run.jobs for step in job.steps if step.status is Status.RUNNING
    ]
    return [words("pipe.sum.running", step=", ".join(steps))] if steps else []


def _failure(run: Run, words: Words) -> list[str]:
    found = culprit(run)
    if found is None or found[0].status is Status.CANCELLED:
        return []
    job, step = found
    told = [_place(job, step, words)]
    note = step.note if step else job.note
    told += [note] if note else []
    bad = sum(one.status in (Status.FAILED, Status.ERRORED) for one in run.jobs)
    return told + ([words("pipe.sum.others", n=bad)] if bad > 1 else [])


def _place(job: JobRun, step: StepRun | None, words: Words) -> str:
    if step is None:
        return words("pipe.sum.failed.job", job=job.name)
    if step.exit_code:
        return words("pipe.sum.failed.code", step=first_line(step), code=step.exit_code)
    return words("pipe.sum.failed", step=first_line(step))


def _deployment(run: Run, words: Words) -> list[str]:
    """What came of it, where there is one in the file: its steps, or a job that is called so."""
    steps: list[StepRun | JobRun] = [
        step for job in run.jobs for step in job.steps if step.phase == DEPLOY
    ]
    parts = steps or [job for job in run.jobs if job.name == DEPLOY]
    if not parts:
        return []
    if any(part.status is Status.PASSED for part in parts):
        return [words("pipe.sum.deployed")]
    why = next((p.note for p in parts if p.note and p.status is Status.SKIPPED), "")
    return [words("pipe.sum.undeployed.why", why=why) if why else words("pipe.sum.undeployed")]


def first_line(step: StepRun) -> str:
    """A step's name on one line: a script of several is named after its first."""
    head, *more = step.name.strip().splitlines() or [""]
    return f"{head} …" if more else head


def log(step: StepRun) -> list[str]:
    """Its lines without a terminal's codes, of what was overwritten the last."""
    return [plain(line.rstrip("\r\n").rpartition("\r")[2]) for line in step.log]
