"""Ports of this machine that no other process of the tests takes before they are used."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

PORTS = range(21000, 32000)
"""Below those that the kernel gives to whoever asks for any."""
_held: list[IO[str]] = []
_next = random.choice(PORTS)
"""One after the other from here on: scattered ones would soon leave no long row free."""


def free_port(count: int = 1) -> int:
    """The first of so many ports in a row that are free: this process's own from now on."""
    global _next
    for _ in range(2 * len(PORTS)):
        wanted = range(_next, _next + count)
        if wanted.stop > PORTS.stop:
            _next = PORTS.start
        elif taken := [port for port in wanted if not is_free(port)]:
            _next = taken[-1] + 1
        elif _claimed(wanted):
            _next = wanted.stop
            return wanted.start
        else:
            _next += 1
    raise RuntimeError("no free ports")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A connection that has just ended does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
        return True


def _claimed(ports: range) -> bool:
    """Lock a file for each, until this process ends; False when another one has a port's."""
    folder = Path(tempfile.gettempdir()) / f"dltest-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    files = [(folder / str(port)).open("w") for port in ports]
    try:
        for file in files:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        for file in files:
            file.close()
        return False
    _held.extend(files)
    return True
