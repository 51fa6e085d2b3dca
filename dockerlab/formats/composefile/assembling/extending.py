"""``extends``: a service that begins with what another one says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dockerlab.formats.composefile.assembling.merging import merge
from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.text.findings import fail_in
from dockerlab.formats.composefile.text.tree import Path, Tree, copy, place_of

Services = dict[str, Tree]


@dataclass(frozen=True, slots=True)
class Origin:
    """Services of one file, and what its ``!reset`` and ``!override`` tags mark."""

    file: str
    services: Services
    resets: tuple[Path, ...] = ()


Open = Callable[[str, Place | None, Path], Origin]
"""Reads the file of an ``extends``, which is asked for at this place and key."""


def extend_all(origin: Origin, open_file: Open) -> None:
    """Replace each service that extends another by both together."""
    for name in list(origin.services):
        origin.services[name] = _extended(name, origin, open_file, origin.resets, ())


def _extended(
    name: str, origin: Origin, open_file: Open, resets: tuple[Path, ...], chain: tuple[str, ...]
) -> Tree:
    service = origin.services[name]
    if not isinstance(service, dict) or "extends" not in service:
        return service
    extends = service["extends"]
    long = extends if isinstance(extends, dict) else {"service": extends}
    base_name, file = str(long["service"]), long.get("file")
    tree = {"services": origin.services}
    key = ("services", name, "extends")
    if file is not None:
        base_origin = open_file(file, place_of(tree, (*key, "file")), (*key, "file"))
        resets += base_origin.resets
    else:
        base_origin = origin
    if base_name not in base_origin.services:
        fail_in(
            tree,
            key,
            f'cannot extend service "{name}" in {origin.file}: service "{base_name}" not found'
            + (f" in {file}" if file is not None else ""),
            f"There are: {', '.join(base_origin.services) or 'none'}.",
        )
    link = f"{name} in {base_origin.file}"
    if link in chain:
        circle = [chain[0], *(f"extends {one}" for one in (*chain[1:], link))]
        fail_in(
            tree,
            key,
            "Circular reference:\n  " + "\n  ".join(circle),
            "Let one of them extend nothing.",
        )
    base = _extended(base_name, base_origin, open_file, resets, (*chain, link))
    if base is None:
        return service
    below = forget({"services": {name: copy(base)}}, resets)["services"][name]
    merged = merge(below, service, ("services", "x"))
    del merged["extends"]
    origin.services[name] = merged
    return merged


def forget(tree: Tree, resets: tuple[Path, ...], path: Path = ()) -> Tree:
    """The tree without the keys that are marked."""
    if not resets or not isinstance(tree, dict):
        return tree
    kept = {}
    for key, value in tree.items():
        below = (*path, key)
        if below not in resets:
            kept[key] = forget(value, resets, below)
    return kept
