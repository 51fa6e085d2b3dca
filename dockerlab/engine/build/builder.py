"""One build from its Dockerfile to an image, and all builds of the engine."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from dockerlab.engine.background import keep
from dockerlab.engine.build.cache.cache import Cache, LocalCache, NoCache, Records
from dockerlab.engine.build.cache.cachefrom import CacheFrom
from dockerlab.engine.build.files.context import Contexts, TarTree
from dockerlab.engine.build.files.copying import unpacked
from dockerlab.engine.build.files.spool import spool as new_spool
from dockerlab.engine.build.incoming import context as contexts
from dockerlab.engine.build.incoming import remote
from dockerlab.engine.build.incoming.context import Context
from dockerlab.engine.build.incoming.fetching import Fetcher
from dockerlab.engine.build.mounts import Mounts
from dockerlab.engine.build.options import Options
from dockerlab.engine.build.output import PLAIN, RED, Output
from dockerlab.engine.build.running import Failed, Workers
from dockerlab.engine.build.stage import Results, Stage
from dockerlab.engine.build.steps import Made, Steps
from dockerlab.engine.containers.containers import Containers
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import BadParameter, NotImplementedHere, ServerError
from dockerlab.engine.registry.pull import Sink
from dockerlab.engine.store.image import Image
from dockerlab.engine.threads import to_its_end
from dockerlab.errors import DockerlabError
from dockerlab.formats.buildtrace import Cause, Reason, Status, Step
from dockerlab.formats.dockerfile import expansion, reader
from dockerlab.formats.dockerfile.arguments import Arguments
from dockerlab.formats.dockerfile.instructions import Dockerfile, From, Instruction, Label
from dockerlab.formats.dockerfile.instructions import Stage as Part

_MOST_STEPS = 1000
"""Each makes an image that holds the history of all before it."""

_LONG = 4096
"""Characters of an instruction."""


class Builds:
    """The builder of one engine: what all its builds share."""

    def __init__(
        self, root: Path, services: Services, containers: Containers, arrival: Callable[[], Sink]
    ) -> None:
        """``arrival`` makes the place where a pulled image goes."""
        self.run = root / "run"
        self._contexts = Contexts()
        self._services, self._containers, self._arrival = services, containers, arrival
        self._folder = root / "cache"
        self._folder.mkdir(0o700, exist_ok=True)
        self.records = Records(self._folder, lambda id: services.images.by_id(id) is not None)
        self._locks: dict[str, asyncio.Lock] = {}
        self._running: list[Build] = []

    async def context(self, file: IO[bytes], digest: str, options: Options) -> Context:
        """What a client sent: an archive, perhaps compressed, that the context then owns."""
        return await to_its_end(self._opened, file, digest, options)

    def _opened(self, file: IO[bytes], digest: str, options: Options) -> Context:
        file.seek(0)
        into = new_spool(self.run)
        plain = unpacked(file, into)
        (into if plain is file else file).close()
        return contexts.of(self._contexts.open(plain, digest), options.dockerfile)

    async def fetched(self, address: str, options: Options) -> Context:
        """The context that ``remote`` names: an archive, or a Dockerfile alone."""
        if not address.startswith(("http://", "https://")) or address.endswith(".git"):
            raise NotImplementedHere(
                f"The embedded engine does not fetch a build context by git ({address}).",
                "Clone it, then build the folder.",
            )
        fetcher = self._fetcher(options, Output(lambda _: None))
        return await remote.fetch(fetcher, address, self.run, options)

    def _fetcher(self, options: Options, output: Output) -> Fetcher:
        return Fetcher(self._services.images, self._arrival, self.run, options, output)

    def using_image(self, id: str) -> list[tuple[str, bool]]:
        """The builds that need an image, as if they were running containers. For a prune.

        An image on one that a build needs may be its next, which it has not in hand yet.
        """
        image = self._services.images.by_id(id)
        ids = {id, image.parent if image is not None else ""} - {""}
        return [("a build", True) for build in tuple(self._running) if ids & build.held]

    async def prune(self) -> None:
        """Forget what was built from images that are gone."""
        await asyncio.to_thread(self.records.sweep)

    async def build(self, context: TarTree, text: bytes, options: Options, output: Output) -> Build:
        """A build to be run. Raises DockerfileError and BadParameter: nothing was begun."""
        dockerfile = chosen(await asyncio.to_thread(reader.read, text), options)
        total = len(dockerfile.arguments) + sum(1 + len(part.steps) for part in dockerfile.stages)
        _check_count(total, "steps")
        fetcher = self._fetcher(options, output)
        workers = Workers(self._containers, self._services.events, options, output)
        made = Mounts(
            self._folder / "mounts",
            self.run,
            self._services.layers,
            context,
            fetcher,
            options.secrets,
            self._locks,
            users=self._services.runtime.name == "namespaces",
        )
        return Build(
            total,
            self._services,
            self.records,
            context,
            dockerfile,
            options,
            output,
            fetcher,
            workers,
            made,
            running=self._running,
        )


def _check_count(count: int, what: str) -> None:
    if count > _MOST_STEPS:
        raise NotImplementedHere(
            f"The embedded engine builds no more than {_MOST_STEPS} {what} at once, not {count}.",
            "Join commands with && in one RUN, and variables in one ENV.",
        )


def chosen(dockerfile: Dockerfile, options: Options) -> Dockerfile:
    """The stages up to the target, with the labels that were asked for at the end."""
    stages = dockerfile.stages
    if options.target:
        found = None if options.target.isdecimal() else dockerfile.stage(options.target)
        if found is None:
            raise BadParameter(
                f"failed to reach build target {options.target} in Dockerfile",
                f"Named stages are {', '.join(s.name for s in stages if s.name) or 'none'}.",
            )
        stages = stages[: found.index + 1]
    last = stages[-1]
    labels = tuple(
        Label(line=0, text=f"LABEL {name}={value}", values={name: value})
        for name, value in sorted(options.labels.items())
    )
    return replace(dockerfile, stages=(*stages[:-1], replace(last, steps=(*last.steps, *labels))))


@dataclass(slots=True, eq=False)
class Build:
    """One build. ``run`` it once."""

    total: int
    """How many steps there are."""
    services: Services
    records: Records
    context: TarTree
    dockerfile: Dockerfile
    options: Options
    output: Output
    fetcher: Fetcher
    workers: Workers
    mounts: Mounts
    number: int = 0
    at: Instruction | None = None
    """The instruction of the present step."""
    held: set[str] = field(default_factory=set)
    """Ids of the images that it made or builds on."""
    running: list[Build] = field(default_factory=list)
    """All builds that run in the engine."""
    _owner: str = field(default_factory=lambda: f"build-{secrets.token_hex(8)}")
    _begun: float = field(default_factory=time.monotonic)
    _declared: set[str] = field(default_factory=set)
    _missed: int = 0
    """Number of the first step of the present stage that the cache did not have."""

    async def run(self) -> Image:
        """Build, name the last stage's image, and return it.

        Raises what a step says, and DockerlabError in general; a cancellation leaves nothing.
        """
        self.running.append(self)
        try:
            image = await self._run()
            await self._name(image)  # while it is held: a prune takes what has no name
            return image
        except asyncio.CancelledError:
            await asyncio.shield(keep(asyncio.ensure_future(self.workers.cancelled())))
            raise
        finally:
            self.running.remove(self)
            self.fetcher.close()
            await asyncio.to_thread(self.services.layers.release, self._owner)

    async def _run(self) -> Image:
        if self.dockerfile.warnings:
            lines = "\n".join(self.dockerfile.warnings)
            self.output.say(f"{RED}{lines}\n{PLAIN}")
        arguments, results = Arguments(self.options.arguments), Results()
        for argument in self.dockerfile.arguments:
            with self._step(argument, "") as made:
                values = arguments.values(())
                expanded = expansion.expanded(argument, values, self.dockerfile.escape)
                arguments.declare_outer(expanded.values)
                made.cached = True
        self._declared.update(arguments.outer)
        image: Image | None = None
        for part in self.dockerfile.stages:
            image = await self._stage(part, arguments, results)
        if image is None:
            raise ServerError("No image was generated. Is your Dockerfile empty?")
        if unused := arguments.unused(self._declared):
            names = " ".join(unused)
            self.output.say(f"[Warning] One or more build-args [{names}] were not consumed\n")
        return image

    async def _name(self, image: Image) -> None:
        self.output.say(f"Successfully built {image.short}\n")
        for reference in self.options.tags:
            await to_its_end(self.services.images.tag, image, reference)
            self.output.say(f"Successfully tagged {reference.familiar}\n")

    async def _stage(self, part: Part, arguments: Arguments, results: Results) -> Image | None:
        results.check_name(part.name)
        self._missed = 0
        name = part.name or str(part.index)
        stage = Stage(name, part.start.image, arguments.stage(), f"{self._repository()} {name}")
        steps = self._steps(stage, results)
        with self._step(part.start, name) as made:
            self.fetcher.pulled = False
            base = await self._base(stage, part.start, arguments, results)
            made.cached = not self.fetcher.pulled
            triggers = stage.begin(base)
            steps.hold()
            await self._triggers(steps, triggers, made)
            self._show_image(stage, made)
        for instruction in part.steps:
            with self._step(instruction, name) as made:
                await self._carry_out(steps, instruction, made)
                self._show_image(stage, made)
        if stage.image is not None:
            self.output.image(stage.image.id)
        self._declared.update(stage.arguments.declared)
        results.add(part.name, stage.image)
        return stage.image

    def _repository(self) -> str:
        return self.options.tags[0].repository if self.options.tags else ""

    def _show_image(self, stage: Stage, made: Made) -> None:
        made.image = stage.image_id
        self.output.say(f" ---> {made.image[7:19]}\n")

    async def _base(
        self, stage: Stage, start: From, arguments: Arguments, results: Results
    ) -> Image | None:
        values = arguments.for_from()
        start = expansion.expanded(start, values, self.dockerfile.escape)
        stage.base = start.image
        known, image = results.named(start.image)
        stage.on_stage = known
        if known or start.image == "scratch":
            return image
        return await self.fetcher.image(start.image, start.platform or self.options.platform)

    async def _triggers(self, steps: Steps, triggers: list[str], made: Made) -> None:
        if not triggers:
            return
        _check_count(len(triggers), "triggers")
        self.output.say(f"# Executing {len(triggers)} build trigger")
        if len(triggers) > 1:
            self.output.say("s")
        self.output.say("\n")
        for trigger in triggers:
            await self._carry_out(steps, reader.trigger(trigger), made)

    async def _carry_out(self, steps: Steps, instruction: Instruction, made: Made) -> None:
        if instruction.line:  # what --label says is taken as it is
            values = steps.stage.values()
            instruction = await self._expanded(instruction, values)
        try:
            await steps.carry_out(instruction, made)
        except asyncio.CancelledError:
            raise
        except BaseException:
            await self.workers.step_failed()
            raise
        await self.workers.step_done()

    async def _expanded(self, instruction: Instruction, values: Mapping[str, str]) -> Instruction:
        """With its variables put in. What takes long keeps nobody else waiting."""
        escape = self.dockerfile.escape
        if len(instruction.text) < _LONG:
            return expansion.expanded(instruction, values, escape)
        return await asyncio.to_thread(expansion.expanded, instruction, values, escape)

    @contextlib.contextmanager
    def _step(self, instruction: Instruction, stage: str) -> Iterator[Made]:
        """Say that a step begins, and how it ended."""
        self.number += 1
        self.at = instruction
        self.output.say(f"Step {self.number}/{self.total} : {instruction.text}")
        self.output.say("\n")
        made, step = Made(), self._begun_step(instruction, stage)
        self.output.step(step)
        try:
            yield made
        except DockerlabError as error:
            code = error.code if isinstance(error, Failed) else None
            self.output.step(self._ended_step(step, made, Status.FAILED, code))
            raise
        status = Status.CACHED if made.cached else Status.RAN
        self.output.step(self._ended_step(step, made, status, None))
        if not made.cached:
            self._missed = self._missed or self.number

    def _begun_step(self, instruction: Instruction, stage: str) -> Step:
        return Step(
            number=self.number,
            instruction=instruction.text,
            line=instruction.line,
            stage=stage,
            status=Status.RUNNING,
            started=time.monotonic() - self._begun,
        )

    def _ended_step(self, step: Step, made: Made, status: Status, code: int | None) -> Step:
        reason = made.reason
        if reason is None and self._missed and not made.cached:
            reason = Reason(cause=Cause.PARENT, step=self._missed)
        return replace(
            step,
            status=status,
            reason=reason if status is not Status.CACHED else None,
            seconds=time.monotonic() - self._begun - step.started,
            added=made.added,
            container=made.container[:12],
            image=made.image,
            layer=made.layer,
            exit_code=code,
        )

    def _steps(self, stage: Stage, results: Results) -> Steps:
        return Steps(
            self.services,
            self.records,
            self._cache(),
            self.workers,
            self.fetcher,
            self.mounts,
            self.output,
            stage,
            results,
            self.context,
            self.fetcher.run,
            self._owner,
            self.held,
        )

    def _cache(self) -> Cache:
        if not self.options.cache:
            return NoCache()
        local = LocalCache(self.records)
        if self.options.cache_from is None:
            return local
        return CacheFrom(self.services.images, local, self.options.cache_from)
