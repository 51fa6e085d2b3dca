"""A network of its own for each container, made by changing the addresses of system calls.

Whatever a container binds is bound on its own loopback address; whatever it connects to is
looked up: itself, a neighbour in one of its networks, a neighbour it must not reach, the world
outside. See ``net/loopback.py`` for the addresses.

This is for learning how networks of containers behave. It is no wall: the kernel reads an
address again after we looked at it, so a program with racing threads can slip through to
servers on the machine's loopback. And what comes *out* of accept() cannot be changed.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import socket
import struct
from dataclasses import dataclass

from dockerlab.engine.net import loopback
from dockerlab.engine.net.loopback import Neighbour
from dockerlab.engine.run.process import Network
from dockerlab.engine.run.proot.notifier import Call

_UNIX, _INET, _INET6 = socket.AF_UNIX, socket.AF_INET, socket.AF_INET6
_MAPPED = b"\0" * 10 + b"\xff\xff"
_MAX_ADDRESS, _MAX_MESSAGES, _MAX_REMEMBERED = 128, 1024, 8192
_PIDFD_OPEN, _PIDFD_GETFD = 434, 438
_LEAST_ANSWER = 32768
"""From here on are the ports that the kernel draws for those who asked for none."""
_NAMES = 53
"""The port of name servers."""
_NO_PORT = 24
"""IP_BIND_ADDRESS_NO_PORT."""

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """The call must fail with this errno."""

    def __init__(self, number: int) -> None:
        super().__init__(os.strerror(number))
        self.number = number


@dataclass(slots=True)
class Address:
    """A socket address in the caller's memory."""

    where: int
    data: bytes
    family: int
    host: str = ""
    """An IPv4 address in any case; empty when it is a real IPv6 one."""
    port: int = 0

    def moved(self, host: str, port: int) -> bytes:
        """The same with another host and port."""
        if self.family == _INET:
            return self.data[:2] + struct.pack("!H", port) + socket.inet_aton(host) + self.data[8:]
        head = self.data[:2] + struct.pack("!H", port) + self.data[4:8]
        return head + _MAPPED + socket.inet_aton(host) + self.data[24:]


def read_address(call: Call, where: int, size: int) -> Address | None:
    """The address, or None if the kernel will refuse it anyway."""
    if where == 0 or not 2 <= size <= _MAX_ADDRESS:
        return None
    data = call.read(where, size)
    (family,) = struct.unpack_from("H", data)
    if family == _INET and size >= 16:
        (port,) = struct.unpack_from("!H", data, 2)
        return Address(where, data, family, socket.inet_ntoa(data[4:8]), port)
    if family == _INET6 and size >= 24:
        (port,) = struct.unpack_from("!H", data, 2)
        return Address(where, data, family, _as_ipv4(data[8:24]), port)
    return Address(where, data, family)


def _as_ipv4(packed: bytes) -> str:
    if packed[:12] == _MAPPED:
        return socket.inet_ntoa(packed[12:])
    if packed == b"\0" * 16:
        return "0.0.0.0"
    return "127.0.0.1" if packed == b"\0" * 15 + b"\1" else ""


