"""Filling a new volume with what the image has at the place where it is mounted, as Docker does."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path

from dockerlab.engine.store.confined import Confined
from dockerlab.engine.store.files import full_disk


def is_empty(volume: Path) -> bool:
    """Only an empty volume is filled."""
    with os.scandir(volume) as entries:
        return next(entries, None) is None


def fill(root: Path, path: str, volume: Path) -> None:
    """Copy the content, owner and mode of ``path`` inside ``root`` to the volume.

    Nothing happens when the image has no such folder. The image is hostile: the path is
    resolved inside its root, and no link in it is followed.
    """
    with Confined(root) as confined:
        try:
            source = _readable(confined.directory(path))
        except OSError:
            return
        try:
            with full_disk():
                _copy_folder(source, str(volume))
        finally:
            os.close(source)


def _readable(place: int) -> int:
    """A descriptor that can be listed, in exchange for one that only names a folder (O_PATH)."""
    try:
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=place)
    finally:
        os.close(place)


def _copy_folder(source: int, target: str) -> None:
    with os.scandir(source) as entries:
        for entry in entries:
            _copy_entry(source, entry.name, os.path.join(target, entry.name))
    _copy_owner(os.fstat(source), target)


def _copy_entry(folder: int, name: str, target: str) -> None:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(name, dir_fd=folder), target)
        _copy_owner(status, target)
    elif stat.S_ISDIR(status.st_mode):
        os.mkdir(target, 0o700)
        inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
        try:
            _copy_folder(inner, target)
        finally:
            os.close(inner)
    elif stat.S_ISREG(status.st_mode):
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as reader, open(target, "xb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
        _copy_owner(status, target)
    # Devices, sockets and pipes of an image are not carried into a volume.


def _copy_owner(status: os.stat_result, target: str) -> None:
    with contextlib.suppress(PermissionError, OSError):
        os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(target, stat.S_IMODE(status.st_mode))
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
