"""How the containers of a project are, as records for tables and pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dockerlab.client.compose.looking.state import Found
from dockerlab.client.pages.address import browser_url
from dockerlab.formats.composed.state import (
    ContainerState,
    Endpoint,
    Health,
    PublishedPort,
    ServiceState,
)
from dockerlab.formats.composefile.model import Project, Service

_HEALTH = re.compile(r"\((healthy|unhealthy|health: starting)\)")
_EXITED = re.compile(r"Exited \((-?\d+)\)")


def states(
    project: Project,
    containers: tuple[Found, ...],
    hashed: Callable[[Service], str],
    *,
    there: str = "",
) -> tuple[ServiceState, ...]:
    """Each service of the project with its containers, and then what else there is.

    ``hashed`` gives the config hash that a service's containers should have, ``there`` is the
    engine's machine when it is not this one.
    """
    known = {**project.services}
    for one in containers:
        if one.service in project.disabled:
            known[one.service] = project.disabled[one.service]
    found = []
    others = sorted({one.service for one in containers} - set(known))
    for name in [*known, *others]:
        service = known.get(name)
        mine = [one for one in containers if one.service == name]
        wanted = hashed(service) if service is not None and mine else ""
        rows = [
            _container(project, service, one, there, current=not wanted or one.hash == wanted)
            for one in sorted(mine, key=lambda one: (one.oneoff, one.number, one.name))
        ]
        found.append(ServiceState(name, tuple(rows)))
    return tuple(found)


def _container(
    project: Project, service: Service | None, one: Found, there: str, *, current: bool
) -> ContainerState:
    exited = _EXITED.search(one.status)
    state: Any = one.state
    return ContainerState(
        id=one.id,
        name=one.name,
        number=one.number,
        state=state,
        health=_health(one.status),
        exit_code=int(exited[1]) if exited else None,
        image=str(one.row.get("Image", "")),
        command=str(one.row.get("Command", "")),
        status=one.status,
        created=one.created,
        ports=_ports(one, there),
        networks=_endpoints(project, service, one),
        current=current or one.oneoff,
        oneoff=one.oneoff,
    )


def _health(status: str) -> Health:
    found = _HEALTH.search(status)
    if found is None:
        return ""
    word: Any = found[1].removeprefix("health: ")
    return word  # type: ignore[no-any-return]


def _ports(one: Found, there: str) -> tuple[PublishedPort, ...]:
    found = set()
    for port in one.row.get("Ports") or []:
        host = str(port.get("IP") or "")
        # 0.0.0.0 and :: are one place to a learner.
        address = "" if host in ("0.0.0.0", "::") else host
        outside = int(port.get("PublicPort") or 0)
        inside, protocol = int(port["PrivatePort"]), str(port.get("Type"))
        way = outside and protocol == "tcp"
        url = browser_url(outside, there or address or "127.0.0.1") if way else ""
        found.add(PublishedPort(inside, protocol, outside, address, url))
    return tuple(sorted(found))


def _endpoints(project: Project, service: Service | None, one: Found) -> tuple[Endpoint, ...]:
    networks = (one.row.get("NetworkSettings") or {}).get("Networks") or {}
    keys = {network.name: key for key, network in project.networks.items()}
    found = []
    for name, data in sorted(networks.items()):
        attachment = service.networks.get(keys.get(name, "")) if service is not None else None
        own = [] if one.oneoff or not one.service else [one.service]
        aliases = [one.name, *own, *(attachment.aliases if attachment is not None else ())]
        told = [alias for alias in data.get("Aliases") or [] if alias != one.id[:12]]
        found.append(
            Endpoint(name, str(data.get("IPAddress") or ""), tuple(dict.fromkeys(aliases + told)))
        )
    return tuple(found)
