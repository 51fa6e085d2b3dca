"""Misconceptions on an app's way to its visitors: images for production, tests, secrets."""

from __future__ import annotations

import shlex

from docker.errors import NotFound

from dockerlab.errors import ComposeFileError
from dockerlab.formats.pipeline.outline import Pipeline, pipeline
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers.states import started
from dockerlab.grading.claims.disks.files import packed
from dockerlab.grading.claims.images.originals import Original
from dockerlab.grading.claims.images.properties import layers_of
from dockerlab.grading.claims.images.secrets import Secret, TooMuch, Trace
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import container_facts, image_facts
from dockerlab.grading.claims.projects.pipelines import swallowing
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


def failure_swallowed(file: str) -> Spot:
    """A line that is good whatever comes of it, or a job that may fail."""

    def see(bench: Bench) -> Seen:
        found = readable(bench, file)
        jobs = found.jobs.values() if found else ()
        lines = (line for job in jobs for line in job.lines)
        part = next(filter(None, map(swallowing, lines)), "")
        if part:
            return {"found": part}
        return {"found": "continue-on-error"} if any(job.forgiving for job in jobs) else None

    return Spot("failure-swallowed", see)


def deploy_without_tests(file: str, deploying: str, testing: str) -> Spot:
    """The job with the one line does not wait for that with the other."""

    def see(bench: Bench) -> Seen:
        found = readable(bench, file)
        job, first = (found.job_of(deploying), found.job_of(testing)) if found else (None, None)
        if found is None or job is None or first is None or job.name == first.name:
            return None
        waits = first.name in found.before(job)
        return None if waits else {"job": excerpt(job.name), "first": excerpt(first.name)}

    return Spot("deploy-without-tests", see)


def text_in_file(name: str, file: str, text: str) -> Spot:
    """A file has a text that has no business there: a secret, say."""

    def see(bench: Bench) -> Seen:
        return {"file": file} if text in (bench.read(file) or "") else None

    return Spot(name, see)


def line_without(name: str, file: str, words: str, missing: str) -> Spot:
    """A line has the words, but not what belongs to them."""

    def see(bench: Bench) -> Seen:
        found = readable(bench, file)
        lines = [line for job in found.jobs.values() for line in job.lines] if found else []
        line = next((one for one in lines if words in one and missing not in one), "")
        return {"file": file, "line": excerpt(line)} if line else None

    return Spot(name, see)


def readable(bench: Bench, file: str) -> Pipeline | None:
    text = bench.read(file)
    try:
        return pipeline(text, file) if text else None
    except ComposeFileError:
        return None
