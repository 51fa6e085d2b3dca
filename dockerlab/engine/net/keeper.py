"""The keeper: a small process that keeps the engine's namespaces alive, and its client.

It sits in the engine's user and mount namespaces and in a network namespace that only it and
the containers' bridges live in. When the engine is killed the keeper stays, so running
containers keep their network and the next engine can get back in. An orderly stop ends it.

It speaks on a SOCK_SEQPACKET unix socket: one JSON object a packet, descriptors beside it::

    {"do": "bridge", "name": "docker0", "address": "172.17.0.1/16", "mtu": "0", "isolated": ""}
    {"do": "veth", "bridge": …, "name": …, "mac": …, "peer": "eth0"}   + network namespace
    {"do": "unlink", "name": …}
    {"do": "fence", "bridge": …, "subnet": …, "let_out": "" | "yes"}
    {"do": "open uplink", "address": …, "gateway": …}       + its life line and pidfd
    {"do": "has uplink"}
    {"do": "sockets", "proto": "tcp", "count": "8"}                  → count sockets
    {"do": "namespaces"}                                    → user, mount and network namespace
    {"do": "stop"}

The answer is ``{}``, or ``{"errno": 17, "error": "create bridge docker0: File exists"}``.

Sockets are handed out unconnected: a socket belongs to the namespace it was made in, so whoever
gets one can connect it to a container, and nobody waits in here. Nothing here may be slow.
"""

from __future__ import annotations

import array
import contextlib
import errno
import json
import os
import select
import signal
import socket
import sys
from typing import NamedTuple

from dockerlab.engine.net import netlink
from dockerlab.engine.net.forwarding import Forwarding

_PACKET = 4096
_MOST_DESCRIPTORS = 64
_NAMESPACES = ("user", "mnt", "net")
_PROTOCOLS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
_GONE = "the keeper of the containers' network has ended: stop the engine and start it again"
_LAST_MOMENTS = 1_000
"""Milliseconds that the uplink has to end when it is told to."""
_LOOK_AROUND = 30_000
"""Milliseconds between two looks at whether the engine's folder is still there."""


class Keeper:
    """The client. Small and synchronous: an answer takes well under a millisecond.

    Connects on first use and once more when the connection broke. Not for several threads.
    Raises OSError as the system call in the keeper did; ConnectionError when it is gone.
    """

    def __init__(self, path: str, timeout: float = 10.0) -> None:
        self.path = path
        self.timeout = timeout
        self._sock: socket.socket | None = None

    def bridge(self, name: str, address: str, mtu: int = 0, isolated: bool = False) -> None:
        """Make sure that the bridge exists, is up and has the address (with prefix length).

        ``mtu`` (0: the kernel's choice) and ``isolated`` (cards cannot reach each other) are for
        the cards that are plugged into it from now on.
        """
        request = {"do": "bridge", "name": name, "address": address}
        self._ask({**request, "mtu": str(mtu), "isolated": "yes" if isolated else ""})

    def veth(self, bridge: str, name: str, mac: str, netns: int, peer: str = "eth0") -> None:
        """Put a card ``peer`` into the network namespace, its other end plugged into the bridge.

        The container's end is left down and without address.
        """
        request = {"do": "veth", "bridge": bridge, "name": name, "mac": mac, "peer": peer}
        self._ask(request, [netns])

    def unlink(self, name: str) -> None:
        """Remove a bridge or a card; none of that name is fine."""
        self._ask({"do": "unlink", "name": name})

    def fence(self, bridge: str, subnet: str, let_out: bool) -> None:
        """Keep other networks away from this bridge's; with ``let_out`` it may use the uplink."""
        answer = "yes" if let_out else ""
        self._ask({"do": "fence", "bridge": bridge, "subnet": subnet, "let_out": answer})

    def open_uplink(self, address: str, gateway: str, life_line: int, process: int) -> None:
        """Forward to the uplink whose card is there now.

        ``life_line`` is held as long as the keeper lives, and closed to end the uplink;
        ``process`` is its pidfd.
        """
        request = {"do": "open uplink", "address": address, "gateway": gateway}
        self._ask(request, [life_line, process])

    def has_uplink(self) -> bool:
        try:
            self._ask({"do": "has uplink"})
        except OSError as error:
            if error.errno != errno.ENETDOWN:
                raise
            return False
        return True

    def sockets(self, proto: str = "tcp", count: int = 1) -> list[socket.socket]:
        """Fresh IPv4 sockets (at most 64) that see the containers' network."""
        request = {"do": "sockets", "proto": proto, "count": str(count)}
        descriptors = self._ask(request)
        if not descriptors:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))  # no room to receive them
        return [socket.socket(fileno=fd) for fd in descriptors]

    def connect(
        self, address: str, port: int, timeout: float = 5.0, proto: str = "tcp"
    ) -> socket.socket:
        """A socket connected to a port of a container."""
        sock = self.sockets(proto)[0]
        try:
            sock.settimeout(timeout)
            sock.connect((address, port))
        except BaseException:
            sock.close()
            raise
        return sock

    def namespaces(self) -> dict[str, int]:
        """Descriptors of the keeper's namespaces: user, mnt, net. The caller closes them."""
        return dict(zip(_NAMESPACES, self._ask({"do": "namespaces"}), strict=True))

    def stop(self) -> None:
        """End the keeper and wait until it is gone; fine when it is gone already."""
        with contextlib.suppress(ConnectionError, FileNotFoundError):
            self._ask({"do": "stop"})
            if self._sock is not None:
                self._sock.recv(1)  # nothing comes: this waits for the end
        self.close()

    def alive(self) -> bool:
        try:
            self._ask({})
        except OSError:
            return False
        return True

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _ask(self, request: dict[str, str], descriptors: list[int] | None = None) -> list[int]:
        packet = json.dumps(request).encode()
        fresh = self._sock is None
        try:
            return self._exchange(packet, descriptors or [])
        except (ConnectionError, FileNotFoundError):
            self.close()
            if fresh:
                raise
        return self._exchange(packet, descriptors or [])

    def _exchange(self, packet: bytes, descriptors: list[int]) -> list[int]:
        if self._sock is None:
            try:
                self._sock = _open(self.path, self.timeout)
            except (ConnectionRefusedError, FileNotFoundError):
                raise ConnectionRefusedError(errno.ECONNREFUSED, _GONE) from None
        try:
            socket.send_fds(self._sock, [packet], descriptors)
            data, got = _receive(self._sock)
        except TimeoutError:
            self.close()  # a late answer would be taken for that to the next request
            raise
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, _GONE)
        answer = json.loads(data)
        if "error" in answer:
            raise OSError(answer["errno"], answer["error"])
        return got


