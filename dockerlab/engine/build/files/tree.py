"""Trees of files to copy from, whatever they are made of, and what links in them mean.

Paths in a tree have no slash at either end; ``""`` is its root. A tree follows no link by itself;
``resolve`` does, with the tree's root as the root of everything.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

_MOST_LINKS = 40

LONGEST = 4096
"""Bytes of a path, as on Linux; what is longer could not be written down."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a tree, as lstat would show it."""

    path: str
    mode: int
    """With the bits of its kind, as in ``st_mode``."""
    uid: int = 0
    gid: int = 0
    size: int = 0
    mtime: int = 0
    """Unix ns. It never counts for the cache."""
    link: str = ""
    """Where a symbolic link points to."""
    names: tuple[str, str] = ("", "")
    """User and group by name, where an archive has them: they count for its digest."""
    place: Any = None
    """Where the tree finds the content again."""

    @property
    def is_dir(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Places(Protocol):
    """Something that knows what is where."""

    def entry(self, path: str) -> Entry | None:
        """What is at a path, no link on the way or at the end followed."""
        ...


class Tree(Places, Protocol):
    """Something with files in it. Blocking."""

    def names(self, path: str) -> list[str]:
        """The sorted names in a folder."""
        ...

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """The content of a file."""
        ...

    def digest(self, entry: Entry) -> str:
        """Of what counts: name, kind, mode, owner, size, link target, content."""
        ...


ROOT = Entry("", stat.S_IFDIR | 0o755)


def join(folder: str, name: str) -> str:
    """A path in a folder."""
    return f"{folder}/{name}" if folder else name


def resolve(tree: Places, path: str) -> str:
    """The path that ``path`` means once all links are followed; missing names stay as they are.

    Raises OSError (ELOOP, ENAMETOOLONG).
    """
    found: list[str] = []
    # A chain of long links (a/../a/../…) comes by the same few places ten thousands of times.
    known: dict[str, Entry | None] = {}
    todo, links = _names(path), 0
    while todo:
        name = todo.pop()
        if name in ("", "."):
            continue
        if name == "..":
            del found[-1:]
            continue
        found.append(name)
        here = "/".join(found)
        if here not in known:
            known[here] = tree.entry(here)
        entry = known[here]
        if entry is None or not entry.is_link:
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        found.pop()
        if entry.link.startswith("/"):
            found.clear()
        todo.extend(_names(entry.link))
    real = "/".join(found)
    check_length(real)
    return real


def meant(tree: Tree, path: str) -> Entry | None:
    """What a path means, links followed; None when that is nothing."""
    try:
        return tree.entry(resolve(tree, path))
    except OSError:
        return None


def _names(path: str) -> list[str]:
    """The names of a path, the last one first."""
    check_length(path)
    return path.split("/")[::-1]


def check_length(path: str) -> None:
    """Raises OSError (ENAMETOOLONG)."""
    if len(path) > LONGEST:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), f"{path[:80]}…")


def walk(tree: Tree, path: str) -> Iterator[Entry]:
    """All entries below a folder, each before what is in it. Follows no link."""
    todo = [join(path, name) for name in reversed(tree.names(path))]
    while todo:
        entry = tree.entry(todo.pop())
        if entry is None:
            continue
        yield entry
        if entry.is_dir:
            todo += [join(entry.path, name) for name in reversed(tree.names(entry.path))]


def read(tree: Tree, path: str, most: int = 4 << 20) -> bytes:
    """The first bytes of the file that a path means; empty when there is none."""
    entry = meant(tree, path)
    if entry is None or not entry.is_file:
        return b""
    found = b""
    for piece in tree.pieces(entry):
        found += piece
        if len(found) >= most:
            break
    return found[:most]


def content_digest(tree: Tree, entry: Entry) -> str:
    """What ``Tree.digest`` answers, worked out."""
    fields = (entry.path, f"{entry.mode:o}", entry.uid, entry.gid, entry.size, entry.link)
    found = hashlib.sha256("\0".join(map(str, (*fields, *entry.names))).encode(errors="replace"))
    if entry.is_file:
        for piece in tree.pieces(entry):
            found.update(piece)
    return found.hexdigest()
