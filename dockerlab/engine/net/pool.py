"""Addresses: which are free in a subnet, which subnets are free, and what follows from them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from dockerlab.engine.errors import NotFound, ServerError

DEFAULTS = (
    *(IPv4Network(f"172.{number}.0.0/16") for number in range(17, 32)),
    *IPv4Network("192.168.0.0/16").subnets(new_prefix=20),
)
"""Where networks without a wish are put, in this order: Docker's own choice."""

OVERLAP = "Pool overlaps with other one on this address space"
_ROUTES = "/proc/net/route"


class Pool:
    """The addresses of one subnet; the lowest free one is next.

    Containers that ask for no address get one within ``within``, never one of ``reserved``.
    """

    def __init__(
        self, subnet: str, gateway: str = "", within: str = "", reserved: Iterable[str] = ()
    ) -> None:
        self.subnet = IPv4Network(subnet, strict=False)
        self.within = IPv4Network(within, strict=False) if within else self.subnet
        first = next(self._hosts(), self.subnet.network_address)
        self.gateway = IPv4Address(gateway) if gateway else first
        self._reserved = {str(self.gateway), *reserved}

    def next(self, taken: Container[str]) -> str:
        """The lowest address that is not taken. Raises ServerError when none is left."""
        for host in self._hosts():
            address = str(host)
            if address not in self._reserved and address not in taken:
                return address
        raise ServerError("no available IPv4 addresses on this network's address pools")

    def has(self, address: str, taken: Container[str]) -> bool:
        """Whether a container can have this very address of the subnet."""
        free = address not in self._reserved and address not in taken
        return free and IPv4Address(address) not in self._ends()

    def with_length(self, address: str) -> str:
        """``172.17.0.2`` as ``172.17.0.2/16``."""
        return f"{address}/{self.subnet.prefixlen}"

    def _hosts(self) -> Iterator[IPv4Address]:
        ends = self._ends()
        return (address for address in self.within if address not in ends)

    def _ends(self) -> set[IPv4Address]:
        return {self.subnet.network_address, self.subnet.broadcast_address}


def free(taken: Iterable[IPv4Network]) -> IPv4Network:
    """The first of the default subnets that overlaps with none of these."""
    used = [*taken, *_routed()]
    for subnet in DEFAULTS:
        if not any(subnet.overlaps(other) for other in used):
            return subnet
    raise NotFound(
        "could not find an available, non-overlapping IPv4 address pool among the defaults to "
        "assign to the network",
        "remove networks that nobody uses (docker network prune), or choose a subnet (--subnet)",
    )


def _routed() -> list[IPv4Network]:
    """Subnets that this machine itself reaches: a network over one would hide it."""
    found = []
    try:
        with open(_ROUTES) as file:
            lines = file.readlines()[1:]
    except OSError:
        return []
    for line in lines:
        destination, mask = line.split()[1], line.split()[7]
        length = bin(int(mask, 16)).count("1")
        if length:
            start = int.from_bytes(bytes.fromhex(destination), "little")
            found.append(IPv4Network((start, length), strict=False))
    return found


def mac(address: str) -> str:
    """The MAC address that Docker gives to the card with this IPv4 address."""
    return f"02:42:{IPv4Address(address).packed.hex(':')}"