class Sockets:
    """The network as one container sees it."""

    def __init__(self, network: Network, container: str, world: loopback.World) -> None:
        self.world = world
        self.shared = network.mode == "host"
        self._owner = network.of if network.mode == "container" else container
        """Whose place in the networks it has; it may change while it runs."""
        self.home = self._place().loopback
        """Where it is, for as long as it runs."""
        self._asked: dict[tuple[str, str], bytes] = {}
        """(socket, "name" or "peer"): the address as the program gave it."""
        self._moved: dict[int, tuple[int, bytes, bytes]] = {}
        """By thread: where its last bind's address is, as it was and as we left it."""
        self._only_v6: set[str] = set()
        self._abstract: set[bytes] = set()
        self._bound: set[int] = set()
        self._resolvers = _resolvers()
        self._claims = True
        """Whether a caller's socket can be had, to give it its source address."""

    def _place(self) -> Neighbour:
        """Its own place in the networks by now."""
        found = self.world.container(self._owner)
        return found or loopback.neighbour(self.world.root, self._owner, {})

    # ---- the calls

    def bind(self, call: Call) -> None:
        address = read_address(call, call.arguments[1], call.signed(2))
        if address is None or self.shared:
            return call.go_on()
        if address.family == _UNIX:
            self._remember_abstract(address)
            return call.go_on()
        if address.family not in (_INET, _INET6):
            return call.go_on()
        if address.family == _INET6 and _socket(call) in self._only_v6:
            # It listens for IPv6 alone, of which there is none inside.
            return self._bind_nowhere(call, address)
        if not (address.host and self._is_own(address.host, self._place())):
            return call.fail(errno.EADDRNOTAVAIL)
        if address.port:
            self._remember(call, "name", address.data)
            self._bound.add(address.port)
        moved = address.moved(self.home, loopback.port(address.port))
        self._put_back(call)
        self._moved[call.pid] = address.where, address.data, moved
        call.write(address.where, moved)
        return call.go_on()

    def listen(self, call: Call) -> None:
        self._put_back(call)
        call.go_on()

    def connect(self, call: Call) -> None:
        address = read_address(call, call.arguments[1], call.signed(2))
        if address is None or self.shared:
            return call.go_on()
        if address.family in (_INET, _INET6):
            self._remember(call, "peer", address.data)
        self._send_to(call, address, datagram=False)
        return call.go_on()

    def sendto(self, call: Call) -> None:
        address = read_address(call, call.arguments[4], call.signed(5))
        if address is not None and not self.shared:
            self._send_to(call, address, datagram=True)
        call.go_on()

    def sendmsg(self, call: Call) -> None:
        self._message(call, call.arguments[1])
        call.go_on()

    def sendmmsg(self, call: Call) -> None:
        for index in range(min(call.arguments[2] & 0xFFFFFFFF, _MAX_MESSAGES)):
            self._message(call, call.arguments[1] + 64 * index)
        call.go_on()

    def setsockopt(self, call: Call) -> None:
        """IPV6_V6ONLY: remember it."""
        (value,) = struct.unpack("i", call.read(call.arguments[3], 4))
        if value:
            self._only_v6.add(_socket(call))
        else:
            self._only_v6.discard(_socket(call))
        call.go_on()

    def getsockname(self, call: Call) -> None:
        self._tell(call, "name")

    def getpeername(self, call: Call) -> None:
        self._tell(call, "peer")

    def _put_back(self, call: Call) -> None:
        """Give a server the address back that it bound: nginx compares it when it is reloaded."""
        where, before, after = self._moved.pop(call.pid, (0, b"", b""))
        with contextlib.suppress(OSError):
            if before and call.read(where, len(after)) == after:
                call.write(where, before)

    # ---- where to

    def _message(self, call: Call, where: int) -> None:
        name, size = struct.unpack("QI", call.read(where, 12))
        address = read_address(call, name, size)
        if address is not None and not self.shared:
            self._send_to(call, address, datagram=True)

    def _send_to(self, call: Call, address: Address, *, datagram: bool) -> None:
        """Move the address to where the container may go, or raise Refused."""
        if address.family == _UNIX:
            self._check_unix(address, datagram)
        elif address.family in (_INET, _INET6):
            target = self._target(address, datagram)
            if target is not None:
                self._claim_source(call)
                call.write(address.where, address.moved(*target))

    def _target(self, address: Address, datagram: bool) -> tuple[str, int] | None:
        """The real host and port, or None to leave the address as it is."""
        host, port = address.host, address.port
        place = self._place()
        cut_off = not place.addresses
        if not host:  # IPv6
            if cut_off or not place.outside:
                raise Refused(errno.ENETUNREACH)
            return None
        if host == loopback.RESOLVER:
            server = self.world.resolver(self._owner)
            # With the server's own port it was moved before: whoever asks, asks again.
            if server and port in (_NAMES, server):
                return host, server
        if (host, port) in self._resolvers and place.outside and not cut_off:
            return None
        if datagram and host == loopback.RELAY and port >= _LEAST_ANSWER:
            return None
        if self._is_own(host, place):
            if datagram and host == "127.0.0.1" and self._is_answer(port):
                return None
            return self.home, loopback.port(port)
        other = self.world.at(host) or self.world.behind(host)
        if other is not None:
            if not place.reaches(other, host):
                raise Refused(errno.ENETUNREACH if cut_off else errno.EHOSTUNREACH)
            return other.loopback, loopback.port(port) if other.loopback != host else port
        if cut_off:
            raise Refused(errno.ENETUNREACH)
        where = loopback.number(host)
        if any(where & mask == start for start, mask in place.subnets):
            raise Refused(errno.EHOSTUNREACH)
        if not place.outside:
            raise Refused(errno.ENETUNREACH)
        return None

    def _is_own(self, host: str, place: Neighbour) -> bool:
        if host == "0.0.0.0" or host in place.addresses:
            return True
        # A neighbour's loopback address is met as the source of its datagrams.
        return host.startswith("127.") and (host == self.home or not self.world.behind(host))

    def _is_answer(self, port: int) -> bool:
        """A datagram came from an unbound socket of a container: its source is 127.0.0.1."""
        return not self._claims and port >= _LEAST_ANSWER and port not in self._bound

    def _check_unix(self, address: Address, datagram: bool) -> None:
        name = address.data[2:]
        if name[:1] == b"\0":
            if name not in self._abstract:
                raise Refused(errno.ECONNREFUSED)  # a server of the machine's
        elif datagram and name:
            # PRoot translates the paths of connect, not those of sendto.
            raise Refused(errno.ECONNREFUSED)

    def _bind_nowhere(self, call: Call, address: Address) -> None:
        if not _has_ipv6():
            return call.succeed()
        self._remember(call, "name", address.data)
        data = address.data[:2] + b"\0\0" + address.data[4:8] + b"\0" * 15 + b"\1"
        call.write(address.where, data + address.data[24:])
        return call.go_on()

    # ---- what is told

    def _tell(self, call: Call, which: str) -> None:
        asked = self._asked.get((_socket(call), which)) if not self.shared else None
        if asked is None:
            return call.go_on()
        (room,) = struct.unpack("I", call.read(call.arguments[2], 4))
        call.write(call.arguments[1], asked[:room])
        call.write(call.arguments[2], struct.pack("I", len(asked)))
        return call.succeed()

    def _remember(self, call: Call, which: str, data: bytes) -> None:
        if len(self._asked) >= _MAX_REMEMBERED:
            self._asked.pop(next(iter(self._asked)))
        self._asked[_socket(call), which] = data[: 16 if data[0] == _INET else 28]

    def _remember_abstract(self, address: Address) -> None:
        name = address.data[2:]
        if name[:1] == b"\0" and len(self._abstract) < _MAX_REMEMBERED:
            self._abstract.add(name)

    def _claim_source(self, call: Call) -> None:
        """Give an unbound socket the container's address, so that the other side sees it.

        Needs pidfd_getfd, which Docker's seccomp profile denies to containers; without it the
        other side sees 127.0.0.1.
        """
        if not self._claims:
            return
        try:
            taken = _take_socket(call)
        except OSError as e:
            self._claims = e.errno not in (errno.ENOSYS, errno.EPERM)
            return
        with taken, contextlib.suppress(OSError):
            name = taken.getsockname()
            if name[1] == 0:
                if taken.type == socket.SOCK_STREAM:
                    taken.setsockopt(socket.IPPROTO_IP, _NO_PORT, 1)
                mapped = "::ffff:" if taken.family == _INET6 else ""
                taken.bind((mapped + self.home, 0))


