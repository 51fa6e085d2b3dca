"""What can be claimed of connections between containers, by trying them.

reaches("ex5-page", "ex5-store", 6379)
is_apart("ex5-guest", "ex5-store", 6379)

Who tries is a helper of a lent image in the container's network, as the learner's own ``nc`` could
say what it likes. What it shares with the container are its names: whether a name leads to who is
called so is looked at, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dockerlab.client.reach.script import arguments, read
from dockerlab.formats.composed.reach import Attempt
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.boxes import Refused, ran_beside
from dockerlab.grading.claims.looking.facts import Facts, container_facts, lent, networks_of, runs
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unknown, unmet

ANSWER = 2.0
"""Seconds that a neighbour may take to answer."""
PATIENCE = 20.0
"""Seconds that all tries from a container may take, on a busy machine."""
_OTHERS_NETWORK = "container:"


@dataclass(frozen=True, slots=True)
class Way:
    """From a container, by its name, to a port of whoever is called ``target`` there."""

    source: str
    target: str
    port: int

    @property
    def fields(self) -> dict[str, Any]:
        return {"source": self.source, "target": self.target, "port": self.port}

    def reached(self, bench: Bench) -> Finding:
        """That a connection is taken, and by somebody of that name."""
        source = container_facts(bench, self.source)
        if source is None:
            return absent("container.absent", name=self.source)
        if not runs(source):
            return unmet("reach.stopped", name=self.source)
        there = list(dict.fromkeys(called(bench, source, self.target)))
        tried = self._tried(bench, source, there)
        if not tried:
            return unknown("reach.unasked", **self.fields)
        by_name, *by_address = tried
        if by_name.outcome != "open":
            return unmet(f"reach.{by_name.outcome}", **self.fields)
        if any(one.outcome == "open" for one in by_address):
            return met()
        return unmet("reach.elsewhere", **self.fields)

    def barred(self, bench: Bench) -> Finding:
        """That none is taken, by name or by address; ``target`` is a container."""
        found = [container_facts(bench, name) for name in (self.source, self.target)]
        for facts, name in zip(found, (self.source, self.target), strict=True):
            if facts is None:
                return absent("container.absent", name=name)
            if not runs(facts):
                return unmet("reach.stopped", name=name)
        source, target = (facts or {} for facts in found)
        tried = self._tried(bench, source, addresses(bench, target))
        if not tried:
            return unknown("reach.unasked", **self.fields)
        if any(one.outcome == "open" for one in tried):
            return unmet("apart.open", **self.fields)
        return met()

    def _tried(self, bench: Bench, source: Facts, known: Sequence[str]) -> list[Attempt]:
        """What comes of the name, then of each address; empty where nothing could be tried."""
        image = lent(bench)
        tries = [(name, self.port) for name in (self.target, *known)]
        words = arguments(ANSWER, tries)
        try:
            ran = ran_beside(bench, str(source["Id"]), image, words, PATIENCE) if image else None
        except Refused:
            return []
        found = read(ran.said, known)[1] if ran else {}
        return [found[one] for one in tries] if len(found) == len(tries) else []


def reaches(source: str, target: str, port: int) -> Claim:
    """From within the container ``source``, a connection to ``target`` is taken, by that name.

    ``target`` is a name as programs there would use it: a container's, a service's, an alias.
    """
    way = Way(source, target, port)
    return Claim(say("reach.says", **way.fields), way.reached)


def is_apart(source: str, target: str, port: int) -> Claim:
    """From within ``source`` no way leads to the container ``target``, by name or by address."""
    way = Way(source, target, port)
    return Claim(say("apart.says", **way.fields), way.barred)


def called(bench: Bench, source: Facts, name: str) -> Iterator[str]:
    """The addresses of those who have this name in a network of ``source``'s."""
    mine = places(bench, source)
    for row in bench.api.containers():
        facts = container_facts(bench, str(row["Id"]))
        for network, place in networks_of(facts or {}).items():
            names = (str((facts or {})["Name"]).lstrip("/"), *(place.get("Aliases") or ()))
            if network in mine and name in names and place.get("IPAddress"):
                yield str(place["IPAddress"])


def addresses(bench: Bench, facts: Facts) -> list[str]:
    found = places(bench, facts).values()
    return [str(one["IPAddress"]) for one in found if one.get("IPAddress")]


def places(bench: Bench, facts: Facts) -> dict[str, Facts]:
    """A container's networks; where it has another one's, that one's."""
    mode = str((facts.get("HostConfig") or {}).get("NetworkMode") or "")
    if mode.startswith(_OTHERS_NETWORK):
        facts = container_facts(bench, mode.removeprefix(_OTHERS_NETWORK)) or {}
    return dict(networks_of(facts))
