"""File trees as layers describe them: what a layer adds, changes and takes away.

A layer is a tar archive. An entry ``dir/.wh.name`` (a *whiteout*) takes ``dir/name`` of the
layers below away; ``dir/.wh..wh..opq`` makes ``dir`` *opaque*: nothing of it below shows.
"""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from dockerlab.errors import FormatError

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
_META = ".wh..wh."


class Kind(IntEnum):
    """What happened to a path; the numbers are Docker's."""

    MODIFIED = 0
    ADDED = 1
    DELETED = 2


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One line of ``docker diff``. ``path`` is absolute."""

    path: str
    kind: Kind

    def __str__(self) -> str:
        return f"{'CAD'[self.kind]} {self.path}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, folder or link. ``path`` is absolute; ``size`` in bytes, ``mtime`` Unix time."""

    path: str
    type: str
    """``file``, ``dir``, ``symlink``, ``hardlink`` or ``other``."""
    mode: int = 0o644
    size: int = 0
    uid: int = 0
    gid: int = 0
    mtime: float = 0.0
    link: str = ""


@dataclass(frozen=True, slots=True)
class LayerTree:
    """What one layer says: its entries, the paths it removes, the folders it makes opaque."""

    entries: tuple[Entry, ...]
    removed: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()


def clean(name: str) -> str:
    """The absolute path of an archive's member; ``..`` never leads above ``/``."""
    return posixpath.normpath("/" + name.lstrip("/"))


def whiteout(path: str) -> tuple[str, str]:
    """(removed path, opaque folder) of a member's clean path; both empty for ordinary ones."""
    folder, name = posixpath.split(path)
    if name == OPAQUE:
        return "", folder
    if name.startswith(WHITEOUT) and not is_meta(path):
        return posixpath.join(folder, name.removeprefix(WHITEOUT)), ""
    return "", ""


def is_meta(path: str) -> bool:
    """Whether a member is to be left out: bookkeeping of an old storage driver
    (``.wh..wh.aufs`` …), or a whiteout of nothing, ``.`` or ``..`` as only an attacker makes.
    """
    *folders, name = path.split("/")
    if any(part.startswith(_META) for part in folders):
        return True
    if name.startswith(_META):
        return name != OPAQUE
    return name in (WHITEOUT, ".wh..", ".wh...")


def read(archive: Iterable[tarfile.TarInfo], at_most: int | None = None) -> LayerTree:
    """Read what a layer's archive says, without its contents.

    FormatError when it has more than ``at_most`` members.
    """
    entries: list[Entry] = []
    removed: list[str] = []
    opaque: list[str] = []
    for number, member in enumerate(archive, 1):
        if at_most is not None and number > at_most:
            raise FormatError("the layer holds more files than are read here")
        path = clean(member.name)
        gone, hidden = whiteout(path)
        if gone:
            removed.append(gone)
        elif hidden:
            opaque.append(hidden)
        elif path != "/" and not is_meta(path):
            entries.append(_entry(path, member))
    return LayerTree(tuple(entries), tuple(removed), tuple(opaque))


def apply(tree: dict[str, Entry], layer: LayerTree) -> tuple[dict[str, Entry], list[Change]]:
    """The tree with a layer on top, and what that changed, sorted by path."""
    after = dict(tree)
    for folder in layer.opaque:
        _drop(after, under(after, folder))
    for path in layer.removed:
        _drop(after, [path, *under(after, path)])
    for entry in layer.entries:
        old = after.get(entry.path)
        if old is not None and old.type == "dir" and entry.type != "dir":
            _drop(after, under(after, entry.path))
        after[entry.path] = entry
    return after, list(_compare(tree, after, {entry.path for entry in layer.entries}))


def under(paths: Iterable[str], folder: str) -> list[str]:
    """The paths that are inside a folder."""
    start = folder.rstrip("/") + "/"
    return [path for path in paths if path.startswith(start) and path != folder]


def _drop(tree: dict[str, Entry], paths: Iterable[str]) -> None:
    for path in paths:
        tree.pop(path, None)


def _compare(
    before: dict[str, Entry], after: dict[str, Entry], named: set[str]
) -> Iterator[Change]:
    for path in sorted(before.keys() | after.keys()):
        if path not in after:
            yield Change(path, Kind.DELETED)
        elif path not in before:
            yield Change(path, Kind.ADDED)
        elif path in named and (before[path] != after[path] or after[path].type == "file"):
            yield Change(path, Kind.MODIFIED)


def _entry(path: str, member: tarfile.TarInfo) -> Entry:
    return Entry(
        path,
        _type(member),
        member.mode & 0o7777,
        member.size if member.isreg() else 0,
        member.uid,
        member.gid,
        float(member.mtime),
        member.linkname,
    )


def _type(member: tarfile.TarInfo) -> str:
    if member.isdir():
        return "dir"
    if member.issym():
        return "symlink"
    if member.islnk():
        return "hardlink"
    return "file" if member.isreg() else "other"
