"""The process behind ``docker run --init``: pid 1 that reaps orphans and passes signals on.

Linux treats pid 1 specially: signals without a handler do nothing to it, and orphans become its
children. Most programs expect neither. This stays the process that the shim forked, so there is
no file to put into the container; it only shows itself as ``/sbin/docker-init``.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from typing import NoReturn

from dockerlab.engine.run import kernel

_NOT_PASSED_ON = {
    signal.SIGCHLD,
    signal.SIGKILL,
    signal.SIGSTOP,
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGTRAP,
    signal.SIGABRT,
    signal.SIGTTIN,
    signal.SIGTTOU,
}


def run(program: Callable[[], NoReturn], words: tuple[str, ...], tty: bool) -> NoReturn:
    """Run ``program`` (which execs) as a child, and end as it ends.

    ``words`` are what it executes, for ps. All descriptors but 0, 1 and 2 are closed on exec in
    the child; here they are closed at once.
    """
    signals = signal.valid_signals() - _NOT_PASSED_ON
    signal.pthread_sigmask(signal.SIG_BLOCK, [*signals, signal.SIGCHLD])
    kernel.set_title(["/sbin/docker-init", "--", *words])
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        if tty:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
            os.tcsetpgrp(0, os.getpgrp())
        program()
    kernel.close_others([])
    while True:
        received = signal.sigwait([*signals, signal.SIGCHLD])
        if received != signal.SIGCHLD:
            _pass_on(child, received)
            continue
        code = _reap(child)
        if code is not None:
            os._exit(code)


def _pass_on(child: int, number: int) -> None:
    # It may have just ended; then SIGCHLD is on its way.
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, number)


def _reap(child: int) -> int | None:
    """Reap everything that has ended; the exit code of ``child`` if that was among it."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            found = code if code >= 0 else 128 - code
