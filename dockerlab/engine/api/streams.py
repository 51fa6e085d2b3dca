"""/containers/{name}/attach, logs and wait: answers that last as long as a container runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import web

from dockerlab.engine.api.containers import named
from dockerlab.engine.api.detach import DetachKeys
from dockerlab.engine.api.router import JSONStream, Route, query_bool
from dockerlab.engine.api.server import Hijack, Stream, frame
from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import BadParameter, Conflict, NotImplementedHere
from dockerlab.engine.run.process import Process
from dockerlab.engine.run.shim.logs import Entry, Log

_LOG_BLOCK = 64 << 10
"""A finished log goes out in pieces of about this size, not line by line."""


async def wait(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    container = named(request, daemon)
    condition = request.query.get("condition", "") or "not-running"
    if condition not in ("not-running", "next-exit", "removed"):
        raise BadParameter(f'invalid condition: "{condition}"')
    end = _end(container, condition)
    async with JSONStream(request, "\n") as stream:
        # `docker run` starts the container only when it has these headers.
        await stream.start()
        await stream.send({"Error": None, "StatusCode": await end})
    return stream.response


def _end(container: Container, condition: str) -> asyncio.Future[int]:
    if condition == "removed":
        return container.wait_removal()
    if condition == "next-exit" or container.state.running:
        return container.wait_end()
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    done.set_result(container.state.exit_code)
    return done


async def logs(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    container = named(request, daemon)
    stdout, stderr = query_bool(request, "stdout"), query_bool(request, "stderr")
    if not (stdout or stderr):
        raise BadParameter("Bad parameters: you must choose at least one stream")
    if container.host["LogConfig"]["Type"] == "none":
        raise NotImplementedHere("configured logging driver does not support reading")
    reader = _Reader(request, daemon.containers.log(container), container, stdout, stderr)
    response = web.StreamResponse()
    response.content_type = (
        "application/vnd.docker.raw-stream"
        if container.tty
        else "application/vnd.docker.multiplexed-stream"
    )
    response.enable_chunked_encoding()
    await response.prepare(request)
    async for data in reader.pieces():
        await response.write(data)
    return response


class _Reader:
    """One request's choice of a log, as bytes for the wire."""

    def __init__(
        self, request: web.Request, log: Log, container: Container, stdout: bool, stderr: bool
    ) -> None:
        self._log = log
        self._container = container
        self._follow = query_bool(request, "follow")
        self._stamps = query_bool(request, "timestamps")
        since, until = request.query.get("since", ""), request.query.get("until", "")
        self._choice: dict[str, Any] = {
            "since": clock.parse(since) if since not in ("", "0") else 0,
            "until": clock.parse(until) if until not in ("", "0") else 0,
            "tail": _tail(request.query.get("tail", "all")),
            "stdout": stdout,
            "stderr": stderr,
        }

    async def pieces(self) -> AsyncIterator[bytes]:
        if self._follow:
            async for entry in self._followed():
                yield self._encode(entry)
            return
        block = bytearray()
        for entry in self._log.read(**self._choice):
            block += self._encode(entry)
            if len(block) >= _LOG_BLOCK:
                yield bytes(block)
                block.clear()
                await asyncio.sleep(0)
        if block:
            yield bytes(block)

    def _followed(self) -> AsyncIterator[Entry]:
        """Goes on over restarts of the container, as Docker's does, until it stays ended."""
        container, wake = self._container, _Wake(self._container)

        def over() -> bool:
            return not container.state.running or container.removing

        return self._log.follow(over, wake, **self._choice)

    def _encode(self, entry: Entry) -> bytes:
        data = entry.data
        if self._stamps and not entry.continued:
            data = _fixed_stamp(entry.time_ns) + b" " + data
        return data if self._container.tty else frame(entry.stream, data)


