"""Misconceptions on an app's way to its visitors: images for production, tests, secrets."""

from __future__ import annotations

import shlex

from docker.errors import NotFound

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers import started
from dockerlab.grading.claims.excerpts import excerpt
from dockerlab.grading.claims.facts import container_facts, image_facts
from dockerlab.grading.claims.files import packed
from dockerlab.grading.claims.images import layers_of
from dockerlab.grading.claims.originals import Original
from dockerlab.grading.claims.pipelines import swallowing
from dockerlab.grading.claims.secrets import Secret, TooMuch, Trace
from dockerlab.grading.exercise import Spot

Seen = dict[str, object] | None


def dockerfile_not_named(dev: str, production: str) -> Spot:
    """Both names mean the same image."""

    def see(bench: Bench) -> Seen:
        found = [image_facts(bench, name) for name in (dev, production)]
        if not all(found) or len({str((one or {}).get("Id")) for one in found}) > 1:
            return None
        return {"dev": dev, "production": production}

    return Spot("dockerfile-not-named", see)


def one_stage(image: str, base: str) -> Spot:
    """The image for production stands on that which it was built with."""

    def see(bench: Bench) -> Seen:
        mine, below = (layers_of(image_facts(bench, name) or {}) for name in (image, base))
        stands = bool(below) and mine[: len(below)] == below
        return {"image": image, "base": base} if stands else None

    return Spot("one-stage", see)


def sources_served(image: str, *paths: str) -> Spot:
    """A file of the sources is in the image for production."""

    def see(bench: Bench) -> Seen:
        if image_facts(bench, image) is None:
            return None
        there = next((path for path in paths if packed(bench, image, path) is not None), "")
        return {"image": image, "path": there} if there else None

    return Spot("sources-served", see)


def tests_changed(given: Original, image: str, path: str) -> Spot:
    def see(bench: Bench) -> Seen:
        there = image_facts(bench, image) is not None
        return {"path": path} if there and given.differs(bench, image, path) else None

    return Spot("tests-changed", see)


def exit_code_swallowed(container: str) -> Spot:
    """Its command is good whatever comes of it."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, container)
        command = shlex.join(started(facts)) if facts else ""
        found: Seen = {"container": container, "command": excerpt(command)}
        return found if swallowing(command) else None

    return Spot("exit-code-swallowed", see)


def secret_in_an_earlier_layer(secret: Secret, image: str) -> Spot:
    """A layer holds it, and the image as it is seen does not."""

    def see(bench: Bench) -> Seen:
        found = of_layer(bench, secret, image)
        if found is None or packed(bench, image, found.where) is not None:
            return None
        return {"path": excerpt(found.where)}

    return Spot("secret-in-an-earlier-layer", see)


def secret_copied(secret: Secret, image: str) -> Spot:
    def see(bench: Bench) -> Seen:
        found = of_layer(bench, secret, image)
        return {"path": excerpt(found.where)} if found else None

    return Spot("secret-copied", see)


def secret_in_the_settings(secret: Secret, image: str) -> Spot:
    def see(bench: Bench) -> Seen:
        found = first(bench, secret, image)
        return {"where": found.where} if found and found.kind == "settings" else None

    return Spot("secret-in-the-settings", see)


def secret_in_the_history(secret: Secret, image: str) -> Spot:
    def see(bench: Bench) -> Seen:
        found = first(bench, secret, image)
        return {"where": found.where} if found and found.kind == "history" else None

    return Spot("secret-in-the-history", see)


def of_layer(bench: Bench, secret: Secret, image: str) -> Trace | None:
    found = first(bench, secret, image)
    return found if found and found.kind == "layer" else None


def first(bench: Bench, secret: Secret, image: str) -> Trace | None:
    try:
        return next(secret.traces(bench, image), None)
    except (NotFound, TooMuch):
        return None
