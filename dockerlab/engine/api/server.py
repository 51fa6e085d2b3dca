"""Bytes: the socket, HTTP by aiohttp, and connections taken over ("hijacked") for raw streams.

``attach`` and ``exec start`` answer with a status line and then use the connection as a plain
two-way pipe. aiohttp has no such thing, so the transport is given another protocol; that needs
one private attribute of aiohttp (``_message_tail``, bytes read past the request), which is why
its version is pinned. Nothing outside this module knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from dockerlab.engine.api.router import API_VERSION, BODY_LIMIT, STARTED, Route, Router
from dockerlab.engine.daemon import VERSION, Daemon
from dockerlab.engine.errors import Conflict, ServerError

RAW_STREAM = "application/vnd.docker.raw-stream"

_HEADERS = {
    "Api-Version": API_VERSION,
    "Docker-Experimental": "false",
    "Ostype": "linux",
    "Server": f"Docker/{VERSION} (linux)",
}
_SIOCOUTQ = 0x5411
_PATH_LIMIT = 107
"""Longest path that fits into a sockaddr_un."""

_BUFFER = 256 << 10
"""Bytes from the client that may wait before it is told to slow down."""


class Server:
    """The engine's HTTP server on one unix socket."""

    def __init__(self, routes: Iterable[Route], daemon: Daemon, path: Path) -> None:
        self._router = Router(routes, daemon)
        self._path = path
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen. The socket is private (0600) from its first moment."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/{path:.*}", self._router.handle)
        app.on_response_prepare.append(_add_headers)
        runner = web.AppRunner(
            app,
            handler_cancellation=True,
            access_log=None,
            keepalive_timeout=300,
            shutdown_timeout=0.5,
            auto_decompress=False,
        )
        await runner.setup()
        self._runner = runner
        await web.SockSite(runner, listen(self._path)).start()

    async def stop(self) -> None:
        """Stop listening and end open connections."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._path.unlink(missing_ok=True)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    request[STARTED] = True
    response.headers.update(_HEADERS)


def listen(path: Path) -> socket.socket:
    """A listening unix socket at ``path``, mode 0600 without a moment in between.

    Raises Conflict when something already answers there.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    # A path too long for sockaddr_un is reached through its open folder.
    address = str(path)
    if len(os.fsencode(address)) > _PATH_LIMIT:
        address = f"/proc/self/fd/{folder}/{path.name}"
    before = os.umask(0o177)
    try:
        _clear(path, address)
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise ServerError(f"cannot listen on {path}: {error.strerror}") from error
    finally:
        os.umask(before)
        os.close(folder)
    sock.listen(128)
    return sock


def _clear(path: Path, address: str) -> None:
    """Remove the socket of an engine that is gone; refuse to take one that answers."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(address)
        except FileNotFoundError:
            return
        except OSError:
            if not path.is_socket():
                raise
            path.unlink()
            return
    raise Conflict(f"another engine already answers on {path}")


class Stream(asyncio.Protocol):
    """A hijacked connection: read what the client sends, write what it shall get.

    ``gone`` is set when the client went away; an end of file from it (half-close) only ends
    ``read``.
    """

    def __init__(self, transport: asyncio.Transport, early: bytes) -> None:
        self._transport = transport
        self._chunks: deque[bytes] = deque([early] if early else [])
        self._size = len(early)
        self._eof = False
        self._reading = True
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self.gone = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self._chunks.append(data)
        self._size += len(data)
        self._arrived.set()
        if self._size > _BUFFER and self._reading:
            self._reading = False
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._eof = True
        self._arrived.set()
        return True  # keep our side open: output goes on after the client's half-close

    def connection_lost(self, exc: Exception | None) -> None:
        self._eof = True
        self.gone.set()
        self._arrived.set()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    async def read(self) -> bytes:
        """What the client sent; ``b""`` at its end of file or when it is gone."""
        while not self._chunks and not self._eof:
            self._arrived.clear()
            await self._arrived.wait()
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        if not self._reading and not self.gone.is_set():
            self._reading = True
            self._transport.resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        """Send, waiting while the client is slow.

        Raises ConnectionResetError when it is gone.
        """
        if self.gone.is_set() or self._transport.is_closing():
            raise ConnectionResetError("the client went away")
        self._transport.write(data)
        # A socket that takes everything at once must not keep others from their turn.
        await asyncio.sleep(0)
        await self._writable.wait()

    async def sent(self) -> None:
        """Wait until the peer has taken what was written.

        docker-py loses stream bytes that arrive in one packet with the response's head.
        """
        handle = self._transport.get_extra_info("socket")
        for _ in range(2000):
            if self.gone.is_set():
                return
            with contextlib.suppress(OSError):
                waiting = fcntl.ioctl(handle.fileno(), _SIOCOUTQ, b"\0" * 4)
                if struct.unpack("i", waiting)[0] == 0:
                    return
            await asyncio.sleep(0.0005)

    def close(self) -> None:
        """End the connection after what was written has gone out."""
        if not self.gone.is_set():
            self._transport.close()


class Hijacked(web.StreamResponse):
    """What a handler returns after it used the connection itself: nothing is sent any more."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None

    @property
    def keep_alive(self) -> bool | None:
        return False


class Hijack:
    """``async with Hijack(request) as stream``: the connection as a raw stream.

    Answers 101 when the client asked to upgrade and 200 otherwise, as Docker does. The handler
    returns ``hijack.response`` afterwards.
    """

    def __init__(self, request: web.Request, content_type: str = RAW_STREAM) -> None:
        self._request = request
        self._content_type = content_type
        self._stream: Stream | None = None
        self.response = Hijacked()

    async def __aenter__(self) -> Stream:
        request = self._request
        transport, protocol = request.transport, cast(Any, request.protocol)
        if transport is None:
            raise ConnectionResetError("the client went away")
        early, protocol._message_tail = protocol._message_tail, b""
        stream = Stream(transport, early)
        transport.set_protocol(stream)
        request[STARTED] = True
        self._stream = stream
        await stream.write(self._head())
        await stream.sent()
        return stream

    def _head(self) -> bytes:
        upgrade = self._request.headers.get("Upgrade", "").lower()
        if upgrade:
            first, last = "101 UPGRADED", f"Connection: Upgrade\r\nUpgrade: {upgrade}\r\n"
        else:
            first, last = "200 OK", "Connection: close\r\n"
        headers = "".join(f"{name}: {value}\r\n" for name, value in _HEADERS.items())
        head = f"HTTP/1.1 {first}\r\nContent-Type: {self._content_type}\r\n{headers}{last}\r\n"
        return head.encode()

    async def __aexit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
        # aiohttp must learn that the connection is over, or it keeps it in its list for ever.
        self._request.protocol.connection_lost(None)


def frame(stream: str, data: bytes) -> bytes:
    """Data of ``stdout`` or ``stderr`` with the 8-byte header of a multiplexed stream."""
    return struct.pack(">BxxxL", 2 if stream == "stderr" else 1, len(data)) + data
