"""Addresses: which are free in a subnet, and what follows from one."""

from __future__ import annotations

from collections.abc import Container
from ipaddress import IPv4Address, IPv4Network

from dockerlab.engine.errors import ServerError


class Pool:
    """The addresses of one subnet. The first is the gateway's; the lowest free one is next."""

    def __init__(self, subnet: str, gateway: str = "") -> None:
        self.subnet = IPv4Network(subnet)
        first = next(self.subnet.hosts())
        self.gateway = IPv4Address(gateway) if gateway else first

    def next(self, taken: Container[str]) -> str:
        """The lowest address that is not taken. Raises ServerError when none is left."""
        for host in self.subnet.hosts():
            address = str(host)
            if host != self.gateway and address not in taken:
                return address
        raise ServerError("no available IPv4 addresses on this network's address pools")

    def with_length(self, address: str) -> str:
        """``172.17.0.2`` as ``172.17.0.2/16``."""
        return f"{address}/{self.subnet.prefixlen}"


def mac(address: str) -> str:
    """The MAC address that Docker gives to the card with this IPv4 address."""
    return f"02:42:{IPv4Address(address).packed.hex(':')}"
