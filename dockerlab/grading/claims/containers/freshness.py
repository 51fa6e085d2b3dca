"""Whether a container is of the image as it is now: a name may have gone to a newer one since."""

from __future__ import annotations

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.facts import container_facts, image_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet


def is_fresh(container: str, image: str) -> Claim:
    """The container was made after the last build of the image."""
    fields = {"container": container, "image": image}
    return Claim(say("fresh.says", **fields), lambda bench: _look(bench, container, image))


def _look(bench: Bench, container: str, image: str) -> Finding:
    facts, now = container_facts(bench, container), image_facts(bench, image)
    if facts is None:
        return absent("container.absent", name=container)
    if now is None:
        return absent("image.absent", image=image)
    if facts.get("Image") == now.get("Id"):
        return met()
    return unmet("fresh.older", container=container, image=image)
