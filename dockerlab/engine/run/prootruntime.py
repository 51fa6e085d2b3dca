"""The runtime that needs no privilege, as the engine sees it; and what it cannot do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from typing import Literal

from dockerlab.engine.net import loopback
from dockerlab.engine.run.process import ContainerSpec, Exit, Interface, Process
from dockerlab.engine.run.proot import landlock, proot
from dockerlab.engine.run.proot.guest import scratch_of
from dockerlab.engine.run.runtimes import PUBLISHED, SpawningRuntime
from dockerlab.engine.run.shimclient import ShimProcess

_ROUNDS = 50

FACTORY = "dockerlab.engine.run.proot.proot:Proot"


class ProotRuntime(SpawningRuntime):
    """Containers by PRoot; their files are one complete directory each."""

    name: Literal["namespaces", "proot"] = "proot"
    overlay = False

    def __init__(self, root: str | os.PathLike[str]) -> None:
        super().__init__(root, FACTORY, proot.settings(os.path.abspath(root)))
        self._sweeps: set[asyncio.Task[None]] = set()

    def _keep(self, process: ShimProcess) -> ShimProcess:
        task = asyncio.create_task(self._sweep(process), name=f"sweep {process.pid}")
        self._sweeps.add(task)
        task.add_done_callback(self._sweeps.discard)
        return super()._keep(process)

    async def adopt(self, directory: str) -> Process | Exit | None:
        found = await super().adopt(directory)
        if isinstance(found, Exit) and found.error:
            kill_leftovers(directory)
        return found

    async def connect(self, process: Process, card: Interface, gateway: str) -> None:
        """Nothing to do: the supervisor reads in run/world.json who is where."""

    async def disconnect(self, process: Process, card: str, gateway: str) -> None:
        """The same."""

    async def close(self) -> None:
        for task in self._sweeps:
            task.cancel()
        await super().close()

    async def _sweep(self, process: ShimProcess) -> None:
        """Should the shim be killed, nobody else would end what it supervised."""
        if (await process.wait()).error:
            kill_leftovers(process.directory)

    @property
    def limitations(self) -> tuple[str, ...]:
        return (*limitations(), PUBLISHED)

    def warnings(self, spec: ContainerSpec) -> list[str]:
        return unsupported(spec)


def kill_leftovers(directory: str) -> None:
    """End all PRoots of the container in this folder, and before them what they trace.

    Blocks for some milliseconds.
    """
    shutil.rmtree(scratch_of(directory), ignore_errors=True)
    for _ in range(_ROUNDS):  # they may fork meanwhile
        inside = _inside(os.path.realpath(directory))
        tracers = {_tracer(pid) for pid in inside} - {0}
        traced = [pid for pid in inside if pid not in tracers]
        for pid in traced or inside:
            _kill(pid)
        if not inside:
            return
        time.sleep(0.005)


def _inside(directory: str) -> list[int]:
    """All whose real working directory is the container's: PRoot only pretends to change it."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit() and os.readlink(f"/proc/{name}/cwd").startswith(f"{directory}/"):
                found.append(int(name))
    return found


def _tracer(pid: int) -> int:
    _, _, rest = _read(f"/proc/{pid}/status").partition(b"TracerPid:")
    return int(rest.split(None, 1)[0]) if rest else 0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def limitations() -> tuple[str, ...]:
    """What this mode cannot do on this machine, a plain sentence each."""
    walls = (
        "Containers see the machine's processes in ps and /proc, and their own pids there "
        "(the first process is not number 1, though `kill 1` means it). They can signal only "
        "their own.",
        "Containers share the machine's network: each has an address of its own on the loopback "
        "(172.17.0.2 is really 127.x.y.2). What accept() and recvfrom() say, `ip addr` and "
        "`netstat` show the real one, and so does nslookup of the name server's port. IPv6 inside "
        "a container is not there.",
        "A program that listens on 127.0.0.1 inside is reached by others too, as if it listened on "
        "0.0.0.0; with Docker Engine it would not be.",
        "Networks are kept apart by a supervisor that a hostile program could trick; it is for "
        "learning, not for running what you do not trust.",
        "Every system call costs more: programs start two to ten times slower than with "
        "namespaces.",
        "Root in a container is only pretended: chown, mknod of devices and mount do nothing.",
        "There is no limit on the CPU: --cpus and --cpu-shares are ignored.",
        "A limit on memory (-m) is not the kernel's: it is looked at ten times a second, and the "
        "largest process is killed above it.",
        "A tmpfs is a plain folder (its size is not limited), and --shm-size is ignored.",
        "A unix socket is reached by what was started by the program that made it, and by "
        "`docker exec` only if its real path has less than 108 bytes.",
        "Programs for 32 bits, io_uring, and seccomp filters of a program's own do not work.",
    )
    moved = (
        f"Ports below {loopback.lowest_port()} may not be bound here: port 80 of a container is "
        f"really {loopback.SHIFT + 80}, which only netstat shows.",
    )
    unwalled = (
        "This kernel has no Landlock: read-only mounts (-v …:ro, --read-only) can be written to, "
        "and only PRoot itself keeps a container in its folder.",
    )
    return (
        walls
        + (moved if loopback.lowest_port() > 1 else ())
        + (() if landlock.version() else unwalled)
    )


def unsupported(spec: ContainerSpec) -> list[str]:
    """What of this container will not be as asked for: warnings for create."""
    walled = landlock.version() > 0
    limits = spec.limits
    wanted = {
        "Processor limits are ignored: this engine has no cgroups here.": bool(
            limits.nano_cpus or limits.cpu_shares
        ),
        "The memory limit is checked ten times a second, not enforced by the kernel.": bool(
            limits.memory
        ),
        "The size of a tmpfs is not limited here.": any(
            m.kind == "tmpfs" and "size=" in m.options for m in spec.mounts
        ),
        "Read-only mounts can be written to here: the kernel has no Landlock.": not walled
        and (spec.read_only or any(m.read_only for m in spec.mounts)),
        "--privileged and --cap-add give nothing here: the engine has no privileges itself.": (
            spec.privileged or bool(spec.cap_add)
        ),
        "Sysctls cannot be set without namespaces and are ignored.": bool(spec.sysctls),
        "--group-add has no effect here: the engine may not change groups.": bool(
            spec.process.groups
        ),
    }
    return [text for text, applies in wanted.items() if applies]
