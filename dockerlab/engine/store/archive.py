"""Copying into and out of a container (``docker cp``): paths inside a root, and nowhere else.

``root`` is the folder under which the container's files are seen, ``grafts`` is what is mounted
in them and does not show there. Links mean what they mean to the container. As in Docker, the
last name of a path is not followed for ``stat``; with ``/`` or ``/.`` at its end it is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat as modes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from dockerlab.engine.errors import BadParameter, NotFound, ServerError
from dockerlab.engine.store.confined import Confined
from dockerlab.engine.store.mounted import Graft, Mounted
from dockerlab.engine.store.packing import Item, pack
from dockerlab.engine.store.snapshots import TreeReader, opened
from dockerlab.engine.store.tarfiles import Unpacker

# Go's os.FileMode bits, as the API uses them.
_GO_KINDS = {
    modes.S_IFDIR: 1 << 31,
    modes.S_IFLNK: 1 << 27,
    modes.S_IFBLK: 1 << 26,
    modes.S_IFCHR: 1 << 26 | 1 << 21,
    modes.S_IFIFO: 1 << 25,
    modes.S_IFSOCK: 1 << 24,
}
_GO_BITS = {modes.S_ISUID: 1 << 23, modes.S_ISGID: 1 << 22, modes.S_ISVTX: 1 << 20}


@dataclass(frozen=True, slots=True)
class PathStat:
    """What a path in a container is. ``mode`` in Go's bits, ``link_target`` resolved."""

    name: str
    size: int
    mode: int
    mtime: str
    """As ``2006-01-02T15:04:05.999999999Z``."""
    link_target: str = ""

    @property
    def is_dir(self) -> bool:
        return bool(self.mode & 1 << 31)

    def as_json(self) -> dict[str, Any]:
        """As the header X-Docker-Container-Path-Stat holds it (base64 of the JSON)."""
        return {
            "name": self.name,
            "size": self.size,
            "mode": self.mode,
            "mtime": self.mtime,
            "linkTarget": self.link_target,
        }


@contextlib.contextmanager
def _plain_errors(path: str, container: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotFound(f"Could not find the file {path} in container {container}") from None
    except OSError as error:
        raise BadParameter(f"{path} in container {container}: {error.strerror}") from error


def _clean(path: str) -> tuple[str, str]:
    """(the path without ``.`` and ``..``, ``/`` or ``/.`` where that was at its end)."""
    end = "/." if path.endswith("/.") or path == "." else "/" if path.endswith("/") else ""
    return posixpath.normpath("/" + path.lstrip("/")), end


def _stat(root: Confined, path: str) -> tuple[PathStat, str]:
    """What a path is, and the real path that it means."""
    cleaned, end = _clean(path)
    folder, name = posixpath.split(cleaned)
    real = root.resolve(cleaned) if end else posixpath.join(root.resolve(folder), name)
    found = root.lstat(real)
    if end and not modes.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    link = root.resolve(real) if modes.S_ISLNK(found.st_mode) else ""
    name = "." if end == "/." else name or "/"
    return PathStat(name, found.st_size, _go_mode(found.st_mode), _time(found), link), real


def stat(
    root: str | Path, path: str, container: str = "", grafts: Iterable[Graft] = ()
) -> PathStat:
    """What a path is. ``container`` is how an error names it. Raises NotFound."""
    with _plain_errors(path, container), Mounted(root, grafts) as confined:
        return _stat(confined, path)[0]


def get(
    root: str | Path, path: str, container: str = "", grafts: Iterable[Graft] = ()
) -> tuple[PathStat, Iterator[bytes]]:
    """What a path is, and an archive of it in pieces, its names beginning with the last name.

    The folder is opened before this returns. What is mounted below ``path`` shows as empty.
    Raises NotFound.
    """
    with _plain_errors(path, container), Mounted(root, grafts) as confined:
        found, real = _stat(confined, path)
        with confined.parent(real) as (folder, last):
            return found, _pieces(os.dup(folder), last, found.name)


def _pieces(parent: int, last: str, name: str) -> Iterator[bytes]:
    try:
        yield from pack(_items(parent, last, name))
    finally:
        os.close(parent)


def _items(parent: int, last: str, name: str) -> Iterator[Item]:
    reader = TreeReader(parent)
    found = os.stat(last, dir_fd=parent, follow_symlinks=False)
    item = reader.item(parent, last, name, found)
    if item is not None:
        yield item
    if modes.S_ISDIR(found.st_mode):
        with opened(last, parent) as folder:
            yield from reader.items(folder, name if name == "/" else f"{name}/")


def put(
    root: str | Path,
    path: str,
    stream: IO[bytes],
    no_overwrite_dir_non_dir: bool = False,
    copy_uid_gid: bool = False,
    owner: tuple[int, int] | None = None,
    container: str = "",
    grafts: Iterable[Graft] = (),
) -> None:
    """Unpack an archive into a folder of the container.

    ``copy_uid_gid``: what is written belongs to ``owner`` (the container's user) rather than to
    whom the archive says. Raises NotFound, BadParameter, ServerError, StoreFull.
    """
    with Mounted(root, grafts) as confined:
        with _plain_errors(path, container):
            real = confined.resolve(_clean(path)[0])
            if not modes.S_ISDIR(confined.lstat(real).st_mode):
                raise BadParameter("extraction point is not a directory")
            if (graft := confined.around(real)) and graft.read_only:
                raise ServerError("mounted volume is marked read-only")
            folder = confined.directory(real)
        try:
            with _Below(confined, folder, real) as below:
                Unpacker(
                    below,
                    keep_kinds=no_overwrite_dir_non_dir,
                    keep_root=True,
                    owner=owner if copy_uid_gid else None,
                ).unpack(stream)
        finally:
            os.close(folder)


class _Below(Confined):
    """Names in an archive are below ``base``, links still mean what the whole root says."""

    def __init__(self, root: Confined, folder: int, base: str) -> None:
        self.descriptor = folder
        self._root, self._base = root, base

    def close(self) -> None:
        """The caller closes what it opened."""

    def directory(self, path: str) -> int:
        return self._root.directory(f"{self._base}/{path}")

    def resolve(self, path: str) -> str:
        return self._root.resolve(f"{self._base}/{path}")


def _go_mode(mode: int) -> int:
    bits = sum(go for bit, go in _GO_BITS.items() if mode & bit)
    return mode & 0o777 | _GO_KINDS.get(modes.S_IFMT(mode), 0) | bits


def _time(found: os.stat_result) -> str:
    whole, rest = divmod(found.st_mtime_ns, 10**9)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{text}{fraction}Z"
