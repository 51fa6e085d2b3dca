"""An environment as it changes: ``for environment in cloud.follow("shop-env")``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dockerlab.client.cloud.asking import environment
from dockerlab.errors import CloudUnavailable
from dockerlab.formats.cloud import Environment
from dockerlab.formats.cloudprocess import Running

BUSY_SECONDS = 1.0
"""With traffic there is something new to tell this often, whether or not anything happened."""
LEAST_SECONDS = 0.1
"""Between two records."""
END_SECONDS = 30.0
"""Within which a cloud that does not answer any more is taken for one that is being stopped."""


class Following:
    """Yields records: at once, on every change, and once a second while requests come.

    It ends when the environment is Terminated or the cloud is stopped, or after ``close()``.
    """

    def __init__(self, running: Running, name: str, runs: Callable[[], bool]) -> None:
        self.name = name
        self._running = running
        self._runs = runs
        self._closed = False

    def __iter__(self) -> Iterator[Environment]:
        number, last = environment(self._running, self.name)
        yield last
        while not (self._closed or last.status == "Terminated"):
            time.sleep(LEAST_SECONDS)
            try:
                number, found = environment(
                    self._running, self.name, after=number, seconds=BUSY_SECONDS
                )
            except CloudUnavailable:
                if self._ends():
                    return
                raise
            if found != last or found.requests:
                last = found
                yield found

    def _ends(self) -> bool:
        """Whether it was stopped: it closes its door first, and is busy with taking down then."""
        end = time.monotonic() + END_SECONDS
        while self._runs() and not self._closed and time.monotonic() < end:
            time.sleep(LEAST_SECONDS)
        return self._closed or not self._runs()

    def close(self) -> None:
        """No more records after the next."""
        self._closed = True

    def __repr__(self) -> str:
        return f"<Following {self.name}>"
