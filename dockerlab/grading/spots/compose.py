"""Misconceptions that show in a compose file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from dockerlab.errors import ComposeFileError, DockerlabError
from dockerlab.formats.composefile.model import Finding, Project, Service
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.projects.composefiles import at, doors, read
from dockerlab.grading.exercise import Spot
from dockerlab.grading.spots.networks import own_address

Seen = dict[str, object] | None
_UNKNOWN = re.compile(r"additional properties|not allowed|unknown|unsupported", re.IGNORECASE)
_UNLISTED = re.compile(r"undefined volume (\S+)|refers to.*volume", re.IGNORECASE)


def no_depends_on(service: str, other: str) -> Spot:
    def see(one: Service) -> Seen:
        return None if other in one.depends_on else {"service": service, "other": other}

    return of_service("no-depends-on", service, see)


def started_is_not_ready(service: str, other: str) -> Spot:
    """It waits for the other one's start only."""

    def see(one: Service) -> Seen:
        found = one.depends_on.get(other)
        waits = found is not None and found.condition == "service_started"
        return {"service": service, "other": other} if waits else None

    return of_service("started-is-not-ready", service, see)


def ports_turned_round(service: str, outside: int, inside: int) -> Spot:
    def see(one: Service) -> Seen:
        turned = any(port.target == outside and inside in doors(port) for port in one.ports)
        return {"service": service, "found": f"{inside}:{outside}"} if turned else None

    return of_service("ports-turned-round", service, see)


def one_door_for_many(service: str) -> Spot:
    """Each of its ports has a single door."""

    def see(one: Service) -> Seen:
        single = next((port for port in one.ports if len(doors(port)) == 1), None)
        return {"service": service, "found": excerpt(single.published)} if single else None

    return of_service("one-door-for-many", service, see)


def name_for_many(service: str) -> Spot:
    def see(one: Service) -> Seen:
        found = one.container_name
        return {"service": service, "found": excerpt(found)} if found else None

    return of_service("name-for-many", service, see)


def volume_without_name(service: str, path: str) -> Spot:
    """Nothing, or a volume without a name, is at the place where the data is."""

    def see(one: Service) -> Seen:
        mount = at(one, path)
        if mount is not None and (mount.source or mount.type != "volume"):
            return None
        return {"container": service, "path": path}

    return of_service("no-volume", service, see)


def unmounted(service: str, folder: str) -> Spot:
    """No folder of the learner's is mounted into it at all: it has what its image has."""

    def see(one: Service) -> Seen:
        bound = any(mount.type == "bind" for mount in one.volumes)
        return None if bound else {"service": service, "folder": folder}

    return of_service("built-not-mounted", service, see)


def elsewhere(service: str, folder: str, path: str) -> Spot:
    """The folder is mounted, at another place than where the program looks."""

    def see(one: Service) -> Seen:
        binds = [mount for mount in one.volumes if mount.type == "bind"]
        there = next((mount.target for mount in binds if Path(mount.source).name == folder), path)
        return {"folder": folder, "there": excerpt(there), "path": path} if there != path else None

    return of_service("mounted-elsewhere", service, see)


def localhost_between_services(service: str) -> Spot:
    """One of its variables names a neighbour by an address that is its own."""

    def see(one: Service) -> Seen:
        found = next(filter(None, map(own_address, filter(None, one.environment.values()))), "")
        return {"where": service, "found": found} if found else None

    return of_service("localhost-between-services", service, see)


def unknown_key() -> Spot:
    """A word that is not in Compose's dictionary, or not at its place."""

    def see(finding: Finding) -> Seen:
        if not finding.line or not _UNKNOWN.search(finding.text):
            return None
        return {"entry": excerpt(finding.key[-1]) if finding.key else "", "line": finding.line}

    return of_mistake("unknown-key", see)


def volume_not_listed(volume: str) -> Spot:
    def see(finding: Finding) -> Seen:
        return {"volume": volume} if _UNLISTED.search(finding.text) else None

    return of_mistake("volume-not-listed", see)


def of_service(name: str, service: str, see: Callable[[Service], Seen]) -> Spot:
    """A spot in a service of the exercise's compose file; not seen where there is none."""

    def look(bench: Bench) -> Seen:
        project = readable(bench)
        one = project.every.get(service) if project else None
        return see(one) if one else None

    return Spot(name, look)


def of_mistake(name: str, see: Callable[[Finding], Seen]) -> Spot:
    """A spot in what Compose says of a file that it cannot understand."""

    def look(bench: Bench) -> Seen:
        try:
            read(bench)
        except ComposeFileError as error:
            return next(filter(lambda seen: seen is not None, map(see, error.findings)), None)
        return None

    return Spot(name, look)


def readable(bench: Bench) -> Project | None:
    try:
        return read(bench)
    except DockerlabError:
        return None
