"""The sockets of a container's name server, at Docker's address for it.

The shim keeps them for the engine, which answers on them: so they outlive it, and what is asked
while it is away waits in them.
"""

from __future__ import annotations

import errno
import socket

from dockerlab.engine.net.loopback import RESOLVER

PORT = 53
_ATTEMPTS = 20
_BACKLOG = 16


def open_sockets(port: int = PORT) -> tuple[socket.socket, socket.socket]:
    """UDP and TCP at the same port; 0: any that is free. Raises OSError."""
    for _ in range(_ATTEMPTS):
        try:
            return _open(port)
        except OSError as error:
            if port or error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, f"no port is free at {RESOLVER}")


def _open(port: int) -> tuple[socket.socket, socket.socket]:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if port:
            # A server of the container's own at 0.0.0.0:53 may be there, too, if it says the same.
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        udp.bind((RESOLVER, port))
        tcp.bind(udp.getsockname())
        tcp.listen(_BACKLOG)
    except BaseException:
        udp.close()
        tcp.close()
        raise
    return udp, tcp
