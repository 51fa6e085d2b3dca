"""The name server's sockets in a container's network namespace, and how the shim gets them.

The first process makes them on its way, when it is known from the start that they are needed;
later a helper does, which joins the container's network for that and ends.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import NoReturn

from dockerlab.engine.run import kernel
from dockerlab.engine.run.namespaces import handshake
from dockerlab.engine.run.shim import nameserver

Pair = tuple[socket.socket, socket.socket]


class Resolver:
    """Keeps the sockets in the shim."""

    def __init__(self) -> None:
        self._sockets: Pair | None = None

    def keep(self, given: list[int]) -> Pair:
        """Keep what was given."""
        for descriptor in given:
            os.set_inheritable(descriptor, False)
        udp, tcp = (socket.socket(fileno=descriptor) for descriptor in given)
        self._sockets = udp, tcp
        return self._sockets

    def sockets(self, process: int) -> Pair:
        """The UDP and the TCP socket; made when there are none. ``process``: a pidfd inside.

        Raises OSError.
        """
        return self._sockets or self.keep(_made(process))

    def close(self) -> None:
        for sock in self._sockets or ():
            sock.close()
        self._sockets = None


def give(channel: socket.socket) -> None:
    """Make them here and send them to the shim."""
    udp, tcp = nameserver.open_sockets()
    with udp, tcp:
        socket.send_fds(channel, [b"r"], [udp.fileno(), tcp.fileno()])


def _made(process: int) -> list[int]:
    ours, theirs = handshake.channel()
    pid = kernel.clone(0)  # not in the container's cgroup, which may be frozen or full
    if pid == 0:
        _help(process, theirs)
    theirs.close()
    with ours:
        data, given, _, _ = socket.recv_fds(ours, 16, 2)
    os.waitpid(pid, 0)
    if len(given) < 2:
        number = int(data or errno.EPERM)
        raise OSError(number, f"port {nameserver.PORT} inside: {os.strerror(number)}")
    return given


def _help(process: int, channel: socket.socket) -> NoReturn:
    try:
        kernel.hide()
        kernel.setns(process, kernel.CLONE_NEWNET)
        give(channel)
    except OSError as error:
        channel.send(str(error.errno).encode())
    finally:
        os._exit(0)
