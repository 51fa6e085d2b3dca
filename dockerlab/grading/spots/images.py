"""Misconceptions about images and their names."""

from __future__ import annotations

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.answers import numeral
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


def counted_steps(question: str, image: str) -> Spot:
    """The answer is how many steps the image's history has; not each of them left a layer."""

    def see(bench: Bench) -> Seen:
        steps = len(bench.api.history(image))
        return {"steps": steps} if numeral(bench.answers().get(question)) == steps else None

    return Spot("counted-steps", see)
