"""Passing questions on to name servers outside: those of ``--dns``, else the host's.

Each question goes out from a socket of its own, with an id of its own, so that no one can slip an
answer in. A server that does not answer, or not usefully, is followed by the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import socket
import struct
from collections.abc import Callable, Sequence

from dockerlab.engine.net.dns import message
from dockerlab.engine.net.dns.message import REFUSED, SERVFAIL, Query
from dockerlab.engine.net.dns.ways import Target

PORT = 53
_MOST_SERVERS = 3
_PATIENCE = 4.0
"""Seconds for each server, as Docker has it: less than the five of the C libraries."""
_MOST_WAITING = 100
"""Questions of one container that wait for an answer."""
_MOST_IN_ALL, _ALWAYS = 400, 4
"""Each holds a descriptor of the engine's. A few a container may have even if others have all."""
_STRANGE = 16
"""Packets that are not the answer before the server is given up."""

Way = Callable[[str, str, int, socket.SocketKind], tuple[socket.socket, Target]]
"""``(container, server, port, kind)``: see ``Ways.to``."""
Partial = Callable[[socket.SocketKind], tuple[socket.socket, Target]]
"""To one server."""


class Forwarder:
    """For all containers of the engine."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._waiting: dict[str, int] = {}

    async def ask(
        self, container_id: str, servers: Sequence[str], query: Query, data: bytes, *, whole: bool
    ) -> bytes:
        """The answer for the asker, at worst that none could be had.

        ``whole``: one that UDP truncated is fetched by TCP.
        """
        count = self._waiting.get(container_id, 0)
        most = _MOST_WAITING if sum(self._waiting.values()) < _MOST_IN_ALL else _ALWAYS
        if count >= most:
            return message.reply(query, code=SERVFAIL)
        self._waiting[container_id] = count + 1
        try:
            return await self._ask(container_id, servers, query, data, whole)
        finally:
            self._waiting[container_id] -= 1
            if not self._waiting[container_id]:
                del self._waiting[container_id]

    async def _ask(
        self, container_id: str, servers: Sequence[str], query: Query, data: bytes, whole: bool
    ) -> bytes:
        found = message.reply(query, code=SERVFAIL)
        for server in servers[:_MOST_SERVERS]:
            # No server, no way there, a packet that is none: the next one may do better.
            with contextlib.suppress(OSError, TimeoutError, EOFError):
                way = functools.partial(self._way, container_id, server, PORT)
                async with asyncio.timeout(_PATIENCE):
                    found = await _fetch(way, query, data, whole)
                if message.code(found) not in (SERVFAIL, REFUSED):
                    break
        return found


async def _fetch(way: Partial, query: Query, data: bytes, whole: bool) -> bytes:
    id = secrets.randbelow(1 << 16)
    sent = message.renumbered(data, id)
    found = await _by_udp(way, query, sent, id)
    if whole and message.truncated(found):
        found = await _by_tcp(way, query, sent, id)
    return message.relayed(query, found, 0 if whole else query.room)


async def _by_udp(way: Partial, query: Query, data: bytes, id: int) -> bytes:
    loop = asyncio.get_running_loop()
    sock, where = way(socket.SOCK_DGRAM)
    with sock:
        sock.connect(where)
        await loop.sock_sendall(sock, data)
        for _ in range(_STRANGE):
            found = await loop.sock_recv(sock, message.LARGEST)
            if message.answers(query, found, id):
                return found
    raise EOFError("no answer among what came")


async def _by_tcp(way: Partial, query: Query, data: bytes, id: int) -> bytes:
    sock, where = way(socket.SOCK_STREAM)
    with sock:
        await asyncio.get_running_loop().sock_connect(sock, where)
        reader, writer = await asyncio.open_connection(sock=sock)
        try:
            writer.write(struct.pack("!H", len(data)) + data)
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            found = await reader.readexactly(length)
        finally:
            writer.transport.abort()  # as it would wait for a server that reads nothing
    if not message.answers(query, found, id):
        raise EOFError("not the answer")
    return found
