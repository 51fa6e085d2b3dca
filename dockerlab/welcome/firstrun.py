"""A container at the press of a button: ``docker run --rm hello-world``, and its story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dockerlab.client.lab import Lab
from dockerlab.client.record import record
from dockerlab.formats.story import RunStory
from dockerlab.views.welcome.panel import FIRST_IMAGE

SECONDS = 60


def first_run(lab: Lab, fetched: Callable[[str], None]) -> RunStory:
    """Run it; ``fetched`` is told how much of the image is here while it has to be pulled."""
    layers: dict[str, str] = {}

    def progress(line: Mapping[str, Any]) -> None:
        if line.get("id"):
            layers[str(line["id"])] = str(line.get("status", ""))
            ready = sum(status in ("Pull complete", "Already exists") for status in layers.values())
            fetched(f"{ready}/{len(layers)}")

    return record(lab, FIRST_IMAGE, timeout=SECONDS, progress=progress)
