"""Where a container's address really is when there are no network namespaces.

Without privileges all containers share the machine's network. Each still gets an address of
its own, ``172.17.0.2`` in Docker's words, that stands for one of the sixteen million addresses
of the machine's loopback, ``127.x.y.2``. This is the one place that knows which: the engine
(published ports) and every container's supervisor compute it from the same facts.
"""

from __future__ import annotations

import json
import os
import socket
import zlib
from dataclasses import dataclass, field
from typing import Any

SHIFT = 20000
"""Added to ports that an ordinary user may not bind."""

RELAY = "127.255.255.254"
"""Where datagrams from published ports come from; no container has this address."""

RESOLVER = "127.0.0.11"
"""Where a container finds the engine's name server, at port 53, as in Docker."""

_START = "/proc/sys/net/ipv4/ip_unprivileged_port_start"


def address(root: str, inside: str) -> str:
    """The loopback address for a container's address, in the engine whose folder is ``root``.

    Two engines on one machine have the same container addresses, hence ``root``. The last byte
    stays the same, for the eye.
    """
    network, _, last = inside.partition("/")[0].rpartition(".")
    return _hashed(f"{os.path.realpath(root)} {network}", last)


def address_without_network(root: str, container: str) -> str:
    """The loopback address of a container that has no network (its own 127.0.0.1)."""
    key = f"{os.path.realpath(root)} {container}"
    return _hashed(key, str(zlib.crc32(container.encode()) % 254 + 1))


def port(number: int) -> int:
    """The port that really is bound when a container binds ``number``."""
    return number + SHIFT if 0 < number < lowest_port() else number


def lowest_port() -> int:
    """The lowest port that an ordinary user may bind."""
    try:
        with open(_START) as file:
            return int(file.read())
    except (OSError, ValueError):
        return 1024


def _hashed(key: str, last: str) -> str:
    # Never 127.0.…: there the machine's own servers are.
    number = zlib.crc32(key.encode()) % (254 * 256)
    return f"127.{number // 256 + 1}.{number % 256}.{last}"


@dataclass(slots=True)
class Neighbour:
    """A running container as the others reach it."""

    id: str
    addresses: dict[str, str]
    """Each with the network that it is in."""
    networks: frozenset[str]
    """Those in which it and others reach each other."""
    loopback: str
    subnets: tuple[tuple[int, int], ...] = ()
    """Of all its networks: first address and mask, as numbers."""
    outside: bool = True
    """It may reach what is outside of its networks."""

    def reaches(self, other: Neighbour, host: str) -> bool:
        """Whether there is a way to the other one, by this address of its."""
        shared = self.networks & other.networks
        return other.addresses[host] in shared if host in other.addresses else bool(shared)


@dataclass(slots=True)
class World:
    """Who is where: ``run/world.json`` in the engine's folder, read again when it changes.

    The file is ``{container id: {"addresses": {network id: "172.17.0.2/16"}}}``. An entry may say
    which of these networks let it reach others (``"networks"``; else all do), whether it may
    reach what is outside (``"outside"``), and where the container really is (``"loopback"``).
    """

    root: str
    _stamp: tuple[int, int] = (0, 0)
    _by_address: dict[str, Neighbour] = field(default_factory=dict)
    _by_id: dict[str, Neighbour] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{self.root}/run/world.json"

    def at(self, inside: str) -> Neighbour | None:
        """Who has this address."""
        self._refresh()
        return self._by_address.get(inside)

    def behind(self, loopback: str) -> Neighbour | None:
        """Who has this loopback address."""
        self._refresh()
        return next((n for n in self._by_id.values() if n.loopback == loopback), None)

    def resolver(self, id: str) -> int:
        """At which port of 127.0.0.11 the container's name server really is; 0: it has none."""
        try:
            with open(resolver_note(self.root, id)) as file:
                return int(file.read())
        except (OSError, ValueError):
            return 0

    def container(self, id: str) -> Neighbour | None:
        self._refresh()
        return self._by_id.get(id)

    def _refresh(self) -> None:
        try:
            found = os.stat(self.path)
        except OSError:
            return
        stamp = found.st_mtime_ns, found.st_ino
        if stamp == self._stamp:
            return
        try:
            with open(self.path) as file:
                entries: dict[str, dict[str, Any]] = json.load(file)
        except (OSError, ValueError):
            return
        self._stamp = stamp
        self._by_id = {id: neighbour(self.root, id, entry) for id, entry in entries.items()}
        self._by_address = {a: n for n in self._by_id.values() for a in n.addresses}


def neighbour(root: str, id: str, entry: dict[str, Any]) -> Neighbour:
    """An entry of the file; the first address decides which loopback address it is."""
    by_network: dict[str, str] = entry.get("addresses") or {}
    addresses = {a.partition("/")[0]: network for network, a in by_network.items() if a}
    networks = frozenset(entry.get("networks", by_network))
    subnets = tuple(_subnet(a) for a in by_network.values() if "/" in a)
    home = str(entry.get("loopback") or "")
    if not home:
        home = (
            address(root, next(iter(addresses))) if addresses else address_without_network(root, id)
        )
    return Neighbour(id, addresses, networks, home, subnets, entry.get("outside", True))


def resolver_note(root: str, id: str) -> str:
    """The file in a container's folder that holds the port of its name server."""
    return f"{root}/containers/{id}/resolver.port"


def number(address: str) -> int:
    """An IPv4 address as a number. Not by ipaddress, which costs each shim a megabyte."""
    return int.from_bytes(socket.inet_aton(address), "big")


def _subnet(address: str) -> tuple[int, int]:
    """``172.17.0.2/16`` as (first address, mask)."""
    host, _, length = address.partition("/")
    mask = (1 << 32) - (1 << (32 - int(length)))
    return number(host) & mask, mask
