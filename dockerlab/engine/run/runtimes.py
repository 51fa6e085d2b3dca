"""Starting containers: the spawner as the engine holds it, and the runtime with namespaces."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from dockerlab.engine.net.kernel import uplink
from dockerlab.engine.run import kernel, shimclient, spawnerclient
from dockerlab.engine.run.namespaces import cgroups, hotplug
from dockerlab.engine.run.process import (
    ContainerSpec,
    Exit,
    Interface,
    Process,
    StartError,
    encode,
)
from dockerlab.engine.run.program.program import single_user
from dockerlab.engine.run.shimclient import ShimProcess
from dockerlab.engine.run.spawnerclient import Spawner
from dockerlab.engine.threads import to_its_end

_LINE_LIMIT = 4 << 20
PUBLISHED = (
    "A published port (-p 8080:80) is open on this machine only, at 127.0.0.1; Docker Engine opens "
    "it to the whole network. -p 0.0.0.0:8080:80 does the same here."
)
_ONE_USER = (
    "All files in a container have one owner, and a program that changes its user (su, nginx's "
    "workers) only seems to: this account has only one user id (for more, install uidmap and add "
    "a line to /etc/subuid and /etc/subgid)."
)
_NAMES = (
    "In a network of your own, port 53 of a container belongs to its name server (127.0.0.11): a "
    "name server that you run has to listen at the container's own address, not at 0.0.0.0."
)
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "DOCKERLAB_PROOT")
"""All of the engine's environment that goes further. A shim's memory is nearest to a container,
and what the engine was started with (tokens, say) has no business there."""
_ONE_GROUP = "--group-add has no effect here: this account has only one group id."


class SpawningRuntime:
    """Starts shims by a spawner of its own, whatever way they isolate.

    ``factory`` names the isolation as ``module:attribute``, ``options`` goes to it as JSON.
    The spawner is started with the first container (or by ``prepare``), and again when it died.
    """

    def __init__(self, root: str | os.PathLike[str], factory: str, options: dict[str, Any]) -> None:
        self._root = Path(root)
        self._factory = factory
        self._options = options
        self._spawner: Spawner | None = None
        self._processes: set[ShimProcess] = set()

    async def prepare(self) -> None:
        """Start the spawner now, so that the first container need not wait for it."""
        self._ensure_spawner()

    async def start(self, spec: ContainerSpec) -> Process:
        request = {"spec": encode(spec), "options": self._options}
        line = json.dumps(request).encode() + b"\n"
        try:
            return self._keep(await self._start(spec.directory, line))
        except ConnectionError as error:
            await asyncio.sleep(0.05)  # a process that is ending closes its sockets first
            if self._spawner is not None and self._spawner.lives:
                raise StartError(f"failed to create shim task: {error}: unknown", 128) from None
        # The spawner was ended before it forked: nobody holds the other end any more.
        return self._keep(await self._start(spec.directory, line))

    async def _start(self, directory: str, request: bytes) -> ShimProcess:
        """Raises StartError as the shim says, ConnectionError if there is none."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._pass_on(theirs)
        ours.setblocking(False)
        reader, writer = await asyncio.open_unix_connection(sock=ours, limit=_LINE_LIMIT)
        process = ShimProcess(directory, reader, writer)
        try:
            writer.write(request)
            await writer.drain()
            await process.begin()
        except BaseException:
            writer.close()
            raise
        return process

    async def adopt(self, directory: str) -> Process | Exit | None:
        found = await shimclient.adopt(directory)
        return self._keep(found) if isinstance(found, ShimProcess) else found

    async def close(self) -> None:
        """Let go of everything but the containers, which go on."""
        for process in list(self._processes):
            await process.close()
        self._processes.clear()
        self._end_spawner()

    def _keep(self, process: ShimProcess) -> ShimProcess:
        self._processes = {p for p in self._processes if p.ended is None}
        self._processes.add(process)
        return process

    def _pass_on(self, channel: socket.socket) -> None:
        """Have a shim forked that listens on ``channel``."""
        for attempt in range(2):
            try:
                self._ensure_spawner().fork(channel)
                return
            except OSError as error:
                self._end_spawner()
                if attempt:
                    text = f"failed to create shim task: spawner: {error.strerror}: unknown"
                    raise StartError(text, 128) from None

    def _ensure_spawner(self) -> Spawner:
        if self._spawner is not None and not self._spawner.lives:
            self._end_spawner()
        if self._spawner is None:
            self._spawner = self._start_spawner()
        return self._spawner

    def _start_spawner(self) -> Spawner:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        with self._interpreter() as (path, needed):
            log = self._root / "engine.log"
            return spawnerclient.start(path, needed, self._factory, environment, log)

    def _interpreter(self) -> contextlib.AbstractContextManager[tuple[str, list[int]]]:
        """A path by which to execute Python while the block runs, and descriptors it needs."""
        return contextlib.nullcontext((sys.executable, []))

    def _end_spawner(self) -> None:
        if self._spawner is not None:
            self._spawner.end()
            self._spawner = None


class NamespacesRuntime(SpawningRuntime):
    """Containers in Linux namespaces; their files are an overlay of the image's layers."""

    name: Literal["namespaces", "proot"] = "namespaces"
    overlay = True

    def __init__(
        self,
        root: str | os.PathLike[str],
        keeper: str = "",
        *,
        outside: bool = True,
        spawner: socket.socket | None = None,
    ) -> None:
        """``keeper``: the path of the keeper's socket, for bridge networks.

        ``outside``: whether containers may have a way out, if there can be one. ``spawner``: the
        way to a warm one of a template's; when that has ended, one is started here.
        """
        self._keeper = keeper
        self._outside = outside
        options = {"keeper": keeper}
        super().__init__(root, "dockerlab.engine.run.namespaces.namespaces:Namespaces", options)
        if spawner is not None:
            self._spawner = Spawner(spawner)
            self._spawner.write_to(self._root / "engine.log")

    @contextlib.contextmanager
    def _interpreter(self) -> Iterator[tuple[str, list[int]]]:
        """By a mount of its own that is read-only.

        A container can execute ``/proc/self/exe``, which until then is our Python, and so get
        hold of that file: it must not be able to write to it, nor to change its mode.
        """
        mount = kernel.clone_mount(os.path.realpath(sys.executable), recursive=False)
        try:
            kernel.set_attributes(mount, kernel.MOUNT_RDONLY)
            yield f"/proc/self/fd/{mount}", [mount]
        finally:
            os.close(mount)

    async def connect(self, process: Process, card: Interface, gateway: str) -> None:
        await to_its_end(hotplug.plug, self._keeper, process.pid, card, gateway)

    async def disconnect(self, process: Process, card: str, gateway: str) -> None:
        await to_its_end(hotplug.unplug, process.pid, card, gateway)

    @property
    def limitations(self) -> tuple[str, ...]:
        found = (*cgroups.limitations(cgroups.find()), PUBLISHED, _NAMES)
        way_out = uplink.limitations() if self._outside else ()
        return (*found, *way_out, *([_ONE_USER] if single_user() else []))

    def warnings(self, spec: ContainerSpec) -> list[str]:
        found = cgroups.discarded(spec.limits, cgroups.find())
        return [*found, _ONE_GROUP] if spec.process.groups and single_user() else found
