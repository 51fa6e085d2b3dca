"""What the picture of a Compose project shows: services in start order, and what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, Protocol

from dockerlab.formats.composed.state import ContainerState, PublishedPort, ServiceState
from dockerlab.formats.composefile import graph
from dockerlab.formats.composefile.model import Mount, Project, Service

Look = Literal[
    "absent", "created", "running", "healthy", "starting", "unhealthy", "partly", "paused",
    "restarting", "done", "failed",
]  # fmt: skip
"""What a service looks like as a whole; a key of the words ``graph.is.…``."""


class Composed(Protocol):
    """What can be drawn: ``client.compose`` has it, and ``Snapshot`` for a moment kept."""

    @property
    def project(self) -> Project: ...
    def state(self) -> Sequence[ServiceState]: ...


@dataclass(frozen=True)
class Snapshot:
    """A project and the state of its services at one moment."""

    project: Project
    states: tuple[ServiceState, ...] = ()

    def state(self) -> tuple[ServiceState, ...]:
        return self.states


@dataclass(frozen=True)
class Card:
    """A service; ``level`` is when it starts, from 1."""

    service: Service
    containers: tuple[ContainerState, ...]
    level: int

    @property
    def name(self) -> str:
        return self.service.name

    @property
    def running(self) -> int:
        return sum(one.state == "running" for one in self.containers)

    @property
    def look(self) -> Look:
        return _look(self.service, self.containers)

    @property
    def ports(self) -> tuple[PublishedPort, ...]:
        """Those that lead in now; while nothing runs, those that the file asks for."""
        found = {port for one in self.containers if one.running for port in one.ports}
        leading = sorted(port for port in found if port.outside)
        return tuple(leading) if any(one.running for one in self.containers) else self.wanted

    @property
    def wanted(self) -> tuple[PublishedPort, ...]:
        return tuple(
            PublishedPort(port.target, port.protocol, _number(port.published), port.host_ip)
            for port in self.service.ports
        )


@dataclass(frozen=True)
class Rail:
    """Something that services share. ``users``: service → what is written at its stop there."""

    kind: Literal["network", "volume", "bind"]
    key: str
    name: str
    users: Mapping[str, str]
    note: Literal["", "internal", "external"] = ""


@dataclass(frozen=True)
class Scene:
    project: Project
    cards: tuple[Card, ...]
    rails: tuple[Rail, ...]

    def of(self, service: str) -> tuple[Rail, ...]:
        """The rails that a service stops at."""
        return tuple(rail for rail in self.rails if service in rail.users)


def scene(what: Composed) -> Scene:
    """Looks once; services come in the order in which they start."""
    project = what.project
    states = {state.service: state.containers for state in what.state()}
    levels = start_levels(project)
    cards = [
        Card(service, tuple(one for one in states.get(name, ()) if not one.oneoff), levels[name])
        for name, service in project.services.items()
    ]
    cards.sort(key=lambda card: (card.level, card.name))
    return Scene(project, tuple(cards), (*_networks(project, cards), *_mounts(project, cards)))


def start_levels(project: Project) -> dict[str, int]:
    """When each service starts: 1 for those that wait for nobody."""
    levels = graph(project).levels
    return {name: number for number, level in enumerate(levels, 1) for name in level}


def _look(service: Service, containers: Sequence[ContainerState]) -> Look:
    states = {one.state for one in containers}
    if not containers:
        return "absent"
    if any(one.health == "unhealthy" for one in containers):
        return "unhealthy"
    if states & {"exited", "dead"} and any(one.exit_code for one in containers):
        return "failed"
    if "restarting" in states:
        return "restarting"
    if states <= {"exited", "dead", "removing"}:
        return "done"
    if states == {"created"}:
        return "created"
    if "paused" in states:
        return "paused"
    if states != {"running"} or len(containers) < service.replicas:
        return "partly"
    healths = {one.health for one in containers}
    return "starting" if "starting" in healths else "healthy" if "healthy" in healths else "running"


def _networks(project: Project, cards: Sequence[Card]) -> list[Rail]:
    found = []
    for key, network in project.networks.items():
        users = {
            card.name: _address(card.containers, network.name)
            for card in cards
            if key in card.service.networks
        }
        note: Literal["", "internal", "external"] = (
            "internal" if network.internal else "external" if network.external else ""
        )
        found.append(Rail("network", key, network.name, users, note))
    return found


def _address(containers: Sequence[ContainerState], network: str) -> str:
    """The address of the one container, or of how many it is one."""
    addresses = [
        place.address
        for one in containers
        for place in one.networks
        if place.network == network and place.address
    ]
    if len(addresses) > 1:
        return f"{addresses[0]} +{len(addresses) - 1}"
    return addresses[0] if addresses else ""


def _mounts(project: Project, cards: Sequence[Card]) -> list[Rail]:
    users: dict[tuple[Literal["volume", "bind"], str], dict[str, str]] = {}
    for card in cards:
        for mount in card.service.volumes:
            if mount.type in ("volume", "bind") and mount.source:
                kind: Literal["volume", "bind"] = "volume" if mount.type == "volume" else "bind"
                stops = users.setdefault((kind, mount.source), {})
                stops[card.name] = ", ".join(filter(None, (stops.get(card.name), _target(mount))))
    found = []
    for (kind, source), stops in sorted(users.items(), reverse=True):
        volume = project.volumes.get(source) if kind == "volume" else None
        external = volume is not None and volume.external
        name = volume.name if volume else source
        key = source if kind == "volume" else _short(source, project.directory)
        found.append(Rail(kind, key, name, stops, "external" if external else ""))
    return found


def _target(mount: Mount) -> str:
    return f"{mount.target} (ro)" if mount.read_only else mount.target


def _short(path: str, directory: str) -> str:
    """As one would write it in the compose file."""
    whole = PurePosixPath(path)
    if directory and whole.is_relative_to(directory):
        return f"./{whole.relative_to(directory)}".removesuffix("/.")
    return path


def _number(published: str) -> int:
    """The first of a range; 0 for "any free one"."""
    first = published.partition("-")[0]
    return int(first) if first.isdigit() else 0
