"""Signals all of the student's processes at once, in which nothing can be forked meanwhile.

This takes a process that may signal those only. Its effective user is the student, so the kernel
lets it; its real user is another, so the student cannot signal it in turn. It is there from the
start, as there may be no room for a new process when one is needed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from dockerlab.engine.run import kernel
from dockerlab.grading.classroom.dockerbox.inside.layout import Users

_PATIENCE = 15.0
_AGAIN = 0.005


class Guard:
    def __init__(self, users: Users) -> None:
        self._users = users
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            if os.fork() == 0:
                _guard(theirs, users)

    def signal(self, number: int) -> None:
        """Returns when it is done."""
        self._line.send(bytes([number]))
        self._line.recv(1)

    def end_all(self, reap: Callable[[], None]) -> None:
        """Returns when they have ended; ``reap`` takes note of those that have."""
        end = time.monotonic() + _PATIENCE
        while self._any_left() and time.monotonic() < end:
            self.signal(signal.SIGKILL)
            reap()
            time.sleep(_AGAIN)

    def _any_left(self) -> bool:
        """kill(-1) does not tell."""
        pids = map(int, filter(str.isdecimal, os.listdir("/proc")))
        return any(owner(pid) == self._users.student for pid in pids)


def owner(pid: int) -> int:
    """The real user of a process; -1 if it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("Uid:"):
                return int(line.split()[1])
    return -1


def _guard(line: socket.socket, users: Users) -> NoReturn:
    try:
        kernel.close_others([line.fileno()])
        os.setgroups([])
        os.setresgid(users.guard, users.guard, users.guard)
        os.setresuid(users.guard, users.student, users.guard)
        while order := line.recv(1):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(-1, order[0])
            line.send(order)
    finally:
        os._exit(1)