class _Wake:
    """Waits for output of whatever run of the container there is."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._process: Process | None = None
        self._more: Callable[[], Awaitable[None]] = _short

    async def __call__(self) -> None:
        process = self._container.process
        if process is None or process.ended is not None:
            await _short()  # its end is being noted, or it waits for its restart
            return
        if process is not self._process:
            self._process, self._more = process, process.wake()
        await self._more()


async def _short() -> None:
    await asyncio.sleep(0.005)


def _fixed_stamp(ns: int) -> bytes:
    """Nine decimals always, so that the column lines up, as Docker has it in logs."""
    text = clock.stamp(ns - ns % 1_000_000_000)[:-1]
    return f"{text}.{ns % 1_000_000_000:09d}Z".encode()


def _tail(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


async def attach(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    container = named(request, daemon)
    if container.state.paused:
        raise Conflict(f"Container {container.id} is paused, unpause the container before attach.")
    streams = {"stdout": query_bool(request, "stdout"), "stderr": query_bool(request, "stderr")}
    stdin = query_bool(request, "stdin") and container.config["OpenStdin"]
    keys = DetachKeys(request.query.get("detachKeys", "")) if container.tty and stdin else None
    log = daemon.containers.log(container)
    # From here on, however long it takes to be connected, nothing of the output is missed.
    start = log.size()
    live = _Live(container)
    hijack = Hijack(request)
    async with hijack as stream:
        daemon.events.publish("container", "attach", container.id, container.attributes())
        if query_bool(request, "logs"):
            for entry in log.read(**streams):
                await stream.write(_raw(container, entry))
        if query_bool(request, "stream"):
            await _pump(stream, container, live, log, start, streams, stdin, keys)
            if keys is not None and keys.pressed:
                daemon.events.publish("container", "detach", container.id, container.attributes())
    return hijack.response


class _Live:
    """The run of a container that an attached client sees: the present one, or the next."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._start = None if container.state.running else container.wait_start()
        self._end = container.wait_end()

    async def begun(self) -> bool:
        """Wait for the start; False when there will be none."""
        if self._start is not None:
            await self._start
        return self._container.process is not None or self._end.done()

    def over(self) -> bool:
        return self._end.done()

    def close(self) -> None:
        """Wait for nothing any more."""
        self._end.cancel()
        if self._start is not None:
            self._start.cancel()


async def _pump(
    stream: Stream,
    container: Container,
    live: _Live,
    log: Log,
    start: int,
    streams: dict[str, bool],
    stdin: bool,
    keys: DetachKeys | None,
) -> None:
    """Carry bytes both ways until the container ends, the client leaves, or detaches."""
    output = asyncio.ensure_future(_send_output(stream, container, live, log, start, streams))
    leaving: list[asyncio.Future[Any]] = [asyncio.ensure_future(stream.gone.wait())]
    if stdin:
        leaving.append(asyncio.ensure_future(_feed(stream, container, live, keys)))
    try:
        await asyncio.wait([output, *leaving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        live.close()
        for task in (output, *leaving):
            task.cancel()
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(output, *leaving, return_exceptions=True)


async def _send_output(
    stream: Stream,
    container: Container,
    live: _Live,
    log: Log,
    start: int,
    streams: dict[str, bool],
) -> None:
    if not await live.begun():
        return
    async for entry in log.follow(live.over, _Wake(container), start=start, raw=True, **streams):
        await stream.write(_raw(container, entry))


def _raw(container: Container, entry: Entry) -> bytes:
    return entry.data if container.tty else frame(entry.stream, entry.data)


async def _feed(stream: Stream, container: Container, live: _Live, keys: DetachKeys | None) -> None:
    """Carry the client's input in. Returns only when the client detached."""
    if not await live.begun():
        return
    process = container.process
    while process is not None and (data := await stream.read()):
        if keys is not None:
            data = keys.filter(data)
            if keys.pressed:
                return
        if data:
            await process.write_stdin(data)
    if process is not None and container.config["StdinOnce"] and not container.tty:
        await process.close_stdin()
    await stream.gone.wait()


ROUTES = [
    Route("POST", "/containers/{name}/wait", wait, cancellable=True),
    Route("GET", "/containers/{name}/logs", logs),
    Route("POST", "/containers/{name}/attach", attach, cancellable=True),
]
