"""Trees of a YAML file: dicts, lists and values, whose texts know where they were written.

Keys and texts are ``Marked`` strings, so a place travels with what it belongs to when files are
merged, and no second structure has to be kept in step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dockerlab.formats.composefile.model import Place

Tree = Any
"""``dict[str, Tree]``, ``list[Tree]``, or a value: str, int, float, bool, None."""

Path = tuple[str, ...]


class Marked(str):
    """A text that knows its place."""

    __slots__ = ("place",)
    place: Place

    def __new__(cls, text: str, place: Place) -> Marked:
        marked = super().__new__(cls, text)
        marked.place = place
        return marked

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """A copy made elsewhere (pickle, deepcopy) is a plain text."""
        return str, (str(self),)


def copy(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: copy(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [copy(value) for value in tree]
    return tree


def placed(tree: Tree, like: Tree) -> Tree:
    """A tree made of a text, with the text's place."""
    if isinstance(like, Marked) and isinstance(tree, dict):
        return {Marked(key, like.place): placed(value, like) for key, value in tree.items()}
    return tree


def place_of(tree: Tree, path: Iterable[str]) -> Place | None:
    """Where the end of the path is written, or the nearest thing above that has a place."""
    parts = tuple(path)
    found = None if parts else _own_place(tree)
    for part in parts:
        key, tree = _step(tree, part)
        found = _own_place(key) or _own_place(tree) or found
        if key is None:
            break
    return found


def _step(tree: Tree, part: str) -> tuple[Any, Tree]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == part:
                return key, value
    elif isinstance(tree, list):
        if part.isdecimal() and int(part) < len(tree):
            return part, tree[int(part)]
        for value in tree:
            if isinstance(value, str) and value.partition("=")[0] == part:
                return value, None
    return None, None


def _own_place(tree: Tree) -> Place | None:
    if isinstance(tree, Marked):
        return tree.place
    if isinstance(tree, dict):
        return next((key.place for key in tree if isinstance(key, Marked)), None)
    if isinstance(tree, list):
        return next((place for value in tree if (place := _own_place(value))), None)
    return None


def matches(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path has the form of the pattern, in which ``*`` is any one part."""
    return len(path) == len(pattern) and all(
        want in ("*", part) for part, want in zip(path, pattern, strict=True)
    )
