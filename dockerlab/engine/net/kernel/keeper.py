"""The keeper, a small process that keeps the engine's namespaces alive, as others speak with it.

It sits in the engine's user and mount namespaces and in a network namespace that only it and
the containers' bridges live in. When the engine is killed the keeper stays, so running
containers keep their network and the next engine can get back in. An orderly stop ends it.

It speaks on a SOCK_SEQPACKET unix socket: one JSON object a packet, descriptors beside it::

    {"do": "bridge", "name": "docker0", "mac": …, "address": "172.17.0.1/16", "mtu": "0",
     "isolated": ""}
    {"do": "veth", "bridge": …, "name": …, "mac": …, "address": …, "peer": "eth0"}
                                                            + network namespace
    {"do": "unlink", "name": …}
    {"do": "fence", "bridge": …, "subnet": …, "let_out": "" | "yes"}
    {"do": "open uplink", "address": …, "gateway": …}       + its life line and pidfd
    {"do": "has uplink"}
    {"do": "sockets", "proto": "tcp", "count": "8"}                  → count sockets
    {"do": "namespaces"}                                    → user, mount and network namespace
    {"do": "stop"}

The answer is ``{}``, or ``{"errno": 17, "error": "create bridge docker0: File exists"}``.

Sockets are handed out unconnected: a socket belongs to the namespace it was made in, so whoever
gets one can connect it to a container, and nobody waits in there. What it does with a request is
in ``keeperserver.py``.
"""

from __future__ import annotations

import array
import contextlib
import errno
import json
import os
import socket
import sys

NAMESPACES = ("user", "mnt", "net")
MOST_DESCRIPTORS = 64
_PACKET = 4096
_GONE = "the keeper of the containers' network has ended: stop the engine and start it again"


class Keeper:
    """The client. Small and synchronous: an answer takes well under a millisecond.

    Connects on first use and once more when the connection broke. Not for several threads.
    Raises OSError as the system call in the keeper did; ConnectionError when it is gone.
    """

    def __init__(self, path: str, timeout: float = 10.0) -> None:
        self.path = path
        self.timeout = timeout
        self._sock: socket.socket | None = None

    def bridge(
        self, name: str, mac: str, address: str, mtu: int = 0, isolated: bool = False
    ) -> None:
        """Make sure that the bridge exists, is up and has the address (with prefix length).

        ``mtu`` (0: the kernel's choice) and ``isolated`` (cards cannot reach each other) are for
        the cards that are plugged into it from now on.
        """
        request = {"do": "bridge", "name": name, "mac": mac, "address": address}
        self._ask({**request, "mtu": str(mtu), "isolated": "yes" if isolated else ""})

    def veth(
        self, bridge: str, name: str, mac: str, address: str, netns: int, peer: str = "eth0"
    ) -> None:
        """Put a card ``peer`` into the network namespace, its other end plugged into the bridge.

        The container's end is left down and without address. ``address`` is what it will get: a
        card that had it before, of a container that has ended, is taken away.
        """
        request = {"do": "veth", "bridge": bridge, "name": name, "mac": mac, "peer": peer}
        self._ask({**request, "address": address}, [netns])

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
        return dict(zip(NAMESPACES, self._ask({"do": "namespaces"}), strict=True))

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
            data, got = receive(self._sock)
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

    ``listener`` and ``status`` are descriptors to inherit; see ``keeperserver.main``. ``-I -S``
    leaves out what ``site`` would load, more than the keeper itself needs.
    """
    package = os.path.abspath(__file__).rsplit(os.sep + "dockerlab" + os.sep, 1)[0]
    code = (
        f"import sys; sys.path.insert(0, {package!r}); "
        "from dockerlab.engine.net.kernel.keeperserver import main; main()"
    )
    return [sys.executable, "-I", "-S", "-c", code, path, str(listener), str(status)]


def receive(sock: socket.socket) -> tuple[bytes, list[int]]:
    """One packet and its descriptors. socket.recv_fds ignores its flags, so not that."""
    fds = array.array("i")
    space = socket.CMSG_SPACE(MOST_DESCRIPTORS * fds.itemsize)
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
