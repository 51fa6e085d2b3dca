"""Blocking work beside the event loop, for callers that may be cancelled (a client goes away)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def to_its_end(work: Callable[..., T], *arguments: object) -> T:
    """Like asyncio.to_thread, but a cancellation comes out only when the work has ended.

    A thread cannot be stopped: who cleans up after it would otherwise be in its way.
    """
    thread = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        if not thread.cancelled():
            thread.exception()  # so that asyncio does not complain that nobody asked
        raise
