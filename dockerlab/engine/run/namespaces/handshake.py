"""What a forked process and the shim say to each other until the process executes its program.

One packet each way at a time: JSON of ``[message, code]`` means that it failed; what else the
child says depends on what it is for. ``execve`` closes the child's end, which means it went well.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
from collections.abc import Callable
from typing import NoReturn

from dockerlab.engine.run.process import StartError
from dockerlab.engine.run.program import program

CREATE = "failed to create shim task: OCI runtime create failed: runc create failed"
EXEC = "OCI runtime exec failed: exec failed"
STARTING = "unable to start container process"

_LONGEST_REASON = 4096
"""Characters: it must fit into one packet, and may quote a command of any length."""
_PATIENCE = 60.0
"""Seconds that a start may take between fork and execve before it counts as stuck."""


def channel() -> tuple[socket.socket, socket.socket]:
    """The shim's end and the child's."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def report(child: Callable[[], None], theirs: socket.socket, prefix: str) -> NoReturn:
    """Run the child's side; what fails before execve goes to the shim."""
    try:
        child()
    except BaseException as error:  # nothing may return into the shim's code from here
        reason = program.explain(error)
        message = f"{prefix}: {STARTING}: {reason.message}: unknown"
        if reason.message.startswith("unable to find "):
            message = reason.message  # Docker's daemon itself finds this out, without runc
        with contextlib.suppress(OSError):
            theirs.send(json.dumps([message[:_LONGEST_REASON], reason.code]).encode())
    os._exit(1)


def await_exec(ours: socket.socket, hear: Callable[[bytes, list[int]], None]) -> StartError | None:
    """Wait for execve; None if it came, else what went wrong.

    ``hear`` gets what else the child says, and descriptors that came with it. Its OSError ends
    the wait as a failure.
    """
    poll = select.poll()
    poll.register(ours, select.POLLIN)
    while True:
        if not poll.poll(_PATIENCE * 1000):
            return StartError(f"{CREATE}: {STARTING}: timed out: unknown", program.OTHER)
        data, descriptors, _, _ = socket.recv_fds(ours, 1 << 16, 2)
        if not data:
            return None
        if data.startswith(b"["):
            message, code = json.loads(data)
            return StartError(message, code)
        try:
            hear(data, descriptors)
        except OSError as error:
            return StartError(f"{CREATE}: {STARTING}: network: {error}: unknown", program.OTHER)
