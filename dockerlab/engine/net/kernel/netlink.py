"""Network cards, bridges, addresses, routes and rules, by rtnetlink(7) directly.

There may be no ``ip`` program where the engine runs, and starting one costs more than the whole
container. Each function opens its own socket, so it works on the network namespace that the
calling thread is in at that moment. Needs CAP_NET_ADMIN there.

Also used in the shim's child between fork and exec: keep the imports light.
Every failure is an OSError whose text names what was tried and on which card.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterator

_NEWLINK, _DELLINK, _GETLINK, _NEWADDR, _NEWROUTE, _DELROUTE = 16, 17, 18, 20, 24, 25
_NEWRULE, _DELRULE = 32, 33
_ERROR, _DONE = 2, 3
_REQUEST, _ACK, _DUMP = 0x001, 0x004, 0x300
_REPLACE, _EXCL, _CREATE = 0x100, 0x200, 0x400

_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_MASTER = 1, 3, 4, 10
_IFLA_LINKINFO, _IFLA_NET_NS_FD = 18, 28
_INFO_KIND, _INFO_DATA, _VETH_PEER = 1, 2, 1
_INFO_PORT_KIND, _INFO_PORT_DATA, _PORT_ISOLATED = 4, 5, 33
_IFA_ADDRESS, _IFA_LOCAL, _IFA_BROADCAST = 1, 2, 4
_RTA_DST, _RTA_OIF, _RTA_GATEWAY = 1, 4, 5
_ONLINK = 4
_FRA_SRC, _FRA_IIFNAME, _FRA_PRIORITY = 2, 3, 6
_UNICAST, _BLACKHOLE = 1, 6
_LOOK_UP, _DISCARD = 1, 6
MAIN = 254
"""The routing table that addresses of cards go to by themselves."""
_IFF_UP = 1

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_LINK = struct.Struct("=BxHiII")  # family, type, index, flags, mask of flags to change
_ADDR = struct.Struct("=BBBBI")  # family, prefix length, flags, scope, index
_ROUTE = struct.Struct("=BBBBBBBBI")  # also that of a rule, which begins alike
_ATTR = struct.Struct("=HH")  # length, type

_REPLY_SIZE = 1 << 16
_TIMEOUT = 10.0


class Link:
    """One network card as the kernel lists it; ``mac`` is empty when it has none."""

    __slots__ = ("index", "mac", "master", "name", "up")

    def __init__(self, index: int, name: str, up: bool, mac: str, master: int) -> None:
        self.index = index
        self.name = name
        self.up = up
        self.mac = mac
        self.master = master
        """Index of the bridge it is plugged into, or 0."""


def create_bridge(name: str, mac: str) -> None:
    """Make a bridge; FileExistsError when a card of that name exists.

    Without an address of its own it has the lowest of its cards, and another one when that goes.
    Who has the old one in mind then sends into nothing.
    """
    body = _LINK.pack(0, 0, 0, 0, 0) + _text(_IFLA_IFNAME, name)
    body += _attr(_IFLA_ADDRESS, _mac(mac)) + _attr(_IFLA_LINKINFO, _text(_INFO_KIND, "bridge"))
    _request(_NEWLINK, _CREATE | _EXCL, body, f"create bridge {name}")


def create_veth(name: str, peer: str, mac: str, netns: int, master: str = "", mtu: int = 0) -> None:
    """Make a pair of cards: ``name`` here, its ``peer`` with ``mac`` in the namespace ``netns``.

    ``netns`` is a descriptor of a network namespace. With ``master``, this end is plugged into
    that bridge. Both ends are down. ``mtu`` is for both, 0 leaves it to the kernel.
    """
    size = _attr(_IFLA_MTU, struct.pack("=I", mtu)) if mtu else b""
    far = _LINK.pack(0, 0, 0, 0, 0) + _text(_IFLA_IFNAME, peer) + _attr(_IFLA_ADDRESS, _mac(mac))
    far += size + _attr(_IFLA_NET_NS_FD, struct.pack("=I", netns))
    info = _text(_INFO_KIND, "veth") + _attr(_INFO_DATA, _attr(_VETH_PEER, far))
    body = _LINK.pack(0, 0, 0, 0, 0) + _text(_IFLA_IFNAME, name) + size
    if master:
        body += _attr(_IFLA_MASTER, struct.pack("=I", _index(master)))
    body += _attr(_IFLA_LINKINFO, info)
    _request(_NEWLINK, _CREATE | _EXCL, body, f"create veth {name}")


def set_mtu(name: str, mtu: int) -> None:
    """The largest packet of a card, in bytes."""
    body = _LINK.pack(0, 0, _index(name), 0, 0) + _attr(_IFLA_MTU, struct.pack("=I", mtu))
    _request(_NEWLINK, 0, body, f"set the MTU of {name}")


def isolate(name: str) -> None:
    """Let a card in a bridge reach the bridge itself only, none of the other isolated ones."""
    data = _attr(_INFO_PORT_DATA, _attr(_PORT_ISOLATED, b"\1"))
    info = _attr(_IFLA_LINKINFO, _text(_INFO_PORT_KIND, "bridge") + data)
    body = _LINK.pack(0, 0, _index(name), 0, 0) + info
    _request(_NEWLINK, 0, body, f"isolate {name}")


def link_up(name: str) -> None:
    _request(_NEWLINK, 0, _LINK.pack(0, 0, _index(name), _IFF_UP, _IFF_UP), f"set {name} up")


def rename(name: str, new: str) -> None:
    """Rename a card; it must be down."""
    body = _LINK.pack(0, 0, _index(name), 0, 0) + _text(_IFLA_IFNAME, new)
    _request(_NEWLINK, 0, body, f"rename {name} to {new}")


def delete_link(name: str) -> None:
    """Remove a card (of a veth: both ends)."""
    _request(_DELLINK, 0, _LINK.pack(0, 0, _index(name), 0, 0), f"delete {name}")


def add_address(name: str, cidr: str) -> None:
    """Give a card an IPv4 address with prefix length, e.g. ``172.17.0.2/16``."""
    address, length = _split(cidr)
    packed = socket.inet_aton(address)
    host_bits = (1 << (32 - length)) - 1
    broadcast = (int.from_bytes(packed, "big") | host_bits).to_bytes(4, "big")
    body = _ADDR.pack(socket.AF_INET, length, 0, 0, _index(name))
    body += _attr(_IFA_LOCAL, packed) + _attr(_IFA_ADDRESS, packed)
    if length < 31:
        body += _attr(_IFA_BROADCAST, broadcast)
    _request(_NEWADDR, _CREATE | _EXCL, body, f"add address {cidr} to {name}")


def add_route(gateway: str) -> None:
    """Make ``gateway`` (an IPv4 address) the default route."""
    body = _route(MAIN, _UNICAST) + _attr(_RTA_GATEWAY, socket.inet_aton(gateway))
    _request(_NEWROUTE, _CREATE | _EXCL, body, f"add default route by {gateway}")


def set_route(gateway: str) -> None:
    """Make ``gateway`` the default route, in place of the one that there may be."""
    body = _route(MAIN, _UNICAST) + _attr(_RTA_GATEWAY, socket.inet_aton(gateway))
    _request(_NEWROUTE, _CREATE | _REPLACE, body, f"set default route by {gateway}")


def add_way_out(table: int, gateway: str, name: str) -> None:
    """Make ``gateway``, to be found at the card ``name``, the table's default route."""
    body = _route(table, _UNICAST, flags=_ONLINK)
    body += _attr(_RTA_GATEWAY, socket.inet_aton(gateway))
    body += _attr(_RTA_OIF, struct.pack("=I", _index(name)))
    _request(_NEWROUTE, _CREATE | _EXCL, body, f"add default route by {gateway} at {name}")


