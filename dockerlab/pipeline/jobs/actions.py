"""A job as Actions runs it: steps with conditions, each in a shell of its own, and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dockerlab.errors import DockerlabError, FormatError
from dockerlab.formats.pipeline.actions.evaluation import Scope, fill, truth
from dockerlab.formats.pipeline.plan import Beanstalk, Checkout, Job, Script, Step
from dockerlab.formats.pipeline.run import Status
from dockerlab.pipeline.jobs.attempt import Attempt, Done, attempt
from dockerlab.pipeline.jobs.context import Context
from dockerlab.pipeline.jobs.scopes import RESULTS, Result, github, outer, variables, written
from dockerlab.pipeline.jobs.shipping import ship
from dockerlab.pipeline.journal import Output
from dockerlab.pipeline.machine.channel import Machine
from dockerlab.pipeline.machine.shell import TimeUp, once
from dockerlab.pipeline.repository import Commit

_FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


@dataclass(slots=True)
class Outcome:
    """Of a job: ``status`` as it is shown, ``result`` as those that need it see it."""

    status: Status
    result: Result


def refusal(context: Context, job: Job, results: Mapping[str, Result]) -> str:
    """Why a job does not run; empty when it does."""
    scope = outer(context, job, results)
    if truth(job.condition, scope):
        return ""
    bad = [name for name in job.needs if name in results and results[name].result != "success"]
    if bad and not job.condition:
        return f"it needs {', '.join(bad)}, which has not succeeded"
    return f"its condition is not met: {job.condition}" if job.condition else "not all went well"


def run(context: Context, index: int, job: Job, results: Mapping[str, Result]) -> Outcome:
    """Run a job; what came of it."""
    scope = outer(context, job, results)
    image = fill(job.image, scope)
    with attempt(context, index, job, image) as one:
        return _Steps(one, scope).run()


@dataclass
class _Steps:
    one: Attempt
    outside: Scope
    failed: Status | None = None
    added: dict[str, str] = field(default_factory=dict)
    """Variables that steps have set for those after them, by GITHUB_ENV."""
    paths: list[str] = field(default_factory=list)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is told of the steps with an id."""

    def run(self) -> Outcome:
        for at, step in enumerate(self.one.job.steps):
            scope = self._scope(step)
            if truth(step.condition, scope):
                self._step(at, step, scope)
            else:
                self._skip(at, step)
        scope = self._scope(None)
        outputs = {name: fill(text, scope) for name, text in self.one.job.outputs}
        forgiven = self.failed and fill(self.one.job.forgiving, self.outside) == "true"
        status = self.failed or Status.PASSED
        result = "success" if forgiven else RESULTS[status]
        return Outcome(status, Result(result, outputs))

    def _scope(self, step: Step | None) -> Scope:
        """What a step's keys see: the outer names, and what came of the steps so far."""
        one, values = self.one, dict(self.outside.values)
        values["github"] = github(one.context, one.job, str(one.place.work))
        values["runner"] = {"os": "Linux", "temp": str(one.place.temp), "name": "local"}
        values["job"] = {"status": "failure" if self.failed else "success"}
        values["steps"] = self.known
        before = Scope(values, failed=self.failed is not None)
        env = variables(one.context.plan.environment, before)
        env |= variables(one.job.environment, before) | self.added
        values["env"] = env
        if step is not None:
            values["env"] = env | variables(step.environment, before)
        return Scope(values, failed=self.failed is not None)

    def _skip(self, at: int, step: Step) -> None:
        why = "a step before it has failed" if self.failed else "its condition is not met"
        if step.condition and not self.failed:
            why = f"{why}: {step.condition}"
        self.one.skip(at, why)
        self._know(step, Status.SKIPPED, Status.SKIPPED, {})

    def _step(self, at: int, step: Step, scope: Scope) -> None:
        seconds = self.one.seconds_left(step.seconds)
        name = fill(step.name, scope)
        with self.one.step(at, f"▶ {name}", name) as (output, done):
            try:
                outputs = self._work(at, step, scope, output, done, seconds)
            except DockerlabError as error:
                done.status, done.note, outputs = Status.ERRORED, error.hint, {}
                output.line(error.message)
            forgiven = done.status.bad and fill(step.forgiving, scope) == "true"
            if forgiven:
                done.note = f"{done.note + '; ' if done.note else ''}continue-on-error: goes on"
        if done.code:
            self.one.context.journal.say(f"Error: Process completed with exit code {done.code}.")
        if done.status.bad and not forgiven:
            self.failed = self.failed or done.status
        self._know(step, done.status, Status.PASSED if forgiven else done.status, outputs)

    def _work(
        self, at: int, step: Step, scope: Scope, output: Output, done: Done, seconds: float
    ) -> dict[str, str]:
        match step.work:
            case Checkout():
                self._check_out(step.work, scope, output)
            case Beanstalk():
                ship(self.one, step.work, lambda text: fill(text, scope), output, done, seconds)
            case Script():
                return self._script(at, step, step.work, scope, output, done, seconds)
        return {}

    def _check_out(self, work: Checkout, scope: Scope, output: Output) -> None:
        context, name = self.one.context, fill(work.ref, scope)
        commit: Commit = context.repository.resolve(name) if name else context.commit
        context.repository.check_out(commit, self.one.place.work / work.path, work.depth)
        if self.one.job.image:
            self.one.place.open_to_all()
        output.line(f"{commit.id[:7]} {commit.subject or commit.branch} is checked out")

    def _script(
        self,
        at: int,
        step: Step,
        work: Script,
        scope: Scope,
        output: Output,
        done: Done,
        seconds: float,
    ) -> dict[str, str]:
        script = self.one.script(at, fill(work.text, scope))
        folder = self._folder(fill(step.folder, scope))
        command = _shell(work.shell, self.one.machine, script)
        files = {name: self.one.place.temp / f"{name.lower()}-{at}" for name in _FILES}
        for path in files.values():
            path.touch()
            path.chmod(0o666 if self.one.job.image else 0o600)
        environment = self._environment(scope, files)
        try:
            done.code = once(
                *(self.one.machine, command, environment, folder, output.data, seconds),
                paths=self.paths,
            )
            done.status = Status.FAILED if done.code else Status.PASSED
        except TimeUp as error:
            done.status, done.note = Status.ERRORED, error.message
        return self._told(files)

    def _folder(self, name: str) -> Path:
        work = self.one.place.work
        folder = (work / name).resolve()
        if not folder.is_relative_to(work.resolve()):
            raise FormatError(f"working-directory {name} is not in the workspace")
        if not folder.is_dir():
            raise FormatError(
                f"there is no folder {name}",
                "is it in the commit, and is uses: actions/checkout before this step?",
            )
        return folder

    def _environment(self, scope: Scope, files: Mapping[str, Path]) -> dict[str, str]:
        one = self.one
        told = {f"GITHUB_{key.upper()}": value for key, value in scope.values["github"].items()}
        told.pop("GITHUB_EVENT")
        own = {"HOME": str(one.place.home)} if one.job.image else {}
        return {
            **one.context.endpoint,
            **own,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "RUNNER_OS": "Linux",
            "RUNNER_TEMP": str(one.place.temp),
            **told,
            **{name: str(path) for name, path in files.items()},
            **scope.values["env"],
        }

    def _told(self, files: Mapping[str, Path]) -> dict[str, str]:
        """What a step has written for those after it."""
        read = {name: path.read_text(errors="replace") for name, path in files.items()}
        self.added |= written(read["GITHUB_ENV"])
        self.paths[:0] = [line for line in read["GITHUB_PATH"].splitlines() if line][::-1]
        return written(read["GITHUB_OUTPUT"])

    def _know(
        self, step: Step, outcome: Status, conclusion: Status, outputs: dict[str, str]
    ) -> None:
        if step.id:
            self.known[step.id] = {
                "outcome": RESULTS[outcome],
                "conclusion": RESULTS[conclusion],
                "outputs": outputs,
            }


def _shell(name: str, machine: Machine, script: Path) -> list[str]:
    """How GitHub calls each shell: a line that fails ends the step."""
    if name == "bash":
        return ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return [name or machine.shells[0], "-e", str(script)]
