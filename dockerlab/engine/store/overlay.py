"""Container file systems by the kernel's overlayfs: nothing is copied.

The shim mounts a container's overlay inside the container's own mount namespace. While the
container runs it is seen through ``/proc/<pid>/root``; when it does not, ``view`` mounts it for a
moment in the engine's own mount namespace. What the container changed is what is in ``upper``:
files as they are now, character devices 0:0 for what was removed, ``user.overlay.opaque`` on
folders that were removed and made anew.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dockerlab.engine.errors import ServerError
from dockerlab.engine.store import mounts, uppers
from dockerlab.engine.store.files import full_disk, remove_tree
from dockerlab.engine.store.layers import Layer, Layers
from dockerlab.engine.store.packing import Item, pack
from dockerlab.engine.store.rootfs import Rootfs
from dockerlab.engine.store.snapshots import (
    Held,
    TreeReader,
    file_bytes,
    lay_floor,
    member,
    opened,
)
from dockerlab.engine.store.tarfiles import Unpacked
from dockerlab.engine.store.uppers import OPAQUE, Take
from dockerlab.formats.filetree import OPAQUE as OPAQUE_NAME
from dockerlab.formats.filetree import WHITEOUT, Change, Kind


@dataclass(slots=True)
class _Mounted:
    path: Path
    users: int = 0


class Overlay:
    """Snapshots by overlayfs. Thread-safe."""

    def __init__(self, root: Path, layers: Layers) -> None:
        self._containers = root / "containers"
        self._layers = layers
        self._held = Held(self._containers, layers)
        self._views = root / "run" / "views"
        self._lock = threading.Lock()
        self._mounted: dict[str, _Mounted] = {}
        self._views_made: dict[str, int] = {}
        """How often a container's files were mounted for somebody who may have changed them."""
        self._floor = root / "layers" / "floor"
        self._floor.mkdir(parents=True, exist_ok=True)
        lay_floor(self._floor)

    def _rootfs(self, id: str, layers: Sequence[Layer]) -> Rootfs:
        directory = self._containers / id
        lower = (*(layer.directory for layer in reversed(layers)), str(self._floor))
        return Rootfs(
            str(directory / "rootfs"), lower, str(directory / "upper"), str(directory / "work")
        )

    def prepare(self, id: str, layers: Sequence[Layer]) -> Rootfs:
        self._layers.mountable(layers)
        with full_disk():
            for name in ("rootfs", "upper", "work"):
                (self._containers / id / name).mkdir(0o755, parents=True, exist_ok=True)
        self._held.hold(id, layers)
        return self._rootfs(id, layers)

    @contextlib.contextmanager
    def view(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> Iterator[Path]:
        if pid is not None:
            with _root_of(pid) as path:
                yield path
            return
        rootfs = self._rootfs(id, layers)
        with self._shared_mount(id, rootfs.lower, rootfs.upper, rootfs.work) as path:
            yield path

    @contextlib.contextmanager
    def image_view(self, layers: Sequence[Layer]) -> Iterator[Path]:
        self._layers.mountable(layers)
        lower = tuple(layer.directory for layer in reversed(layers))
        if len(lower) == 1:
            yield Path(lower[0])  # one layer alone is its own tree (and overlayfs wants two)
            return
        if not lower:
            yield self._empty()
            return
        with self._shared_mount("image:" + ":".join(lower), lower) as path:
            yield path

    def _empty(self) -> Path:
        empty = self._floor.parent.parent / "run" / "empty"
        empty.mkdir(parents=True, exist_ok=True)
        return empty

    @contextlib.contextmanager
    def _shared_mount(
        self, key: str, lower: Sequence[str], upper: str = "", work: str = ""
    ) -> Iterator[Path]:
        """Mount, unless it is mounted already: two overlays on one ``upper`` would be at odds."""
        with self._lock:
            mounted = self._mounted.get(key)
            if mounted is None:
                self._views.mkdir(parents=True, exist_ok=True)
                path = Path(tempfile.mkdtemp(dir=self._views))
                try:
                    mounts.overlay(str(path), lower, upper, work, mounts.MS_NODEV)
                except OSError:
                    path.rmdir()
                    raise
                mounted = self._mounted[key] = _Mounted(path)
            mounted.users += 1
            if upper:
                self._views_made[key] = self._views_made.get(key, 0) + 1
        try:
            yield mounted.path
        finally:
            with self._lock:
                mounted.users -= 1
                if not mounted.users:
                    del self._mounted[key]
                    mounts.unmount(str(mounted.path))
                    mounted.path.rmdir()

    def changes(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> list[Change]:
        upper = self._containers / id / "upper"
        below = [layer.directory for layer in reversed(layers)] + [str(self._floor)]
        found: dict[str, Change] = {}
        for path, entry in _walk(upper, ""):
            _note(found, path, entry, _below(below, path))
        return [found[path] for path in sorted(found)]

    def diff(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> Iterator[bytes]:
        with opened(self._containers / id / "upper") as upper:
            yield from pack(_as_layer(TreeReader(upper), upper, ""))

    def export(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> Iterator[bytes]:
        with self.view(id, layers, pid) as path, opened(path) as root:
            yield from pack(TreeReader(root, one_device=True).items(root, ""))

    def size(self, id: str) -> int:
        return file_bytes(self._containers / id / "upper")

    def hand_on(self, id: str, layers: Sequence[Layer]) -> None:
        """Nothing to gain: the next container copies nothing anyway."""

    def tree(self, id: str) -> Take | None:
        before = self._views_made.get(id, 0)

        def take(place: Path) -> Unpacked | None:
            with self._lock:  # nobody mounts it for a view meanwhile
                if id in self._mounted or self._views_made.get(id, 0) != before:
                    return None  # they may have been changed since they were read
                return uppers.take(self._containers / id / "upper", place)

        return take

    def remove(self, id: str) -> None:
        for name in ("rootfs", "upper", "work"):
            remove_tree(self._containers / id / name)
        self._held.let_go(id)
        with self._lock:
            self._views_made.pop(id, None)


@contextlib.contextmanager
def _root_of(pid: int) -> Iterator[Path]:
    """The root directory of a container's first process, held while the block runs.

    The process may have ended and its pid be somebody else's by now: never the machine's root.
    """
    try:
        root = os.open(f"/proc/{pid}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise ServerError("the container has just ended") from None
    try:
        if os.path.samestat(os.fstat(root), os.stat("/")):
            raise ServerError("the container has just ended")
        yield Path(f"/proc/self/fd/{root}")
    finally:
        os.close(root)


def _walk(directory: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(directory) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = f"{prefix}/{entry.name}"
        yield path, entry
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), path)


def is_whiteout(found: os.stat_result) -> bool:
    """Whether this is overlayfs's mark for something removed."""
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == 0


def _note(
    found: dict[str, Change],
    path: str,
    entry: os.DirEntry[str],
    below: os.stat_result | None,
) -> None:
    now = entry.stat(follow_symlinks=False)
    if is_whiteout(now):
        if below is None:
            return
        kind = Kind.DELETED
    elif below is None:
        kind = Kind.ADDED
    elif stat.S_ISDIR(now.st_mode) and stat.S_ISDIR(below.st_mode) and _same(now, below):
        return  # copied up for the sake of what is inside
    else:
        kind = Kind.MODIFIED
    if kind != Kind.MODIFIED:
        parent = os.path.dirname(path)
        if parent != "/":
            found.setdefault(parent, Change(parent, Kind.MODIFIED))
    found[path] = Change(path, kind)


def _same(now: os.stat_result, below: os.stat_result) -> bool:
    return (now.st_mode, now.st_uid, now.st_gid, now.st_mtime_ns) == (
        below.st_mode,
        below.st_uid,
        below.st_gid,
        below.st_mtime_ns,
    )


def _below(directories: Sequence[str], path: str) -> os.stat_result | None:
    """What the layers have at a path, whiteouts on the way considered. Follows no link."""
    parts = path.strip("/").split("/")
    for directory in directories:
        at = directory
        for index, part in enumerate(parts):
            at = f"{at}/{part}"
            try:
                found = os.lstat(at)
            except (FileNotFoundError, NotADirectoryError):
                break
            last = index == len(parts) - 1
            if is_whiteout(found) or not (last or stat.S_ISDIR(found.st_mode)):
                return None
            if last:
                return found
            if _opaque(at):
                return _below([at], "/" + "/".join(parts[index + 1 :]))
    return None


def _opaque(directory: str) -> bool:
    try:
        return os.getxattr(directory, OPAQUE, follow_symlinks=False) == b"y"
    except OSError:
        return False


def _as_layer(reader: TreeReader, folder: int, prefix: str) -> Iterator[Item]:
    """Entries of an upper folder, overlayfs's marks turned into those of layer archives."""
    for name in sorted(os.listdir(folder)):
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            continue
        path = f"{prefix}{name}"
        if is_whiteout(found):
            mark = member(f"{prefix}{WHITEOUT}{name}", found)
            mark.mode = 0
            yield mark, -1
            continue
        item = reader.item(folder, name, path, found)
        if item is None:
            continue
        yield item
        if stat.S_ISDIR(found.st_mode):
            if _opaque(f"/proc/self/fd/{folder}/{name}"):
                yield member(f"{path}/{OPAQUE_NAME}", found), -1
            with opened(name, folder) as inner:
                yield from _as_layer(reader, inner, f"{path}/")
