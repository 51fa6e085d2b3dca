"""What can be claimed of building the folder.

    build().succeeds()
    build().keeps("RUN npm install|npm ci", after="index.js")
    build().repeats("RUN npm install|npm ci", after="package.json")
    result("ex3/slim").adds_at_most(100_000, to="alpine")
    result("ex4/shop").is_in("ex4-shop")

Whether a step is kept is reckoned as the forecast reckons it, from what goes into each step before
and after an edit: no step runs for it, whatever it does.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from docker.errors import APIError
from requests import RequestException
from urllib3.exceptions import HTTPError

from dockerlab.client.builds.build import Plan, Run
from dockerlab.client.builds.context import Context, find
from dockerlab.client.builds.memory import Memory
from dockerlab.client.builds.planning import Options, Planned, plan
from dockerlab.errors import DockerlabError
from dockerlab.formats.buildtrace import BuildTrace
from dockerlab.formats.dockerfile.instructions import Dockerfile
from dockerlab.formats.dockerfile.reader import read
from dockerlab.formats.text import size
from dockerlab.grading.bench import PROBE, Bench, Deadline
from dockerlab.grading.claims.images.recipes import instructions, matches, shown
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import Facts, container_facts, image_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet

EDIT = b"\n# edited\n"
"""What an edit that is only supposed adds to a file."""


TAIL = 150
"""Characters of a failed step's last words that are repeated."""


class TooLong(Exception):
    """A build did not come to an end in the time that it was given."""


@dataclass(frozen=True, slots=True)
class Build:
    """A build of the folder by one of its Dockerfiles."""

    path: str = "Dockerfile"

    def succeeds(self, *, within: float = 45.0) -> Claim:
        """The folder builds in so many seconds. The steps really run where no cache has them."""
        says = say("build.succeeds", path=self.path)
        return Claim(says, lambda bench: self._tried(bench, within))

    def keeps(self, step: str, *, after: str) -> Claim:
        """The step comes from the cache when only the file ``after`` was edited."""
        says = say("build.keeps", step=shown(step), file=after)
        return Claim(says, lambda bench: self._foreseen(bench, step, after, kept=True))

    def repeats(self, step: str, *, after: str) -> Claim:
        """The step runs again when the file ``after`` was edited."""
        says = say("build.repeats", step=shown(step), file=after)
        return Claim(says, lambda bench: self._foreseen(bench, step, after, kept=False))

    # --- a build ---

    def _tried(self, bench: Bench, seconds: float) -> Finding:
        if bench.read(self.path) is None:
            return absent("recipe.absent", path=self.path)
        with bench.copied() as folder:
            try:
                trace = tried(bench, folder, self.path, seconds)
            except TooLong:
                return unmet("build.endless", seconds=round(seconds))
            except DockerlabError as error:  # such as an ignore file that cannot be read
                return unmet("build.refused", error=excerpt(error.message))
        return failure(trace) if trace.error else met()

    # --- the cache ---

    def _foreseen(self, bench: Bench, step: str, file: str, *, kept: bool) -> Finding:
        if bench.read(self.path) is None:
            return absent("recipe.absent", path=self.path)
        try:
            with bench.copied() as folder:
                edit = Edit.of(bench, folder, self.path, file)
        except DockerlabError as error:
            return unmet("recipe.illegible", path=self.path, error=excerpt(error.message))
        fields = {"step": shown(step), "file": file}
        steps = edit.named(step)
        if not steps:
            return unmet("recipe.no_step", path=self.path, step=shown(step))
        missed = [one for one in steps if not edit.keeps(one)]
        if kept is not bool(missed):
            return met()
        if not missed:
            return unmet("build.kept", **fields)
        first = edit.cause(missed[0])
        return unmet(
            "build.missed", **fields, line=first.step.line, cause=excerpt(first.step.instruction)
        )


