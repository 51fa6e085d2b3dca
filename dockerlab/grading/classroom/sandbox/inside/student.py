"""The student's side of a box: its first process, which is not the student's, and the student's.

The first process stays root of the box, in the student's pid namespace: it stops and continues
all that is in there at once, which nobody outside could do without a race. The student's process
is in a user namespace of its own, with another id where there are several, and may do nothing.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from dockerlab.engine.run import kernel
from dockerlab.engine.run.program import capabilities, syscallfilter
from dockerlab.grading.classroom.sandbox.inside import cells, namespaces, places
from dockerlab.grading.classroom.sandbox.inside.namespaces import Ids
from dockerlab.grading.classroom.seam import Limits

STOP, GO, INTERRUPT, ENDED = b"s", b"g", b"i", b"e"
"""What the holder says to the first process, and (STOP when it is done, ENDED + how) hears."""
_NAMESPACES = ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup")
_STUDENT = 1000
"""The student's id as the student sees it."""


@dataclass(frozen=True)
class Task:
    """What the student's process gets: where it hears of cells, and where its output goes."""

    channel: socket.socket
    output: int
    limits: Limits


def be_first(guard: socket.socket, task: Task, ids: Ids) -> NoReturn:
    """Be pid 1 of the student's namespace: start the student's process, and guard it.

    The end of ``guard`` ends all.
    """
    kernel.close_others([guard.fileno(), task.channel.fileno(), task.output])
    kernel.unshare(kernel.CLONE_NEWNS)
    places.build_for_student()
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    pid = os.fork()
    if pid == 0:
        guard.close()
        _be_student(task, ids)
    task.channel.close()
    os.close(task.output)
    _watch(guard, pid)
    os._exit(0)


def _watch(guard: socket.socket, student: int) -> None:
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    while True:
        ready = select.select([guard, woken], [], [])[0]
        if woken in ready:
            woken.recv(4096)
            _reap(guard, student)
        if guard in ready and not _obey(guard, student):
            return


def _reap(guard: socket.socket, student: int) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == student:
                guard.send(ENDED + str(os.waitstatus_to_exitcode(ended[1])).encode())


def _obey(guard: socket.socket, student: int) -> bool:
    order = guard.recv(1)
    if order in (STOP, GO):
        with contextlib.suppress(ProcessLookupError):
            # All at once: the kernel lets nobody fork meanwhile.
            os.kill(-1, signal.SIGSTOP if order == STOP else signal.SIGCONT)
        guard.send(order)
    elif order == INTERRUPT:
        with contextlib.suppress(ProcessLookupError):
            os.kill(student, signal.SIGINT)
    return bool(order)


# ---- the student's process


def _be_student(task: Task, ids: Ids) -> NoReturn:
    code = 1
    try:
        os.setsid()
        connect(task.output)
        _become_nobody(ids.student, task.limits)
        cells.serve(task.channel)
        code = 0
    finally:
        os._exit(code)


def connect(output: int) -> None:
    """Let what this process prints go there."""
    null = os.open("/dev/null", os.O_RDWR)
    for target, source in enumerate((null, output, output)):
        os.dup2(source, target)
    os.close(null)
    os.close(output)


def _become_nobody(id: int, limits: Limits) -> None:
    """Give up all that this process may do beyond what any program may, for good."""
    with contextlib.suppress(PermissionError):  # denied for good where there is one id only
        os.setgroups([])
    os.setresgid(id, id, id)
    os.setresuid(id, id, id)
    kernel.show()
    namespaces.new_user_namespace(_STUDENT, Ids(id, id, 1))
    # Only now: else the engine's processes would count, too, where ids are one.
    limit(limits)
    limit_to(resource.RLIMIT_NPROC, limits.pids)
    for name in _NAMESPACES:
        Path(f"/proc/sys/user/max_{name}_namespaces").write_text("0")
    capabilities.bound(frozenset(), capabilities.last())
    kernel.set_capabilities(0, 0)
    kernel.no_new_privileges()
    kernel.install_filter(syscallfilter.program(frozenset(), fake_owner=False))


def limit(limits: Limits) -> None:
    """Limit this process and all that come of it, each by itself."""
    os.nice(15)  # whoever watches it comes first
    Path("/proc/self/oom_score_adj").write_text("900")
    for name, most in (
        (resource.RLIMIT_DATA, limits.memory),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_CPU, int(limits.cpu_seconds) + 5),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
    ):
        limit_to(name, most)


def limit_to(resource_: int, most: int) -> None:
    """For good; what was less stays so."""
    hard = resource.getrlimit(resource_)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource_, (most, most))
