"""Carrying out one instruction: ask the cache, else make the image that comes after it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dockerlab.engine.build.cache.cache import Cache, Probe, Records
from dockerlab.engine.build.cache.counting import text_of, used
from dockerlab.engine.build.files import sources
from dockerlab.engine.build.files.copying import Copying
from dockerlab.engine.build.files.draft import Draft, Owner
from dockerlab.engine.build.files.single import Single
from dockerlab.engine.build.files.sources import Source
from dockerlab.engine.build.files.stack import Stack
from dockerlab.engine.build.files.tree import Tree, read, resolve
from dockerlab.engine.build.incoming.fetching import Fetcher
from dockerlab.engine.build.mounts import Mounts, clear, command
from dockerlab.engine.build.output import Output
from dockerlab.engine.build.running import Workers
from dockerlab.engine.build.stage import Results, Stage
from dockerlab.engine.build.words import wording
from dockerlab.engine.build.words.owners import owner_of
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import BadParameter, ServerError
from dockerlab.engine.store.image import Image
from dockerlab.engine.store.uppers import Take
from dockerlab.engine.threads import to_its_end
from dockerlab.errors import DockerlabError
from dockerlab.formats.buildtrace import Inputs, Reason
from dockerlab.formats.dockerfile import sections
from dockerlab.formats.dockerfile.instructions import (
    Arg,
    Copy,
    HealthCheck,
    Instruction,
    Maintainer,
    Run,
    Workdir,
)
from dockerlab.formats.dockerfile.instructions import Cmd as CmdInstruction


@dataclass(slots=True)
class Made:
    """What became of a step."""

    cached: bool = False
    reason: Reason | None = None
    image: str = ""
    container: str = ""
    added: int = 0
    layer: str = ""


@dataclass(slots=True)
class Steps:
    """The instructions of one stage. Every method ends with the stage at its next image."""

    services: Services
    records: Records
    cache: Cache
    workers: Workers
    fetcher: Fetcher
    mounts: Mounts
    output: Output
    stage: Stage
    results: Results
    context: Tree
    run_folder: Path
    owner: str
    """Retains the layers of the build: a prune meanwhile must not take them from under it."""
    held: set[str]
    """Ids of the build's images, for the same reason."""
    made: Made = field(default_factory=Made)
    """The present step."""
    _probed: Probe | None = None
    """What the cache did not have."""

    async def carry_out(self, instruction: Instruction, made: Made) -> None:
        """One instruction, its variables put in; ``made`` is filled in."""
        self.made = made
        self.stage.position += 1
        if isinstance(instruction, Run):
            await self._run(instruction)
        elif isinstance(instruction, Copy):
            await self._copy(instruction)
        elif isinstance(instruction, Workdir):
            await self._workdir(instruction)
        else:
            await self._configure(instruction)
        self.hold()
        self.stage.settle()

    def hold(self) -> None:
        """Have the stage's image stay until the build ends."""
        self.held.add(self.stage.image_id)
        self.services.layers.retain(self.owner, self.stage.layers)

    # -- the configuration

    async def _configure(self, instruction: Instruction) -> None:
        stage = self.stage
        if isinstance(instruction, Arg):
            stage.arguments.declare(instruction.values)
        elif isinstance(instruction, Maintainer):
            stage.author = instruction.name
        elif isinstance(instruction, HealthCheck):
            self._note_health()
        stage.section = sections.apply(stage.section, instruction, own_cmd=stage.own_cmd)
        stage.own_cmd = stage.own_cmd or isinstance(instruction, CmdInstruction)
        text = wording.describe(instruction, stage.section)
        config = stage.config(Cmd=wording.comment(stage.section, text))
        if self._cached(self._probe(config, Inputs(instruction=text, **self._used(instruction)))):
            return
        await self._stand_in(config, None)

    def _note_health(self) -> None:
        before = (self.stage.section.get("Healthcheck") or {}).get("Test") or ["NONE"]
        if before[0] != "NONE":
            words = " ".join(before)
            self.output.say(f"Note: overriding previous HEALTHCHECK: [{words}]\n")

    async def _workdir(self, instruction: Workdir) -> None:
        stage = self.stage
        stage.section = sections.apply(stage.section, instruction)
        text = f"WORKDIR {stage.section['WorkingDir']}"
        config = stage.config(Cmd=wording.file_comment(stage.section, text))
        if self._cached(self._probe(config, Inputs(instruction=text, **self._used(instruction)))):
            return
        await self._stand_in(config, str(stage.section["WorkingDir"]))

    async def _stand_in(self, config: dict[str, Any], folder: str | None) -> None:
        """Make the image of a step whose container never runs, perhaps with one more folder."""
        id = await self.workers.stand_in(self.stage, config)
        self.made.container = id
        config = {**config, "Hostname": id[:12]}
        await self._commit(self._folder(folder) if folder else None, config, id)

    def _folder(self, path: str) -> Iterator[bytes]:
        """The layer with one more folder, in pieces; blocking."""
        draft = Draft(self.stage.tree(self.services.layers))
        try:
            draft.folder(resolve(draft, path), (0, 0))
        except NotADirectoryError as error:
            raise ServerError(f"Cannot mkdir: {error.filename} is not a directory") from None
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise ServerError(f"Cannot mkdir: mkdir {error.filename}: {reason}") from None
        yield from draft.pack()

    # -- running

    async def _run(self, instruction: Run) -> None:
        stage = self.stage
        network = self._network(instruction.network)
        environment = stage.section.get("Env") or []
        words = sections.argv(command(instruction), stage.section)
        arguments = stage.arguments.counting(environment)
        config = stage.config(Cmd=wording.run_words(arguments, words), Entrypoint=None)
        mounts = await self.mounts.prepare(instruction, stage, self.results)
        inputs = Inputs(instruction=text_of(instruction), arguments=arguments, files=mounts.files)
        probe = replace(self._probe(config, inputs), extra=f"{mounts.counted}\n{network}".strip())
        if self._cached(probe):
            return
        if stage.image is None:
            raise ServerError(
                "failed to create shim task: OCI runtime create failed: runc create failed: unable "
                f'to start container process: exec: "{words[0]}": stat {words[0]}: '
                "no such file or directory: unknown",
                "FROM scratch has no file at all, so no program: COPY one, or begin with an image.",
            )
        async with self.mounts.made(mounts, instruction) as (host, secrets):
            visible = [f"{k}={v}" for k, v in stage.arguments.values(environment).items()]
            running = stage.config(
                Cmd=words,
                Entrypoint=[""],
                Env=[*environment, *visible],
                Healthcheck={"Test": ["NONE"]},
            )
            if network:
                host["NetworkMode"] = network
            container = await self.workers.run(stage, running, host, secrets)
        self.made.container = container.id
        if mounts.missing:
            view = self.services.snapshots.view(container.id, stage.layers)
            await to_its_end(_cleared, view, mounts.missing)
        diff = self.services.snapshots.diff(container.id, stage.layers)
        async with self.workers.retired(container) as going:
            take = self.services.snapshots.tree(container.id) if going else None
            await self._commit(diff, config, container.id, take)
        if self.workers.removing:
            await to_its_end(self.services.snapshots.hand_on, container.id, stage.layers)

    def _network(self, wanted: str) -> str:
        """The mode that a RUN has for itself; empty: the build's.

        A Dockerfile alone does not get into the machine's network; who builds may let it.
        """
        if wanted == "host" and self.workers.network != "host":
            raise BadParameter(
                "RUN --network=host is only for builds that have the network of the host",
                "Build with --network host if you trust this Dockerfile.",
            )
        return "" if wanted == "default" else wanted

    # -- copying

    async def _copy(self, instruction: Copy) -> None:
        stage, word = self.stage, "ADD" if instruction.add else "COPY"
        found, base = await self._sources(instruction, word)
        if len(found) > 1 and not instruction.target.endswith("/"):
            raise BadParameter(
                f"When using {word} with more than one source file, the destination must be a "
                "directory and end with a /"
            )
        flags = f"--chown={instruction.owner}" if instruction.owner else ""
        flags += f"--chmod={instruction.mode}" if instruction.mode else ""
        digest = sources.digest_of(found)
        text = f"{word} {flags}{digest} in {instruction.target} "
        config = stage.config(Cmd=wording.file_comment(stage.section, text))
        files = {path: digest for source in found for path, digest in source.files.items()}
        inputs = Inputs(
            instruction=text_of(instruction), files=files, base=base, **self._used(instruction)
        )
        probe = replace(self._probe(config, inputs), extra=sources.counted(found))
        if self._cached(probe):
            return
        await self._commit(self._written(instruction, found), config, "")

    async def _sources(self, instruction: Copy, word: str) -> tuple[list[Source], str]:
        """What is to be copied, and the image it comes from if it is not the context."""
        tree, base = self.context, ""
        if instruction.from_:
            tree, base = await self._other(instruction.from_)
        found: list[Source] = []
        try:
            for text in instruction.sources:
                found += await self._source(instruction, tree, text)
        except DockerlabError as error:
            raise BadParameter(f"{word} failed: {error.message}", error.hint) from None
        if not found:
            raise BadParameter(
                f"{word} failed: no source files were specified",
                "No file of the build's folder matches the pattern.",
            )
        return found, base

    async def _source(self, instruction: Copy, tree: Tree, text: str) -> list[Source]:
        for heredoc in instruction.heredocs:
            if text == f"<<{heredoc.name}":
                single = Single.text(heredoc.name, heredoc.content)
                return [sources.exactly(single, heredoc.name)]
        if not text.startswith(("http://", "https://")):
            return await to_its_end(_find, tree, text, not instruction.from_)
        if not instruction.add:
            raise BadParameter("source can't be a URL for COPY", "ADD can fetch an address.")
        single = await self.fetcher.file(text, instruction.target)
        found = sources.exactly(single, single.names("")[0])
        return [replace(found, whole=True)]

    async def _other(self, name: str) -> tuple[Stack, str]:
        try:
            known, image = self.results.get(name)
            if not known:
                image = await self.fetcher.image(name)
        except DockerlabError as error:
            raise BadParameter(
                f"invalid from flag value {name}: {error.message}", error.hint
            ) from None
        layers = image.layers if image is not None else ()
        return Stack(self.services.layers, layers), "" if known or image is None else image.id

    def _written(self, instruction: Copy, found: list[Source]) -> Iterator[bytes]:
        """The layer of a COPY, in pieces; blocking."""
        stage = self.stage
        below = stage.tree(self.services.layers)
        owner: Owner | None = (0, 0)
        if instruction.owner:
            owner = owner_of(instruction.owner, lambda path: read(below, path))
        elif instruction.from_:
            owner = None
        draft = Draft(below)
        mode = _mode(instruction.mode)
        target = instruction.target
        if not target.startswith("/"):
            target = f"/{stage.section.get('WorkingDir') or ''}/{target}"
        with Copying(draft, owner, mode, instruction.add, self.run_folder) as copying:
            for source in found:
                copying.copy(source, target)
            yield from draft.pack()

    # -- the cache and the image

    def _probe(self, config: dict[str, Any], inputs: Inputs) -> Probe:
        stage = self.stage
        return Probe(
            parent=stage.image_id,
            config=config,
            inputs=inputs,
            base=stage.base,
            position=stage.position,
            family=stage.family,
            on_stage=stage.on_stage,
        )

    def _used(self, instruction: Instruction) -> dict[str, Any]:
        values = self.stage.arguments.values(self.stage.section.get("Env") or ())
        return {"arguments": used(values, instruction)}

    def _cached(self, probe: Probe) -> bool:
        found = self.cache.find(probe)
        image = self.services.images.by_id(found) if found else None
        if image is None:
            if self.output.traced:
                self.made.reason = self.made.reason or self.cache.why(probe)
            self.made.cached, self._probed = False, probe
            return False
        self.output.say(" ---> Using cache\n")
        self.stage.image = image
        if not self.made.layer:  # else a trigger before it had to be carried out
            self.made.cached = True
        return True

    async def _commit(
        self,
        diff: Iterable[bytes] | None,
        config: Mapping[str, Any],
        container: str,
        take: Take | None = None,
    ) -> None:
        self.stage.image = await to_its_end(self._image, diff, config, container, take)

    def _image(
        self,
        diff: Iterable[bytes] | None,
        config: Mapping[str, Any],
        container: str,
        take: Take | None,
    ) -> Image:
        stage = self.stage
        image = self.services.images.commit(
            stage.image,
            diff,
            copy.deepcopy(stage.section),
            author=stage.author,
            parent=stage.image_id,
            container=container,
            created_by=" ".join(config["Cmd"]),
            container_config=dict(config),
            take=take,
        )
        if len(image.layers) > len(stage.layers):
            self.made.layer = image.layers[-1].diff_id
            self.made.added = image.layers[-1].size
        if self._probed is not None:
            self.records.keep(self._probed, image.id)
        return image


def _cleared(view: AbstractContextManager[Path], targets: list[str]) -> None:
    with view as root:
        clear(root, targets)


def _find(tree: Tree, text: str, context: bool) -> list[Source]:
    return sources.find(tree, text, context=context)


def _mode(text: str) -> int | None:
    if not text:
        return None
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o7777:
        raise BadParameter(
            f"invalid chmod parameter: '{text}'", "Write it in octal digits, such as --chmod=755."
        )
    return mode
