"""The lines of ``docker ps``: which containers, and what is said about each.

Everything here is in memory: a list of hundreds of containers reads no file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.containers.looks.inspection import networks
from dockerlab.engine.containers.request.config import Data, check_port
from dockerlab.engine.containers.roster import Roster
from dockerlab.engine.errors import APIError, BadParameter
from dockerlab.formats import patterns

Filters = Mapping[str, list[str]]

_FILTERS = frozenset(
    ("ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label")
) | frozenset(("name", "network", "publish", "since", "status", "volume"))
_STATES = ("paused", "restarting", "removing", "running", "dead", "created", "exited")
_HEALTHS = ("starting", "healthy", "unhealthy", "none")
_QUIET_HEALTHS = ("none", "")


def select(
    roster: Roster,
    filters: Filters,
    *,
    all: bool = False,
    limit: int = 0,
    ancestors: Callable[[str], set[str]] = lambda image: {image},
) -> list[Container]:
    """The containers that the filters want, newest first.

    ``ancestors``: ids of the images that an ``ancestor`` filter's value stands for.
    """
    _check(filters)
    all = all or limit > 0 or bool(filters.get("status"))
    found = sorted(roster, key=lambda container: container.created, reverse=True)
    found = _between(found, roster, filters)
    images = {id for value in filters.get("ancestor", ()) for id in _safely(ancestors, value)}
    chosen = [
        container
        for container in found
        if (all or container.state.running) and _wanted(container, filters, images)
    ]
    return chosen[:limit] if limit > 0 else chosen


def _check(filters: Filters) -> None:
    for key in filters:
        if key not in _FILTERS:
            raise BadParameter(f"Invalid filter '{key}'")
    for value in filters.get("status", ()):
        if value not in _STATES:
            raise BadParameter(f"Invalid filter 'status={value}'")
    for value in filters.get("health", ()):
        if value not in _HEALTHS:
            raise BadParameter(f"Unrecognised filter value for health: {value}")
    for what in ("publish", "expose"):
        for value in filters.get(what, ()):
            _port_range(value, what)
    for value in filters.get("exited", ()):
        if not re.fullmatch(r"[+-]?\d+", value):
            raise BadParameter(f'strconv.Atoi: parsing "{value}": invalid syntax')
    if (tasks := filters.get("is-task")) and tasks[0] not in ("true", "false", "1", "0"):
        raise BadParameter(f"Invalid filter 'is-task=[{tasks[0]}]'")


def _safely(ancestors: Callable[[str], set[str]], value: str) -> set[str]:
    try:
        return ancestors(value)
    except APIError:
        return set()


def _between(found: list[Container], roster: Roster, filters: Filters) -> list[Container]:
    """What was created before, and since, the containers that the filters name."""
    for value in filters.get("before", ()):
        other = _other(roster, value)
        found = [container for container in found if container.created < other.created]
    for value in filters.get("since", ()):
        other = _other(roster, value)
        found = [container for container in found if container.created > other.created]
    return found


def _other(roster: Roster, reference: str) -> Container:
    if found := roster.find(reference):
        return found
    raise BadParameter(f"no such container {reference}")


def _wanted(container: Container, filters: Filters, images: set[str]) -> bool:
    for key, values in filters.items():
        test = _TESTS.get(key)
        if test is not None and values and not any(test(container, value) for value in values):
            return False
    # Labels must all be there; of the others, one value is enough.
    if not all(has_label(container.config["Labels"], value) for value in filters.get("label", ())):
        return False
    if filters.get("ancestor") and container.image_id not in images:
        return False
    return not any(value in ("true", "1") for value in filters.get("is-task", ()))


def has_label(labels: Mapping[str, str] | None, wanted: str) -> bool:
    """Whether ``name`` or ``name=value`` is among the labels."""
    name, equals, value = wanted.partition("=")
    known = labels or {}
    return name in known and (not equals or known[name] == value)


def _matches_name(container: Container, value: str) -> bool:
    try:
        return any(patterns.search(value, name) for name in (container.name, f"/{container.name}"))
    except ValueError:
        return value in container.name


def _exited_with(container: Container, value: str) -> bool:
    state = container.state
    return not state.running and state.started_at != clock.NEVER and state.exit_code == int(value)


def _has_health(container: Container, value: str) -> bool:
    health = container.health.status if container.health is not None else "none"
    return (health if health not in _QUIET_HEALTHS else "none") == value


def _has_volume(container: Container, value: str) -> bool:
    return any(value in (p.name, p.source, p.destination) for p in container.mounts)


def _has_network(container: Container, value: str) -> bool:
    shown = container.network.get("Networks") or networks(container)
    return any(
        value == name or ((ids := str(endpoint.get("NetworkID"))) and ids.startswith(value))
        for name, endpoint in shown.items()
    )


def _publishes(container: Container, value: str) -> bool:
    wanted = _port_range(value, "publish")
    ports = container.network.get("Ports") or {}
    return any(port in wanted for port, bindings in ports.items() if bindings)


def _exposes(container: Container, value: str) -> bool:
    wanted = _port_range(value, "expose")
    return any(port in wanted for port in container.config.get("ExposedPorts") or ())


def _port_range(value: str, what: str) -> set[str]:
    numbers, _, protocol = value.partition("/")
    first, _, last = numbers.partition("-")
    if not first.isdecimal() or (last and not last.isdecimal()):
        raise BadParameter(
            f"error while looking up for {what} {value}: "
            f'strconv.ParseUint: parsing "{numbers}": invalid syntax'
        )
    return {f"{port}/{protocol or 'tcp'}" for port in range(int(first), int(last or first) + 1)}


_TESTS: dict[str, Callable[[Container, str], bool]] = {
    "id": lambda container, value: container.id.startswith(value),
    "name": _matches_name,
    "status": lambda container, value: container.state.status == value,
    "exited": _exited_with,
    "health": _has_health,
    "volume": _has_volume,
    "network": _has_network,
    "publish": _publishes,
    "expose": _exposes,
}


def summary(container: Container, image_name: str, linked: Iterable[str] = ()) -> Data:
    """One element of ``GET /containers/json``; ``linked``: names that its links give it."""
    shown = container.network.get("Networks") or networks(container)
    return {
        "Id": container.id,
        "Names": [f"/{container.name}", *linked],
        "Image": image_name,
        "ImageID": container.image_id,
        "Command": command_line(container.command),
        "Created": container.created // 1_000_000_000,
        "Ports": ports(container),
        "Labels": container.config["Labels"] or {},
        "State": container.state.status,
        "Status": status(container),
        "HostConfig": {"NetworkMode": container.host["NetworkMode"]},
        "NetworkSettings": {"Networks": shown},
        "Mounts": [point.view() for point in sorted(container.mounts, key=lambda p: p.destination)],
    }


def command_line(words: Iterable[str]) -> str:
    """The command in one line, words with blanks in quotes, as ``docker ps`` shows it."""
    first, *rest = words
    return " ".join([first, *(f"'{word}'" if " " in word else word for word in rest)])


def ports(container: Container) -> list[dict[str, Any]]:
    """Exposed and published ports of a running container."""
    found: list[dict[str, Any]] = []
    if not container.state.running:
        return found
    for name, bindings in (container.network.get("Ports") or {}).items():
        number, protocol = check_port(name)
        if not bindings:
            found.append({"PrivatePort": number, "Type": protocol})
        for binding in bindings or ():
            found.append(
                {
                    "IP": binding["HostIp"],
                    "PrivatePort": number,
                    "PublicPort": int(binding["HostPort"]),
                    "Type": protocol,
                }
            )
    return found


def status(container: Container) -> str:
    """The STATUS column: ``Up 2 seconds (healthy)``, ``Exited (137) 3 seconds ago`` …"""
    state = container.state
    if state.running:
        if state.restarting:
            return f"Restarting ({state.exit_code}) {_since(state.finished_at)} ago"
        return f"Up {_since(state.started_at)}{_remark(container)}"
    if container.removing:
        return "Removal In Progress"
    if state.dead:
        return "Dead"
    if state.started_at == clock.NEVER:
        return "Created"
    return f"Exited ({state.exit_code}) {_since(state.finished_at)} ago"


def _remark(container: Container) -> str:
    if container.state.paused:
        return " (Paused)"
    health = container.health
    if health is None:
        return ""
    return f" ({'health: ' if health.status == 'starting' else ''}{health.status})"


def _since(stamp: str) -> str:
    return clock.human((clock.now() - clock.unix(stamp)) / 1e9)
