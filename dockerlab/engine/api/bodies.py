"""What arrives in the event loop, for code that reads in a thread; and its progress, back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import ClientError, StreamReader, web

from dockerlab.engine.api.router import JSONStream
from dockerlab.engine.background import keep
from dockerlab.engine.errors import BadParameter

T = TypeVar("T")
Progress = Callable[[dict[str, Any]], None]

BACKLOG = 512
"""Records that may wait for a slow client."""

SILENCE = 300.0
"""Seconds without a byte after which the other side counts as gone."""


class Body:
    """A stream of the event loop as a file for one thread beside it."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """As files do; waits for the network. Raises BadParameter when the sender is gone."""
        pieces, have = [self._rest], len(self._rest)
        while not self._ended and (size < 0 or have < size):
            piece = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
            self._ended = not piece
            pieces.append(piece)
            have += len(piece)
        data = b"".join(pieces)
        cut = len(data) if size < 0 else size
        self._rest = data[cut:]
        return data[:cut]

    async def _next(self) -> bytes:
        try:
            return await asyncio.wait_for(self._content.readany(), SILENCE)
        except TimeoutError:
            raise BadParameter("the rest of the request did not arrive in time") from None
        except (ConnectionError, ClientError, web.HTTPException, RuntimeError) as error:
            # RuntimeError is aiohttp's way of saying that the connection is closed already.
            raise BadParameter("the connection ended in the middle of the request") from error


class Reports:
    """Takes records, from any thread, and gives them out in order; None is the last."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def __call__(self, record: dict[str, Any] | None) -> None:
        self._loop.call_soon_threadsafe(self._waiting.put_nowait, record)

    async def next(self) -> dict[str, Any] | None:
        """Wait for a record."""
        return await self._waiting.get()

    async def room(self) -> None:
        """Wait while the client is far behind, for those who could report without end."""
        while self._waiting.qsize() > BACKLOG:
            await asyncio.sleep(0.005)


async def relay(stream: JSONStream, work: Callable[[Reports], Awaitable[T]]) -> T:
    """Do ``work`` and send what it reports, in order, as it comes.

    ``work`` may report from any thread. It is cancelled when the client goes away.
    """
    reports = Reports()

    async def working() -> T:
        try:
            return await work(reports)
        finally:
            # By the same way as the reports, so that it comes after the last of them.
            reports(None)

    task = keep(asyncio.ensure_future(working()))  # cancelled, it still has to clear up
    try:
        while (record := await reports.next()) is not None:
            await stream.send(record)
        return await task
    finally:
        task.cancel()