@dataclass(frozen=True, slots=True)
class Result:
    """The image that came of a build."""

    image: str

    def adds_at_most(self, most: int, *, to: str) -> Claim:
        """It is at most so many bytes larger than its base image."""
        says = say("result.adds", image=self.image, base=to, most=size(most))
        return Claim(says, lambda bench: self._weighed(bench, most, to))

    def is_in(self, container: str) -> Claim:
        """A container is of the image as it is now, not of one that had the name before."""
        says = say("result.in_container", image=self.image, container=container)
        return Claim(says, lambda bench: self._used(bench, container))

    def _used(self, bench: Bench, container: str) -> Finding:
        mine, box = image_facts(bench, self.image), container_facts(bench, container)
        if mine is None:
            return absent("image.absent", image=self.image)
        if box is None:
            return absent("container.absent", name=container)
        if box["Image"] == mine["Id"]:
            return met()
        return unmet("result.older", image=self.image, container=container)

    def _weighed(self, bench: Bench, most: int, base: str) -> Finding:
        mine, below = image_facts(bench, self.image), image_facts(bench, base)
        for name, facts in ((self.image, mine), (base, below)):
            if facts is None:
                return absent("image.absent", image=name)
        there = weight(mine) - weight(below)
        if there <= most:
            return met()
        fields = {"image": self.image, "base": base, "most": size(most)}
        return unmet("result.too_much", there=size(there), **fields)


@dataclass(frozen=True)
class Edit:
    """The steps of a build, and those of the next one, when a file was edited between them."""

    dockerfile: Dockerfile
    before: Sequence[Planned]
    after: Sequence[Planned]

    @classmethod
    def of(cls, bench: Bench, folder: Path, path: str, file: str) -> Edit:
        """Edits the file in ``folder``, a copy. Raises DockerlabError for what cannot be built."""
        dockerfile = read((folder / path).read_bytes())
        before = steps(bench, folder, path, dockerfile)
        with (folder / file).open("ab") as edited:
            edited.write(EDIT)
        return cls(dockerfile, before, steps(bench, folder, path, dockerfile))

    def named(self, step: str) -> list[Planned]:
        """The steps that are meant (see ``recipes.py``)."""
        lines = {one.line for one in instructions(self.dockerfile) if matches(one, step)}
        return [one for one in self.after if one.step.line in lines]

    def keeps(self, step: Planned) -> bool:
        """Whether the step and all that it stands on went in unchanged."""
        return step.step.number in self._kept

    def cause(self, step: Planned) -> Planned:
        """The first step of its stage that the edit changed, because of which it is lost."""
        stage = (one for one in self.after if one.stage == step.stage)
        return next(one for one in stage if not self.keeps(one))

    @cached_property
    def _kept(self) -> frozenset[int]:
        kept: set[int] = set()
        whole = {one.stage for one in self.after}
        """Stages that are kept to their last step, as far as they were looked at."""
        for then, now in zip(self.before, self.after, strict=True):
            below = {now.stage, *(one for one in (now.base, now.source) if one is not None)}
            if below <= whole and then.key("") == now.key(""):
                kept.add(now.step.number)
            else:
                whole.discard(now.stage)
        return frozenset(kept)


def build(path: str = "Dockerfile") -> Build:
    return Build(path)


def result(image: str) -> Result:
    return Result(image)


def weight(facts: Facts | None) -> int:
    """Bytes of an image's layers."""
    return int((facts or {}).get("Size") or 0)


def steps(bench: Bench, folder: Path, path: str, dockerfile: Dockerfile) -> tuple[Planned, ...]:
    """What goes into each step of building a folder as it is now."""
    context = Context(folder, None, path)
    return plan(dockerfile, context, Options(), lambda name: image_facts(bench, name) or {})


def tried(bench: Bench, folder: Path, path: str, seconds: float) -> BuildTrace:
    """Build a folder and remove what came of it. Raises TooLong.

    What the build is remembered by lies in the folder, so that it is forgotten with it.
    """
    deadline = Deadline(seconds)
    name = f"{PROBE}{uuid.uuid4().hex[:12]}"
    work = Plan.of(find(folder, path), Options(force_rm=True), (name,))
    memory = Memory(name, lambda _: True, folder.parent / f"{folder.name}-memory")

    def in_time(_: BuildTrace) -> None:
        if deadline.over:
            raise TooLong

    try:
        run = Run(bench.api, work, memory, lambda image: image_facts(bench, image) or {}, seconds)
        return run.run(in_time)
    except (RequestException, HTTPError, TimeoutError):  # the engine said nothing for so long
        raise TooLong from None
    finally:
        with contextlib.suppress(APIError):
            bench.api.remove_image(name)


def failure(trace: BuildTrace) -> Finding:
    """Which step failed, and with what words."""
    step = trace.failed
    if step is None:
        return unmet("build.refused", error=excerpt(trace.error))
    words = excerpt(step.log[-TAIL:] or trace.error)
    return unmet("build.failed", step=excerpt(step.instruction), line=step.line, words=words)
