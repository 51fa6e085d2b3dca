"""How the engine's process and the student's become what they may be, for good."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from typing import NoReturn

from dockerlab.engine.run import kernel
from dockerlab.engine.run.program import capabilities, syscallfilter
from dockerlab.grading.classroom.dockerbox.inside import layout
from dockerlab.grading.classroom.dockerbox.inside.layout import Users
from dockerlab.grading.classroom.sandbox.inside import calls, cells, student
from dockerlab.grading.classroom.sandbox.inside.student import Task
from dockerlab.grading.classroom.seam import Limits

_ANY_FILE = "DAC_OVERRIDE"
"""The engine reads all files of the images, whoever they belong to. Its containers lose it."""


def start_engine(users: Users, arguments: list[str]) -> int:
    """Its process id."""
    pid = os.fork()
    if pid == 0:
        _be_engine(users.engine, arguments)
    return pid


def start_student(users: Users, task: Task) -> int:
    """Its process id; it runs the cells that come over the channel."""
    pid = os.fork()
    if pid == 0:
        _be_student(users.student, task)
    return pid


def _be_engine(user: int, arguments: list[str]) -> NoReturn:
    try:
        os.setsid()
        # Before the first process, should the kernel have to end one: that one's end is all's.
        Path("/proc/self/oom_score_adj").write_text("300")
        keep = capabilities.mask([_ANY_FILE])
        capabilities.bound(frozenset({_ANY_FILE}), capabilities.last())
        calls.keep_capabilities()
        _become(user)
        kernel.set_capabilities(keep, keep, keep)
        calls.pass_on(capabilities.NAMES.index(_ANY_FILE))
        environment = {
            **{name: os.environ[name] for name in ("LANG", "LC_ALL", "PATH", "PYTHONPATH")},
            "HOME": layout.ENGINE,
            "TMPDIR": layout.ENGINE,
        }
        words = [sys.executable, "-m", "dockerlab.engine", *arguments]
        os.execve(sys.executable, words, environment)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)


def _be_student(user: int, task: Task) -> NoReturn:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        kernel.close_others([task.channel.fileno(), task.output])
        os.setsid()
        student.connect(task.output)
        _become_nobody(user, task.limits)
        cells.serve(task.channel)
        code = 0
    finally:
        os._exit(code)


def _become_nobody(user: int, limits: Limits) -> None:
    capabilities.bound(frozenset(), capabilities.last())
    _become(user)
    kernel.show()
    student.limit(limits)
    student.limit_to(resource.RLIMIT_NPROC, limits.pids)
    kernel.set_capabilities(0, 0)
    kernel.no_new_privileges()
    kernel.install_filter(syscallfilter.program(frozenset(), fake_owner=False))


def _become(user: int) -> None:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
