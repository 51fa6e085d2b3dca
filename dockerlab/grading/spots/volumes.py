"""Misconceptions about where data is kept."""

from __future__ import annotations

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.disks import data, volume
from dockerlab.grading.claims.disks.volumes import mounts
from dockerlab.grading.claims.looking.facts import container_facts
from dockerlab.grading.exercise import Spot

Seen = dict[str, object] | None


def no_volume(container: str, path: str) -> Spot:
    """The place is a volume without a name."""
    return Spot("no-volume", lambda bench: kept(bench, container, path, "anonymous"))


def data_in_the_container_layer(container: str, path: str) -> Spot:
    """Nothing is mounted at the place."""
    return Spot("data-in-the-container-layer", lambda bench: kept(bench, container, path, "layer"))


def folder_not_volume(container: str, path: str) -> Spot:
    """A folder of the host is mounted there."""
    return Spot("folder-not-volume", lambda bench: kept(bench, container, path, "bind"))


def volume_elsewhere(name: str, container: str, path: str) -> Spot:
    """The right volume is at another place of the container."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, container)
        there = [one.path for one in volume(name).places(facts or {})]
        if not there or path in there:
            return None
        return {"volume": name, "there": there[0], "path": path, "container": container}

    return Spot("volume-elsewhere", see)


def still_used(name: str) -> Spot:
    """The volume could not be removed, as some container has it, running or not."""

    def see(bench: Bench) -> Seen:
        for row in bench.api.containers(all=True, filters={"volume": name}):
            if any(one.get("Name") == name for one in row.get("Mounts") or ()):
                return {"volume": name, "container": row["Names"][0].lstrip("/")}
        return None

    return Spot("still-used", see)


def kept(bench: Bench, container: str, path: str, kind: str) -> Seen:
    facts = container_facts(bench, container)
    if facts is None or data(container, path).kind(facts) != kind:
        return None
    source = next((one.source for one in mounts(facts) if one.path == path), "")
    return {"container": container, "path": path, "source": source}
