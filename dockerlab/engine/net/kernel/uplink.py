"""The containers' way out to the world: slirp4netns, an ordinary program on the host's network.

It takes the packets that the keeper's namespace sends out by a card of its making and makes them
connections of its own, with no privilege and nothing changed on the host. The host's loopback
addresses are out of its reach. It is started for the first container that has use for it, ends
with the keeper (which holds its life line), and so survives the engine like the containers do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from ipaddress import IPv4Network
from pathlib import Path

from dockerlab.engine.net.kernel.forwarding import CARD
from dockerlab.engine.net.kernel.keeper import Keeper

log = logging.getLogger(__name__)

PROGRAM = "slirp4netns"
_TOOLS = Path(sys.prefix) / "share" / "dockerlab" / "tools" / "usr"
"""Where the set-up unpacks what the machine lacks."""
_DEVICE = "/dev/net/tun"
_PATIENCE = 5.0
_PAUSE = 30.0
"""Seconds until another attempt after one that failed: no container may wait for each."""
_CONNECTIONS = 1024
"""Each takes the program a descriptor and up to 256 kB."""
_RANGES = ("169.254.187.0/24", "198.51.100.0/24", "10.0.2.0/24")
"""For the two ends of the link: the first that the host has no route to. What the host would find
there, containers cannot reach; so these are out of the way (link-local, documentation)."""
_ROUTES = "/proc/net/route"
_NO_PING = (
    "ping gets no answer from outside, where other programs do: allow it with "
    "sudo sysctl -w net.ipv4.ping_group_range='0 2147483647'."
)
_OPTIONS = (
    "--netns-type=path",
    "--mtu=1500",
    "--disable-host-loopback",
    "--disable-dns",
    "--enable-sandbox",
    "--enable-seccomp",
)


class UplinkFailed(Exception):
    """There is no way out; the text says why."""


def program() -> str:
    """By $DOCKERLAB_SLIRP4NETNS, else in PATH, else where the set-up unpacked it; empty: none."""
    own = str(_TOOLS / "bin" / PROGRAM)
    named = os.environ.get("DOCKERLAB_SLIRP4NETNS") or shutil.which(PROGRAM) or own
    return named if os.access(named, os.X_OK) else ""


def missing() -> str:
    """What keeps containers from a way out on this machine, with the remedy; empty: nothing."""
    if not program():
        return f"install the package {PROGRAM} and start the engine again"
    if not os.path.exists(_DEVICE):
        return "load the kernel's module tun (sudo modprobe tun)"
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return f"this account may not open {_DEVICE} (sudo chmod 666 {_DEVICE} allows it)"
    return ""


def alone() -> bool:
    """Whether this machine's own network is its loopback: nothing leads out of it."""
    cards = {line.split()[-1] for line in _read("/proc/net/if_inet6").splitlines()}
    return not _read(_ROUTES).splitlines()[1:] and cards <= {"lo"}


def limitations() -> tuple[str, ...]:
    """What containers cannot reach here, in sentences."""
    if problem := missing():
        return (
            "Containers cannot reach the internet (each other and published ports they can): "
            f"{problem}. With --network host they reach it.",
        )
    return () if _may_ping() else (_NO_PING,)


def _may_ping() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP).close()
    except PermissionError:
        return False
    except OSError:
        pass
    return True


