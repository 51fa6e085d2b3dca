"""Which steps the cache has, and why not the others: before a build, and while it runs.

A step is in the cache when a step of the same inputs was run on the very same image. So the chain
is walked from each FROM down: on the image that a step gave the next one's key is looked up.
After the first miss in a stage Docker looks no further, and nor do we.

BuildKit has no image after each step, so there the chain is one of keys (``by_key``), in which what
only changes the configuration of the result does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dockerlab.client.builds.memory import Made, Memory
from dockerlab.client.builds.planning import Planned
from dockerlab.formats.buildcache import compare
from dockerlab.formats.buildkit import LAYERED
from dockerlab.formats.buildtrace import Cause, Reason, Status, Step
from dockerlab.formats.text import short_id

SCRATCH = "scratch"
KEY = "key:"
"""Begins what stands for an image where a builder has none."""
_EXECUTED = (*LAYERED, "ENV", "USER", "SHELL")
_DONE = (Status.CACHED, Status.RAN)
_MISSED = (Status.RAN, Status.FAILED, Status.RUNNING)


class Causes:
    """The steps of one build beside those of the last one of the same Dockerfile."""

    def __init__(
        self,
        planned: Sequence[Planned],
        before: Sequence[Made],
        *,
        no_cache: bool = False,
        by_key: bool = False,
    ) -> None:
        self.planned = {one.step.number: one for one in planned}
        self._before = before
        self._no_cache = no_cache
        self._by_key = by_key

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
        return compare(then[position].inputs, own.inputs) or self._unseen(own, stage, then)

    def image(self, number: int, steps: Mapping[int, Step]) -> str:
        """The short id of the image after a step; empty when it is not known."""
        own, step = self.planned[number], steps.get(number)
        if step is not None and step.image:
            return step.image if step.image.startswith(KEY) else short_id(step.image)
        if not own.is_from:
            return self._in_place(own, step, steps) if self._by_key else ""
        if own.base is not None:
            return self.end(own.base, steps)
        return SCRATCH if own.inputs.instruction == "FROM scratch" else short_id(own.inputs.base)

    def _in_place(self, own: Planned, step: Step | None, steps: Mapping[int, Step]) -> str:
        """What stands for the image after a step."""
        number, keyword = own.step.number, own.step.keyword
        if own.stage < 0 or keyword not in _EXECUTED:
            return self.image(number - 1, steps) if number - 1 in self.planned else ""
        done = keyword not in LAYERED or (step is not None and step.status in _DONE)
        key = self.key(number, steps) if done else ""
        return KEY + key if key else ""

    def number(self, step: Step) -> int:
        """The number of a step in the Dockerfile: BuildKit numbers only those that it has."""
        if not self._by_key:
            return step.number
        found = (one.step.number for one in self.planned.values() if one.step.line == step.line)
        return next(found, 0)

    def has(self, own: Planned) -> bool:
        """Whether the builder runs such a step."""
        return not self._by_key or own.step.keyword in LAYERED

    def shown(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """The steps that the builder has."""
        if not self._by_key:
            return tuple(steps)
        kept = [step for step in steps if step.keyword in LAYERED]
        return tuple(replace(step, number=number) for number, step in enumerate(kept, 1))

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

    def _unseen(self, own: Planned, stage: Sequence[Planned], then: Sequence[Made]) -> Reason:
        """The inputs are the same: another stage or the environment is not, or it is removed."""
        if own.source is not None:
            source = next(one for one in self.planned.values() if one.stage == own.source)
            return Reason(cause=Cause.STAGE, name=source.step.stage)
        for one, made in zip(stage, then, strict=False):
            if not self.has(one) and (changed := compare(made.inputs, one.inputs)):
                return changed
        return Reason(cause=Cause.GONE)


def predict(causes: Causes, memory: Memory, *, no_cache: bool = False) -> tuple[Step, ...]:
    """The steps as the next build will find them: CACHED, or RAN with the reason."""
    steps: dict[int, Step] = {}
    missed: set[int] = set()
    for number, one in causes.planned.items():
        if one.is_from or one.stage < 0 or not causes.has(one):
            image = causes.image(number, steps) if one.is_from else ""
            here = bool(image) or one.base is not None or not one.is_from
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
    return causes.shown(tuple(replace(s, image=_real(s.image)) for s in steps.values()))


def _real(image: str) -> str:
    return "" if image.startswith(KEY) else image


def remember(
    causes: Causes, memory: Memory, name: str, before: Sequence[Made], steps: Mapping[int, Step]
) -> None:
    """Keep what this build's steps were made of. What a failed build did not reach stays known."""
    made, keys = [], {}
    for number, one in causes.planned.items():
        image = causes.image(number, steps)
        step = steps.get(number)
        done = not causes.has(one) or (step is not None and step.status in _DONE)
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
