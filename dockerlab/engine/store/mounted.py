"""A container's files with what is mounted in them, where nothing may or need be mounted for it.

A container that does not run has no mounts, and PRoot never makes any. ``docker cp`` shows
volumes and bind mounts in both cases.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dockerlab.engine.store import beneath
from dockerlab.engine.store.confined import Confined

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Graft:
    """A folder or file of the host (``source``) that shows at ``target`` inside."""

    target: str
    source: str
    read_only: bool = False
    beneath: tuple[str, ...] = ()
    """Folders, to below one of which the source must lead; none: anywhere."""

    def open(self) -> int:
        """A descriptor (O_PATH) of the source. Raises OSError."""
        if self.beneath:
            return beneath.opened(self.source, self.beneath)
        return os.open(self.source, os.O_PATH | os.O_CLOEXEC)


class Mounted(Confined):
    """A folder as the root of a small world in which other folders and files show as well."""

    def __init__(self, root: str | os.PathLike[str], grafts: Iterable[Graft] = ()) -> None:
        self._grafts: dict[tuple[str, ...], Graft] = {}
        outer_first = sorted(grafts, key=lambda graft: graft.target.count("/"))
        super().__init__(root, kernel=not outer_first)
        for graft in outer_first:
            with contextlib.suppress(OSError):  # its place cannot be: it will not show
                self._grafts[_names(self.resolve(graft.target))] = graft

    def around(self, path: str) -> Graft | None:
        """The innermost mount that a path (all links followed) is in."""
        names = _names(path)
        for length in range(len(names), 0, -1):
            if graft := self._grafts.get(names[:length]):
                return graft
        return None

    @contextlib.contextmanager
    def parent(self, path: str) -> Iterator[tuple[int, str]]:
        graft = self._grafts.get(_names(path))
        if graft is None:
            with super().parent(path) as found:
                yield found
            return
        descriptor, name = _place(graft)
        try:
            yield descriptor, name
        finally:
            os.close(descriptor)

    def _open(self, folder: int, names: list[str], name: str) -> int:
        path = (*names, name)
        if graft := self._grafts.get(path):
            return graft.open()
        try:
            return super()._open(folder, names, name)
        except FileNotFoundError:
            if not any(target[: len(path)] == path for target in self._grafts):
                raise
        # The way to a mount that was never made: the first start would make it as well.
        os.mkdir(name, 0o755, dir_fd=folder)
        return super()._open(folder, names, name)


def _place(graft: Graft) -> tuple[int, str]:
    """A folder's descriptor and a name in it: together the source."""
    source = graft.open()
    try:
        if stat.S_ISDIR(os.fstat(source).st_mode):
            return os.open(f"/proc/self/fd/{source}", _FOLDER), "."
        folder, name = os.path.split(os.readlink(f"/proc/self/fd/{source}"))
    finally:
        os.close(source)
    return replace(graft, source=folder).open(), name


def _names(path: str) -> tuple[str, ...]:
    return tuple(name for name in path.split("/") if name)
