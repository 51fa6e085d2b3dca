"""Misconceptions about images and their names."""

from __future__ import annotations

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.facts import image_facts
from dockerlab.grading.exercise import Spot

Seen = dict[str, object] | None


def copied_not_named(name: str, other: str) -> Spot:
    """Two images were made where one was to get a second name."""

    def see(bench: Bench) -> Seen:
        one, two = image_facts(bench, name), image_facts(bench, other)
        if one is None or two is None or one["Id"] == two["Id"]:
            return None
        return {"image": name, "other": other}

    return Spot("copied-not-named", see)
