"""A job as Travis runs it: phases, one shell for all of them, and what a failure means in each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dockerlab.formats.pipeline.plan import PHASES, Beanstalk, Failure, Job, Script, Step, When
from dockerlab.formats.pipeline.run import Status
from dockerlab.pipeline.jobs.attempt import Attempt, Done, attempt
from dockerlab.pipeline.jobs.context import Context
from dockerlab.pipeline.jobs.shipping import Fill, ship
from dockerlab.pipeline.journal import Output
from dockerlab.pipeline.machine.shell import ShellEnded, Staying, TimeUp

_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
QUIET_SECONDS = 20.0


def run(context: Context, index: int, job: Job) -> Status:
    """Run a job; what came of it."""
    with attempt(context, index, job, job.image) as one:
        return _Phases(one, _variables(context, index)).run()


def _variables(context: Context, index: int) -> dict[str, str]:
    commit = context.commit
    return {
        **context.settings.all,
        "CI": "true",
        "CONTINUOUS_INTEGRATION": "true",
        "TRAVIS": "true",
        "TRAVIS_BRANCH": commit.branch,
        "TRAVIS_COMMIT": commit.id,
        "TRAVIS_COMMIT_MESSAGE": commit.subject,
        "TRAVIS_BUILD_NUMBER": str(context.number),
        "TRAVIS_JOB_NUMBER": f"{context.number}.{index + 1}",
        "TRAVIS_EVENT_TYPE": "push",
        "TRAVIS_PULL_REQUEST": "false",
        "TRAVIS_REPO_SLUG": f"local/{context.name}",
        "TRAVIS_OS_NAME": "linux",
        "TRAVIS_SECURE_ENV_VARS": "true" if context.settings.secrets else "false",
    }


class _Phases:
    def __init__(self, one: Attempt, variables: Mapping[str, str]) -> None:
        self.one = one
        self.status = Status.PASSED
        self.stopped = ""
        """Why nothing more runs; empty while something does."""
        place = one.place
        mine = {**variables, "TRAVIS_BUILD_DIR": str(place.work)}
        if one.job.image:
            mine["HOME"] = str(place.home)
        self.shell = Staying(one.machine, mine, place.work)

    def run(self) -> Status:
        try:
            self._export()
            for at, step in enumerate(self.one.job.steps):
                if why := self._why_not(step):
                    self.one.skip(at, why)
                else:
                    self._step(at, step)
        finally:
            self.shell.close()
        return self.status

    def _export(self) -> None:
        """Set what ``env:`` says, in the shell itself, so that $OTHER means something there."""
        journal = self.one.context.journal
        if self.one.job.secure:
            journal.say(
                "env: secure: cannot be read here, as only Travis has the key; what it holds "
                "has to stand in the settings"
            )
        lines = [f"export {line}" for line in self.one.job.exports]
        for line in lines:
            journal.say(f"$ {line}")
        if lines:
            self._quietly("\n".join(lines))

    def _why_not(self, step: Step) -> str:
        when = PHASES[step.phase].when
        if self.stopped:
            return self.stopped
        if when is When.GOOD and self.status.bad:
            return (
                "the script has failed" if self.status is Status.FAILED else "the job has errored"
            )
        if when is When.BAD and not self.status.bad:
            return "the script has not failed"
        branch = self.one.context.commit.branch
        if step.branches is not None and not step.branches.has(branch):
            return f"the branch {branch} is not one to deploy from"
        if step.test and self._quietly(f"[[ {step.test} ]]"):
            return f"the condition is not met: {step.test}"
        return ""

    def _step(self, at: int, step: Step) -> None:
        if step.phase in ("after_success", "after_failure", "after_script"):
            self._quietly(f"export TRAVIS_TEST_RESULT={int(self.status.bad)}")
        title = step.name if isinstance(step.work, Beanstalk) else f"$ {_typed(step)}"
        seconds = self.one.seconds_left()
        with self.one.step(at, title, step.name) as (output, done):
            if isinstance(step.work, Beanstalk):
                ship(self.one, step.work, self._fill(), output, done, seconds)
            elif isinstance(step.work, Script):
                self._command(at, step.work, output, done, seconds)
        self._count(step, done)

    def _command(self, at: int, work: Script, output: Output, done: Done, seconds: float) -> None:
        try:
            script = self.one.script(at, work.text)
            done.code = self.shell.run(script, output.data, seconds)
            done.status = Status.FAILED if done.code else Status.PASSED
        except ShellEnded as error:
            done.code = error.code
            done.status = Status.FAILED if error.code else Status.PASSED
            self.stopped = "a command before it said exit, which ends the job's shell"
        except TimeUp as error:
            done.status, done.note = Status.ERRORED, error.message
            self.stopped = "a command before it did not end in time"

    def _count(self, step: Step, done: Done) -> None:
        """What the end of a step means for the job."""
        journal, failure = self.one.context.journal, PHASES[step.phase].failure
        if done.code is not None:
            journal.say(f'The command "{step.name}" exited with {done.code}.')
        if done.status is Status.ERRORED:
            self.status = Status.ERRORED
        if not done.status.bad or failure is Failure.IGNORED:
            return
        if failure is Failure.STOPS:
            self.status = Status.ERRORED
            self.stopped = self.stopped or f"{step.phase} has failed, which ends the job"
            journal.say(f"{step.phase} has failed, so the job has errored and ends here.")
        elif self.status is Status.PASSED:
            self.status = Status.FAILED

    def _fill(self) -> Fill:
        """$NAME in a deployment's values: what it stands for in the job's shell just then."""
        told = self._environment()
        return lambda text: _NAME.sub(lambda name: told.get(name[1] or name[2], ""), text)

    def _environment(self) -> dict[str, str]:
        path = self.one.place.temp / "environment"
        self._quietly(f"env -0 > '{path}'")
        pairs = path.read_bytes().decode(errors="replace").split("\0") if path.exists() else []
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)

    def _quietly(self, text: str) -> int:
        """Run lines of the CI's own in the job's shell."""
        script = self.one.script(10_000, text)
        try:
            return self.shell.run(script, lambda data: None, QUIET_SECONDS)
        except (ShellEnded, TimeUp) as error:
            self.stopped = self.stopped or f"the job's shell is gone: {error.message}"
            return 1


def _typed(step: Step) -> str:
    return step.work.text.rstrip() if isinstance(step.work, Script) else step.name
