"""A hand: a grader in a process of its own, so that whatever becomes of it hits one submission.

The process that wants something graded holds a ``Hand``; the other end is a fork of it, or, where
it has threads, ``python -m`` this module. They talk through a pair of sockets, pickled: both are
ours, no submission gets near it.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal, Self

from dockerlab.errors import DockerlabError
from dockerlab.grading.classroom.fleet import forking
from dockerlab.grading.classroom.fleet.forking import Forked
from dockerlab.grading.classroom.fleet.jobs import Answer, Setup
from dockerlab.grading.classroom.grader import Grader
from dockerlab.grading.classroom.intake.submissions import Submission
from dockerlab.grading.classroom.seam import SandboxDenied
from dockerlab.grading.judge import goes_on

NAME = "dockerlab-hand"
"""In lists of processes."""
CLOSING = 10.0
"""Seconds for a hand to close its boxes before it is killed."""
MEMORY = 2 << 30
"""Bytes: a file of a few lines can be made to grow without end when it is read."""


class Hand:
    """One grading process. ``wire`` is readable when it has answered, or when it is dead.

    ``shared``: descriptors of what several hands have together (see ``Setup.shared``).
    """

    def __init__(self, setup: Setup, shared: Sequence[int] = ()) -> None:
        mine, its = socket.socketpair()
        with its:
            self._process = _started(its.fileno(), *shared)
        self.wire = Connection(mine.detach())
        self.pid = self._process.pid
        with suppress(OSError):
            self.wire.send(setup)

    def give(self, submission: Submission) -> None:
        """Where it is dead, its answer says so."""
        with suppress(OSError):
            self.wire.send(submission)

    def answer(self, timeout: float | None = None) -> Answer:
        """Waits for it. What ``again`` says where it died, or took longer than ``timeout``."""
        try:
            if self.wire.poll(timeout):
                answer: Answer = self.wire.recv()
                return answer
            self.kill()
            return Answer("again", why=f"its grader gave no answer in {timeout:g} seconds")
        except (EOFError, OSError):
            code = self._process.wait()
            return Answer("again", why=f"its grader ended unexpectedly ({_ending(code)})")

    def kill(self) -> None:
        """At once: what it held goes with it, by its boxes' life lines."""
        self._process.kill()
        self._process.wait()

    def let_go(self) -> None:
        """It ends when it has answered."""
        self.wire.close()

    def close(self) -> None:
        """Let go of it, and wait until it has ended."""
        self.let_go()
        try:
            self._process.wait(CLOSING)
        except subprocess.TimeoutExpired:
            self.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _started(number: int, *shared: int) -> Forked | subprocess.Popen[bytes]:
    given = (number, *shared)
    if forking.possible():
        return Forked(partial(main, *given), given)
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *map(str, given)],
        pass_fds=given,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _ending(code: int) -> str:
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def main(number: int, *shared: int) -> int:
    """The hand's own side: one submission after the other until nobody is there any more."""
    Path("/proc/self/comm").write_text(NAME)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who gave the work
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    threading.Thread(target=_leave_when_alone, args=(number,), daemon=True).start()
    wire = Connection(number)
    with ExitStack() as stack, suppress(EOFError, OSError):
        answer = _readied(wire.recv(), shared, stack)
        while True:
            wire.send(answer(wire.recv()))
    return 0


def _readied(
    setup: Setup, shared: Sequence[int], stack: ExitStack
) -> Callable[[Submission], Answer]:
    """What answers from now on; where nothing can be graded, it says why each time."""
    try:
        grader = setup.grader(stack.enter_context(setup.open(shared)))
        _limit_memory()  # only now: else it would be a limit of what runs in a box, too
    except DockerlabError as error:
        denied = Answer("denied", why=str(error))
        return lambda submission: denied
    return lambda submission: _graded(grader, submission)


def _graded(grader: Grader, submission: Submission) -> Answer:
    try:
        result = grader.grade(submission)
    except SandboxDenied as error:
        return Answer("denied", why=str(error))
    except Exception as error:
        return Answer("again", why=f"{type(error).__name__}: {error}")
    kind: Literal["graded", "again"] = "graded" if result.graded else "again"
    return Answer(kind, result, result.detail, spent=goes_on())


def _limit_memory() -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _leave_when_alone(number: int) -> None:
    """Whoever gave the work may be killed: then nobody waits for what is being graded here."""
    gone = select.poll()
    gone.register(number, select.POLLRDHUP)
    gone.poll()
    time.sleep(1)  # a hand that has nothing to do ends by itself
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(CLOSING)
    os._exit(143)


if __name__ == "__main__":
    # Not by sys.exit: Python would take a while to free all that it has loaded, one by one.
    os._exit(main(*map(int, sys.argv[1:])))
