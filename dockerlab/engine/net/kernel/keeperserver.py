"""The keeper's own process: carries out what ``keeper.py`` asks for. Nothing here may be slow.

Keep the imports light: its memory is there as long as the engine.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import socket
import sys
from typing import NamedTuple

from dockerlab.engine.net.kernel import netlink
from dockerlab.engine.net.kernel.forwarding import Forwarding
from dockerlab.engine.net.kernel.keeper import MOST_DESCRIPTORS, NAMESPACES, receive

_PROTOCOLS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
_LAST_MOMENTS = 1_000
"""Milliseconds that the uplink has to end when it is told to."""
_LOOK_AROUND = 30_000
"""Milliseconds between two looks at whether the engine's folder is still there."""


def main() -> None:
    """See ``serve``: the process's last three arguments are its own."""
    serve(sys.argv[-3], int(sys.argv[-2]), int(sys.argv[-1]))


def serve(path: str, listener: int, status: int) -> None:
    """Set up the network namespace, say ``ok`` or what is wrong on ``status``, and serve."""
    try:
        netlink.link_up("lo")
        forwarding = Forwarding()
    except OSError as error:
        os.write(status, str(error).encode())
        sys.exit(1)
    os.write(status, b"ok")
    os.close(status)
    Server(path, socket.socket(fileno=listener), forwarding).run()


class _Bridge(NamedTuple):
    """What the cards of a bridge are like."""

    mtu: int = 0
    isolated: bool = False


class _Uplink:
    """The process that brings the containers' packets out, as the keeper holds it."""

    def __init__(self, life_line: int, process: int) -> None:
        self._life_line = os.dup(life_line)
        self.process = os.dup(process)

    def ended(self, patience: int = 0) -> bool:
        """Whether it has ended, within so many milliseconds."""
        poll = select.poll()
        poll.register(self.process, select.POLLIN)
        return bool(poll.poll(patience))

    def end(self) -> None:
        """Let it end, and wait a moment for that; fine when it has ended."""
        os.close(self._life_line)
        if not self.ended(_LAST_MOMENTS):
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self.process, signal.SIGKILL)
        os.close(self.process)


