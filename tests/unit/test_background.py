"""What goes on when nobody waits for it survives a collection of garbage."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable
from typing import Any

from dockerlab.engine.api.bodies import Reports, relay
from dockerlab.engine.background import keep


def outlives(begin: Callable[[Callable[[], Any]], Any]) -> list[str]:
    """What was done after the garbage was collected.

    ``begin`` starts something that waits, by the function it gets, for a line of a stream which
    is held by nobody but who waits, as asyncio has it.
    """
    done: list[str] = []

    async def scene() -> None:
        ours, theirs = socket.socketpair()

        async def waits() -> None:
            reader, _ = await asyncio.open_unix_connection(sock=ours)
            await reader.readline()
            done.append("all")

        await begin(waits)
        await asyncio.sleep(0.05)
        gc.collect()
        theirs.send(b"\n")
        await asyncio.sleep(0.05)
        theirs.close()

    asyncio.run(scene())
    return done


def test_a_task_that_is_kept() -> None:
    async def begin(waits: Callable[[], Any]) -> None:
        keep(asyncio.create_task(waits()))

    assert outlives(begin) == ["all"]


def test_what_clears_up_after_a_client_that_went_away() -> None:
    async def begin(waits: Callable[[], Any]) -> None:
        async def work(reports: Reports) -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await waits()
                raise

        client = asyncio.create_task(relay(None, work))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        client.cancel()

    assert outlives(begin) == ["all"]
