"""What can be claimed of networks: what they are, and who is in them.

network("ex5-net").exists()
network("ex5-net").has("ex5-store", "ex5-page")

Who really reaches whom is tried in ``connections.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.facts import container_facts, network_facts, networks_of
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet


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
