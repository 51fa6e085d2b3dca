"""/exec: programs started in running containers, and their streams."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiohttp import web

from dockerlab.engine.api.containers import dimensions, named
from dockerlab.engine.api.detach import DetachKeys
from dockerlab.engine.api.router import Route, empty, json, json_body
from dockerlab.engine.api.server import Hijack, Stream, frame
from dockerlab.engine.background import keep
from dockerlab.engine.containers.programs import pipe as pipes
from dockerlab.engine.containers.programs.execs import Exec, Execs
from dockerlab.engine.containers.programs.pipe import Pipe
from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import Conflict
from dockerlab.engine.run.process import ExecProcess

LINGER = 2.0
"""Seconds for which output is still read after the program's end: its children may have it."""


async def create(request: web.Request, daemon: Daemon) -> web.Response:
    container = named(request, daemon)
    made = daemon.containers.execs.create(container, await json_body(request))
    return json({"Id": made.id}, 201)


async def inspect(request: web.Request, daemon: Daemon) -> web.Response:
    return json(_found(request, daemon).view())


async def resize(request: web.Request, daemon: Daemon) -> web.Response:
    rows, columns = dimensions(request)
    daemon.containers.execs.resize(_found(request, daemon), rows, columns)
    return empty(200)


def _found(request: web.Request, daemon: Daemon) -> Exec:
    return daemon.containers.execs.get(request.match_info["id"])


async def start(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    exec, body = _found(request, daemon), await json_body(request)
    execs = daemon.containers.execs
    size = body.get("ConsoleSize")
    if isinstance(size, list) and len(size) == 2 and all(isinstance(n, int) for n in size):
        exec.rows_columns = (size[0], size[1])
    if body.get("Detach"):
        process = await execs.start(exec)
        keep(asyncio.create_task(_unheard(execs, exec, process)))
        return empty(200)
    return await _attached(request, execs, exec, raw=bool(body.get("Tty")))


async def _attached(
    request: web.Request, execs: Execs, exec: Exec, *, raw: bool
) -> web.StreamResponse:
    """Run it with its streams on this connection; ``raw``: without frames."""
    failure = ""
    try:
        process: ExecProcess | None = await execs.start(exec)
    except Conflict:
        raise
    except Exception as error:
        # Docker has answered 101 by then: the reason goes out as output.
        process, failure = None, f"{getattr(error, 'message', error)}\r\n"
    hijack = Hijack(request)
    try:
        async with hijack as stream:
            if process is None:
                await stream.write(_wrap(failure.encode(), "stdout", raw))
            else:
                await _Session(stream, execs, exec, process, raw=raw).run()
    except ConnectionError:
        if process is not None and exec.running:
            await _unheard(execs, exec, process)
    return hijack.response


def _wrap(data: bytes, stream: str, raw: bool) -> bytes:
    return data if raw else frame(stream, data)


class _Session:
    """One attached exec: bytes both ways until the program ends."""

    def __init__(
        self, stream: Stream, execs: Execs, exec: Exec, process: ExecProcess, *, raw: bool
    ) -> None:
        self._stream = stream
        self._execs = execs
        self._exec = exec
        self._process = process
        self._raw = raw
        request = exec.request
        self._keys = (
            DetachKeys(request["DetachKeys"]) if exec.tty and request["AttachStdin"] else None
        )

    async def run(self) -> None:
        """Carry bytes; afterwards the exec is over, whatever the client did."""
        process = self._process
        reading = asyncio.ensure_future(self._read_all())
        feeding = asyncio.ensure_future(self._feed())
        ending = asyncio.ensure_future(process.wait())
        try:
            await self._until_over(reading, feeding, ending)
        finally:
            for task in (reading, feeding):
                task.cancel()
            await asyncio.gather(reading, feeding, return_exceptions=True)
            if ending.done():
                await self._execs.finish(self._exec)
            else:  # detached by its keys: it goes on without us
                keep(asyncio.ensure_future(_unheard(self._execs, self._exec, process)))

    async def _until_over(
        self,
        reading: asyncio.Future[None],
        feeding: asyncio.Future[None],
        ending: asyncio.Future[int],
    ) -> None:
        first: set[asyncio.Future[Any]] = {ending, feeding}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not ending.done() and not (self._keys is not None and self._keys.pressed):
            await ending
        if ending.done():
            await asyncio.wait({reading}, timeout=LINGER)

    async def _read_all(self) -> None:
        outputs = {self._process.stdout: "stdout", self._process.stderr: "stderr"}
        outputs.pop(-1, None)
        await asyncio.gather(*(self._read(fd, name) for fd, name in outputs.items()))

    async def _read(self, descriptor: int, name: str) -> None:
        pipe = Pipe(descriptor)
        wanted = self._exec.request["AttachStdout" if name == "stdout" else "AttachStderr"]
        while data := await pipe.read():
            # A client that went away must not block the program by a full pipe.
            if wanted and not self._stream.gone.is_set():
                with contextlib.suppress(ConnectionError):
                    await self._stream.write(_wrap(data, name, self._raw))

    async def _feed(self) -> None:
        """Carry input in. Returns at once only when the client detached."""
        if self._process.stdin != -1:
            pipe = Pipe(self._process.stdin)
            while data := await self._stream.read():
                if self._keys is not None:
                    data = self._keys.filter(data)
                with contextlib.suppress(BrokenPipeError):
                    await pipe.write(data)
                if self._keys is not None and self._keys.pressed:
                    return
            if self._process.stdin != self._process.stdout:
                pipes.close(self._process.stdin)
                self._process.stdin = -1
        await asyncio.Event().wait()


async def _unheard(execs: Execs, exec: Exec, process: ExecProcess) -> None:
    """Let a program run to its end with nobody listening."""
    readers = [
        asyncio.ensure_future(_discard(descriptor))
        for descriptor in {process.stdout, process.stderr} - {-1}
    ]
    try:
        await process.wait()
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        await execs.finish(exec)


async def _discard(descriptor: int) -> None:
    pipe = Pipe(descriptor)
    while await pipe.read():
        pass


ROUTES = [
    Route("POST", "/containers/{name}/exec", create),
    Route("GET", "/exec/{id}/json", inspect),
    Route("POST", "/exec/{id}/start", start),
    Route("POST", "/exec/{id}/resize", resize),
]
