"""The runs of a CI as they come, for as long as somebody looks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from dockerlab.formats.pipeline.run import Run

LOOK = 0.3
"""Seconds between two looks for a new run."""


@runtime_checkable
class Runs(Protocol):
    """A CI: ``newest`` is the number of its last run (0: none), ``follow`` gives its records."""

    @property
    def name(self) -> str: ...
    @property
    def remote(self) -> str: ...
    @property
    def newest(self) -> int: ...
    @property
    def last(self) -> Run | None: ...
    def follow(self) -> Iterator[Run]: ...


def coming(ci: Runs) -> Iterator[Run]:
    """The last run, then each newer one while it goes on; never ends."""
    seen: Run | None = None
    while True:
        if ci.newest and (seen is None or ci.newest != seen.number or not seen.status.over):
            for seen in ci.follow():
                yield seen
        time.sleep(LOOK)
