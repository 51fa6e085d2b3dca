"""What can be claimed of a container's limits.

    limits("ex1-small").memory("64m")
    limits("ex1-small").cpus(0.5)
    limits("ex1-small").processes(50)

What was asked for counts: an engine that cannot enforce a limit has said so when it was set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dockerlab.formats.creation import bytes_of
from dockerlab.formats.text import binary_size
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers.states import host_of
from dockerlab.grading.claims.looking.facts import Facts, container_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet

PERIOD = 100_000
"""Microseconds in which a quota of processor time is counted, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a container by its name."""

    container: str

    def memory(self, amount: str) -> Claim:
        """``amount`` as after ``--memory``: ``64m``."""
        return self._claim("memory", memory_of, bytes_of(amount), binary_size)

    def cpus(self, number: float) -> Claim:
        """How many processors' time it may use, by ``--cpus`` or by a quota."""
        return self._claim("cpus", cpus_of, number, lambda cpus: f"{cpus:g}")

    def processes(self, number: int) -> Claim:
        return self._claim("processes", processes_of, number, lambda count: f"{count:g}")

    def _claim(
        self,
        kind: str,
        measure: Callable[[Facts], float],
        wanted: float,
        shown: Callable[[float], str],
    ) -> Claim:
        fields = {"container": self.container, "limit": shown(wanted)}

        def look(bench: Bench) -> Finding:
            facts = container_facts(bench, self.container)
            if facts is None:
                return absent("container.absent", name=self.container)
            there = measure(facts)
            if abs(there - wanted) < 1e-6:
                return met()
            if there <= 0:
                return unmet(f"limits.no_{kind}", **fields)
            return unmet(f"limits.other_{kind}", there=shown(there), **fields)

        return Claim(say(f"limits.{kind}", **fields), look)


def limits(container: str) -> Limits:
    return Limits(container)


def memory_of(facts: Facts) -> float:
    """Bytes; 0 where nothing limits it."""
    return float(host_of(facts).get("Memory") or 0)


def cpus_of(facts: Facts) -> float:
    host = host_of(facts)
    if host.get("NanoCpus"):
        return float(host["NanoCpus"]) / 1e9
    return float(host.get("CpuQuota") or 0) / float(host.get("CpuPeriod") or PERIOD)


def processes_of(facts: Facts) -> float:
    return max(0.0, float(host_of(facts).get("PidsLimit") or 0))
