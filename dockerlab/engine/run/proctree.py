"""What /proc says about processes: who descends from whom, when one started, what it uses."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def descendants(roots: Iterable[int]) -> list[int]:
    """The roots that live, in their order, each followed by what descends from it.

    Processes can come and go meanwhile: a picture, not a promise.
    """
    found: dict[int, None] = {}
    waiting = list(roots)[::-1]
    while waiting:
        pid = waiting.pop()
        if pid in found or not alive(pid):
            continue
        found[pid] = None
        waiting += children(pid)[::-1]
    return list(found)


def children(pid: int) -> list[int]:
    """The children of all threads of a process."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += [int(word) for word in read(f"/proc/{pid}/task/{thread}/children").split()]
    return found


def alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    return _fields(pid)[:1] not in ([], ["Z"], ["X"])


def with_argument(*words: str) -> list[int]:
    """The processes that have all these words on their command lines, each as it is."""
    wanted = {os.fsencode(word) for word in words}
    pids = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return [
        pid
        for pid in pids
        if wanted <= set(read(f"/proc/{pid}/cmdline").split(b"\0")) and alive(pid)
    ]


def start_time(pid: int) -> int:
    """When it started, in clock ticks since boot; 0 if there is none. With it a pid is unique."""
    fields = _fields(pid)
    return int(fields[19]) if fields else 0


def cpu_ns(pid: int) -> int:
    """Processor time used, in nanoseconds, without that of children."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) * (10**9 // _TICKS) if fields else 0


def memory(pid: int) -> int:
    """Resident memory in bytes."""
    fields = _fields(pid)
    return int(fields[21]) * _PAGE if fields else 0


def traffic(pid: int) -> dict[str, dict[str, int]]:
    """Per network card that the process sees (without lo): what /proc/net/dev counts."""
    cards: dict[str, dict[str, int]] = {}
    for line in read(f"/proc/{pid}/net/dev").decode().splitlines()[2:]:
        name, _, numbers = line.partition(":")
        n = [int(word) for word in numbers.split()]
        if name.strip() != "lo" and len(n) >= 12:
            cards[name.strip()] = {
                "rx_bytes": n[0],
                "rx_packets": n[1],
                "rx_errors": n[2],
                "rx_dropped": n[3],
                "tx_bytes": n[8],
                "tx_packets": n[9],
                "tx_errors": n[10],
                "tx_dropped": n[11],
            }
    return cards


def read(path: str) -> bytes:
    """A small file of /proc or /sys at once; empty if it cannot be read.

    Without the five system calls that open() adds.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        parts = []
        while part := os.read(descriptor, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    except OSError:  # the process has just ended
        return b""
    finally:
        os.close(descriptor)


def _fields(pid: int) -> list[str]:
    """/proc/PID/stat from the state on (the name before it may contain anything)."""
    return read(f"/proc/{pid}/stat").rpartition(b")")[2].decode().split()
