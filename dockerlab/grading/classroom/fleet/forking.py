"""Forks of this process, which have loaded already what a new Python would take a while for."""

from __future__ import annotations

import gc
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import NoReturn


def possible() -> bool:
    """A fork of a process with threads could find a lock held, by nobody who is there."""
    return len(os.listdir("/proc/self/task")) == 1


class Forked:
    """Runs ``child`` and ends with its exit code; with as much of Popen's face as a hand has.

    It is a session of its own, has no input, and of the descriptors only those in ``kept``.
    """

    def __init__(self, child: Callable[[], int], kept: Collection[int]) -> None:
        # In the child the collector never looks at what there is: that would copy every page, and
        # tidy up garbage whose descriptors are others' by then.
        gc.freeze()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _be(child, kept)
        self._code: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, negative for a signal. Raises subprocess.TimeoutExpired."""
        if self._code is None:
            self._await(timeout)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def kill(self) -> None:
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def _await(self, timeout: float | None) -> None:
        end = os.pidfd_open(self.pid)
        try:
            if not select.select([end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a fork", timeout or 0)
        finally:
            os.close(end)


def _be(child: Callable[[], int], kept: Collection[int]) -> NoReturn:
    code = 1
    try:
        os.setsid()
        _let_go_of_all_but(kept)
        code = child()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _let_go_of_all_but(kept: Collection[int]) -> None:
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2 and descriptor not in kept:
            with suppress(OSError):  # the one of the list itself is closed already
                os.close(descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
