"""Published ports: which container has which port of the host, and the relays that serve them.

Without a host address a port is published on 127.0.0.1 only, unlike Docker Engine's 0.0.0.0:
a learner's machine may stand in any network.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from dockerlab.engine.errors import BadParameter, ServerError
from dockerlab.engine.net import loopback
from dockerlab.engine.net.kernel.keeper import Keeper
from dockerlab.engine.net.relay import Source, TCPRelay, UDPRelay

Bindings = Mapping[str, Sequence[Mapping[str, str]] | None]
"""As in HostConfig.PortBindings: ``{"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}``."""

Published = dict[str, list[dict[str, str]]]
"""As in NetworkSettings.Ports, every host address and port filled in."""

_DEFAULT_ADDRESS = "127.0.0.1"
_ANY = ("0.0.0.0", "::")
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
_PRIVILEGED = 1024


@dataclass(frozen=True, slots=True)
class _Port:
    """A port of the host that is taken."""

    proto: str
    address: str
    number: int

    def clashes(self, other: _Port) -> bool:
        same = (self.proto, self.number) == (other.proto, other.number)
        anywhere = self.address in _ANY or other.address in _ANY
        return same and (anywhere or self.address == other.address)


class Ports:
    """All published ports of this engine."""

    def __init__(self, keeper: Keeper | None) -> None:
        self._source = Source(keeper)
        self._bridged = keeper is not None
        self._relays: dict[str, dict[_Port, TCPRelay | UDPRelay]] = {}

    async def publish(
        self,
        container_id: str,
        bindings: Bindings,
        address: str,
        *,
        name: str = "",
        endpoint_id: str = "",
        host: str = "",
    ) -> Published:
        """Open the ports and pass on to ``address``, where the container really is.

        ``name`` and ``endpoint_id`` are for the error message, ``host`` for ports that name no
        address of the host's. Either all ports are published
        or none. An empty HostPort gets a free port, a range the first free port of it.
        """
        published: Published = {}
        try:
            for inside, wanted in bindings.items():
                number, proto = parse_port(inside)
                for binding in wanted or ():
                    binding = {**binding, "HostIp": binding.get("HostIp") or host}
                    port = await self._open(container_id, number, proto, binding, address)
                    row = {"HostIp": port.address, "HostPort": str(port.number)}
                    published.setdefault(inside, []).append(row)
        except ServerError as error:
            self.unpublish(container_id)
            what = f"external connectivity on endpoint {name} ({endpoint_id})"
            raise ServerError(f"driver failed programming {what}: {error.message}") from None
        except BaseException:
            self.unpublish(container_id)
            raise
        return published

    def published(self, container_id: str) -> bool:
        """Whether the container has open ports."""
        return bool(self._relays.get(container_id))

    def move(self, container_id: str, address: str) -> None:
        """Pass what comes from now on to another address of the container."""
        for relay in self._relays.get(container_id, {}).values():
            relay.target = address, relay.target[1]

    def unpublish(self, container_id: str) -> None:
        """Close the container's ports and cut their connections; none is fine."""
        for relay in self._relays.pop(container_id, {}).values():
            relay.close()

    def close(self) -> None:
        for container_id in list(self._relays):
            self.unpublish(container_id)
        self._source.close()

    async def _open(
        self, container_id: str, inside: int, proto: str, binding: Mapping[str, str], address: str
    ) -> _Port:
        target = address, inside if self._bridged else loopback.port(inside)
        sock, port = self._bind(proto, binding)
        kind = TCPRelay if proto == "tcp" else UDPRelay
        relay = kind(sock, self._source, target)
        try:
            await relay.start()
        except BaseException:
            sock.close()
            raise
        self._relays.setdefault(container_id, {})[port] = relay
        return port

    def _bind(self, proto: str, binding: Mapping[str, str]) -> tuple[socket.socket, _Port]:
        host = binding.get("HostIp") or _DEFAULT_ADDRESS
        check_address(host)
        numbers = parse_host_ports(binding.get("HostPort") or "")
        last: ServerError | None = None
        for number in numbers:
            try:
                return self._bind_one(_Port(proto, host, number))
            except ServerError as error:
                last = error
        if len(numbers) == 1 and last is not None:
            raise last
        raise ServerError("all ports are allocated")

    def _bind_one(self, port: _Port) -> tuple[socket.socket, _Port]:
        if any(port.clashes(taken) for taken in self._taken()):
            where = f"{port.address}:{port.number}"
            raise ServerError(f"Bind for {where} failed: port is already allocated")
        family = socket.AF_INET6 if ":" in port.address else socket.AF_INET
        try:
            sock = socket.socket(family, _KINDS[port.proto])
        except OSError as error:  # too many files are open
            raise _refused(port, error) from None
        try:
            if port.proto == "tcp":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((port.address, port.number))
            if port.proto == "tcp":
                sock.listen(512)
        except OSError as error:
            sock.close()
            raise _refused(port, error) from None
        return sock, _Port(port.proto, port.address, sock.getsockname()[1])

    def _taken(self) -> Iterator[_Port]:
        for relays in self._relays.values():
            yield from relays


def parse_port(text: str) -> tuple[int, str]:
    """Number and protocol of ``80/tcp`` or ``80``."""
    number, _, proto = text.partition("/")
    proto = (proto or "tcp").lower()
    if not number.isdecimal() or not 0 < int(number) < 65536:
        raise BadParameter(f"invalid port specification: {text!r}")
    if proto not in _KINDS:
        raise BadParameter(f"{text}: only tcp and udp ports can be published")
    return int(number), proto


def check_address(text: str) -> None:
    """Refuse what is no IP address; names would have to be looked up."""
    try:
        ip_address(text)
    except ValueError:
        raise BadParameter(f"invalid IP address: {text}") from None


def parse_host_ports(text: str) -> range:
    """The host ports that ``8080``, ``8000-8010`` or nothing (any: 0) stand for."""
    first, dash, last = (text or "0").partition("-")
    last = last if dash else first
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) < 65536):
        raise BadParameter(f"invalid port specification: {text!r}")
    return range(int(first), int(last) + 1)


def _refused(port: _Port, error: OSError) -> ServerError:
    reason = os.strerror(error.errno).lower() if error.errno else str(error)
    version = 6 if ":" in port.address else 4
    where = f"listen {port.proto}{version} {port.address}:{port.number}: bind: {reason}"
    if error.errno == errno.EACCES and port.number < _PRIVILEGED:
        return ServerError(
            f"cannot expose privileged port {port.number}, choose a port number from "
            f"{_PRIVILEGED} up (or allow it: sudo sysctl -w "
            f"net.ipv4.ip_unprivileged_port_start={port.number}): {where}"
        )
    return ServerError(f"Error starting userland proxy: {where}")
