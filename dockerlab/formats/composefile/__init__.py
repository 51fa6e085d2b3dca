"""Compose files: what a project of several containers is, read into records.

    load(files) → Project        the records of ``model``
    dump(project)                what ``docker compose config`` prints
    graph(project) → Graph       who waits for whom, who is in which network …

Reading goes in steps, each a folder that knows nothing of the later ones: ``text`` makes trees of
files, ``assembling`` lays them over each other in long form, ``checks`` says what cannot be
meant, ``encoding`` writes the whole as Compose does, ``records`` makes records of that.

Everything is loaded when it is first used: the YAML library and the schema's validator take their
time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerlab.formats.composefile.hashing import hash_of
    from dockerlab.formats.composefile.loading import load
    from dockerlab.formats.composefile.model import Finding, Project, Service
    from dockerlab.formats.composefile.printing import dump
    from dockerlab.formats.composefile.reader import Disk, Overlay, Reader, find
    from dockerlab.formats.composefile.relations import Edge, Graph, Node, graph

__all__ = [
    "Disk",
    "Edge",
    "Finding",
    "Graph",
    "Node",
    "Overlay",
    "Project",
    "Reader",
    "Service",
    "dump",
    "find",
    "graph",
    "hash_of",
    "load",
]

_HOMES = {
    **dict.fromkeys(("Edge", "Graph", "Node", "graph"), "relations"),
    **dict.fromkeys(("Finding", "Project", "Service"), "model"),
    **dict.fromkeys(("Disk", "Overlay", "Reader", "find"), "reader"),
    "dump": "printing",
    "hash_of": "hashing",
    "load": "loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
