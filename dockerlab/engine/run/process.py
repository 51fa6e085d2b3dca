"""What it takes to run a container, as plain data, and who runs it, as Protocols.

Words used here, one meaning each:

container   what Docker calls so; may be stopped
process     the container's first process, while it runs
shim        the small process beside each container that owns its process, its pipes or
            terminal, its log and its exit code, and outlives the engine
isolation   how the shim shuts a process in: namespaces or proot
runtime     the engine's side: starts shims and talks to them

All specs travel from the engine to the shim as JSON (``encode``/``decode``).
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

from dockerlab.engine.errors import BadParameter
from dockerlab.engine.store.rootfs import Rootfs as Rootfs


@dataclass(frozen=True, slots=True)
class Mount:
    """A bind or tmpfs mount; ``source`` is a host path (binds), ``target`` one inside."""

    kind: Literal["bind", "tmpfs"]
    target: str
    source: str = ""
    read_only: bool = False
    options: str = ""
    """tmpfs only: ``size=1m,mode=1777`` as mount(2) takes it."""
    beneath: tuple[str, ...] = ()
    """Binds only: folders, to below one of which the source must lead; none: anywhere."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One network card of a container, e.g. eth0 with 172.17.0.2/16 on bridge ``docker0``."""

    name: str
    bridge: str
    network_id: str
    address: str
    """IPv4 with prefix length: ``172.17.0.2/16``."""
    gateway: str
    mac: str


@dataclass(frozen=True, slots=True)
class Network:
    """``mode`` is bridge (any number of interfaces), none, host or container (``of`` = its id)."""

    mode: Literal["bridge", "none", "host", "container"] = "none"
    interfaces: tuple[Interface, ...] = ()
    of: str = ""
    resolver: bool = False
    """Whether there is a name server at 127.0.0.11 from the start."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Zero means no limit. Memory in bytes, cpus in units of 1e-9 of a core."""

    memory: int = 0
    memory_swap: int = 0
    nano_cpus: int = 0
    cpu_shares: int = 0
    pids: int = 0


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A program to start in a container: its first one, or one by exec."""

    args: tuple[str, ...]
    env: tuple[str, ...] = ()
    """``NAME=value`` each; complete (PATH, HOSTNAME, HOME, TERM were added by the engine)."""
    cwd: str = "/"
    user: str = ""
    """As Docker takes it: ``""``, ``uid``, ``name``, ``uid:gid``, ``name:group``."""
    groups: tuple[str, ...] = ()
    tty: bool = False
    open_stdin: bool = False
    stdin_once: bool = False
    privileged: bool = False
    console: tuple[int, int] = (0, 0)
    """Rows and columns of the terminal; zeros: unknown."""


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """Everything the shim needs to start a container."""

    id: str
    directory: str
    """The container's own folder: shim.sock, log.jsonl, exit.json live there."""
    process: ProcessSpec
    rootfs: Rootfs
    hostname: str = ""
    domainname: str = ""
    mounts: tuple[Mount, ...] = ()
    network: Network = field(default_factory=Network)
    limits: Limits = field(default_factory=Limits)
    init: bool = False
    read_only: bool = False
    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    sysctls: dict[str, str] = field(default_factory=dict)
    shm_size: int = 64 << 20
    ulimits: tuple[tuple[str, int, int], ...] = ()
    """(name, soft, hard), names as in setrlimit without RLIMIT_, lower case."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended. ``code`` as the shell counts it: 137 for SIGKILL."""

    code: int
    finished_at: float
    """Unix time, seconds."""
    oom_killed: bool = False
    error: str = ""


