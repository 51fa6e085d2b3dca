"""A layer being written on top of an image: looked at, and packed at the end."""

from __future__ import annotations

import errno
import os
import stat
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dockerlab.engine.build.files.tree import Entry, Tree, join

Owner = tuple[int, int]

_KINDS = {
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
    stat.S_IFREG: tarfile.REGTYPE,
}


@dataclass(frozen=True, slots=True)
class _Content:
    """Where the content of a file in the draft comes from."""

    tree: Tree
    entry: Entry


class Draft:
    """What is written over the files of an image (``below``). Paths as in trees."""

    def __init__(self, below: Tree) -> None:
        self._below = below
        self._entries: dict[str, Entry] = {}
        self._names: dict[str, set[str]] = {}
        """Paths in each folder, as far as they are in ``_entries`` or lead to one: to find what is
        below a path without going through all."""
        self._solid = 0
        """How often something was put there that is no folder."""
        self._now = time.time_ns()

    def entry(self, path: str) -> Entry | None:
        """What is at a path now, no link followed."""
        if path in self._entries:
            return self._entries[path]
        folder = path if self._solid else ""
        while folder:
            folder = folder.rpartition("/")[0]
            over = self._entries.get(folder)
            if over is not None and not over.is_dir:
                return None
        return self._below.entry(path)

    def folder(self, path: str, owner: Owner) -> bool:
        """Have a folder, with all on its way; False if it was there. Links were followed before.

        Raises OSError (ENOTDIR) when something else is in the way.
        """
        made, at = False, ""
        for name in path.split("/") if path else ():
            parent, at = at, join(at, name)
            known = self.entry(at)
            if known is None:
                self._keep_parent(parent)
                folder = Entry(at, stat.S_IFDIR | 0o755, *owner, mtime=self._now)
                self._set(at, folder)
                made = True
            elif not known.is_dir:
                raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), f"/{at}")
        return made

    def put(self, tree: Tree, entry: Entry, path: str, owner: Owner, mode: int | None) -> None:
        """Have what a tree has at ``entry`` here at ``path``; its folder is there."""
        self._keep_parent(path.rpartition("/")[0])
        kind = stat.S_IFMT(entry.mode)
        self._solid += kind != stat.S_IFDIR
        if mode is not None and kind != stat.S_IFLNK:
            entry = replace(entry, mode=kind | mode)
        before = self._entries.pop(path, None)
        if before is not None and before.is_dir and kind != stat.S_IFDIR:
            self._drop_below(path)
        content = _Content(tree, entry)
        self._set(path, replace(entry, path=path, uid=owner[0], gid=owner[1], place=content))

    def _set(self, path: str, entry: Entry) -> None:
        self._entries[path] = entry
        while path:
            folder = path.rpartition("/")[0]
            names = self._names.setdefault(folder, set())
            if path in names:
                return
            names.add(path)
            path = folder

    def _drop_below(self, path: str) -> None:
        doomed = [path]
        for one in doomed:
            inside = self._names.pop(one, ())
            for inner in inside:
                self._entries.pop(inner, None)
            doomed += inside

    def _keep_parent(self, path: str) -> None:
        """A folder of the image that gets a new name: it goes into the layer as it is.

        Without it the layer would have a folder with the usual mode there, and that would count.
        """
        while path and path not in self._entries:  # the root is in no layer, as in Docker
            known = self._below.entry(path)
            if known is not None and known.is_dir:
                self._set(path, replace(known, mtime=self._now))
            path = path.rpartition("/")[0]

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        content = entry.place
        if isinstance(content, _Content):
            return content.tree.pieces(content.entry)
        return self._below.pieces(entry)

    def pack(self) -> Iterator[bytes]:
        """The archive of the layer, in pieces."""
        for path, entry in sorted(self._entries.items()):
            yield _member(path, entry).tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
            if entry.is_file and entry.size:
                yield from self._pieces(entry)
                yield b"\0" * (-entry.size % 512)
        yield b"\0" * 1024


def _member(path: str, entry: Entry) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.type = _KINDS[stat.S_IFMT(entry.mode)]
    member.mode = stat.S_IMODE(entry.mode)
    member.uid, member.gid = entry.uid, entry.gid
    member.mtime, rest = divmod(entry.mtime, 10**9)
    if rest:
        member.pax_headers = {"mtime": f"{member.mtime}.{rest:09d}"}
    member.linkname = entry.link
    member.size = entry.size if entry.is_file else 0
    return member