def bind(path: str) -> socket.socket:
    """The socket for a new keeper to listen on; replaces a dead one's."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with _short(path) as short:
        sock.bind(short)
    os.chmod(path, 0o600)
    sock.listen(64)
    return sock


def command(path: str, listener: int, status: int) -> list[str]:
    """Arguments that start the keeper, in a process already inside its namespaces.

    ``listener`` and ``status`` are descriptors to inherit; see ``main``. ``-I -S`` leaves out
    what ``site`` would load, more than the keeper itself needs.
    """
    package = os.path.abspath(__file__).rsplit(os.sep + "dockerlab" + os.sep, 1)[0]
    code = (
        f"import sys; sys.path.insert(0, {package!r}); "
        "from dockerlab.engine.net.keeper import main; main()"
    )
    return [sys.executable, "-I", "-S", "-c", code, path, str(listener), str(status)]


def main() -> None:
    """Set up the network namespace, say ``ok`` or what is wrong on ``status``, and serve."""
    path, listener, status = sys.argv[-3], int(sys.argv[-2]), int(sys.argv[-1])
    try:
        netlink.link_up("lo")
        forwarding = Forwarding()
    except OSError as error:
        os.write(status, str(error).encode())
        sys.exit(1)
    os.write(status, b"ok")
    os.close(status)
    _Server(path, socket.socket(fileno=listener), forwarding).run()


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


class _Server:
    """Answers requests one after the other: each takes microseconds, a veth about 1 ms."""

    def __init__(self, path: str, listener: socket.socket, forwarding: Forwarding) -> None:
        self._path = path
        self._identity = os.stat(path).st_ino
        self._listener = listener
        self._forwarding = forwarding
        self._uplink: _Uplink | None = None
        self._clients: dict[int, socket.socket] = {}
        self._bridges: dict[str, _Bridge] = {}
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
            data, given = _receive(client)
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

    def _do(self, request: dict[str, str], given: list[int]) -> list[int]:
        """Carry out one request; what it returns are descriptors to send and close."""
        match request.get("do"):
            case "bridge":
                bridge = _Bridge(int(request.get("mtu", 0)), bool(request.get("isolated")))
                _make_bridge(request["name"], request["address"], bridge)
                self._bridges[request["name"]] = bridge
            case "veth":
                _make_veth(request, given[0], self._bridges.get(request["bridge"], _Bridge()))
            case "unlink":
                _unlink(request["name"])
                self._bridges.pop(request["name"], None)
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
                return [os.open(f"/proc/self/ns/{name}", os.O_RDONLY) for name in _NAMESPACES]
            case "stop":
                self._going = False
            case None:
                pass
            case other:
                raise ValueError(other)
        return []


def _make_bridge(name: str, address: str, bridge: _Bridge) -> None:
    try:
        netlink.create_bridge(name)
    except FileExistsError:
        return
    if bridge.mtu:
        netlink.set_mtu(name, bridge.mtu)
    netlink.add_address(name, address)
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
        for _ in range(min(count, _MOST_DESCRIPTORS)):
            made.append(socket.socket(socket.AF_INET, kind).detach())
    except OSError:
        for fd in made:
            os.close(fd)
        raise
    return made


def _receive(sock: socket.socket) -> tuple[bytes, list[int]]:
    """One packet and its descriptors. socket.recv_fds ignores its flags, so not that."""
    fds = array.array("i")
    space = socket.CMSG_SPACE(_MOST_DESCRIPTORS * fds.itemsize)
    data, ancillary, _, _ = sock.recvmsg(_PACKET, space, socket.MSG_CMSG_CLOEXEC)
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    return data, list(fds)


def _open(path: str, timeout: float) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        sock.settimeout(timeout)
        with _short(path) as short:
            sock.connect(short)
    except BaseException:
        sock.close()
        raise
    return sock


class _short:
    """A name for the socket that fits the 107 bytes of sun_path, whatever its folder is called."""

    def __init__(self, path: str) -> None:
        self._folder, self._name = os.path.split(path)

    def __enter__(self) -> str:
        self._fd = os.open(self._folder or ".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._fd}/{self._name}"

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)


if __name__ == "__main__":
    main()
