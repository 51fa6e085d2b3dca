"""Where dockerlab writes: whether it can, and how much room there is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dockerlab.cli.doctor.check import Check
from dockerlab.cli.doctor.machine import Machine
from dockerlab.formats.text import size

ENOUGH = 2_000_000_000
"""Bytes: the course's images, their layers unpacked, and a few containers."""
LITTLE = 100_000_000
"""Bytes with which nothing can be done any more."""


def check_folder(machine: Machine) -> Iterator[Check]:
    """The engine's, the cache and the learner's records."""
    from dockerlab.course.cache import location as cache
    from dockerlab.grading.learner.records import location as records

    yield _check("engine", machine.embedded.root, "DOCKERLAB_ROOT", ENOUGH)
    yield _check("cache", cache(), "DOCKERLAB_CACHE", LITTLE)
    yield _check("state", records().parent, "DOCKERLAB_STATE", 0)


def _check(name: str, folder: Path, variable: str, enough: int) -> Check:
    key, name = f"folder.{name}", f"folder of the {name}"
    other = f"set {variable} to a folder of yours that can be written"
    # os.path's is False, where Path's raises: above it may be a folder that we cannot enter.
    place = next((path for path in (folder, *folder.parents) if os.path.exists(path)), folder)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x" * 4096)
    except OSError as error:
        says = f"{folder} cannot be written ({place}: {error.strerror})"
        return Check(key, name, "fault", says, other)
    free = shutil.disk_usage(place).free
    details = {"folder": str(folder), "free": free, "exists": os.path.isdir(folder)}
    says = f"{size(free)} free at {folder}"
    if free >= enough:
        return Check(key, name, "ok", says, "", details)
    wants = f"{says}; the course wants {size(enough)}"
    room = f"free some, or set {variable} to a folder on another disk"
    return Check(key, name, "warning" if free >= LITTLE else "fault", wants, room, details)