class Server:
    """Answers requests one after the other: each takes microseconds, a veth about 1 ms."""

    def __init__(self, path: str, listener: socket.socket, forwarding: Forwarding) -> None:
        self._path = path
        self._identity = os.stat(path).st_ino
        self._listener = listener
        self._forwarding = forwarding
        self._uplink: _Uplink | None = None
        self._clients: dict[int, socket.socket] = {}
        self._bridges: dict[str, _Bridge] = {}
        self._cards: dict[str, dict[str, str]] = {}
        """The newest card of each address, by bridge."""
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)
        self._going = True

    def run(self) -> None:
        while self._going:
            ready = self._poll.poll(_LOOK_AROUND)
            if not ready and not self._wanted():
                break
            for fd, _ in ready:
                if fd == self._listener.fileno():
                    self._accept()
                elif fd in self._clients:
                    self._serve(self._clients[fd])
                elif self._uplink is not None and fd == self._uplink.process:
                    self._end_uplink()
        self._end_uplink()
        if self._wanted():
            os.unlink(self._path)
        for sock in (self._listener, *self._clients.values()):
            sock.close()

    def _wanted(self) -> bool:
        """False once the engine's folder was deleted or another keeper took over the name."""
        try:
            return os.stat(self._path).st_ino == self._identity
        except OSError:
            return False

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            client.settimeout(1.0)
            self._clients[client.fileno()] = client
            self._poll.register(client, select.POLLIN)

    def _serve(self, client: socket.socket) -> None:
        given: list[int] = []
        out: list[int] = []
        try:
            data, given = receive(client)
            if not data:
                return self._drop(client)
            try:
                out, answer = self._do(json.loads(data), given), {}
            except OSError as error:
                answer = {"errno": error.errno or errno.EIO, "error": error.strerror or str(error)}
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                answer = {"errno": errno.EINVAL, "error": f"bad request: {error!r}"}
            socket.send_fds(client, [json.dumps(answer).encode()], out)
        except OSError:
            self._drop(client)
        finally:
            for fd in given + out:
                os.close(fd)

    def _drop(self, client: socket.socket) -> None:
        self._poll.unregister(client)
        del self._clients[client.fileno()]
        client.close()

    def _open_uplink(self, address: str, gateway: str, life_line: int, process: int) -> None:
        self._end_uplink()
        self._forwarding.open(address, gateway)
        self._uplink = _Uplink(life_line, process)
        self._poll.register(self._uplink.process, select.POLLIN)

    def _end_uplink(self) -> None:
        """It has ended by itself, or is to end with us; fine when there is none."""
        if self._uplink is not None:
            with contextlib.suppress(OSError):
                self._forwarding.close()
            self._poll.unregister(self._uplink.process)
            self._uplink.end()
            self._uplink = None

    def _replace_card(self, bridge: str, address: str, name: str) -> None:
        """A new card is to have this address: take away the one that had it.

        When a container ends the kernel removes its cards in its own time, on a busy machine
        seconds later. Until then they answer for an address that may be another container's.
        """
        cards = self._cards.setdefault(bridge, {})
        if address in cards:
            _unlink(cards[address])
        cards[address] = name

    def _do(self, request: dict[str, str], given: list[int]) -> list[int]:
        """Carry out one request; what it returns are descriptors to send and close."""
        match request.get("do"):
            case "bridge":
                bridge = _Bridge(int(request.get("mtu", 0)), bool(request.get("isolated")))
                _make_bridge(request, bridge)
                self._bridges[request["name"]] = bridge
            case "veth":
                self._replace_card(request["bridge"], request["address"], request["name"])
                _make_veth(request, given[0], self._bridges.get(request["bridge"], _Bridge()))
            case "unlink":
                _unlink(request["name"])
                self._bridges.pop(request["name"], None)
                self._cards.pop(request["name"], None)
                self._forwarding.forget(request["name"])
            case "fence":
                let_out = bool(request["let_out"])
                self._forwarding.fence(request["bridge"], request["subnet"], let_out)
            case "open uplink":
                self._open_uplink(request["address"], request["gateway"], *given)
            case "has uplink":
                if self._uplink is not None and self._uplink.ended():
                    self._end_uplink()
                if self._uplink is None:
                    raise OSError(errno.ENETDOWN, os.strerror(errno.ENETDOWN))
            case "sockets":
                return _make_sockets(_PROTOCOLS[request["proto"]], int(request["count"]))
            case "namespaces":
                return [os.open(f"/proc/self/ns/{name}", os.O_RDONLY) for name in NAMESPACES]
            case "stop":
                self._going = False
            case None:
                pass
            case other:
                raise ValueError(other)
        return []


def _make_bridge(request: dict[str, str], bridge: _Bridge) -> None:
    name = request["name"]
    try:
        netlink.create_bridge(name, request["mac"])
    except FileExistsError:
        return
    if bridge.mtu:
        netlink.set_mtu(name, bridge.mtu)
    netlink.add_address(name, request["address"])
    netlink.link_up(name)


def _make_veth(request: dict[str, str], netns: int, bridge: _Bridge) -> None:
    name, peer, mac = request["name"], request["peer"], request["mac"]
    try:
        netlink.create_veth(name, peer, mac, netns, request["bridge"], bridge.mtu)
    except FileExistsError:
        # Left from the container's last run: the kernel removes those in its own time.
        _unlink(name)
        netlink.create_veth(name, peer, mac, netns, request["bridge"], bridge.mtu)
    if bridge.isolated:
        netlink.isolate(name)
    netlink.link_up(name)


def _unlink(name: str) -> None:
    try:
        netlink.delete_link(name)
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise


def _make_sockets(kind: int, count: int) -> list[int]:
    made: list[int] = []
    try:
        for _ in range(min(count, MOST_DESCRIPTORS)):
            made.append(socket.socket(socket.AF_INET, kind).detach())
    except OSError:
        for fd in made:
            os.close(fd)
        raise
    return made


if __name__ == "__main__":
    main()
