"""Waiting for something to become true, with an end and a reason."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from dockerlab.errors import DockerlabError


class Waited(DockerlabError):
    """It did not happen in time."""


def wait_until(
    check: Callable[[], bool], *, timeout: float = 30.0, every: float = 0.05, what: str = "it"
) -> None:
    """Call ``check`` every few moments until it is true; ``Waited`` after ``timeout`` seconds.

    >>> wait_until(lambda: True)
    """
    end = time.monotonic() + timeout
    while not check():
        if time.monotonic() >= end:
            raise Waited(
                f"waited {timeout:g} seconds for {what} in vain",
                "docker logs NAME and docker ps -a show what the container does",
            )
        time.sleep(every)


def wait_for_port(port: int, *, host: str = "127.0.0.1", timeout: float = 30.0) -> None:
    """Wait until something accepts connections at a port."""

    def answers() -> bool:
        try:
            with socket.create_connection((host, port), timeout=1.0):
                return True
        except OSError:
            return False

    wait_until(answers, timeout=timeout, what=f"an answer at {host}:{port}")
