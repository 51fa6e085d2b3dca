"""What a layer takes away of those below, and how overlayfs wants that on disk."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from dockerlab.engine.store.confined import Confined
from dockerlab.engine.store.uppers import OPAQUE


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a layer takes away of those below: paths, and folders whose content is hidden."""

    whiteouts: tuple[str, ...] = ()
    opaques: tuple[str, ...] = ()


def mark(directory: Path, hidden: Hidden) -> bool:
    """Put whiteouts on disk as overlayfs wants them; False if the machine does not allow it."""
    with Confined(directory) as root:
        try:
            for path in hidden.opaques:
                _make_opaque(root, path)
            for path in hidden.whiteouts:
                _make_whiteout(root, path)
        except OSError:
            return False
    return True


def _make_opaque(root: Confined, path: str) -> None:
    folder = root.directory(path)
    try:
        # An O_PATH descriptor takes no attributes; its name under /proc does.
        os.setxattr(f"/proc/self/fd/{folder}", OPAQUE, b"y")
    finally:
        os.close(folder)


def _make_whiteout(root: Confined, path: str) -> None:
    with root.parent(path) as (parent, name):
        try:
            mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
        except FileNotFoundError:
            before = os.stat(parent)
            os.mknod(name, stat.S_IFCHR, 0, dir_fd=parent)
            os.utime(".", ns=(before.st_atime_ns, before.st_mtime_ns), dir_fd=parent)
            return
    if stat.S_ISDIR(mode):  # taken away and made anew in one layer
        _make_opaque(root, path)
