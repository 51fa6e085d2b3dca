"""Connections to this machine only, for an engine that has no way out (``--no-uplink``)."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

_REASON = "this engine has no way out: it was started with --no-uplink"


class LocalNames(AbstractResolver):
    """Knows localhost, and asks nobody for other names."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != "localhost":
            raise OSError(0, _REASON)
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""


def local_socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket that will be connected to this address. Raises OSError if that is elsewhere."""
    family, kind, protocol, _, where = address
    if not ipaddress.ip_address(str(where[0])).is_loopback:
        raise OSError(0, _REASON)
    return socket.socket(family, kind, protocol)
