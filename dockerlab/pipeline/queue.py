"""One run after the other: each gets a number, and waits for those before it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dockerlab.client.ci.folder import Folder, mark, write_whole

POLL_SECONDS = 0.1


def take_number(folder: Folder) -> int:
    """The number of a new run, whose folder is made; two at once get two."""
    folder.runs.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = (folder.numbers() or [0])[-1]
    while True:
        number += 1
        try:
            folder.run(number).mkdir(mode=0o700)
        except FileExistsError:
            continue
        write_whole(folder.run(number) / "process", mark(os.getpid()))
        return number


@contextmanager
def turn(folder: Folder, number: int, waits: Callable[[int], None]) -> Iterator[None]:
    """Wait until no run before this one is left; ``waits`` is told of the one that is, once.

    The lock holds off a run whose number is not known yet; the kernel lets go of it when its
    process ends, however that comes about.
    """
    descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o600)
    told = 0
    try:
        while not _taken(descriptor, folder, number):
            before = next(iter(_earlier(folder, number)), 0)
            if before and before != told:
                waits(before)
                told = before
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int, folder: Folder, number: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if next(iter(_earlier(folder, number)), 0):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        return False
    return True


def _earlier(folder: Folder, number: int) -> Iterator[int]:
    """Runs before this one that are not over, the first first."""
    for one in folder.numbers():
        if one >= number:
            return
        if folder.alive(one) and not _over(folder, one):
            yield one


def _over(folder: Folder, number: int) -> bool:
    found = folder.read(number)
    return found is not None and found.status.over