def add_black_hole(table: int, subnet: str) -> None:
    """Let nothing to a subnet pass that is routed by this table."""
    body = _route(table, _BLACKHOLE, subnet)
    _request(_NEWROUTE, _CREATE | _EXCL, body, f"add black hole {subnet}")


def delete_black_hole(table: int, subnet: str) -> None:
    _request(_DELROUTE, 0, _route(table, _BLACKHOLE, subnet), f"delete black hole {subnet}")


def add_rule(priority: int, table: int = 0, card: str = "", source: str = "") -> None:
    """Route packets that came in by a card (``lo``: made here) by a table; 0: discard them.

    Rules apply in the order of their priorities, the lowest first. ``source`` is the subnet that
    the packets must be from.
    """
    body = _rule(priority, table, card, source)
    _request(_NEWRULE, _CREATE | _EXCL, body, f"add rule {priority} for {card or 'all'}")


def delete_rule(priority: int, table: int = 0, card: str = "", source: str = "") -> None:
    body = _rule(priority, table, card, source)
    _request(_DELRULE, 0, body, f"delete rule {priority} for {card or 'all'}")


def links() -> list[Link]:
    """All cards of this network namespace."""
    found = []
    for kind, body in _exchange(_GETLINK, _DUMP, _LINK.pack(0, 0, 0, 0, 0), "list cards"):
        if kind == _NEWLINK:
            found.append(_read_link(body))
    return found


