"""A box that is made ahead, while the one before it is in use: what it takes is mostly waiting."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from dockerlab.grading.classroom.sandbox.box import NamespaceBox
from dockerlab.grading.classroom.seam import Limits


class Spare:
    """At most one; it has the limits of the box before it. A context that ends it."""

    def __init__(self, make: Callable[[Limits], NamespaceBox]) -> None:
        self._make = make
        self._turn = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "dockerlab-spare")
        self._limits: Limits | None = None
        self._future: Future[NamespaceBox] | None = None

    def take(self, limits: Limits) -> NamespaceBox | None:
        """The spare, where there is one with these limits; and have the next one made."""
        with self._turn:
            before, self._limits = self._limits, limits
            future, self._future = self._future, self._worker.submit(self._make, limits)
        box = _made(future)
        if box is not None and before != limits:
            box.close()
            return None
        return box

    def close(self) -> None:
        self._worker.shutdown()
        if box := _made(self._future):
            box.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _made(future: Future[NamespaceBox] | None) -> NamespaceBox | None:
    """None also where it failed: whoever needs a box tries again, and hears why."""
    with contextlib.suppress(Exception):
        return future.result() if future else None
    return None
