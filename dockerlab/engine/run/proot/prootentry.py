"""The way from a fork of the shim to PRoot: what everything in a container inherits.

In this order: a session, its stdio, limits, no privileges; then, for good, Landlock's rules and
the seccomp filter, whose descriptor goes to the shim; then execve.
"""

from __future__ import annotations

import _thread
import array
import contextlib
import os
import resource
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from dockerlab.engine.run import kernel
from dockerlab.engine.run.program import capabilities, program
from dockerlab.engine.run.proot import landlock
from dockerlab.engine.run.shim.isolation import Stdio

_NEW_LISTENER, _WAIT_KILLABLE = 8, 32
"""Flags of seccomp. With the second (Linux 5.19) a signal does not restart a call halfway."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What to execute, where, and within which bounds."""

    argv: list[str]
    variables: Mapping[bytes, bytes]
    root: str
    """The real working directory of all processes inside: PRoot only pretends to change it."""
    filter: bytes
    ruleset: int = -1
    """A descriptor of Landlock's; -1: without Landlock."""
    privileged: bool = True
    """Whether there may be capabilities to give up first."""
    ulimits: tuple[tuple[str, int, int], ...] = ()


def launch(entry: Entry, stdio: Stdio) -> tuple[int, int]:
    """Fork and execute; returns the filter's descriptor and the pid. Raises OSError.

    The new process waits in its execve, which the filter asks about.
    """
    program.changed_signals()  # found out here once, not in every child
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        _become(entry, stdio, theirs)
    theirs.close()
    with ours:
        listener, error = _receive(ours)
    if listener < 0:
        os.waitpid(pid, 0)
        raise OSError(error)
    return listener, pid


def _receive(channel: socket.socket) -> tuple[int, str]:
    """The filter's descriptor, or -1 and what went wrong."""
    data, extra, _, _ = channel.recvmsg(4096, socket.CMSG_SPACE(4), socket.MSG_CMSG_CLOEXEC)
    for _, kind, payload in extra:
        if kind == socket.SCM_RIGHTS:
            return array.array("i", payload)[0], ""
    return -1, data.decode(errors="replace") or "PRoot could not be started"


# ---- in the child


def _become(entry: Entry, stdio: Stdio, channel: socket.socket) -> NoReturn:
    try:
        kernel.hide()
        signal.set_wakeup_fd(-1)
        os.setsid()
        program.connect(stdio)
        kernel.close_others([channel.fileno(), entry.ruleset])
        for name, soft, hard in entry.ulimits:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (soft, hard))
        os.chdir(entry.root)
        os.umask(0o022)
        if entry.privileged:
            _drop_privileges()
        program.restore_signals()
        _execute(entry, channel)
    except BaseException as error:
        with contextlib.suppress(OSError):
            channel.send(f"{type(error).__name__}: {error}".encode())
    os._exit(1)


def _drop_privileges() -> None:
    """Should the engine be root: what runs inside is kept in by less than namespaces."""
    with contextlib.suppress(PermissionError):  # without CAP_SETPCAP: cannot be gained anyway
        capabilities.bound(frozenset(), capabilities.last())
    kernel.set_capabilities(0, 0)


def _execute(entry: Entry, channel: socket.socket) -> None:
    """Shut in and execute, by two threads, as the filter holds for one only.

    Passing the filter's descriptor to the shim takes a system call that the filter asks the
    shim about, so the thread that has the filter cannot do it.
    """
    installed, passed = _thread.allocate_lock(), _thread.allocate_lock()
    installed.acquire()
    passed.acquire()
    result: list[int | BaseException] = []

    def filtered() -> None:
        try:
            result.append(_shut_in(entry))
            installed.release()
            passed.acquire()
            os.execve(entry.argv[0], entry.argv, entry.variables)
        except BaseException as error:
            result[:] = [error]
            installed.release()

    _thread.start_new_thread(filtered, ())
    installed.acquire()
    if isinstance(result[0], BaseException):
        raise result[0]
    descriptor = array.array("i", [result[0]])
    channel.sendmsg([b"f"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor)])
    os.close(result[0])
    passed.release()
    installed.acquire()  # for ever, unless execve fails


def _shut_in(entry: Entry) -> int:
    """Landlock and the filter for this thread; returns the filter's descriptor."""
    if entry.ruleset >= 0:
        landlock.restrict(entry.ruleset)
        os.close(entry.ruleset)
    kernel.no_new_privileges()
    try:
        return kernel.install_filter(entry.filter, _NEW_LISTENER | _WAIT_KILLABLE)
    except OSError:
        return kernel.install_filter(entry.filter, _NEW_LISTENER)
