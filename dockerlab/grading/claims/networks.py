"""What can be claimed of networks: who is in them, and who reaches whom.

network("ex5-net").exists()
network("ex5-net").has("ex5-store", "ex5-page")
reaches("ex5-page", "ex5-store", 6379)
is_apart("ex5-guest", "ex5-store", 6379)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dockerlab.client.reach.probing import probe
from dockerlab.formats.composed.reach import Attempt
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.facts import (
    Facts,
    container_facts,
    network_facts,
    networks_of,
    runs,
)
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unknown, unmet

ANSWER = 2.0
"""Seconds that a neighbour may take to answer."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network by its name."""

    name: str

    def exists(self) -> Claim:
        return Claim(say("network.exists", network=self.name), self._exists)

    def is_internal(self) -> Claim:
        """From it nothing leads out."""
        return Claim(say("network.internal", network=self.name), self._internal)

    def has(self, *containers: str) -> Claim:
        """The containers are in it, running or not."""
        says = say("network.has", network=self.name, containers=", ".join(containers))
        return Claim(says, lambda bench: self._has(bench, containers))

    def lacks(self, *containers: str) -> Claim:
        """The containers are there, but not in it."""
        says = say("network.lacks", network=self.name, containers=", ".join(containers))
        return Claim(says, lambda bench: self._lacks(bench, containers))

    def is_gone(self) -> Claim:
        return Claim(say("network.gone", network=self.name), self._gone)

    def _exists(self, bench: Bench) -> Finding:
        found = network_facts(bench, self.name)
        return met() if found else absent("network.absent", network=self.name)

    def _gone(self, bench: Bench) -> Finding:
        found = network_facts(bench, self.name)
        return unmet("network.still", network=self.name) if found else met()

    def _internal(self, bench: Bench) -> Finding:
        found = network_facts(bench, self.name)
        if found is None:
            return absent("network.absent", network=self.name)
        return met() if found.get("Internal") else unmet("network.leads_out", network=self.name)

    def _has(self, bench: Bench, containers: Sequence[str]) -> Finding:
        if network_facts(bench, self.name) is None:
            return absent("network.absent", network=self.name)
        for container in containers:
            facts = container_facts(bench, container)
            if facts is None:
                return absent("container.absent", name=container)
            if self.name not in networks_of(facts):
                others = ", ".join(networks_of(facts)) or "none"
                return unmet("network.without", network=self.name, name=container, others=others)
        return met()

    def _lacks(self, bench: Bench, containers: Sequence[str]) -> Finding:
        for container in containers:
            facts = container_facts(bench, container)
            if facts is None:
                return absent("container.absent", name=container)
            if self.name in networks_of(facts):
                return unmet("network.with", network=self.name, name=container)
        return met()


def network(name: str) -> Network:
    return Network(name)


def reaches(source: str, target: str, port: int) -> Claim:
    """From within the container ``source``, a connection to ``target`` is taken, by that name.

    ``target`` is a name as programs there would use it: a container's, a service's, an alias.
    """
    fields = {"source": source, "target": target, "port": port}
    return Claim(say("reach.says", **fields), lambda bench: _reached(bench, fields))


def is_apart(source: str, target: str, port: int) -> Claim:
    """From within ``source`` no way leads to the container ``target``, by name or by address."""
    fields = {"source": source, "target": target, "port": port}
    return Claim(say("apart.says", **fields), lambda bench: _apart(bench, fields))


def _reached(bench: Bench, fields: dict[str, Any]) -> Finding:
    source = container_facts(bench, fields["source"])
    if (missing := _not_running(source, fields["source"])) is not None:
        return missing
    return connected(bench, str((source or {})["Id"]), fields)


def connected(bench: Bench, id: str, fields: dict[str, Any]) -> Finding:
    """What comes of connecting from a running container: ``target`` and ``port`` of ``fields``."""
    tried = attempts(bench, id, [fields["target"]], [], fields["port"])
    if not tried:
        return unknown("reach.unasked", **fields)
    outcome = tried[0].outcome
    return met() if outcome == "open" else unmet(f"reach.{outcome}", **fields)


def _apart(bench: Bench, fields: dict[str, Any]) -> Finding:
    found = [container_facts(bench, fields[one]) for one in ("source", "target")]
    for facts, key in zip(found, ("source", "target"), strict=True):
        if (missing := _not_running(facts, fields[key])) is not None:
            return missing
    source, target = (facts or {} for facts in found)
    tried = attempts(bench, source["Id"], [fields["target"]], addresses(target), fields["port"])
    if not tried:
        return unknown("reach.unasked", **fields)
    return unmet("apart.open", **fields) if any(one.outcome == "open" for one in tried) else met()


def _not_running(facts: Facts | None, name: str) -> Finding | None:
    if facts is None:
        return absent("container.absent", name=name)
    return None if runs(facts) else unmet("reach.stopped", name=name)


def attempts(
    bench: Bench, container: str, names: Sequence[str], known: Sequence[str], port: int
) -> list[Attempt]:
    """What comes of connecting from a container; empty where it has no tool, nor a helper has."""
    tries = [(name, port) for name in (*names, *known)]
    _, _, found = probe(bench.api, container, tries, known, ANSWER)
    return [found[one] for one in tries if one in found]


def addresses(facts: Facts) -> list[str]:
    places = networks_of(facts).values()
    return [str(one["IPAddress"]) for one in places if one.get("IPAddress")]
