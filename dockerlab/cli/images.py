"""``dockerlab images``."""

from __future__ import annotations

import argparse

from dockerlab.client.connect import connect
from dockerlab.course.catalog import CATALOG
from dockerlab.course.prepare import prepare as have
from dockerlab.course.presence import Presence
from dockerlab.formats.text import columns


def prepare(options: argparse.Namespace) -> int:
    """Have the course's images in the engine and say where each came from."""
    lab = connect()
    for image in have(lab, options.names or None):
        took = f" ({image.seconds:.1f} s)" if image.seconds >= 0.1 else ""
        print(f"{image.name}: {image.source}{took}")
    return 0


def list_all(options: argparse.Namespace) -> int:
    """What the course needs, and whether it is there."""
    lab = connect()
    present = Presence(lab.api)
    rows = [
        (
            image.name,
            present.state(image),
            ", ".join(map(str, image.chapters)),
            image.why,
        )
        for image in CATALOG.values()
    ]
    print(columns(("IMAGE", "STATE", "CHAPTERS", "WHAT FOR"), rows))
    return 0
