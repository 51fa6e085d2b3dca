"""What overlayfs kept of a container's changes, taken over as a layer as it lies there.

The archive that a layer has its digest from was read from these very files. Unpacking it again
would write each of them a second time, to remove the first soon after: half of the time of a
``RUN npm install``. So the folder itself becomes the layer, if that is exactly what the archive
says; where it is not to the letter (a socket, an attribute that archives of ours do not hold), it
is unpacked after all.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from dockerlab.engine.store.tarfiles import Unpacked, above_modes, is_kept
from dockerlab.formats.filetree import WHITEOUT

Take = Callable[[Path], Unpacked | None]
"""Moves a tree to a place where nothing is yet and says what it is; None: it cannot be moved."""

OPAQUE = "user.overlay.opaque"
_NOTES = ("user.overlay.origin", "user.overlay.impure", "user.overlay.uuid")
"""What overlayfs notes for itself, of no use in a layer."""


def take(upper: Path, place: Path) -> Unpacked | None:
    """Move ``upper``, which nothing may have mounted or open; an empty folder takes its place."""
    try:
        found = _looked_at(upper)
        if found is None:
            return None
        os.chown(upper, os.geteuid(), os.getegid(), follow_symlinks=False)
        upper.chmod(0o755)  # the root is in no layer
        upper.rename(place)
    except OSError:
        return None
    upper.mkdir(0o755)
    return found


def _looked_at(upper: Path) -> Unpacked | None:
    """What a layer of these files holds; None when its archive would say something else."""
    found, seen = Unpacked(), set[int]()
    if not _plain(upper, "", stat.S_IFDIR, found):
        return None
    todo = [(os.fspath(upper), "")]
    while todo:
        folder, inside = todo.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                path = f"{inside}/{entry.name}"
                now = entry.stat(follow_symlinks=False)
                if entry.name.startswith(WHITEOUT):
                    return None
                found.entries += 1
                if stat.S_ISCHR(now.st_mode) and now.st_rdev == 0:
                    found.whiteouts.append(path)
                    continue
                kind = stat.S_IFMT(now.st_mode)
                if not _readable(now.st_mode) or not _plain(entry, path, kind, found):
                    return None
                if kind == stat.S_IFDIR:
                    todo.append((entry.path, path))
                elif kind == stat.S_IFREG and now.st_ino not in seen:
                    seen.add(now.st_ino)
                    found.size += now.st_size
    return found


def _readable(mode: int) -> bool:
    """Whether unpacking would have left the mode as it is."""
    least = 0o700 if stat.S_ISDIR(mode) else 0o600
    return stat.S_ISLNK(mode) or above_modes() or mode & least == least


def _plain(file: os.DirEntry[str] | Path, path: str, kind: int, found: Unpacked) -> bool:
    """Whether an archive holds all of a file; what overlayfs noted there is noted or removed."""
    if kind not in (stat.S_IFDIR, stat.S_IFREG, stat.S_IFLNK, stat.S_IFIFO):
        return False
    for name in os.listxattr(file, follow_symlinks=False):
        if name in _NOTES:
            os.removexattr(file, name, follow_symlinks=False)
        elif name == OPAQUE and kind == stat.S_IFDIR and path:
            if os.getxattr(file, name, follow_symlinks=False) != b"y":
                return False
            found.opaques.append(path)
        elif not (is_kept(name) and kind in (stat.S_IFDIR, stat.S_IFREG) and path):
            return False
    return True
