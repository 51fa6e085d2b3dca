"""Carrying bytes between a port of the host and a port of a container.

The sockets towards the container come from a ``Source``: those of the keeper see the containers'
network, plain ones see the host's loopback addresses (proot).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import cast

from dockerlab.engine.net import loopback
from dockerlab.engine.net.kernel.keeper import Keeper

Address = tuple[str, int]

_CONNECT_TIMEOUT = 10.0
_BATCH = 16
"""TCP sockets fetched from the keeper at a time: one costs as much as sixteen."""
_UDP_IDLE = 90.0
"""Seconds after which a silent UDP exchange is forgotten, as Docker's proxy has it."""
_UDP_MOST = 1024
_DATAGRAM = 65535
_RESET = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing sends a reset instead of an orderly end."""


class Source:
    """Unconnected sockets that can reach the containers."""

    def __init__(self, keeper: Keeper | None) -> None:
        self._keeper = keeper
        self._ready: list[socket.socket] = []

    def tcp(self) -> socket.socket:
        if not self._ready:
            self._ready = self._make("tcp", _BATCH)
        return self._ready.pop()

    def udp(self) -> socket.socket:
        return self._make("udp", 1)[0]

    def close(self) -> None:
        for sock in self._ready:
            sock.close()
        self._ready = []

    def _make(self, proto: str, count: int) -> list[socket.socket]:
        if self._keeper is not None:
            made = self._keeper.sockets(proto, count)
        else:
            kind = socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM
            made = [socket.socket(socket.AF_INET, kind)]
            if proto == "udp":
                # A container answers to where a datagram came from; 127.0.0.1 is itself to it.
                made[0].bind((loopback.RELAY, 0))
        for sock in made:
            sock.setblocking(False)
        return made


class TCPRelay:
    """Listens on a bound socket and connects each client to ``target``."""

    def __init__(self, listener: socket.socket, source: Source, target: Address) -> None:
        self._listener = listener
        self._source = source
        self.target = target
        self._fronts: set[_End] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Front(self._accepted, self._fronts.discard), sock=self._listener, backlog=512
        )

    def close(self) -> None:
        """Stop listening and cut what is going on."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        for front in list(self._fronts):
            front.abort()

    def _accepted(self, front: _End) -> None:
        self._fronts.add(front)
        task = asyncio.get_running_loop().create_task(self._connect(front))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, front: _End) -> None:
        loop = asyncio.get_running_loop()
        try:
            sock = self._source.tcp()
            try:
                async with asyncio.timeout(_CONNECT_TIMEOUT):
                    await loop.sock_connect(sock, self.target)
                back = _End()
                await loop.create_connection(lambda: back, sock=sock)
            except BaseException:
                sock.close()
                raise
        except (OSError, TimeoutError):
            front.abort()  # a client that is refused by the container sees a reset
            return
        front.join(back)


class _End(asyncio.Protocol):
    """One end of a relayed connection; ``other`` is the end to pass everything on to."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.other: _End | None = None
        self._early: list[bytes] = []
        self._ended = False
        """No more data will come from here."""

    def join(self, back: _End) -> None:
        """Start passing on, both ways."""
        if self.transport.is_closing():
            back.abort()
            return
        self.other, back.other = back, self
        for end in (self, back):
            end._begin()

    def _begin(self) -> None:
        assert self.other is not None
        for data in self._early:
            self.other.transport.write(data)
        self._early.clear()
        if self._ended:
            self.other.transport.write_eof()
        self.transport.resume_reading()

    def abort(self) -> None:
        sock = self.transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        # asyncio does it only for sockets that were made as of TCP by name. Without it, the second
        # part of an answer waits for a delayed acknowledgement of the first.
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.transport.write(data)
        else:
            # asyncio before 3.12 starts reading in spite of a pause in connection_made.
            self._early.append(data)
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """Pass the end on; the connection stays for as long as the other way is open."""
        self._ended = True
        other = self.other
        if other is None:
            return True
        if other._ended:
            other.transport.close()
            return False
        if not other.transport.is_closing():
            other.transport.write_eof()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        other, self.other = self.other, None
        if other is None:
            return
        if error is not None:
            other.abort()
        else:
            other.transport.close()

    def pause_writing(self) -> None:
        """Too much is waiting to be sent here: stop reading at the other end."""
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and not self.other.transport.is_closing():
            self.other.transport.resume_reading()


class _Front(_End):
    """The client's end: announces itself when accepted and when gone."""

    def __init__(self, accepted: Callable[[_End], None], gone: Callable[[_End], None]) -> None:
        super().__init__()
        self._accepted, self._gone = accepted, gone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._accepted(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._gone(self)


class UDPRelay:
    """Passes datagrams on; a socket towards the container for each client address."""

    def __init__(self, listener: socket.socket, source: Source, target: Address) -> None:
        self._listener = listener
        self._source = source
        self.target = target
        self._exchanges: dict[Address, _Exchange] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._listener.setblocking(False)
        loop.add_reader(self._listener, self._from_client)
        self._sweeper = loop.call_later(_UDP_IDLE / 2, self._sweep)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for client in list(self._exchanges):
            self._forget(client)

    def _from_client(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            data, client = self._listener.recvfrom(_DATAGRAM)
            exchange = self._exchanges.get(client) or self._begin(client)
            exchange.used = asyncio.get_running_loop().time()
            exchange.sock.send(data)

    def _begin(self, client: Address) -> _Exchange:
        if len(self._exchanges) >= _UDP_MOST:
            self._forget(min(self._exchanges, key=lambda c: self._exchanges[c].used))
        sock = self._source.udp()
        sock.connect(self.target)
        exchange = self._exchanges[client] = _Exchange(sock)
        asyncio.get_running_loop().add_reader(sock, self._from_container, client, exchange)
        return exchange

    def _from_container(self, client: Address, exchange: _Exchange) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            data = exchange.sock.recv(_DATAGRAM)
            exchange.used = asyncio.get_running_loop().time()
            self._listener.sendto(data, client)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for client, exchange in list(self._exchanges.items()):
            if loop.time() - exchange.used > _UDP_IDLE:
                self._forget(client)
        self._sweeper = loop.call_later(_UDP_IDLE / 2, self._sweep)

    def _forget(self, client: Address) -> None:
        exchange = self._exchanges.pop(client)
        asyncio.get_running_loop().remove_reader(exchange.sock)
        exchange.sock.close()


class _Exchange:
    """The container's side of what one client sends and gets; ``used`` in the loop's time."""

    __slots__ = ("sock", "used")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.used = 0.0
