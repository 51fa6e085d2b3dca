"""Processes that outlive who started them: the embedded engine, the cloud."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_started: list[subprocess.Popen[bytes]] = []
"""Begun by this process: kept, so that Python does not complain of forgotten children."""


def keep(process: subprocess.Popen[bytes]) -> None:
    """Not to be waited for."""
    _started.append(process)


def reap(pid: int = 0) -> None:
    """Take leave of those that have ended. ``pid``, which is about to, is waited for."""
    for process in list(_started):
        if process.pid == pid:
            # Its first thread is gone before the others are.
            process.wait(5)
        if process.poll() is not None:
            _started.remove(process)


def runs(pid: int, module: str) -> bool:
    """Whether this process runs that module: a number may have been given to another since."""
    if pid <= 1:
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return module.encode() in words and state not in "ZX"


def find(module: str, *options: str) -> Iterator[tuple[int, list[str]]]:
    """The processes that run a module with these options, and their whole command lines.

    For where no note says which it is: lost with a full disk, or never written.
    """
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().decode("utf-8", "surrogateescape").split("\0")
            if runs(int(folder.name), module) and set(options) <= set(words):
                yield int(folder.name), words


def end(pid: int, module: str, *, seconds: float, number: int = signal.SIGTERM) -> bool:
    """Send it a signal and wait for its end; False if it is still there after that."""
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    while runs(pid, module):
        reap()
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    reap(pid)
    return True


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else does the same at the same time. The folder may go away and come meanwhile."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_there(path, descriptor):
                yield
                return
        finally:
            os.close(descriptor)


def _is_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
