"""What can be claimed of how a CI would follow ``.travis.yml``: it is read to the end, not run.

delivery().can_be_followed()
delivery().deploys_only_from("master")

The file is a learner's and its lines are for a shell, so a grader keeps to what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dockerlab.errors import PipelineFileError
from dockerlab.formats.pipeline.loading import load
from dockerlab.formats.pipeline.outline import TRAVIS
from dockerlab.formats.pipeline.plan import PHASES, Beanstalk, Failure, Plan, Script, Step
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.projects.pipelines import swallowing
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, absent, met, say, unmet

OTHERS = ("main", "feature", "master-2", "develop")
"""Branches as good as any that is not meant."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """From a push to a deployment."""

    def can_be_followed(self) -> Claim:
        """No line of it is unknown or in the wrong place."""
        return self._claim(say("delivery.valid"), lambda plan: met())

    def may_use_docker(self) -> Claim:
        return self._claim(say("delivery.docker"), self._docker)

    def starts_for(self, *branches: str) -> Claim:
        """A push to each of these branches sets it going."""
        says = say("delivery.starts", branches=", ".join(branches))
        return self._claim(says, lambda plan: self._starts(plan, branches))

    def counts(self, words: str) -> Claim:
        """A line with these words is run, and when it fails nothing is deployed."""
        says = say("pipeline.strict", file=TRAVIS, words=words)
        return self._claim(says, lambda plan: self._counts(plan, words))

    def deploys(self, application: str, environment: str) -> Claim:
        """To this environment of Elastic Beanstalk."""
        fields = {"application": application, "environment": environment}
        says = say("delivery.deploys", **fields)
        return self._claim(says, lambda plan: self._target(plan, fields))

    def deploys_only_from(self, branch: str) -> Claim:
        says = say("delivery.only_from", branch=branch)
        return self._claim(says, lambda plan: self._only_from(plan, branch))

    def takes_keys_from_settings(self) -> Claim:
        """The file names them, and does not hold them."""
        return self._claim(say("delivery.keys"), self._keys)

    def plan(self, bench: Bench) -> Plan | None:
        """What the file asks for; None where there is none, or one that cannot be followed."""
        try:
            return load(bench.read(TRAVIS) or "", TRAVIS)
        except PipelineFileError:
            return None

    def _claim(self, says: Saying, judge: Callable[[Plan], Finding]) -> Claim:
        def look(bench: Bench) -> Finding:
            text = bench.read(TRAVIS)
            if text is None or not text.strip():
                return absent("pipeline.absent", file=TRAVIS)
            try:
                return judge(load(text, TRAVIS))
            except PipelineFileError as error:
                fields = {"file": TRAVIS, "line": error.line, "words": excerpt(error.message)}
                return unmet("pipeline.invalid", **fields)

        return Claim(says, look)

    def _docker(self, plan: Plan) -> Finding:
        without = any(not job.docker for job in plan.jobs)
        return unmet("delivery.no_docker") if without else met()

    def _starts(self, plan: Plan, branches: tuple[str, ...]) -> Finding:
        other = next((one for one in branches if plan.refusal("push", one)), "")
        return unmet("pipeline.no_branch", file=TRAVIS, branch=other) if other else met()

    def _counts(self, plan: Plan, words: str) -> Finding:
        found = [step for step in scripts(plan) if words in text_of(step)]
        if not found:
            return unmet("pipeline.not_run", file=TRAVIS, words=words)
        strict = [step for step in found if PHASES[step.phase].failure is not Failure.IGNORED]
        if not strict:
            return unmet("delivery.ignored", words=words, phase=found[0].phase)
        if all(swallowing(text_of(step)) for step in strict):
            line = excerpt(text_of(strict[0]))
            return unmet("pipeline.swallowed", file=TRAVIS, words=words, line=line)
        return met()

    def _target(self, plan: Plan, fields: dict[str, str]) -> Finding:
        found = [work for _, work in targets(plan)]
        if not found:
            return unmet("delivery.none")
        first = found[0]
        if (first.application, first.environment) == tuple(fields.values()):
            return met()
        there = excerpt(f"{first.application}, {first.environment}")
        return unmet("delivery.other", there=there, **fields)

    def _only_from(self, plan: Plan, branch: str) -> Finding:
        deployments = [step for step, _ in targets(plan)]
        if not deployments:
            return unmet("delivery.none")
        if plan.refusal("push", branch) or not any(deploys(one, branch) for one in deployments):
            return unmet("delivery.not_from", branch=branch)
        other = next((o for o in OTHERS if any(deploys(one, o) for one in deployments)), "")
        return unmet("delivery.also_from", branch=branch, other=other) if other else met()

    def _keys(self, plan: Plan) -> Finding:
        keys = [key for _, one in targets(plan) for key in (one.access_key, one.secret_key)]
        if not keys:
            return unmet("delivery.none")
        held = any(not key.startswith("$") for key in keys)
        return unmet("delivery.key_held") if held else met()


def delivery() -> Delivery:
    return Delivery()


def scripts(plan: Plan) -> Iterator[Step]:
    """The steps that a shell gets."""
    for job in plan.jobs:
        yield from (one for one in job.steps if isinstance(one.work, Script))


def text_of(step: Step) -> str:
    return step.work.text if isinstance(step.work, Script) else ""


def targets(plan: Plan) -> Iterator[tuple[Step, Beanstalk]]:
    for job in plan.jobs:
        for step in job.steps:
            if isinstance(step.work, Beanstalk):
                yield step, step.work


def deploys(step: Step, branch: str) -> bool:
    return step.branches is None or step.branches.has(branch)
