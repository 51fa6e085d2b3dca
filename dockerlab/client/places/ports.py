"""The ports of running containers, and how a browser reaches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from docker.errors import NotFound

from dockerlab.client.pages.address import browser_url
from dockerlab.client.pages.listening import Listener, listeners
from dockerlab.client.pages.silence import name_of
from dockerlab.errors import ConflictHere
from dockerlab.formats.ports import Port, PortMap, declared


def port_map(api: Any, containers: Sequence[str], *, engine: str) -> PortMap:
    """The map of these containers, by name or id; of all that run, when none is named.

    ``engine`` is the engine's address: on that machine the ports are published.
    """
    there = "" if engine.startswith(("unix:", "npipe:")) else urlsplit(engine).hostname or ""
    facts = _running(api, containers)
    ports = [port for one in facts for port in _ports(api, one, there)]
    return PortMap(tuple(ports), tuple(map(name_of, facts)), there)


def _running(api: Any, containers: Sequence[str]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for name in containers or [one["Id"] for one in api.containers()]:
        try:
            facts = api.inspect_container(name)
        except NotFound:
            if containers:
                raise
            continue  # ended since the list was made
        if facts["State"].get("Running"):
            found.append(facts)
        elif containers:
            message = f"{name_of(facts)} is not running, so no port leads to it"
            raise ConflictHere(message, f"docker start {name_of(facts)}", status=409)
    return sorted(found, key=name_of)


def _ports(api: Any, facts: Mapping[str, Any], there: str) -> list[Port]:
    heard = listeners(api, facts)
    known = [_addressed(_told(port, heard), there) for port in declared(facts)]
    numbers = {port.port for port in known if port.protocol == "tcp"}
    shared = (facts.get("HostConfig") or {}).get("NetworkMode") == "host"
    # With the host's network, all of the host's listeners would appear here.
    others = [] if shared else [one for one in heard or () if one.port not in numbers]
    return known + [
        Port(name_of(facts), one.port, reach="listening", listening=True, local=one.local)
        for one in _joined(others)
        if not _resolver(one)
    ]


def _told(port: Port, heard: list[Listener] | None) -> Port:
    if heard is None or port.protocol != "tcp":
        return port
    here = [one for one in heard if one.port == port.port]
    local = bool(here) and all(one.local for one in here)
    return replace(port, listening=bool(here), local=local)


def _joined(heard: list[Listener]) -> list[Listener]:
    """One a port: a program may wait at both kinds of addresses."""
    reachable = {one.port for one in heard if not one.local}
    ports = sorted({one.port for one in heard})
    return [Listener(port, port not in reachable) for port in ports]


def _resolver(one: Listener) -> bool:
    """Docker's own name server waits inside, at a high port of 127.0.0.11."""
    return one.local and one.port >= 32768


def _addressed(port: Port, there: str) -> Port:
    if not port.open or port.protocol != "tcp" or not port.host_port:
        return port
    host = there or port.host or "127.0.0.1"
    return replace(port, url=browser_url(port.host_port, host))
