"""A run read for the eye: one summary, where it broke, and what came of the deployment."""

from __future__ import annotations

from dockerlab.formats.pipeline.run import JobRun, Run, Status, StepRun
from dockerlab.formats.text import plain
from dockerlab.views.pipelines.stages import ordered
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
_PLAIN = {0x23AF: "─"}
"""Line drawing that few fonts have, for what nearly all have."""


def marked(status: Status, words: Words) -> str:
    """Sign and word: told apart without colours, too."""
    return f"{SIGNS[status]} {words(f'pipe.{status}')}"


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
        key = "broke" if run.jobs else "error"
        return words(f"pipe.sum.{key}", file=run.file, error=run.error)
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
    told = [_place(job, step, len(run.jobs) > 1, words)]
    note = step.note if step else job.note
    told += [sentence(note)] if note else []
    bad = sum(one.status in (Status.FAILED, Status.ERRORED) for one in run.jobs)
    return told + ([words("pipe.sum.others", n=bad)] if bad > 1 else [])


def _place(job: JobRun, step: StepRun | None, several: bool, words: Words) -> str:
    """Where it failed; of several jobs in which."""
    if step is None:
        return words("pipe.sum.failed.job", job=job.name)
    name = f"{job.name}: {first_line(step)}" if several else first_line(step)
    if step.exit_code:
        return words("pipe.sum.failed.code", step=name, code=step.exit_code)
    return words("pipe.sum.failed", step=name)


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
    return [
        words("pipe.sum.undeployed.why", why=sentence(why)) if why else words("pipe.sum.undeployed")
    ]


def first_line(step: StepRun) -> str:
    """A step's name on one line: a script of several is named after its first."""
    head, *more = step.name.strip().splitlines() or [""]
    return f"{head} …" if more else head


def log(step: StepRun) -> list[str]:
    """Its lines without a terminal's codes, of what was overwritten the last."""
    lines = [plain(line.rstrip("\r\n").rpartition("\r")[2]) for line in step.log]
    return [line.translate(_PLAIN).rstrip() for line in lines]


def tail(step: StepRun, count: int) -> list[str]:
    """The last lines that say something: test runners end with much room."""
    return [line for line in log(step) if line][-count:]


def sentence(text: str) -> str:
    """A note with the point that it may lack."""
    return text if text.endswith((".", "!", "?", "…", ")")) else f"{text}."
