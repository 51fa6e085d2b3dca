"""An image's files as a tree, read straight from its layers: nothing is mounted or copied.

Layers never change and links in them are not followed here, so plain paths are safe.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dockerlab.engine.build.files.tree import Entry, content_digest
from dockerlab.engine.store.layers import Layer, Layers

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One layer: its folder, and what it takes away of those below (paths without slashes)."""

    directory: str
    whiteouts: frozenset[str]
    opaques: frozenset[str]
    _folders: dict[str, bool | None] = field(default_factory=lambda: {"": True})
    """What ``_is_folder`` knows: else a path of a thousand names costs a million looks."""

    def find(self, path: str) -> tuple[os.stat_result | None, bool]:
        """(what this layer has at a path, whether those below are to be asked as well)."""
        around = self._is_folder(path.rpartition("/")[0])
        found = self._lstat(path) if around else None
        if found is None:
            return None, around is not False and not self.hides(path)
        if stat.S_ISCHR(found.st_mode):  # overlayfs's mark
            return None, False
        return found, not self.hides(path)

    def _is_folder(self, path: str) -> bool | None:
        """Whether the layer has a folder at a path, no link followed; None if it has nothing."""
        asked: list[str] = []
        while path not in self._folders:
            asked.append(path)
            path = path.rpartition("/")[0]
        kind = self._folders[path]
        for inner in reversed(asked):
            if kind:
                found = self._lstat(inner)
                kind = None if found is None else stat.S_ISDIR(found.st_mode)
            self._folders[inner] = kind
        return kind

    def _lstat(self, path: str) -> os.stat_result | None:
        """Of a path whose parents are folders of this layer."""
        with contextlib.suppress(FileNotFoundError):
            return os.lstat(f"{self.directory}/{path}")
        return None

    def hides(self, path: str) -> bool:
        """Whether nothing of the layers below shows at a path."""
        if path in self.whiteouts:
            return True
        while path and (self.opaques or self.whiteouts):
            path = path.rpartition("/")[0]
            if path in self.opaques or path in self.whiteouts:
                return True
        return False


class Stack:
    """The tree of some layers, lowest first."""

    def __init__(self, layers: Layers, chain: Sequence[Layer]) -> None:
        self._sheets = [_sheet(layers, layer) for layer in reversed(chain)]
        self._digests: dict[str, str] = {}

    def entry(self, path: str) -> Entry | None:
        for sheet in self._sheets:
            found, below = sheet.find(path)
            if found is not None:
                return _entry(sheet.directory, path, found)
            if not below:
                return None
        return Entry("", stat.S_IFDIR | 0o755) if not path else None

    def names(self, path: str) -> list[str]:
        shown: set[str] = set()
        gone: set[str] = set()
        for sheet in self._sheets:
            found, below = sheet.find(path)
            if found is not None:
                if not stat.S_ISDIR(found.st_mode):
                    break
                shown |= _listed(sheet, path) - gone
            if not below or path in sheet.opaques:
                break
            gone |= _taken_away(sheet, path)
        return sorted(shown)

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(entry.place, flags), "rb", buffering=0) as file:
            left = entry.size
            while left and (piece := file.read(min(_CHUNK, left))):
                left -= len(piece)
                yield piece

    def digest(self, entry: Entry) -> str:
        known = self._digests.get(entry.path)
        if known is None:
            known = self._digests[entry.path] = content_digest(self, entry)
        return known


def _sheet(layers: Layers, layer: Layer) -> _Sheet:
    hidden = layers.hidden(layer)
    return _Sheet(
        layer.directory,
        frozenset(path.strip("/") for path in hidden.whiteouts),
        frozenset(path.strip("/") for path in hidden.opaques),
    )


def _listed(sheet: _Sheet, path: str) -> set[str]:
    with os.scandir(f"{sheet.directory}/{path}") as entries:
        return {e.name for e in entries if not stat.S_ISCHR(e.stat(follow_symlinks=False).st_mode)}


def _taken_away(sheet: _Sheet, path: str) -> set[str]:
    """Names in a folder that this layer removes, or replaces by what is no folder."""
    prefix = f"{path}/" if path else ""
    found = {
        name[len(prefix) :]
        for name in sheet.whiteouts
        if name.startswith(prefix) and "/" not in name[len(prefix) :]
    }
    return found - {""}


def _entry(directory: str, path: str, found: os.stat_result) -> Entry:
    place = f"{directory}/{path}" if path else directory
    link = os.readlink(place) if stat.S_ISLNK(found.st_mode) else ""
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    uid, gid = owner(found)
    return Entry(path, found.st_mode, uid, gid, size, found.st_mtime_ns, link, place=place)


def owner(found: os.stat_result) -> tuple[int, int]:
    """Whom a file belongs to inside: what is the engine's own is root's there."""
    uid = 0 if found.st_uid == os.geteuid() else found.st_uid
    return uid, 0 if found.st_gid == os.getegid() else found.st_gid
