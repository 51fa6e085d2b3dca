"""What is so at one moment, as plain records: a container's walls, an image's inside, a weight.

Collected by the client, drawn by the views; neither knows the other. Sizes are bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NAMESPACES = ("mnt", "pid", "net", "uts", "ipc", "user", "cgroup")


@dataclass(frozen=True, slots=True)
class Namespace:
    """One kind of namespace; host and container hold its inode number (0: not readable)."""

    kind: str
    host: int
    container: int

    @property
    def separate(self) -> bool | None:
        """Whether the container has one of its own; None when it could not be read."""
        if not self.host or not self.container:
            return None
        return self.host != self.container


@dataclass(frozen=True, slots=True)
class Limit:
    """A cgroup limit: asked for at ``run``, and what the kernel really enforces.

    ``asked`` and ``found`` are bytes, cores or processes; 0 means none. ``state``:
    ``free`` nothing was asked for, ``in-force`` the kernel has it, ``watched`` the engine looks
    after it by itself, ``refused`` this engine cannot set it, ``unknown`` it could not be read.
    """

    name: Literal["memory", "cpu", "pids"]
    asked: float
    found: float | None
    state: Literal["free", "in-force", "watched", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class IsolationReport:
    """Host and container side by side."""

    container: str
    image: str
    engine: str
    namespaces: tuple[Namespace, ...]
    limits: tuple[Limit, ...]
    host_name: str = ""
    container_name: str = ""
    """What ``hostname`` says inside."""
    host_processes: int = 0
    container_processes: int = 0
    kernel: str = ""
    same_kernel: bool = True
    """False where the engine runs in a Linux VM, as on a Mac or on Windows."""
    pretended: bool = False
    """The engine may use no namespaces and rewrites paths and addresses instead (PRoot)."""
    source: Literal["host", "inside"] = "host"
    """Read on the host from /proc/PID/ns, or asked inside by ``exec``."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of an image's history; most steps that only set metadata are empty."""

    created_by: str
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or directory near the top of an image: ``usr`` or ``usr/bin``.

    ``size`` and ``files`` of a directory count all that is below.
    """

    name: str
    size: int
    files: int
    kind: Literal["dir", "file", "link"] = "dir"
    target: str = ""


@dataclass(frozen=True, slots=True)
class ImageReport:
    """An image, opened."""

    name: str
    id: str
    size: int
    platform: str
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    workdir: str = ""
    user: str = ""
    volumes: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    """Oldest first."""
    entries: tuple[Entry, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one container costs, measured."""

    image: str
    engine: str
    starts: tuple[float, ...]
    """Milliseconds from the start request until the first process ran, one a try."""
    memory: int
    """Bytes that the running container's processes hold; 0 when not measurable."""
    disk: int
    """Bytes of the image."""
    kernel_host: str = ""
    kernel_container: str = ""

    @property
    def start(self) -> float:
        """The middle of the tries, milliseconds."""
        ordered = sorted(self.starts)
        return ordered[len(ordered) // 2] if ordered else 0.0
