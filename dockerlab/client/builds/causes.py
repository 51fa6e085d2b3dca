"""Which steps the cache has, and why not the others: before a build, and while it runs.

A step is in the cache when a step of the same inputs was run on the very same image. So the chain
is walked from each FROM down: on the image that a step gave the next one's key is looked up.
After the first miss in a stage Docker looks no further, and nor do we.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dockerlab.client.builds.memory import Made, Memory
from dockerlab.client.builds.planning import Planned
from dockerlab.formats.buildcache import compare
from dockerlab.formats.buildtrace import Cause, Reason, Status, Step
from dockerlab.formats.text import short_id

SCRATCH = "scratch"
_MISSED = (Status.RAN, Status.FAILED, Status.RUNNING)


class Causes:
    """The steps of one build beside those of the last one of the same Dockerfile."""

    def __init__(
        self, planned: Sequence[Planned], before: Sequence[Made], *, no_cache: bool = False
    ) -> None:
        self.planned = {one.step.number: one for one in planned}
        self._before = before
        self._no_cache = no_cache

    def reason(self, number: int, steps: Mapping[int, Step]) -> Reason | None:
        """Why a step misses; ``steps`` are those up to it, as far as they are known."""
        own = self.planned.get(number)
        if own is None or own.is_from or own.stage < 0:
            return None
        if self._no_cache:
            return Reason(cause=Cause.NO_CACHE)
        stage = self._stage(own)
        above = [one.step.number for one in stage[1:] if one.step.number < number]
        missed = [one for one in above if one in steps and steps[one].status in _MISSED]
        if missed:
            return Reason(cause=Cause.PARENT, step=missed[0])
        then = [one for one in self._before if one.stage == own.stage]
        position = len(above) + 1
        if not then:
            return Reason(cause=Cause.FIRST)
        if position == 1 and (moved := self._moved(stage[0], then[0], steps)):
            return moved
        if position >= len(then):
            return Reason(cause=Cause.FIRST)
        return compare(then[position].inputs, own.inputs) or self._unseen(own)

    def image(self, number: int, steps: Mapping[int, Step]) -> str:
        """The short id of the image after a step; empty when it is not known."""
        own, step = self.planned[number], steps.get(number)
        if step is not None and step.image:
            return short_id(step.image)
        if not own.is_from:
            return ""
        if own.base is not None:
            return self.end(own.base, steps)
        return SCRATCH if own.inputs.instruction == "FROM scratch" else short_id(own.inputs.base)

    def end(self, stage: int, steps: Mapping[int, Step]) -> str:
        """The short id of a stage's image; empty when it is not known."""
        numbers = [number for number, one in self.planned.items() if one.stage == stage]
        return self.image(numbers[-1], steps) if numbers else ""

    def key(self, number: int, steps: Mapping[int, Step]) -> str:
        """The cache key of a step; empty when what it stands on is not known."""
        own = self.planned[number]
        parent = self.image(number - 1, steps) if number - 1 in self.planned else ""
        if own.is_from or own.stage < 0 or not parent:
            return ""
        if own.source is None:
            return own.key(parent)
        source = self.end(own.source, steps)
        return own.key(f"{parent} {source}") if source else ""

    def _stage(self, own: Planned) -> list[Planned]:
        return [one for one in self.planned.values() if one.stage == own.stage]

    def _moved(self, now: Planned, then: Made, steps: Mapping[int, Step]) -> Reason | None:
        """Whether the stage stands on another image than the last time."""
        image = self.image(now.step.number, steps)
        if image and image == then.image:
            return None
        names = [one.instruction.split(None, 1)[-1] for one in (then.inputs, now.inputs)]
        if now.base is not None:
            return Reason(cause=Cause.STAGE, name=names[1], before=then.image, after=image)
        if names[0] != names[1]:
            return Reason(cause=Cause.BASE, before=names[0], after=names[1])
        return Reason(cause=Cause.BASE, before=then.image, after=image)

    def _unseen(self, own: Planned) -> Reason:
        """The inputs are the same: another stage is not, or the image was removed."""
        if own.source is not None:
            source = next(one for one in self.planned.values() if one.stage == own.source)
            return Reason(cause=Cause.STAGE, name=source.step.stage)
        return Reason(cause=Cause.GONE)


def predict(causes: Causes, memory: Memory, *, no_cache: bool = False) -> tuple[Step, ...]:
    """The steps as the next build will find them: CACHED, or RAN with the reason."""
    steps: dict[int, Step] = {}
    missed: set[int] = set()
    for number, one in causes.planned.items():
        if one.is_from or one.stage < 0:
            image = causes.image(number, steps) if one.is_from else ""
            here = bool(image) or one.base is not None or one.stage < 0
            status = Status.CACHED if here else Status.RAN
            steps[number] = replace(one.step, status=status, image=image)
            continue
        key = "" if no_cache or one.stage in missed else causes.key(number, steps)
        image = memory.find(key) if key else ""
        if image:
            steps[number] = replace(one.step, status=Status.CACHED, image=image)
            continue
        missed.add(one.stage)
        reason = causes.reason(number, steps)
        steps[number] = replace(one.step, status=Status.RAN, reason=reason)
    return tuple(steps.values())


def remember(
    causes: Causes, memory: Memory, name: str, before: Sequence[Made], steps: Mapping[int, Step]
) -> None:
    """Keep what this build's steps were made of. What a failed build did not reach stays known."""
    made, keys = [], {}
    for number, one in causes.planned.items():
        image = causes.image(number, steps)
        step = steps.get(number)
        done = step is not None and step.status in (Status.CACHED, Status.RAN)
        if one.stage < 0 or not image or not done:
            continue
        made.append(Made(one.stage, one.inputs, image))
        if key := causes.key(number, steps):
            keys[key] = image
    for stage in {one.stage for one in before}:
        reached = sum(one.stage == stage for one in made)
        planned = sum(one.stage == stage for one in causes.planned.values())
        if reached < planned:
            made += [one for one in before if one.stage == stage][reached:]
    memory.keep(name, made, keys)
