"""Misconceptions about limits: what is asked for is not always what limits."""

from __future__ import annotations

from collections.abc import Callable

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers.limiting import cpus_of, memory_of
from dockerlab.grading.claims.containers.states import host_of
from dockerlab.grading.claims.looking.facts import Facts, container_facts
from dockerlab.grading.exercise import Spot


def decimal_megabytes(name: str) -> Spot:
    """``64000000``: Docker's ``m`` counts by 1024."""
    return _spot(
        "decimal-megabytes",
        name,
        lambda facts: memory_of(facts) % 1_000_000 == 0 and memory_of(facts) > 0,
    )


def soft_limit(name: str) -> Spot:
    """``--memory-reservation``: a wish, which nothing enforces while there is memory."""

    def judge(facts: Facts) -> bool:
        return not memory_of(facts) and bool(host_of(facts).get("MemoryReservation"))

    return _spot("soft-limit", name, judge)


def shares_are_no_limit(name: str) -> Spot:
    """``--cpu-shares``: a weight, which counts only while others want the processor too."""

    def judge(facts: Facts) -> bool:
        return not cpus_of(facts) and bool(host_of(facts).get("CpuShares"))

    return _spot("shares-are-no-limit", name, judge)


def pinned_is_no_limit(name: str) -> Spot:
    """``--cpuset-cpus``: which processors, not how much of them."""

    def judge(facts: Facts) -> bool:
        return not cpus_of(facts) and bool(host_of(facts).get("CpusetCpus"))

    return _spot("pinned-is-no-limit", name, judge)


def _spot(spot: str, name: str, judge: Callable[[Facts], bool]) -> Spot:
    def see(bench: Bench) -> dict[str, object] | None:
        facts = container_facts(bench, name)
        return {"container": name} if facts is not None and judge(facts) else None

    return Spot(spot, see)
