"""A limit on memory without cgroups: look now and then, and end the largest process."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
from collections.abc import Callable

from dockerlab.engine.run import proctree

_INTERVAL_NS = 100_000_000
_CLOCK_MONOTONIC = 1

_libc = ctypes.CDLL(None, use_errno=True)


class MemoryWatch:
    """Watches the resident memory of ``processes``; ``limit`` in bytes, 0 for none.

    ``descriptor`` becomes readable when it is time to ``check``; -1 without a limit.
    """

    def __init__(self, limit: int, processes: Callable[[], list[int]]) -> None:
        self.limit = limit
        self.highest = 0
        self.killed = False
        self.descriptor = _timer() if limit else -1
        self._processes = processes

    def check(self) -> None:
        os.read(self.descriptor, 8)
        sizes = {pid: proctree.memory(pid) for pid in self._processes()}
        total = sum(sizes.values())
        self.highest = max(self.highest, total)
        if self.limit and total > self.limit:
            self.killed = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(max(sizes, key=lambda pid: sizes[pid]), signal.SIGKILL)

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def _timer() -> int:
    descriptor = int(_libc.timerfd_create(_CLOCK_MONOTONIC, os.O_CLOEXEC | os.O_NONBLOCK))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "timerfd_create")
    every = struct.pack("qqqq", 0, _INTERVAL_NS, 0, _INTERVAL_NS)
    if _libc.timerfd_settime(descriptor, 0, every, None) < 0:
        raise OSError(ctypes.get_errno(), "timerfd_settime")
    return descriptor
