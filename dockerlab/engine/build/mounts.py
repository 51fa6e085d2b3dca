"""``RUN --mount``: folders and files that are there while a command runs, and not in the image.

=======  =========================================================================
bind     files of the context, a stage or an image; what is written there is lost
cache    a folder that stays from build to build (``DIR/cache/mounts``)
tmpfs    an empty folder in memory
secret   a file or a variable that the client gave; never in image or history
ssh      refused by name: the classic API has no way to pass an agent on
=======  =========================================================================
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import posixpath
import re
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, cast

from dockerlab.engine.build.files import sources
from dockerlab.engine.build.files.copying import Copying
from dockerlab.engine.build.files.draft import Draft
from dockerlab.engine.build.files.stack import Stack
from dockerlab.engine.build.files.tree import Tree, resolve
from dockerlab.engine.build.incoming.fetching import Fetcher
from dockerlab.engine.build.leftovers import MOUNTS
from dockerlab.engine.build.stage import Results, Stage
from dockerlab.engine.errors import BadParameter, NotImplementedHere
from dockerlab.engine.store.confined import Confined
from dockerlab.engine.store.files import remove_tree
from dockerlab.engine.store.layers import Layers
from dockerlab.engine.store.packing import Chunks
from dockerlab.engine.store.tarfiles import Unpacker
from dockerlab.formats.dockerfile.instructions import Command, Mount, Run


@dataclass(slots=True)
class Prepared:
    """The mounts of one RUN. ``binds`` and ``tmpfs`` are as in HostConfig."""

    mounts: tuple[Mount, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    """What is bound from the context or a stage: it counts for the cache."""
    origins: list[tuple[Mount, sources.Source]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Targets that the image has not got: their empty places go after the run."""

    @property
    def counted(self) -> str:
        """What of them counts for the cache, in one line."""
        if not self.mounts:
            return ""
        shown = [
            (m.type, m.target, m.source, m.id, m.readonly, m.required, sorted(m.options.items()))
            for m in self.mounts
        ]
        # The files' digests are short ones, for the record; a source's is whole.
        found = [source.digest for _, source in self.origins]
        return f"{shown} {found} {sorted(self.files.items())}"


class Mounts:
    """Makes the mounts for the RUNs of one build."""

    def __init__(
        self,
        folder: Path,
        run: Path,
        layers: Layers,
        context: Tree,
        fetcher: Fetcher,
        secrets: Mapping[str, bytes],
        locks: dict[str, asyncio.Lock],
        *,
        users: bool,
    ) -> None:
        """``folder`` keeps what cache mounts hold, ``locks`` is shared by all builds.

        ``users``: containers have several; under PRoot all are the engine's own user.
        """
        self._folder, self._run, self._layers = folder, run, layers
        self._context, self._fetcher, self._secrets = context, fetcher, secrets
        self._locks = locks
        self._users = users

    async def prepare(self, instruction: Run, stage: Stage, results: Results) -> Prepared:
        """Look at the mounts of a RUN: what they are made of, and whether it is there."""
        found = Prepared(tuple(_complete(m, stage) for m in instruction.mounts))
        for mount in found.mounts:
            if mount.type == "ssh":
                raise NotImplementedHere(
                    "The embedded engine has no ssh mounts (RUN --mount=type=ssh).",
                    "Fetch with https in the RUN, or COPY what was fetched before the build.",
                )
            if mount.type == "bind":
                source = await self._source(mount, results)
                found.origins.append((mount, source))
                found.files |= source.files
        targets = [mount.target for mount in found.mounts]
        if _own_script(instruction):
            targets.append(_script_path(instruction))
        try:
            found.missing = await asyncio.to_thread(_missing, stage, self._layers, targets)
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise BadParameter(f"cannot mount to {error.filename}: {reason}") from None
        return found

    async def _source(self, mount: Mount, results: Results) -> sources.Source:
        tree, in_context = self._context, True
        if mount.from_:
            known, image = results.get(mount.from_)
            if not known:
                image = await self._fetcher.image(mount.from_)
            tree, in_context = Stack(self._layers, image.layers if image else ()), False
        path = mount.source or "."
        found = await asyncio.to_thread(sources.find, tree, path, context=in_context)
        if len(found) != 1:
            raise BadParameter(
                f"a bind mount is of one file or folder, and {len(found)} match {path[:200]}"
            )
        return found[0]

    @contextlib.asynccontextmanager
    async def made(self, prepared: Prepared, instruction: Run) -> Any:
        """The part of HostConfig that mounts them, and further variables, for one run."""
        async with contextlib.AsyncExitStack() as stack:
            scratch = Path(tempfile.mkdtemp(prefix=MOUNTS, dir=self._run))
            stack.push_async_callback(asyncio.to_thread, remove_tree, scratch)
            host: dict[str, Any] = {"Binds": [], "Tmpfs": {}}
            environment: list[str] = []
            for mount in prepared.mounts:
                if mount.type == "cache":
                    await self._cache(mount, host, stack)
                elif mount.type == "tmpfs":
                    size = mount.options.get("size", "")
                    host["Tmpfs"][mount.target] = f"size={size}" if size else ""
                elif mount.type == "secret":
                    self._secret(mount, host, environment, scratch)
            for mount, source in prepared.origins:
                place = scratch / str(len(host["Binds"]))
                await asyncio.to_thread(self._unpack, source, place)
                host["Binds"].append(_bind(place / _bare(source), mount))
            if executed := _own_script(instruction):
                (scratch / "script").write_text(executed)
                (scratch / "script").chmod(0o755)
                host["Binds"].append(f"{scratch / 'script'}:{_script_path(instruction)}:ro")
            yield host, environment

    async def _cache(
        self, mount: Mount, host: dict[str, Any], stack: contextlib.AsyncExitStack
    ) -> None:
        if mount.from_ or mount.source:
            raise NotImplementedHere(
                "The embedded engine begins a cache mount empty (without from= and source=)."
            )
        name = hashlib.sha256((mount.id or mount.target).encode()).hexdigest()[:32]
        if mount.options.get("sharing", "shared") != "shared":
            await stack.enter_async_context(self._locks.setdefault(name, asyncio.Lock()))
        place = self._folder / name
        owned = _owned(mount, "755")
        if not place.exists():
            place.mkdir(parents=True)
            self._give(place, *owned)
        host["Binds"].append(_bind(place, mount))

    def _secret(
        self, mount: Mount, host: dict[str, Any], environment: list[str], scratch: Path
    ) -> None:
        name = mount.id or posixpath.basename(mount.target)
        value = self._secrets.get(name)
        if value is None:
            if mount.required:
                raise BadParameter(
                    f"secret {name}: not found",
                    "Classic builds have no --secret; give it with lab.build(…, secrets={…}).",
                )
            return
        if variable := mount.options.get("env", ""):
            environment.append(f"{variable}={value.decode(errors='replace')}")
            return
        place = scratch / f"secret-{len(host['Binds'])}"
        place.write_bytes(value)
        self._give(place, *_owned(mount, "400"))
        host["Binds"].append(f"{place}:{mount.target}:ro")

    def _give(self, place: Path, mode: int, uid: int, gid: int) -> None:
        if self._users:
            # Where the engine's own user is the only one, all are that one inside as well.
            with contextlib.suppress(OSError):
                os.chown(place, uid, gid)
        place.chmod(mode)

    def _unpack(self, source: sources.Source, place: Path) -> None:
        """Write a source down, for a bind mount."""
        place.mkdir()
        draft = Draft(Stack(self._layers, ()))
        with Copying(draft, None, None, False, self._run) as copying:
            copying.copy(source, f"/{_bare(source)}")
        with Confined(place) as root:
            Unpacker(root).unpack(cast("IO[bytes]", Chunks(draft.pack())))