class Uplink:
    """One for all containers of the engine. Without a keeper there is nothing to do."""

    def __init__(self, keeper: Keeper | None) -> None:
        self._keeper = keeper
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = asyncio.Lock()
        self._failed = 0.0
        self._told = ""

    async def ready(self) -> None:
        """Return when there is a way out, or can be none: that is for the log, not an error."""
        if self._keeper is None:
            return
        async with self._lock:
            if self._failed and time.monotonic() - self._failed < _PAUSE:
                return
            try:
                if not self._keeper.has_uplink():
                    await self._begin(self._keeper)
                self._failed = 0.0
            except (OSError, UplinkFailed) as error:
                self._failed = time.monotonic()
                if self._told != str(error):
                    self._told = str(error)
                    log.warning("containers cannot reach the internet: %s", error)

    def close(self) -> None:
        """After the keeper has ended, and the uplink with it."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)

    async def _begin(self, keeper: Keeper) -> None:
        if problem := missing():
            raise UplinkFailed(problem)
        if self._process is not None:
            self._process.poll()  # collects the one that has ended
        link = free_range(_read(_ROUTES))
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._process = await _start(keeper, link, theirs.fileno())
            process = os.pidfd_open(self._process.pid)
            try:
                keeper.open_uplink(str(link[100]), str(link[2]), ours.fileno(), process)
            finally:
                os.close(process)
        # An error leaves nobody at our end of the life line, and the process ends.


async def _start(keeper: Keeper, link: IPv4Network, life_line: int) -> subprocess.Popen[bytes]:
    """The program at work, its card in the keeper's namespace. Raises UplinkFailed."""
    with contextlib.ExitStack() as stack:
        namespaces = keeper.namespaces()
        ready, told = os.pipe()
        errors, complaints = os.pipe()
        for fd in (*namespaces.values(), ready, errors):
            stack.callback(os.close, fd)
        try:
            process = _spawn(link, namespaces["net"], life_line, told, complaints)
        finally:
            os.close(told)
            os.close(complaints)
        if await _first_byte(ready) != b"1":
            process.kill()
            process.wait()
            raise UplinkFailed(_complaint(errors))
        return process


def _spawn(
    link: IPv4Network, netns: int, life_line: int, told: int, complaints: int
) -> subprocess.Popen[bytes]:
    words = [f"--cidr={link}", f"--exit-fd={life_line}", f"--ready-fd={told}"]
    path = program()
    environment = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    if path.startswith(str(_TOOLS)):
        environment["LD_LIBRARY_PATH"] = ":".join(map(str, (_TOOLS / "lib").glob("*")))
    process = subprocess.Popen(
        [PROGRAM, *_OPTIONS, *words, f"/proc/self/fd/{netns}", CARD],
        executable=path,
        stdin=subprocess.DEVNULL,
        stdout=complaints,
        stderr=complaints,
        pass_fds=(netns, told, life_line),
        start_new_session=True,
        restore_signals=False,  # SIGPIPE stays ignored: nobody hears its complaints for long
        env=environment,
        cwd="/",
    )
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (_CONNECTIONS, _CONNECTIONS))
    return process


async def _first_byte(fd: int) -> bytes:
    """What comes first; empty if that is the end, or nothing comes for too long."""
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    loop.add_reader(fd, arrived.set)
    try:
        await asyncio.wait_for(arrived.wait(), _PATIENCE)
        return os.read(fd, 1)
    except TimeoutError:
        return b""
    finally:
        loop.remove_reader(fd)


def _complaint(fd: int) -> str:
    """The last line that the program, which has ended, wrote."""
    os.set_blocking(fd, False)
    lines: list[str] = []
    with contextlib.suppress(BlockingIOError):
        lines = os.read(fd, 1 << 16).decode(errors="replace").strip().splitlines()
    return f"{PROGRAM}: {lines[-1] if lines else 'it did not answer'}"


def free_range(routes: str) -> IPv4Network:
    """A range for the link that no route of the host's (``/proc/net/route``) leads to."""
    taken = []
    for line in routes.splitlines()[1:]:
        with contextlib.suppress(ValueError, IndexError):
            _, destination, *_, mask = line.split()[:8]
            address, bits = (int(socket.htonl(int(word, 16))) for word in (destination, mask))
            if bits:
                taken.append(IPv4Network((address, bits.bit_count())))
    ranges = [IPv4Network(text) for text in _RANGES]
    free = [each for each in ranges if not any(each.overlaps(other) for other in taken)]
    return (free or ranges)[0]


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
