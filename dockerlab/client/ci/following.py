"""A run as it goes on: ``for run in ci.follow()``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dockerlab.client.ci.folder import Folder
from dockerlab.formats.pipeline.run import Run

LOOK_SECONDS = 0.1
"""Between two looks at the record."""


class Following:
    """Yields a run's records: at once, and each time that it changes, until it is over.

    ``number`` says which; while it says 0, ``waits`` says whether there may be one still. It ends,
    too, after ``close()``.
    """

    def __init__(
        self, folder: Folder, number: Callable[[], int], waits: Callable[[], bool] = lambda: False
    ) -> None:
        self._folder, self._number, self._waits = folder, number, waits
        self._closed = False

    def __iter__(self) -> Iterator[Run]:
        seen: Run | None = None
        while not self._closed:
            waits = self._waits()
            number = self._number()
            found = self._folder.read(number) if number else None
            if found is not None and found != seen:
                seen = found
                yield found
            if found.status.over if found is not None else not waits:
                return
            time.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """No more records after the next."""
        self._closed = True

    def __repr__(self) -> str:
        return f"<Following run {self._number() or '(none yet)'}>"
