"""``lab.reach``: every place tries to reach every other, by its names and by its addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from docker.errors import NotFound

from dockerlab.client.pages.listening import listeners
from dockerlab.client.pages.silence import name_of
from dockerlab.client.reach.probing import Found, probe
from dockerlab.client.reach.script import speakable
from dockerlab.errors import CommandError, NotFoundHere
from dockerlab.formats.composed.reach import Attempt, Place, Reach, Way

PROJECT, SERVICE, ONEOFF = (
    f"com.docker.compose.{word}" for word in ("project", "service", "oneoff")
)
MOST = 30
"""Places at once: the number of ways grows with the square."""
NAMES, PORTS = 4, 6
"""How many of a place's names and ports are tried."""
GUESS = 80
"""Tried where no port is known: even a refusal shows that there is a way."""
RESOLVER = 32768
"""Docker's own name server listens inside each container, at a port above this."""

Facts = Mapping[str, Any]


def reach(api: Any, what: Sequence[Any], ports: Sequence[int], timeout: float) -> Reach:
    """``what``: a Compose object, names of projects or of networks; nothing means all that runs."""
    project, found = _chosen(api, what)
    if len(found) > MOST:
        raise CommandError(
            f"{len(found)} containers would be {len(found) ** 2} ways: too many to look at",
            f"name a project or a network with at most {MOST} of them",
        )
    places = [_place(api, name, facts, ports) for name, facts in found.items()]
    with ThreadPoolExecutor(max_workers=8) as pool:
        asked = list(pool.map(lambda place: _ask(api, place, places, timeout), places))
    told = tuple(place for place, _ in asked)
    ways = tuple(
        _way(place, target, tried)
        for place, tried in asked
        for target in told
        if target.name != place.name
    )
    return Reach(told, ways, project, timeout)


# --- who there is ---


def _chosen(api: Any, what: Sequence[Any]) -> tuple[str, dict[str, list[Facts]]]:
    """The project's name, and the containers of each place."""
    names = [str(getattr(getattr(one, "project", one), "name", one)) for one in what]
    running = [facts for facts in _running(api) if _label(facts, ONEOFF) != "True"]
    projects = {_label(facts, PROJECT) for facts in running} - {""}
    if not names:
        chosen = running
    else:
        chosen = [
            facts
            for facts in running
            if _label(facts, PROJECT) in names or set(_networks(facts)) & set(names)
        ]
        unknown = [name for name in names if name not in projects and not _is_network(api, name)]
        if unknown:
            raise NotFoundHere(
                f"no project and no network is called {unknown[0]}",
                "docker compose ls and docker network ls list them; a project must be up",
                status=404,
            )
    project = names[0] if len(names) == 1 and names[0] in projects else ""
    found: dict[str, list[Facts]] = {}
    for facts in sorted(chosen, key=name_of):
        service = _label(facts, SERVICE) if _label(facts, PROJECT) == project else ""
        found.setdefault((project and service) or name_of(facts), []).append(facts)
    return project, found


def _running(api: Any) -> Iterator[Facts]:
    for one in api.containers():
        try:
            facts = api.inspect_container(one["Id"])
        except NotFound:
            continue  # ended since the list was made
        if facts["State"].get("Running"):
            yield facts


def _is_network(api: Any, name: str) -> bool:
    try:
        api.inspect_network(name)
    except NotFound:
        return False
    return True


def _label(facts: Facts, label: str) -> str:
    return str(((facts.get("Config") or {}).get("Labels") or {}).get(label) or "")


def _networks(facts: Facts) -> Mapping[str, Facts]:
    return (facts.get("NetworkSettings") or {}).get("Networks") or {}


def _place(api: Any, name: str, containers: list[Facts], ports: Sequence[int]) -> Place:
    first = containers[0]
    container = str(first["Id"])
    networks = _networks(first)
    aliases = [alias for one in networks.values() for alias in one.get("Aliases") or ()]
    names = dict.fromkeys([name, name_of(first), *aliases])
    # Docker lists the short id among the aliases; nobody types it.
    spoken = [one for one in names if speakable(one) and one not in (container[:12], container)]
    addresses = [str(one.get("IPAddress") or "") for one in networks.values()]
    return Place(
        name,
        container,
        tuple(networks),
        tuple(spoken[:NAMES]),
        tuple(filter(None, addresses)),
        tuple(ports) or _ports(api, first),
        len(containers),
    )


def _ports(api: Any, facts: Facts) -> tuple[int, ...]:
    """Those that somebody waits at, and those that the image or the project names."""
    heard = {
        one.port for one in listeners(api, facts) or () if not one.local and one.port < RESOLVER
    }
    exposed = (facts.get("Config") or {}).get("ExposedPorts") or {}
    said = {int(key.partition("/")[0]) for key in exposed if key.endswith("/tcp")}
    ordered = [*sorted(heard), *sorted(said - heard)]
    return tuple(ordered[:PORTS]) or (GUESS,)


# --- asking ---


def _ask(api: Any, place: Place, places: Sequence[Place], timeout: float) -> tuple[Place, Found]:
    others = [other for other in places if other.name != place.name]
    tries = dict.fromkeys(
        (name, port)
        for other in others
        for port in other.ports
        for name in (*other.names, *other.addresses)
    )
    if not tries:
        return place, {}
    addresses = [address for other in others for address in other.addresses]
    tool, why, found = probe(api, place.container, list(tries), addresses, timeout)
    return replace(place, tool=tool, why=why), found


def _way(place: Place, target: Place, found: Found) -> Way:
    tried: list[Attempt] = [
        found[name, port]
        for port in target.ports
        for name in (*target.names, *target.addresses)
        if (name, port) in found
    ]
    shared = tuple(name for name in place.networks if name in target.networks)
    return Way(place.name, target.name, shared, tuple(tried))
