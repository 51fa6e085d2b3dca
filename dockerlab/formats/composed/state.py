"""The containers of a Compose project, service by service, as plain records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]
Health = Literal["", "starting", "healthy", "unhealthy"]


@dataclass(frozen=True, slots=True, order=True)
class PublishedPort:
    """A port of the host that leads to ``port``; ``host`` is "" for all of its addresses.

    ``outside`` 0: the port is exposed only, nothing leads to it. ``url`` is where the browser that
    shows the notebook finds it, "" when it cannot.
    """

    port: int
    protocol: str = "tcp"
    outside: int = 0
    host: str = ""
    url: str = ""

    def __str__(self) -> str:
        inside = f"{self.port}/{self.protocol}"
        return f"{self.host or '0.0.0.0'}:{self.outside}->{inside}" if self.outside else inside


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A container's place in a network: its final name, the address ("" when not running)."""

    network: str
    address: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One container of a service.

    ``number`` counts them from 1. ``exit_code`` is None while it runs or never ran. ``status`` is
    docker's text (``Up 3 seconds (healthy)``), ``created`` a Unix time. ``current`` is False when
    the compose file says otherwise by now: the next ``up`` makes it anew. ``oneoff``: by
    ``compose run``.
    """

    id: str
    name: str
    number: int = 1
    state: State = "running"
    health: Health = ""
    exit_code: int | None = None
    image: str = ""
    command: str = ""
    status: str = ""
    created: float = 0.0
    ports: tuple[PublishedPort, ...] = ()
    networks: tuple[Endpoint, ...] = ()
    current: bool = True
    oneoff: bool = False

    @property
    def running(self) -> bool:
        return self.state in ("running", "paused", "restarting")


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What is there of a service; ``containers`` in the order of their numbers."""

    service: str
    containers: tuple[ContainerState, ...] = ()

    @property
    def running(self) -> int:
        return sum(one.state == "running" for one in self.containers)
