"""Which chapters were opened, so that the map can tell; kept beside the records of progress."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from dockerlab.course.items import CHAPTERS
from dockerlab.grading.learner.records import location

NOTEBOOK_VARIABLE = "JPY_SESSION_NAME"
"""Jupyter's server sets it in a kernel: the notebook's path."""


def _file() -> Path:
    return location().with_name("chapters.json")


def visited() -> frozenset[int]:
    """The chapters that were opened and run, by their number."""
    try:
        kept = json.loads(_file().read_bytes())
        return frozenset(int(one) for one in kept)
    except (OSError, ValueError, TypeError):
        return frozenset()


def note() -> None:
    """Remember the chapter whose notebook this kernel belongs to, if it is one's."""
    name = Path(os.environ.get(NOTEBOOK_VARIABLE, "")).name
    found = {chapter.number for chapter in CHAPTERS if chapter.notebook == name} - visited()
    if not found:
        return
    with contextlib.suppress(OSError):  # a read-only home has no memory
        _file().parent.mkdir(parents=True, exist_ok=True)
        half = _file().with_suffix(".part")
        half.write_text(json.dumps(sorted(visited() | found)), "utf-8")
        half.replace(_file())
