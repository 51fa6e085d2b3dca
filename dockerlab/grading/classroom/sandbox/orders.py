"""The grader's end of a box's ``control`` socket: gives orders and hears events, one at a time."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from typing import Any

from dockerlab.grading.classroom.seam import SandboxDenied

_PACKET = 1 << 16
_DESCRIPTORS = 16
_CLOSED: dict[str, Any] = {"event": "closed"}


class Orders:
    """``given``: the descriptors that came with the last event."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._last = ""
        self.given: list[int] = []

    def fileno(self) -> int:
        return self._control.fileno()

    def close(self) -> None:
        self._control.close()

    def give(self, order: str, descriptors: tuple[int, ...] = ()) -> None:
        """Say it; one that nobody hears any more is known by the event ``closed``."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            data = json.dumps({"do": order}).encode()
            socket.send_fds(self._control, [data], list(descriptors))

    def hear(self) -> dict[str, Any]:
        """The next event; waits for it."""
        try:
            data, self.given, _, _ = socket.recv_fds(self._control, _PACKET, _DESCRIPTORS)
        except ConnectionResetError:
            data = b""
        event: dict[str, Any] = json.loads(data) if data else _CLOSED
        self._last = event["event"]
        return event

    def heard(self, event: str) -> bool:
        """Whether this was the last event; asked once it is not the last any more."""
        if self._last != event:
            return False
        self._last = ""
        return True

    def await_(self, wanted: str, seconds: float) -> None:
        """Let events go by until the wanted one. Raises SandboxDenied, TimeoutError."""
        end = time.monotonic() + seconds
        while select.select([self._control], [], [], max(0.0, end - time.monotonic()))[0]:
            event = self.hear()
            if event["event"] == wanted:
                return
            if event["event"] in ("failed", "closed"):
                reason = event.get("error", "its first process has ended")
                raise SandboxDenied(f"a sandbox could not be made: {reason}", ADVICE)
        raise TimeoutError(f"the box says nothing of {wanted}")

    def finish(self, order: str, wanted: str, seconds: float) -> None:
        """Give an order at the end, when a box that is broken already does not matter."""
        self.give(order)
        with contextlib.suppress(SandboxDenied, TimeoutError):
            self.await_(wanted, seconds)


ADVICE = (
    "Grading needs Linux 6.6 or newer and, unless you are root, user namespaces (in a container "
    "or a JupyterHub they are mostly switched off). Grade on a machine of your own, as root, or "
    "with --engine docker."
)
