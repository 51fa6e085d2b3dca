"""The connection to whoever had an engine started by a template, for as long as it is wanted."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import Any

_PACKET = 256 << 10
_MOST_DESCRIPTORS = 8


class Lifeline:
    """One SOCK_SEQPACKET connection: a request comes, an answer goes; its end ends the engine."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def fileno(self) -> int:
        return self._channel.fileno()

    def request(self) -> tuple[dict[str, Any], list[int]]:
        """What is wanted, with its descriptors (inheritable by nobody). Raises EOFError."""
        data, descriptors, _, _ = socket.recv_fds(self._channel, _PACKET, _MOST_DESCRIPTORS)
        if not data:
            raise EOFError("nobody wants an engine any more")
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return json.loads(data), descriptors

    def ready(self, path: str) -> None:
        """The engine answers at ``path``; its pidfd goes along, whichever namespace asks."""
        process = os.pidfd_open(os.getpid())
        try:
            self._send({"ready": path}, [process])
        finally:
            os.close(process)

    def failed(self, text: str) -> None:
        """There will be no engine; ``text`` says why."""
        self._send({"error": text}, [])

    def _send(self, answer: dict[str, str], descriptors: list[int]) -> None:
        with contextlib.suppress(OSError):  # nobody is there any more: the engine will see
            socket.send_fds(self._channel, [json.dumps(answer).encode()], descriptors)
