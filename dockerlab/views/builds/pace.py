"""No more news than an eye can follow: of many values that come, some are passed on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Pace(Generic[Value]):
    """Passes on the newest value, once in ``interval`` seconds at most; the last is never lost.

    ``send`` is called in the giver's thread or, for what had to wait, in one of the pace's own.
    """

    def __init__(self, send: Callable[[Value], None], interval: float = 0.1) -> None:
        self._send, self._interval = send, interval
        self._lock = threading.RLock()
        self._waiting: list[Value] = []
        self._sent = 0.0
        self._timer: threading.Timer | None = None

    def give(self, value: Value) -> None:
        with self._lock:
            self._waiting = [value]
            due = self._sent + self._interval - time.monotonic()
            if due <= 0:
                self.flush()
            elif self._timer is None:
                self._timer = threading.Timer(due, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Pass on what waits, now."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            waiting, self._waiting = self._waiting, []
            for value in waiting:
                self._send(value)
            # After the sending: a slow reader gets less, not a queue.
            self._sent = time.monotonic()
