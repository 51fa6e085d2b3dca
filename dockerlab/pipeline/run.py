"""One run of a pipeline: read the file, wait for the turn, look for secrets, run the jobs."""

from __future__ import annotations

import time
from dataclasses import dataclass

from dockerlab.client.ci.folder import Folder
from dockerlab.client.cloud.process import CloudProcess
from dockerlab.errors import DockerlabError
from dockerlab.formats.pipeline.loading import load
from dockerlab.formats.pipeline.outline import TRAVIS
from dockerlab.formats.pipeline.plan import Job, Plan
from dockerlab.formats.pipeline.run import Finding, JobRun, Run, Status, StepRun
from dockerlab.formats.pipeline.settings import Setting, Settings
from dockerlab.pipeline.findings import literal, search
from dockerlab.pipeline.jobs.attempt import clear_stale
from dockerlab.pipeline.jobs.context import ENDPOINT, Context, Limits
from dockerlab.pipeline.jobs.order import end_all, run_all
from dockerlab.pipeline.journal import Journal
from dockerlab.pipeline.listener import Listener
from dockerlab.pipeline.masking import Masks
from dockerlab.pipeline.queue import take_number, turn
from dockerlab.pipeline.repository import Commit, Repository


class Cancelled(BaseException):
    """A signal asks for the end. No Exception, so that nothing takes it for a failure."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked for. ``name`` is the repository's, ``engine`` where docker looks."""

    folder: Folder
    name: str
    commit: Commit
    file: str
    event: str
    engine: str
    limits: Limits

    @property
    def headline(self) -> str:
        commit = self.commit
        what = "the folder" if commit.snapshot else f"{commit.id[:7]} {commit.subject}"
        return f"{self.file} · {commit.branch} · {what}"


def run(request: Request, listener: Listener) -> Run:
    """Run it to its end; the record as it was written down last."""
    folder, commit = request.folder, request.commit
    settings = at_cloud(folder.read_settings(), request.engine)
    # Each of the two CIs has its own word for what it hides.
    masks = Masks(settings.secrets.values(), "[secure]" if request.file == TRAVIS else "***")
    number = take_number(folder)
    record = Run(
        number,
        request.file,
        commit.branch,
        "" if commit.snapshot else commit.id,
        masks.text(commit.subject),
        began=time.time(),
    )
    journal = Journal(folder.run(number), record, listener, masks)
    try:
        _to_the_end(request, journal, settings)
    finally:
        journal.close()
    return journal.run


def _to_the_end(request: Request, journal: Journal, settings: Settings) -> None:
    """Whatever happens, the record says how it ended."""
    status = Status.ERRORED
    try:
        status = _followed(request, journal, settings)
    except Cancelled:
        status = Status.CANCELLED
    except DockerlabError as error:
        journal.change(error=journal.masks.text(str(error)))
        journal.say(str(error))
    finally:
        end_all(journal, Status.CANCELLED if status is Status.CANCELLED else Status.SKIPPED)
        journal.change(status=status, ended=time.time())
        journal.say(f"\nRun {journal.run.number} {status} in {journal.run.seconds or 0:.1f} s")


def _followed(request: Request, journal: Journal, settings: Settings) -> Status:
    journal.say(f"Run {journal.run.number}: {request.headline}")
    repository = Repository(request.folder.repository)
    plan = load(repository.read(request.commit, request.file), request.file)
    journal.change(jobs=tuple(_waiting(job, plan, journal.masks) for job in plan.jobs))
    with turn(request.folder, journal.run.number, lambda before: _wait(journal, before)):
        journal.change(status=Status.RUNNING, began=time.time())
        context = Context(
            request.folder,
            request.name,
            journal.run.number,
            plan,
            request.commit,
            request.event,
            settings,
            request.engine,
            request.limits,
            journal,
        )
        clear_stale(context)
        _name_cloud(context)
        _look_for_secrets(context)
        return _refused(context) or run_all(context)


def at_cloud(settings: Settings, engine: str) -> Settings:
    """The settings, with the address of the lab's own cloud where one runs and they name none."""
    running = CloudProcess(engine).find() if ENDPOINT not in settings.values else None
    if running is None:
        return settings
    return Settings({**settings.values, ENDPOINT: Setting(running.endpoint, secret=False)})


def _name_cloud(context: Context) -> None:
    if endpoint := context.endpoint.get(ENDPOINT):
        context.journal.say(f"{ENDPOINT}={endpoint}")


def _refused(context: Context) -> Status | None:
    refusal = context.plan.refusal(context.event, context.commit.branch)
    if not refusal:
        return None
    context.journal.change(error=refusal)
    context.journal.say(refusal)
    return Status.SKIPPED


def _waiting(job: Job, plan: Plan, masks: Masks) -> JobRun:
    needs = tuple(other.name for other in plan.jobs if other.id in job.needs)
    steps = tuple(StepRun(masks.text(step.name), step.phase) for step in job.steps)
    return JobRun(job.name, needs, Status.WAITING, steps)


def _wait(journal: Journal, before: int) -> None:
    journal.say(f"Waiting for run {before}: runs of a repository go one after the other.")


def _look_for_secrets(context: Context) -> None:
    journal = context.journal
    found: list[Finding] = []
    for key, finding in literal(context.plan):
        journal.masks.add(key)
        found.append(finding)
    found += search(context.repository, context.commit, context.settings.secrets)
    journal.change(findings=tuple(found))
    for finding in found:
        journal.say(_told(finding))
    if found:
        journal.say(
            "→ whoever reads the repository has it: make a new key, take the old one away, and "
            "put the new one into the settings of the CI only"
        )


def _told(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}"
    if finding.commit:
        return f"SECRET in the history: {finding.secret} stands in {where} of {finding.commit[:7]}"
    return f"SECRET in the repository: {finding.secret} stands in {where}"
