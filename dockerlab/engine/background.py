"""Tasks that go on when nobody waits for them any more."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

T = TypeVar("T", bound="asyncio.Future[Any]")

_going: set[asyncio.Future[Any]] = set()


def keep(task: T) -> T:
    """Hold a task until it has ended, and return it.

    asyncio itself holds no task that waits. One that waits for a stream which nobody else holds
    either is thrown away by the garbage collector, with all that it still was to do.
    """
    _going.add(task)
    task.add_done_callback(_going.discard)
    return task