class StartError(BadParameter):
    """The program could not be started: 127 not found, 126 not executable, 128 otherwise."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class ExecProcess(Protocol):
    """A program started by exec. The caller owns the descriptors and closes them."""

    pid: int
    stdin: int
    """Descriptor to write to, or -1. With a tty, stdin and stdout are the same master."""
    stdout: int
    stderr: int
    """-1 with a tty."""

    async def wait(self) -> int: ...
    def resize(self, rows: int, columns: int) -> None: ...


class Process(Protocol):
    """A running container's first process, as the engine holds it."""

    pid: int
    """Of the first process, as the host counts."""
    started_at: float

    async def wait(self) -> Exit:
        """Wait for the end; any number of callers, also after the end."""
        ...

    @property
    def ended(self) -> Exit | None:
        """How it ended, or None as long as it runs. Its log is complete then."""
        ...

    def wake(self) -> Callable[[], Awaitable[None]]:
        """A function for one follower of the log: returns when there is more, or at the end."""
        ...

    async def signal(self, number: int) -> None: ...
    async def pause(self) -> None: ...
    async def resume(self) -> None: ...
    async def resize(self, rows: int, columns: int) -> None: ...
    async def update(self, limits: Limits) -> None: ...
    async def exec(self, spec: ProcessSpec) -> ExecProcess:
        """Start another program inside.

        Raises StartError (126/127) when it cannot be executed.
        """
        ...

    async def write_stdin(self, data: bytes) -> None:
        """Write to the first process's stdin, waiting while its pipe is full."""
        ...

    async def close_stdin(self) -> None: ...
    async def processes(self) -> list[int]:
        """Pids of all processes inside, as the host counts, first process first."""
        ...

    async def usage(self) -> dict[str, Any]:
        """Raw numbers for stats: memory, memory_max, cpu_ns, pids, io, networks {name: …}."""
        ...

    async def resolver(self) -> list[socket.socket]:
        """The UDP and the TCP socket of its name server; made when there are none yet.

        Raises ServerError.
        """
        ...

    def root(self) -> str:
        """A path of this host under which the container's files are seen while it runs."""
        ...


class Runtime(Protocol):
    """Starts containers in one way of isolating them."""

    name: Literal["namespaces", "proot"]

    @property
    def limitations(self) -> tuple[str, ...]:
        """What this mode cannot do on this machine, a plain sentence each (for doctor, info)."""
        ...

    @property
    def overlay(self) -> bool:
        """True: Rootfs must be given as layers; False: as one complete directory."""
        ...

    def warnings(self, spec: ContainerSpec) -> list[str]:
        """What of this container will not be as asked for, a sentence each (for create)."""
        ...

    async def start(self, spec: ContainerSpec) -> Process:
        """Start the container.

        Raises StartError when its program cannot be executed.
        """
        ...

    async def connect(self, process: Process, card: Interface, gateway: str) -> None:
        """Give a container that runs one more network card.

        ``gateway``: where its default route leads from then on; empty: nowhere.
        """
        ...

    async def disconnect(self, process: Process, card: str, gateway: str) -> None:
        """Take the network card of this name from a container that runs."""
        ...

    async def adopt(self, directory: str) -> Process | Exit | None:
        """Find a container again after the engine itself was restarted.

        Its process if it still runs, how it ended if it ended meanwhile, None if it never ran.
        """
        ...

    async def close(self) -> None:
        """Let go of everything but the containers."""
        ...


def encode(spec: Any) -> dict[str, Any]:
    """A spec as JSON-able data."""
    return asdict(spec)


def decode_process(data: dict[str, Any]) -> ProcessSpec:
    """The inverse of ``encode`` for a ProcessSpec."""
    tuples = {k: tuple(data[k]) for k in ("args", "env", "groups", "console")}
    return ProcessSpec(**{**data, **tuples})


def decode_container(data: dict[str, Any]) -> ContainerSpec:
    """The inverse of ``encode`` for a ContainerSpec."""
    rootfs, network = data["rootfs"], data["network"]
    return ContainerSpec(
        **{
            **data,
            "process": decode_process(data["process"]),
            "rootfs": Rootfs(**{**rootfs, "lower": tuple(rootfs["lower"])}),
            "mounts": tuple(Mount(**{**m, "beneath": tuple(m["beneath"])}) for m in data["mounts"]),
            "network": Network(
                **{**network, "interfaces": tuple(Interface(**i) for i in network["interfaces"])}
            ),
            "limits": Limits(**data["limits"]),
            "cap_add": tuple(data["cap_add"]),
            "cap_drop": tuple(data["cap_drop"]),
            "ulimits": tuple((n, s, h) for n, s, h in data["ulimits"]),
        }
    )
