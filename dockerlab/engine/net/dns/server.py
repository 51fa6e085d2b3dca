"""The name server in containers' networks: what answers at 127.0.0.11 inside.

Its sockets are in the container's network (the shim makes and keeps them, so they outlive the
engine), the answers are the engine's, which knows who is called what. Names it does not know are
passed on to the servers outside, unless all networks of the container are internal ones.

One thing is not as in Docker 20.10: when nobody outside can be asked, or nobody answers, that
engine says nothing and lets the program wait; this one says SERVFAIL, as later ones do. Programs
take both for a temporary failure. And a type of record that a known name does not have (TXT, say)
is answered with none, not asked outside.

Whatever a container sends costs it more than us: bounded work a packet, bounded questions that
wait, bounded connections with a time limit. Packets that are none get no answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from dockerlab.engine.net.dns import message
from dockerlab.engine.net.dns.forwarder import Forwarder
from dockerlab.engine.net.dns.message import IN, NOTIMP, Malformed, Query

_BATCH = 16
"""Datagrams taken at a time: others want to be served too."""
_MOST_CONNECTIONS = 16
_IDLE = 10.0
"""Seconds that a connection may take for a question."""
_FLOOD = 32
"""Questions by one connection; whoever has more opens another."""


class Directory(Protocol):
    """Who is called what: what ``Networks`` knows."""

    def lookup(self, container_id: str, name: str) -> list[str]: ...
    def reverse(self, container_id: str, address: str) -> str: ...
    def reaches_outside(self, container_id: str) -> bool:
        """Whether the container is in a network that is not internal."""
        ...

    def behind(self, container_id: str, address: str) -> str:
        """Where whoever has this address in one of the container's networks really is."""
        ...


class Holder(Protocol):
    """What holds the sockets: ``run.process.Process``."""

    async def resolver(self) -> list[socket.socket]:
        """The UDP and the TCP socket of the name server; made when there are none yet."""
        ...


class Resolvers:
    """The name servers of all containers that have one."""

    def __init__(self, directory: Directory, forwarder: Forwarder) -> None:
        self._directory = directory
        self._forwarder = forwarder
        self._servers: dict[str, Server] = {}

    async def serve(
        self, container_id: str, holder: Holder, outside: Callable[[], Sequence[str]]
    ) -> None:
        """Answer from now on, if not yet. ``outside``: servers for what is not known here.

        Raises ServerError when there can be no such sockets, as port 53 is taken inside.
        """
        if container_id in self._servers:
            return
        server = Server(container_id, self._directory, self._forwarder, outside)
        self._servers[container_id] = server
        try:
            await server.start(*await holder.resolver())
        except BaseException:
            self.forget(container_id)
            raise

    def forget(self, container_id: str) -> None:
        """Let go of the sockets; not having any is fine."""
        if server := self._servers.pop(container_id, None):
            server.close()

    def close(self) -> None:
        for container_id in list(self._servers):
            self.forget(container_id)


class Server:
    """The name server of one container, by UDP and TCP."""

    def __init__(
        self,
        container_id: str,
        directory: Directory,
        forwarder: Forwarder,
        outside: Callable[[], Sequence[str]],
    ) -> None:
        self._id = container_id
        self._directory = directory
        self._forwarder = forwarder
        self._outside = outside
        self._udp: socket.socket | None = None
        self._tcp: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[asyncio.StreamWriter] = set()
        self._closed = False

    async def start(self, udp: socket.socket, tcp: socket.socket) -> None:
        """Both are this object's from now on."""
        for sock in (udp, tcp):
            sock.setblocking(False)
        self._tcp = await asyncio.start_server(self._connected, sock=tcp, backlog=_MOST_CONNECTIONS)
        self._udp = udp
        asyncio.get_running_loop().add_reader(udp, self._readable)
        if self._closed:  # forgotten meanwhile
            self.close()

    def close(self) -> None:
        self._closed = True
        if self._udp is not None:
            asyncio.get_running_loop().remove_reader(self._udp)
            self._udp.close()
            self._udp = None
        if self._tcp is not None:
            self._tcp.close()
            self._tcp = None
        for task in self._tasks:
            task.cancel()
        for writer in self._connections:
            writer.transport.abort()

    # ---- what is answered

    def _attempt(self, data: bytes, *, room: int = 0) -> bytes | Query:
        """The answer to a message; the question itself, if others have to be asked.

        ``room``: bytes that it may have; 0: as many as the asker takes by UDP. What is no question
        may get the empty answer, which is not to be sent.
        """
        try:
            query = message.parse(data)
        except Malformed as malformed:
            return malformed.answer
        if query.category != IN:
            return message.reply(query, code=NOTIMP)
        records = self._known(query)
        if records is None:
            return query
        return message.reply(query, records, room=room or query.room)

    def _known(self, query: Query) -> list[bytes] | None:
        """The records of a name; none for a type that it does not have; None: not known."""
        if query.kind == message.PTR:
            name = query.reversed and self._directory.reverse(self._id, query.reversed)
            with contextlib.suppress(ValueError):  # a name too long for DNS
                return message.pointer(name) if name else None
            return None
        found = self._directory.lookup(self._id, query.name)
        if not found:
            return None
        return message.addresses(found) if query.kind == message.A else []

    async def _elsewhere(self, query: Query, data: bytes, *, whole: bool) -> bytes:
        servers = [server for server in self._outside() if self._reaches(server)]
        return await self._forwarder.ask(self._id, servers, query, data, whole=whole)

    def _reaches(self, server: str) -> bool:
        directory = self._directory
        return directory.reaches_outside(self._id) or bool(directory.behind(self._id, server))

    # ---- UDP

    def _readable(self) -> None:
        for _ in range(_BATCH):
            if self._udp is None:
                return
            try:
                data, client = self._udp.recvfrom(message.LARGEST)
            except OSError:  # nothing (more), or that an answer did not arrive
                return
            self._datagram(data, client)

    def _datagram(self, data: bytes, client: tuple[str, int]) -> None:
        answer = self._attempt(data)
        if isinstance(answer, Query):
            self._spawn(self._pass_on(answer, data, client))
        elif answer:
            self._send(answer, client)

    async def _pass_on(self, query: Query, data: bytes, client: tuple[str, int]) -> None:
        self._send(await self._elsewhere(query, data, whole=False), client)

    def _send(self, answer: bytes, client: tuple[str, int]) -> None:
        if self._udp is not None:
            with contextlib.suppress(OSError):  # its buffer is full, or it has gone
                self._udp.sendto(answer, client)

    # ---- TCP

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= _MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections.add(writer)
        try:
            with contextlib.suppress(OSError, TimeoutError, EOFError):
                for _ in range(_FLOOD):
                    await self._exchange(reader, writer)
        finally:
            await _ended(writer)
            self._connections.discard(writer)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question and its answer. Raises when there is none (any more)."""
        async with asyncio.timeout(_IDLE):
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            data = await reader.readexactly(length)
        answer = self._attempt(data, room=message.LARGEST)
        if isinstance(answer, Query):
            answer = await self._elsewhere(answer, data, whole=True)
        if not answer:
            raise EOFError("it does not speak DNS")
        async with asyncio.timeout(_IDLE):
            writer.write(struct.pack("!H", len(answer)) + answer)
            await writer.drain()

    # ---- inside

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _ended(writer: asyncio.StreamWriter) -> None:
    """Close a connection, at the latest when there was time to read what was still to be sent."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_IDLE):
            await writer.wait_closed()
    writer.transport.abort()
