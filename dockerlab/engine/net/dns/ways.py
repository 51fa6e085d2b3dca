"""How the engine gets to a name server that a container was told to ask (``--dns``).

One in a network of the container's is reached as the container would reach it; any other by the
machine's own way.
"""

from __future__ import annotations

import socket
from typing import Any, Protocol

from dockerlab.engine.net import loopback
from dockerlab.engine.net.relay import Source

Target = tuple[Any, ...]
"""Host and port; of IPv6 two numbers more."""


class Neighbours(Protocol):
    """Who is where: what ``Networks`` knows."""

    def behind(self, container_id: str, address: str) -> str:
        """Where whoever has this address in one of the container's networks really is."""
        ...


class Ways:
    """``source`` gives sockets that see the containers."""

    def __init__(self, neighbours: Neighbours, source: Source) -> None:
        self._neighbours = neighbours
        self._source = source

    def to(
        self, container_id: str, server: str, port: int, kind: socket.SocketKind
    ) -> tuple[socket.socket, Target]:
        """A socket that does not block, and where it is to be connected to. Raises OSError."""
        where = self._neighbours.behind(container_id, server)
        if not where:
            return plain(server, port, kind)
        tcp = kind == socket.SOCK_STREAM
        sock = self._source.tcp() if tcp else self._source.udp()
        return sock, (where, port if where == server else loopback.port(port))


def plain(server: str, port: int, kind: socket.SocketKind) -> tuple[socket.socket, Target]:
    """By the machine's own network, IPv4 or IPv6. Raises OSError for what is no address."""
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    family, _, _, _, where = socket.getaddrinfo(server, port, type=kind, flags=flags)[0]
    return socket.socket(family, kind | socket.SOCK_NONBLOCK), where