def _socket(call: Call) -> str:
    """What tells sockets apart whichever process holds them: ``socket:[inode]``."""
    try:
        return os.readlink(f"/proc/{call.pid}/fd/{call.signed(0)}")
    except OSError:
        raise Refused(errno.EBADF) from None


def _take_socket(call: Call) -> socket.socket:
    """The caller's socket, shared. Raises OSError."""
    process = _libc.syscall(_PIDFD_OPEN, _process_of(call.pid), 0)
    if process < 0:
        raise OSError(ctypes.get_errno(), "pidfd_open")
    try:
        descriptor = _libc.syscall(_PIDFD_GETFD, process, call.signed(0), 0)
        if descriptor < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
    finally:
        os.close(process)
    return socket.socket(fileno=descriptor)


def _process_of(thread: int) -> int:
    with open(f"/proc/{thread}/status") as file:
        return int(next(line for line in file if line.startswith("Tgid:")).split()[1])


def _has_ipv6() -> bool:
    """Whether ::1 can be bound on this machine."""
    try:
        with open("/proc/net/if_inet6") as file:
            return any(line.split()[-1] == "lo" for line in file)
    except OSError:
        return False


def _resolvers() -> frozenset[tuple[str, int]]:
    """Name servers on the machine's loopback (as systemd's): containers may ask them."""
    found = set()
    with contextlib.suppress(OSError), open("/etc/resolv.conf") as file:
        for words in (line.split() for line in file):
            if len(words) > 1 and words[0] == "nameserver" and words[1].startswith("127."):
                found.add((words[1], 53))
    return frozenset(found)
