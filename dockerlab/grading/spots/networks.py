"""Misconceptions about who finds whom."""

from __future__ import annotations

import re

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.facts import Facts, container_facts, networks_of
from dockerlab.grading.exercise import Spot

Seen = dict[str, object] | None
DEFAULT = "bridge"
_OWN = re.compile(
    r"(?<![\w.])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal)(?::\d+)?"
)


def default_bridge(*containers: str) -> Spot:
    """One of them is in no network but the default bridge."""

    def see(bench: Bench) -> Seen:
        for name in containers:
            facts = container_facts(bench, name)
            if facts is not None and set(networks_of(facts)) == {DEFAULT}:
                return {"name": name}
        return None

    return Spot("default-bridge", see)


def different_networks(source: str, target: str) -> Spot:
    """Both are in networks of their own, with none in common."""

    def see(bench: Bench) -> Seen:
        first, second = (networks_of(container_facts(bench, one) or {}) for one in (source, target))
        if not first or not second or set(first) & set(second):
            return None
        places = {"first": ", ".join(first), "second": ", ".join(second)}
        return {"source": source, "target": target, **places}

    return Spot("different-networks", see)


def published_instead(container: str, network: str = "") -> Spot:
    """It has a port published, and is not in the network that would be the way."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, container)
        if facts is None or not published(facts):
            return None
        return None if network and network in networks_of(facts) else {"name": container}

    return Spot("published-instead", see)


def localhost_in_files(*names: str) -> Spot:
    """A file names the neighbour by an address that is the container's own."""

    def see(bench: Bench) -> Seen:
        for name in names:
            found = own_address(bench.read(name) or "")
            if found:
                return {"where": name, "found": found}
        return None

    return Spot("localhost-between-services", see)


def own_address(text: str) -> str:
    """The first address in a text that leads to whoever uses it; "" where there is none.

    >>> own_address("redis://localhost:6379"), own_address("redis://store:6379")
    ('localhost:6379', '')
    """
    found = _OWN.search(text)
    return found[0] if found else ""


def published(facts: Facts) -> bool:
    bound = (facts.get("HostConfig") or {}).get("PortBindings") or {}
    return any(bound.values())
