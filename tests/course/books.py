"""The notebooks as the tests read them."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
EDITIONS = ("en", "ko")
START = "index.ipynb"
"""The start page, for both editions at once."""
HANGUL = re.compile("[가-힣]")
NAMES = sorted(path.name for path in (NOTEBOOKS / "en").glob("*.ipynb"))
ALL = [f"{edition}/{name}" for edition in EDITIONS for name in NAMES]


@cache
def read(name: str) -> NotebookNode:
    """A notebook by its name below notebooks/, e.g. ``en/01_docker_basics.ipynb``."""
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def source_hash(source: str) -> str:
    """What a Korean cell carries to say which English text it renders."""
    return hashlib.sha256(source.strip().encode()).hexdigest()[:16]


def facts(cell: NotebookNode) -> dict:
    return cell.metadata.get("dockerlab", {})


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])
