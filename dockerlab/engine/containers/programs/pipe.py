"""Reading and writing the descriptors of a program started by exec, without blocking the loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import Any

CHUNK = 32 << 10


class Pipe:
    """One end of a pipe or a terminal's master, in asyncio. Does not own the descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        os.set_blocking(descriptor, False)

    async def read(self) -> bytes:
        """What is there, waiting for something; ``b""`` at the end."""
        while True:
            try:
                return os.read(self._descriptor, CHUNK)
            except BlockingIOError:
                await self._ready(self._loop.add_reader, self._loop.remove_reader)
            except OSError:
                return b""  # EIO: the other end of the terminal was closed

    async def write(self, data: bytes) -> None:
        """Write all of it. Raises BrokenPipeError when nobody reads any more."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._descriptor, view) :]
            except BlockingIOError:
                await self._ready(self._loop.add_writer, self._loop.remove_writer)
            except OSError as error:
                raise BrokenPipeError(str(error)) from error

    async def _ready(self, add: Callable[..., Any], remove: Callable[[int], Any]) -> None:
        future: asyncio.Future[None] = self._loop.create_future()
        add(self._descriptor, _resolve, future)
        try:
            await future
        finally:
            remove(self._descriptor)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def close(*descriptors: int) -> None:
    """Close each descriptor once; -1 means there is none."""
    for descriptor in set(descriptors) - {-1}:
        with contextlib.suppress(OSError):
            os.close(descriptor)
