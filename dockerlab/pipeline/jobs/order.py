"""All jobs of a run, one after the other, and what they come to together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from dockerlab.errors import DockerlabError
from dockerlab.formats.pipeline.plan import Flavour, Job
from dockerlab.formats.pipeline.run import JobRun, Status
from dockerlab.pipeline.jobs import actions, travis
from dockerlab.pipeline.jobs.actions import Outcome
from dockerlab.pipeline.jobs.context import Context
from dockerlab.pipeline.jobs.scopes import Result
from dockerlab.pipeline.journal import Journal

_WORST = (Status.ERRORED, Status.FAILED, Status.CANCELLED, Status.PASSED)


def run_all(context: Context) -> Status:
    """Run the jobs of a plan; how the run ended."""
    ran = _Jobs(context)
    travels = context.plan.flavour is Flavour.TRAVIS
    for index, job in enumerate(context.plan.jobs):
        if travels:
            ran.travis(index, job)
        else:
            ran.actions(index, job)
    return ran.status


class _Jobs:
    def __init__(self, context: Context) -> None:
        self.context = context
        self.results: dict[str, Result] = {}
        self.given_up: set[str] = set()
        self.counted: list[Status] = []

    @property
    def status(self) -> Status:
        """The worst of the jobs; where none has run, that is all there is to say."""
        return next((one for one in _WORST if one in self.counted), Status.SKIPPED)

    def travis(self, index: int, job: Job) -> None:
        def work() -> Outcome:
            return Outcome(travis.run(self.context, index, job), Result("success"))

        self.counted.append(self._run(index, job, work).status)

    def actions(self, index: int, job: Job) -> None:
        outcome = self._acted(index, job)
        self.results.setdefault(job.id, Result("skipped")).add(outcome.result)
        failed = outcome.result.result == "failure"
        if failed and job.matrix and job.fail_fast:
            self.given_up.add(job.id)
        # A job that may fail spoils nothing, nor one given up because its like has failed.
        forgiven = outcome.status.bad and not failed
        self.counted.append(Status.PASSED if forgiven else outcome.status)

    def _acted(self, index: int, job: Job) -> Outcome:
        if job.id in self.given_up:
            return self._left(index, Status.CANCELLED, "another one of its matrix has failed")
        if why := actions.refusal(self.context, job, self.results):
            return self._left(index, Status.SKIPPED, why)
        return self._run(index, job, lambda: actions.run(self.context, index, job, self.results))

    def _left(self, index: int, status: Status, why: str) -> Outcome:
        """A job that does not run."""
        journal = self.context.journal
        journal.say(f"\n── {journal.run.jobs[index].name}: {status}, {why}")
        end_job(journal, index, status, why)
        return Outcome(status, Result("cancelled" if status.bad else "skipped"))

    def _run(self, index: int, job: Job, work: Callable[[], Outcome]) -> Outcome:
        journal, note = self.context.journal, ""
        if len(self.context.plan.jobs) > 1:
            journal.say(f"\n── {job.name}")
        journal.change_job(index, status=Status.RUNNING)
        try:
            outcome = work()
        except Exception as error:
            # Also what the engine or the disk may say: the jobs after it, and those who wait,
            # have to hear of it.
            outcome, note = Outcome(Status.ERRORED, Result("failure")), _told(error)
            journal.say(note)
        end_job(journal, index, outcome.status, note)
        return outcome


def _told(error: Exception) -> str:
    if isinstance(error, DockerlabError):
        return str(error)
    said = getattr(error, "explanation", None) or error
    return f"the job could not go on: {said or type(error).__name__}"


def end_job(journal: Journal, index: int, status: Status, note: str = "") -> None:
    """Note how a job ended; what of it had not begun will not."""
    job = journal.run.jobs[index]
    left = Status.CANCELLED if status is Status.CANCELLED else Status.SKIPPED
    steps = tuple(step if step.status.over else replace(step, status=left) for step in job.steps)
    journal.change_job(index, status=status, steps=steps, note=note or job.note)


def end_all(journal: Journal, status: Status) -> None:
    """The same for all jobs that are not over, when the run ends early."""
    for index in _open(journal.run.jobs):
        end_job(journal, index, status)


def _open(jobs: Iterable[JobRun]) -> list[int]:
    return [index for index, job in enumerate(jobs) if not job.status.over]
