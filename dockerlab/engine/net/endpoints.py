"""A container's place in the networks: the record kept of it, and Docker's shapes of it.

All endpoints are in ``DIR/run/world.json``. It tells an engine that was killed and started again
which addresses are in use, and proot's supervisors who may talk to whom (``net/loopback.py``
reads it there)::

    {CONTAINER ID: {"name": "web", "loopback": "127.3.4.2", "cards": 1, "outside": true,
                    "addresses": {NETWORK ID: "172.17.0.2/16"}, "networks": [NETWORK ID],
                    "networks_by_name": {"bridge": {"id", "endpoint", "address", …}}}}
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One container in one network; the addresses are empty in ``none`` and ``host``."""

    id: str
    endpoint: str
    """The endpoint's own id, 64 hex digits."""
    address: str = ""
    length: int = 0
    gateway: str = ""
    mac: str = ""
    card: str = ""
    """The name of its network card inside, eth0 say."""
    aliases: tuple[str, ...] = ()
    """More names that it has in this network, besides the container's own."""
    links: dict[str, str] = field(default_factory=dict)
    """Names that only this container uses, and the container that each means."""

    def settings(self, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One value of NetworkSettings.Networks; ``config`` is what create asked for."""
        return empty_settings(config) | {
            "NetworkID": self.id,
            "EndpointID": self.endpoint,
            "Gateway": self.gateway,
            "IPAddress": self.address,
            "IPPrefixLen": self.length,
            "MacAddress": self.mac,
        }

    def in_network(self, name: str) -> dict[str, str]:
        """One value of a network's ``Containers``."""
        return {
            "Name": name,
            "EndpointID": self.endpoint,
            "MacAddress": self.mac,
            "IPv4Address": f"{self.address}/{self.length}" if self.address else "",
            "IPv6Address": "",
        }


@dataclass(slots=True)
class Member:
    """One container in all its networks, by their names."""

    name: str
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    hostname: str = ""
    loopback: str = ""
    """Where it really is as long as it runs, whatever networks it joins and leaves (proot)."""
    cards: int = 0
    """How many network cards it ever had: the number of the next one."""
    closed: list[str] = field(default_factory=list)
    """Ids of its networks whose containers cannot reach each other."""
    outside: bool = True
    """It may reach what is outside of its networks: not all of them are internal."""


class Members:
    """All members, on disk after every change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.all: dict[str, Member] = {}
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            self.all = {id: _read(row) for id, row in json.loads(path.read_text()).items()}

    def save(self) -> None:
        """Replace the file. Not synced to the disk: no container outlives a power cut either."""
        new = self._path.with_name(self._path.name + ".new")
        new.write_text(json.dumps({id: _written(member) for id, member in self.all.items()}))
        os.replace(new, self._path)

    def keep(self, network_ids: Container[str]) -> None:
        """Forget endpoints in networks that are not there (any more)."""
        for member in self.all.values():
            found = member.endpoints.items()
            member.endpoints = {name: e for name, e in found if e.id in network_ids}

    def remove(self) -> None:
        """Take the file away."""
        self.all = {}
        self._path.unlink(missing_ok=True)

    def in_network(self, network_id: str) -> Iterable[tuple[str, Member, Endpoint]]:
        """Containers in the network: id, member, endpoint."""
        for container, member in self.all.items():
            for endpoint in member.endpoints.values():
                if endpoint.id == network_id:
                    yield container, member, endpoint

    def addresses(self, network_id: str) -> set[str]:
        return {endpoint.address for _, _, endpoint in self.in_network(network_id)}


def _written(member: Member) -> dict[str, Any]:
    endpoints = member.endpoints
    return {
        "name": member.name,
        "hostname": member.hostname,
        "loopback": member.loopback,
        "cards": member.cards,
        "outside": member.outside,
        "networks": [e.id for e in endpoints.values() if e.address and e.id not in member.closed],
        "addresses": {e.id: f"{e.address}/{e.length}" for e in endpoints.values() if e.address},
        "networks_by_name": {name: asdict(e) for name, e in endpoints.items()},
    }


def _read(row: dict[str, Any]) -> Member:
    endpoints = {
        name: Endpoint(**{**e, "aliases": tuple(e.get("aliases") or ())})
        for name, e in row["networks_by_name"].items()
    }
    closed = [e.id for e in endpoints.values() if e.id not in row.get("networks", [e.id])]
    return Member(
        row["name"],
        endpoints,
        row.get("hostname", ""),
        row.get("loopback", ""),
        row.get("cards", len(endpoints)),
        closed,
        row.get("outside", True),
    )


def empty_settings(config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A value of NetworkSettings.Networks for a container that does not run."""
    config = config or {}
    return {
        "IPAMConfig": config.get("IPAMConfig"),
        "Links": config.get("Links"),
        "Aliases": config.get("Aliases"),
        "NetworkID": "",
        "EndpointID": "",
        "Gateway": "",
        "IPAddress": "",
        "IPPrefixLen": 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "MacAddress": "",
        "DriverOpts": config.get("DriverOpts"),
    }


def network_settings(
    networks: Mapping[str, Mapping[str, Any]],
    ports: Mapping[str, Any] | None = None,
    sandbox: str = "",
) -> dict[str, Any]:
    """A container's whole NetworkSettings; ``sandbox`` is 64 hex digits while it runs.

    The fields on top repeat those of the default bridge, as in Docker.
    """
    bridge = networks.get("bridge") or empty_settings()
    return {
        "Bridge": "",
        "SandboxID": sandbox,
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": dict(ports or {}),
        "SandboxKey": f"/var/run/docker/netns/{sandbox[:12]}" if sandbox else "",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        **{key: bridge[key] for key in _ON_TOP},
        "Networks": {name: dict(networks[name]) for name in sorted(networks)},
    }


_ON_TOP = (
    "EndpointID",
    "Gateway",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "IPAddress",
    "IPPrefixLen",
    "IPv6Gateway",
    "MacAddress",
)
