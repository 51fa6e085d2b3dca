"""The file system of a container: an image's layers and what the container changed on top.

Two ways, one Protocol, one test suite: ``Overlay`` (overlay.py) for runtimes that may mount,
``Copy`` (copies.py) for those that may not.

Words: ``prepare`` makes a container's file system; ``view`` shows it whole, as one folder;
``changes`` says what the container changed, ``diff`` packs that as a layer, ``export`` packs the
whole. All but ``prepare`` and ``remove`` leave it as it is. ``pid`` is the container's first
process while it runs, else None.

Below everything lies a *floor*: the empty folders and files that a runtime mounts things on
(/proc, /etc/hosts …). So they never count as the container's changes, nor as the image's.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from dockerlab.engine.store.files import write_json
from dockerlab.engine.store.layers import Layer, Layers
from dockerlab.engine.store.packing import Item
from dockerlab.engine.store.rootfs import Rootfs
from dockerlab.engine.store.uppers import Take
from dockerlab.formats.filetree import Change

FLOOR_FOLDERS = ("dev", "dev/pts", "dev/shm", "etc", "proc", "sys")
FLOOR_FILES = (".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf")
FLOOR_LINKS = {"etc/mtab": "/proc/mounts"}

_LAYERS = "layers.json"
_XATTR = "SCHILY.xattr."


class Snapshots(Protocol):
    """The file systems of all containers of one engine."""

    def prepare(self, id: str, layers: Sequence[Layer]) -> Rootfs:
        """Make the file system of a new container, or find that of one there is.

        Idempotent; half of one (a crash) is begun anew. The layers are retained.
        """
        ...

    def view(
        self, id: str, layers: Sequence[Layer], pid: int | None = None
    ) -> contextlib.AbstractContextManager[Path]:
        """The whole tree of a container as one folder of this host, while the block runs.

        What is in it is the container's: use names inside it only through ``Confined``.
        """
        ...

    def image_view(self, layers: Sequence[Layer]) -> contextlib.AbstractContextManager[Path]:
        """The whole tree of an image, to read."""
        ...

    def changes(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> list[Change]:
        """What the container changed, sorted by path."""
        ...

    def diff(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> Iterator[bytes]:
        """The changes as a layer's archive (with whiteouts), in pieces."""
        ...

    def export(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> Iterator[bytes]:
        """The whole tree as an archive, in pieces."""
        ...

    def size(self, id: str) -> int:
        """Bytes of the files that the container wrote."""
        ...

    def hand_on(self, id: str, layers: Sequence[Layer]) -> None:
        """What a container left is now an image's: its next container may have it as it is.

        Only for a container that is about to be removed.
        """
        ...

    def tree(self, id: str) -> Take | None:
        """Moves what a container wrote to where it is to be a layer; None: it has to be unpacked.

        Only for a container that is about to be removed and that nobody can start any more. To be
        asked for before its ``diff`` is read: what was in reach of others since then stays.
        """
        ...

    def remove(self, id: str) -> None:
        """Forget a container's file system; the layers are released. Idempotent."""
        ...


class Held:
    """Which layers each container retains, kept beside it as ``layers.json``."""

    def __init__(self, containers: Path, layers: Layers) -> None:
        self._containers, self._layers = containers, layers
        containers.mkdir(parents=True, exist_ok=True)
        for name in os.listdir(containers):
            with contextlib.suppress(OSError, ValueError):
                ids = json.loads((containers / name / _LAYERS).read_bytes())
                found = [layer for layer in map(layers.find, ids) if layer]
                layers.retain(f"container-{name}", found)

    def hold(self, id: str, layers: Sequence[Layer]) -> None:
        self._layers.retain(f"container-{id}", layers)
        found = [layer.diff_id for layer in layers]
        write_json(self._containers / id / _LAYERS, found, durable=False)

    def let_go(self, id: str) -> None:
        (self._containers / id / _LAYERS).unlink(missing_ok=True)
        self._layers.release(f"container-{id}")


def lay_floor(directory: Path) -> None:
    """Make what a runtime mounts things on, where it is missing. Follows no link."""
    for name in FLOOR_FOLDERS:
        if not os.path.lexists(directory / name) and _real(directory, name):
            (directory / name).mkdir(0o755)
    for name in FLOOR_FILES:
        if not os.path.lexists(directory / name) and _real(directory, name):
            os.close(os.open(directory / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o755))
    for name, target in FLOOR_LINKS.items():
        if not os.path.lexists(directory / name) and _real(directory, name):
            os.symlink(target, directory / name)


def _real(directory: Path, name: str) -> bool:
    """Whether the folder that ``name`` is in is a folder, not a link to somewhere."""
    parent = directory / os.path.dirname(name)
    return stat.S_ISDIR(parent.lstat().st_mode) if os.path.lexists(parent) else False


def member(path: str, found: os.stat_result) -> tarfile.TarInfo:
    """The archive's entry for a file of the disk; ``path`` without a slash at its start."""
    info = tarfile.TarInfo(path)
    info.mode = stat.S_IMODE(found.st_mode)
    # Who cannot give files away owns all of them, and plays the container's root.
    info.uid = 0 if found.st_uid == os.geteuid() else found.st_uid
    info.gid = 0 if found.st_gid == os.getegid() else found.st_gid
    info.mtime, rest = divmod(found.st_mtime_ns, 10**9)
    if rest:
        info.pax_headers = {"mtime": f"{info.mtime}.{rest:09d}"}
    return info


class TreeReader:
    """Reads a tree name by name, relative to descriptors, following nothing."""

    def __init__(self, root: int, *, one_device: bool = False) -> None:
        """``one_device``: what is mounted on the tree shows as empty."""
        self._root = root
        self._device = os.fstat(root).st_dev if one_device else None
        self._seen: dict[tuple[int, int], str] = {}

    def items(self, folder: int, prefix: str) -> Iterator[Item]:
        """Archive entries of all that is in a folder, parents first, sorted by name."""
        for name in sorted(os.listdir(folder)):
            try:
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                continue  # a running container removed it meanwhile
            path = f"{prefix}{name}"
            foreign = self._device is not None and found.st_dev != self._device
            item = self.item(folder, name, path, found, empty=foreign)
            if item is not None:
                yield item
            if stat.S_ISDIR(found.st_mode) and not foreign:
                yield from self._inside(folder, name, path)

    def _inside(self, folder: int, name: str, path: str) -> Iterator[Item]:
        vanished = contextlib.suppress(FileNotFoundError, NotADirectoryError)
        with vanished, opened(name, folder) as inner:
            yield from self.items(inner, f"{path}/")

    def item(
        self, folder: int, name: str, path: str, found: os.stat_result, empty: bool = False
    ) -> Item | None:
        """One archive entry; None for kinds that archives of ours do not hold."""
        info = member(path, found)
        mode = found.st_mode
        if stat.S_ISDIR(mode):
            info.type = tarfile.DIRTYPE
            info.pax_headers = {**info.pax_headers, **_xattrs(folder, name)}
            return info, -1
        if stat.S_ISLNK(mode):
            info.type, info.linkname = tarfile.SYMTYPE, os.readlink(name, dir_fd=folder)
            return info, -1
        if stat.S_ISFIFO(mode):
            info.type = tarfile.FIFOTYPE
            return info, -1
        if not stat.S_ISREG(mode):
            return None  # devices and sockets
        inode = (found.st_dev, found.st_ino)
        if found.st_nlink > 1 and inode in self._seen:
            info.type, info.linkname = tarfile.LNKTYPE, self._seen[inode]
            return info, -1
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(name, flags, dir_fd=folder)
        except FileNotFoundError:
            return None
        self._seen[inode] = path
        info.size = 0 if empty else os.fstat(descriptor).st_size
        info.pax_headers = {**info.pax_headers, **_xattrs(folder, name)}
        return info, descriptor


def _xattrs(folder: int, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    path = f"/proc/self/fd/{folder}/{name}"
    with contextlib.suppress(OSError):  # not supported there, or not ours to read
        for key in os.listxattr(path, follow_symlinks=False):
            if key == "security.capability" or (
                key.startswith("user.") and not key.startswith("user.overlay.")
            ):
                value = os.getxattr(path, key, follow_symlinks=False)
                found[_XATTR + key] = value.decode("utf-8", "surrogateescape")
    return found


@contextlib.contextmanager
def opened(path: str | Path, folder: int | None = None) -> Iterator[int]:
    """A descriptor of a folder (``path`` in another's), while the block runs.

    Inside another folder a link is not followed, also one that was a folder a moment ago.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    if folder is not None:
        flags |= os.O_NOFOLLOW
    descriptor = os.open(path, flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def file_bytes(directory: Path) -> int:
    """Bytes of all files in a folder; hard links count once."""
    total, seen, todo = 0, set[int](), [os.fspath(directory)]
    while todo:
        with contextlib.suppress(FileNotFoundError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    todo.append(entry.path)
                elif stat.S_ISREG(found.st_mode) and found.st_ino not in seen:
                    total += found.st_size
                    if found.st_nlink > 1:
                        seen.add(found.st_ino)
    return total


def as_json(change: Change) -> dict[str, Any]:
    """A change as the API shows it."""
    return {"Path": change.path, "Kind": int(change.kind)}
