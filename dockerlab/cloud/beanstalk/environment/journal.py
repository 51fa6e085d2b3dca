"""What happened to environments: events with severities, and a bell for those who wait for one."""

from __future__ import annotations

import threading
import time
from collections import deque

from dockerlab.formats.cloud import Event

KEPT = 500
"""Events of one environment; the oldest go."""
SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


class Journal:
    """The events of one environment. ``changes`` counts all that can be seen of it."""

    def __init__(self, application: str, environment: str) -> None:
        self._application, self._environment = application, environment
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._bell = threading.Condition()
        self._changes = 0

    def info(self, message: str, version: str = "") -> None:
        self.add("INFO", message, version)

    def warn(self, message: str, version: str = "") -> None:
        self.add("WARN", message, version)

    def error(self, message: str, version: str = "") -> None:
        self.add("ERROR", message, version)

    def add(self, severity: str, message: str, version: str = "") -> None:
        with self._bell:
            last = self._events[-1].at if self._events else 0.0
            # In order also within one tick of the clock, and when the clock is set back.
            at = max(time.time(), last + 1e-6)
            self._events.append(
                Event(at, severity, message, version, self._environment, self._application)
            )
        self.ring()

    @property
    def events(self) -> tuple[Event, ...]:
        """Oldest first."""
        with self._bell:
            return tuple(self._events)

    def ring(self) -> None:
        """Something else than an event is new."""
        with self._bell:
            self._changes += 1
            self._bell.notify_all()

    def wait(self, after: int, seconds: float) -> int:
        """Until there were more than ``after`` changes; how many there were."""
        with self._bell:
            self._bell.wait_for(lambda: self._changes > after, seconds)
            return self._changes
