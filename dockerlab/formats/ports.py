"""Which port of the host leads to which port of a container, as plain records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

EVERYWHERE = ("", "0.0.0.0", "::")
"""What Docker says for "at all addresses of the host"."""

Reach = Literal["published", "exposed", "listening", "shared"]


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """One port of a container.

    ``reach``: ``published`` leads to it from ``host``:``host_port``; ``exposed`` was only declared
    (EXPOSE), ``listening`` only has a program at it, so nothing leads to either; ``shared``: the
    container uses the host's network, so there is nothing to map.
    ``host`` is an address of the host, empty for all of them; ``url`` the address for a browser.
    ``local``: the program takes connections from inside the container only. None: not known.
    """

    container: str
    port: int
    protocol: str = "tcp"
    reach: Reach = "exposed"
    host: str = ""
    host_port: int = 0
    url: str = ""
    listening: bool | None = None
    local: bool = False

    @property
    def open(self) -> bool:
        return self.reach in ("published", "shared")

    def __str__(self) -> str:
        inside = f"{self.container}:{self.port}/{self.protocol}"
        if not self.open:
            return f"(nothing) → {inside}"
        return f"{self.host or '*'}:{self.host_port} → {inside}"


@dataclass(frozen=True, slots=True)
class PortMap:
    """The ports of the running containers; ``containers`` names them all, with or without."""

    ports: tuple[Port, ...] = ()
    containers: tuple[str, ...] = ()
    host: str = ""
    """The name of the engine's machine, empty when it is this one."""

    def of(self, container: str) -> tuple[Port, ...]:
        return tuple(port for port in self.ports if port.container == container)


def declared(facts: Mapping[str, Any]) -> list[Port]:
    """The ports that an inspected container publishes or exposes."""
    name = str(facts.get("Name", "")).lstrip("/")
    settings = facts.get("NetworkSettings") or {}
    exposed = dict.fromkeys((facts.get("Config") or {}).get("ExposedPorts") or ())
    shared = (facts.get("HostConfig") or {}).get("NetworkMode") == "host"
    found: list[Port] = []
    for key, hosts in (exposed | (settings.get("Ports") or {})).items():
        number, _, protocol = str(key).partition("/")
        inside = (name, int(number), protocol or "tcp")
        if shared:
            found.append(Port(*inside, "shared", "", int(number)))
        elif not hosts:
            found.append(Port(*inside))
        else:
            found += [Port(*inside, "published", *where) for where in sorted(set(_places(hosts)))]
    return sorted(found, key=lambda port: (not port.open, port))


def _places(hosts: list[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    """Host and port; 0.0.0.0 and :: are one place to a learner."""
    for one in hosts:
        address = str(one.get("HostIp") or "")
        yield "" if address in EVERYWHERE else address, int(one.get("HostPort") or 0)
