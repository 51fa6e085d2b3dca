"""What the engine says of one thing: its ``inspect``, or None where there is no such thing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from docker.errors import NotFound

from dockerlab.errors import FormatError
from dockerlab.formats.reference import parse
from dockerlab.grading.bench import PROBE, Bench

Facts = Mapping[str, Any]
LENT = ("busybox", "alpine", "redis", "nginx", "node", "python")
"""Images of the course that a check may borrow, whichever is there: each has a shell and something
to connect with."""


def container_facts(bench: Bench, name: str) -> Facts | None:
    with contextlib.suppress(NotFound):
        return dict(bench.api.inspect_container(name))
    return None


def volume_facts(bench: Bench, name: str) -> Facts | None:
    with contextlib.suppress(NotFound):
        return dict(bench.api.inspect_volume(name))
    return None


def network_facts(bench: Bench, name: str) -> Facts | None:
    with contextlib.suppress(NotFound):
        return dict(bench.api.inspect_network(name))
    return None


def image_facts(bench: Bench, name: str) -> Facts | None:
    """Of the image that had this name before the learner came, while it has any name."""
    with contextlib.suppress(NotFound):
        facts = dict(bench.api.inspect_image(name))
        original = _original(bench, name)
        return dict(bench.api.inspect_image(original)) if original else facts
    return None


def _original(bench: Bench, name: str) -> str:
    """The id of the image that the name was for, or ''."""
    try:
        return bench.originals.get(str(parse(name)), "")
    except FormatError:  # an id
        return ""


def lent(bench: Bench, *names: str) -> str:
    """The id of the first of these images that is here, of ``LENT`` where none is named; or ''."""
    found = (image_facts(bench, name) for name in names or LENT)
    return next((str(facts["Id"]) for facts in found if facts), "")


def runs(facts: Facts) -> bool:
    return bool((facts.get("State") or {}).get("Running"))


def networks_of(facts: Facts) -> Mapping[str, Facts]:
    """A container's networks by their names, with its place in each."""
    return (facts.get("NetworkSettings") or {}).get("Networks") or {}


@contextlib.contextmanager
def unstarted(bench: Bench, image: str, **host: Any) -> Iterator[str]:
    """The id of a container that never starts: its files can be read, and nothing of it runs.

    ``host`` is of the engine's HostConfig. Raises NotFound where there is no such image.
    """
    body = {
        "Image": _original(bench, image) or image,
        "Cmd": ["true"],
        "HostConfig": host,
        "Labels": {PROBE: "1"},
    }
    made = bench.api.create_container_from_config(body, None)["Id"]
    try:
        yield made
    finally:
        with contextlib.suppress(NotFound):
            bench.api.remove_container(made, force=True, v=True)