def _missing(stage: Stage, layers: Layers, targets: Iterable[str]) -> list[str]:
    """The places of mounts, with the folders on the way, that an image has not got; inner first."""
    below, found = stage.tree(layers), set[str]()
    for target in targets:
        real = resolve(below, target)
        while real and below.entry(real) is None:
            found.add(real)
            real = real.rpartition("/")[0]
    return sorted(found, key=len, reverse=True)


def _number(mount: Mount, name: str, usual: str, base: int, most: int) -> int:
    """A number among the options, which may have come from a variable. Raises BadParameter."""
    text = mount.options.get(name, usual)
    try:
        value = int(text, base)
    except ValueError:
        value = -1
    if not 0 <= value <= most:
        raise BadParameter(f"invalid value {text[:80]} for {name}")
    return value


def _owned(mount: Mount, mode: str) -> tuple[int, int, int]:
    """Mode, uid and gid that a mount asks for. Raises BadParameter."""
    uid, gid = (_number(mount, name, "0", 10, (1 << 32) - 2) for name in ("uid", "gid"))
    return _number(mount, "mode", mode, 8, 0o7777), uid, gid


def _bare(source: sources.Source) -> str:
    return "folder" if source.entry.is_dir else "file"


def _bind(place: Path, mount: Mount) -> str:
    return f"{place}:{mount.target}{':ro' if mount.readonly else ''}"


def _complete(mount: Mount, stage: Stage) -> Mount:
    """The mount with its target in full; that of a secret has a default."""
    target = mount.target
    if mount.type == "secret" and not target:
        target = f"/run/secrets/{mount.id}"
    if not target.startswith("/"):
        target = f"{stage.section.get('WorkingDir') or ''}/{target}"
    return replace(mount, target=posixpath.normpath(target))


def clear(root: Path, targets: list[str]) -> None:
    """Take the empty places of mounts out of a container's files again."""
    with Confined(root) as confined:
        for path in targets:
            with contextlib.suppress(OSError), confined.parent(path) as (folder, name):
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    os.rmdir(name, dir_fd=folder)
                elif not found.st_size:
                    os.unlink(name, dir_fd=folder)


def command(instruction: Run) -> Command:
    """What a RUN executes: its heredocs are input for the shell, or a program of their own."""
    if not instruction.heredocs:
        return instruction.command
    if _own_script(instruction):
        return Command(words=(_script_path(instruction),), shell=True)
    first = instruction.heredocs[0]
    line = " ".join(instruction.command.words)
    if _alone(instruction):
        return Command(words=(first.content,), shell=True)
    bodies = "".join(f"{h.content}{h.name}\n" for h in instruction.heredocs)
    return Command(words=(f"{line}\n{bodies}",), shell=True)


def _alone(instruction: Run) -> bool:
    words = " ".join(instruction.command.words).split()
    return len(words) == 1 and words[0].startswith("<<")


def _own_script(instruction: Run) -> str:
    """The text of ``RUN <<EOF`` that names its interpreter (``#!``), else empty."""
    if not instruction.heredocs or not _alone(instruction):
        return ""
    content = instruction.heredocs[0].content
    return content if content.startswith("#!") else ""


def _script_path(instruction: Run) -> str:
    """Where it is executed. The text counts: only the path gets into the cache's key."""
    name, digest = instruction.heredocs[0].name, hashlib.sha256(_own_script(instruction).encode())
    return f"/run/dockerlab-{re.sub(r'[^A-Za-z0-9_-]', '-', name)[:40]}-{digest.hexdigest()[:32]}"