def _route(table: int, kind: int, subnet: str = "0.0.0.0/0", flags: int = 0) -> bytes:
    static, universe = 4, 0
    address, length = _split(subnet)
    body = _ROUTE.pack(socket.AF_INET, length, 0, 0, table, static, universe, kind, flags)
    return body + (_attr(_RTA_DST, socket.inet_aton(address)) if length else b"")


def _rule(priority: int, table: int, card: str, source: str) -> bytes:
    address, length = _split(source or "0.0.0.0/0")
    action = _LOOK_UP if table else _DISCARD
    body = _ROUTE.pack(socket.AF_INET, 0, length, 0, table, 0, 0, action, 0)
    body += _attr(_FRA_PRIORITY, struct.pack("=I", priority))
    if card:
        body += _text(_FRA_IIFNAME, card)
    return body + (_attr(_FRA_SRC, socket.inet_aton(address)) if length else b"")


def _read_link(body: bytes) -> Link:
    _, _, index, flags, _ = _LINK.unpack_from(body)
    name, mac, master = "", "", 0
    for kind, value in _read_attributes(body[_LINK.size :]):
        if kind == _IFLA_IFNAME:
            name = value.rstrip(b"\0").decode()
        elif kind == _IFLA_ADDRESS and len(value) == 6:
            mac = value.hex(":")
        elif kind == _IFLA_MASTER:
            master = struct.unpack("=I", value)[0]
    return Link(index, name, bool(flags & _IFF_UP), mac, master)


def _read_attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _ATTR.size <= len(data):
        length, kind = _ATTR.unpack_from(data, at)
        if length < _ATTR.size:
            return
        yield kind & 0x3FFF, data[at + _ATTR.size : at + length]
        at += (length + 3) & ~3


def _index(name: str) -> int:
    try:
        return socket.if_nametoindex(name)
    except OSError:
        raise OSError(errno.ENODEV, f"no network card {name}") from None


def _split(cidr: str) -> tuple[str, int]:
    address, slash, length = cidr.partition("/")
    if not slash or not length.isdecimal() or int(length) > 32:
        raise ValueError(f"{cidr!r} is not an address with a prefix length")
    return address, int(length)


def _mac(text: str) -> bytes:
    raw = bytes.fromhex(text.replace(":", ""))
    if len(raw) != 6:
        raise ValueError(f"{text!r} is not a MAC address")
    return raw


def _attr(kind: int, value: bytes) -> bytes:
    length = _ATTR.size + len(value)
    return _ATTR.pack(length, kind) + value + b"\0" * (-length % 4)


def _text(kind: int, value: str) -> bytes:
    return _attr(kind, value.encode() + b"\0")


def _request(kind: int, flags: int, body: bytes, what: str) -> None:
    for _ in _exchange(kind, flags | _ACK, body, what):
        pass


def _exchange(kind: int, flags: int, body: bytes, what: str) -> Iterator[tuple[int, bytes]]:
    """Send one message and yield the answers (type, body) until the kernel says it is done."""
    head = _HEADER.pack(_HEADER.size + len(body), kind, _REQUEST | flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC) as sock:
        sock.settimeout(_TIMEOUT)
        sock.send(head + body)
        while True:
            for answer, content in _split_messages(sock.recv(_REPLY_SIZE)):
                if answer == _ERROR:
                    code = -struct.unpack_from("=i", content)[0]
                    if code:
                        raise OSError(code, f"{what}: {os.strerror(code)}")
                    return
                if answer == _DONE:
                    return
                yield answer, content


def _split_messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, at)
        if length < _HEADER.size:
            return
        yield kind, data[at + _HEADER.size : at + length]
        at += (length + 3) & ~3
