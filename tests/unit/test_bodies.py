from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from dockerlab.engine.api.bodies import Body, relay
from dockerlab.engine.errors import BadParameter


def content() -> StreamReader:
    protocol = BaseProtocol(asyncio.get_running_loop())
    protocol.connection_made(asyncio.Transport())
    return StreamReader(protocol, 1 << 16)


class Sent:
    """A stream that keeps what was sent; ``broken``: the client is gone."""

    def __init__(self, broken: bool = False) -> None:
        self.records: list[Any] = []
        self.broken = broken

    async def send(self, record: Any) -> None:
        if self.broken:
            raise ConnectionResetError
        self.records.append(record)


def test_a_thread_reads_what_arrives() -> None:
    async def main() -> list[bytes]:
        stream = content()
        body = Body(stream)
        reading = asyncio.ensure_future(
            asyncio.to_thread(lambda: [body.read(3), body.read(2), body.read(), body.read(5)])
        )
        for piece in (b"a", b"bcd", b"efgh"):
            stream.feed_data(piece)
            await asyncio.sleep(0.01)
        stream.feed_eof()
        return await reading

    assert asyncio.run(main()) == [b"abc", b"de", b"fgh", b""]


def test_a_sender_that_goes_away() -> None:
    async def main() -> None:
        stream = content()
        body = Body(stream)
        stream.feed_data(b"half")
        stream.set_exception(ConnectionResetError())
        with pytest.raises(BadParameter, match="ended in the middle"):
            await asyncio.to_thread(body.read, 100)

    asyncio.run(main())


def test_progress_comes_in_order_from_any_thread() -> None:
    async def main() -> tuple[str, list[Any]]:
        sent = Sent()

        async def work(report: Callable[[dict[str, Any]], None]) -> str:
            report({"n": 0})
            await asyncio.to_thread(lambda: [report({"n": n}) for n in range(1, 50)])
            report({"n": 50})
            return "done"

        return await relay(sent, work), sent.records  # type: ignore[arg-type]

    result, records = asyncio.run(main())
    assert result == "done"
    assert [record["n"] for record in records] == list(range(51))


def test_an_error_comes_after_what_was_reported() -> None:
    async def main() -> list[Any]:
        sent = Sent()

        async def work(report: Callable[[dict[str, Any]], None]) -> None:
            report({"n": 1})
            raise BadParameter("no")

        with pytest.raises(BadParameter):
            await relay(sent, work)  # type: ignore[arg-type]
        return sent.records

    assert asyncio.run(main()) == [{"n": 1}]


def test_work_stops_when_the_client_is_gone() -> None:
    async def main() -> bool:
        stopped = asyncio.Event()

        async def work(report: Callable[[dict[str, Any]], None]) -> None:
            report({"n": 1})
            try:
                await asyncio.sleep(60)
            finally:
                stopped.set()

        with pytest.raises(ConnectionResetError):
            await relay(Sent(broken=True), work)  # type: ignore[arg-type]
        await asyncio.wait_for(stopped.wait(), 1)
        return True

    assert asyncio.run(main())
