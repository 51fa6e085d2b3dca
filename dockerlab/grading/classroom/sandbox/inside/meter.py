"""What the processes of a box use, as its first process sees them in /proc.

They are told apart by pid namespace: the box's own, with the engine and what belongs to it; the
student's; and that of each container.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from dockerlab.engine.run import proctree

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Group:
    """The processes of one pid namespace."""

    pids: list[int] = field(default_factory=list)
    threads: int = 0
    resident: int = 0
    """Bytes; what several processes share counts for each of them."""
    cpu: float = 0.0
    """Seconds, with what ended children of them have used."""

    @property
    def memory(self) -> int:
        """Bytes, with what is shared divided among those who share it. Takes its time."""
        return sum(map(_proportional, self.pids))


@dataclass
class Reading:
    """One look. ``cpu``: seconds, with what ended processes have used."""

    groups: dict[str, Group] = field(default_factory=dict)
    cpu: float = 0.0

    @property
    def threads(self) -> int:
        return sum(group.threads for group in self.groups.values())

    @property
    def resident(self) -> int:
        return sum(group.resident for group in self.groups.values())

    @property
    def memory(self) -> int:
        return sum(group.memory for group in self.groups.values())


def read(belongs: Callable[[int], str] | None = None) -> Reading:
    """``belongs`` names the group of a process; by default its pid namespace."""
    reading = Reading()
    for name in os.listdir("/proc"):
        if name.isdecimal():
            _add(reading, int(name), belongs or namespace)
    return reading


def namespace(pid: int) -> str:
    """Which pid namespace a process is in; empty if it is gone, or cannot be told."""
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/ns/pid")
    return ""


def _add(reading: Reading, pid: int, belongs: Callable[[int], str]) -> None:
    fields = proctree.read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    if len(fields) < 22:
        return
    cpu = sum(map(int, fields[11:15])) / _TICKS
    reading.cpu += cpu
    group = reading.groups.setdefault(belongs(pid), Group())
    group.cpu += cpu
    group.pids.append(pid)
    group.threads += int(fields[17])
    group.resident += int(fields[21]) * _PAGE


def _proportional(pid: int) -> int:
    """Bytes; those of all its pages where it hides how many it shares."""
    for line in proctree.read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) << 10
    return proctree.memory(pid)
