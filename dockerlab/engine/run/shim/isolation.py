"""The seam inside the shim: how a container's processes are shut in.

An Isolation lives in one shim, which is single-threaded and forks freely; it serves exactly one
container. Nothing here may import asyncio or aiohttp: every running container pays for it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from dockerlab.engine.run.process import ContainerSpec, Limits, ProcessSpec


@dataclass(frozen=True, slots=True)
class Stdio:
    """The descriptors that become 0, 1 and 2 of a new process.

    With a terminal all three are its slave, and the process must make it its controlling
    terminal. They belong to the caller, who closes them after ``start`` or ``enter``.
    """

    stdin: int
    stdout: int
    stderr: int
    tty: bool = False


class Isolation(Protocol):
    """Made by ``Factory`` in the shim before anything else happens."""

    def open_terminal(self) -> tuple[int, int]:
        """Master and slave of a new terminal; called before ``start`` for the first process."""
        ...

    def start(self, spec: ContainerSpec, stdio: Stdio) -> int:
        """Start the first process and return its pid (a child of the shim, or a descendant that
        the shim, being a subreaper, will get to reap).

        Raises StartError, in Docker's words, when the program cannot be executed.
        """
        ...

    def enter(self, spec: ProcessSpec, stdio: Stdio) -> int:
        """Start another program inside (exec); otherwise like ``start``."""
        ...

    def exit_code(self, pid: int, status: int) -> int:
        """The exit code of a process that ``start`` or ``enter`` returned, from wait's status."""
        ...

    def finished(self) -> list[int]:
        """Pids from ``enter`` that count as ended though they have yet to be reaped, once each.

        Asked after each call of what ``descriptors`` gave.
        """
        ...

    def signal(self, number: int) -> None:
        """Send a signal to the first process; silent when it has just ended."""
        ...

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def kill(self) -> None:
        """End whatever is left inside; called again when the first process has ended."""
        ...

    def processes(self) -> list[int]:
        """Pids as the shim counts them, first process first."""
        ...

    def usage(self) -> dict[str, Any]:
        """See process.Process.usage."""
        ...

    def update(self, limits: Limits) -> None: ...
    def oom_killed(self) -> bool:
        """Whether the kernel killed something inside for lack of memory."""
        ...

    def resolver(self) -> tuple[socket.socket, socket.socket]:
        """The UDP and the TCP socket of the name server, kept here; made at the first call.

        Raises OSError.
        """
        ...

    def descriptors(self) -> dict[int, Callable[[], None]]:
        """More descriptors for the shim's poll loop, and what to call when one is readable."""
        ...

    def root(self) -> str:
        """A path under which the shim sees the container's files."""
        ...

    def close(self) -> None:
        """Give back cgroups, descriptors and the like, once everything inside has ended."""
        ...


Factory = Callable[[ContainerSpec, dict[str, Any]], Isolation]
"""The spec, and options of the runtime as JSON-able data (such as the keeper's socket).

The spawner is told the factory as ``module:name`` and imports it before the first fork. If it
has a ``prepare`` that takes nothing, the spawner calls it: what is cached then, shims share.
"""


def exit_code(status: int) -> int:
    """Docker's (and the shell's) exit code for a status of wait: 128 + n for signal n."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
