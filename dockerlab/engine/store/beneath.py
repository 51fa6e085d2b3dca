"""Paths of the host's that must lead to below certain folders (``--binds``).

Whoever owns such a folder may change the links in it at any time. So it is not enough to look at
a path before it is used: it is opened, what was opened is looked at, and only that is used.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable


def is_beneath(path: str, folders: Iterable[str]) -> bool:
    """Whether a path, links followed as they are now, leads to one of the folders or below."""
    real = os.path.realpath(path)
    return any(_contains(os.path.realpath(folder), real) for folder in folders)


def opened(path: str, folders: Iterable[str]) -> int:
    """A descriptor (O_PATH) of what a path leads to.

    Raises PermissionError if that is not below one of the folders, or another OSError.
    """
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    real = os.readlink(f"/proc/self/fd/{descriptor}")
    if not any(_contains(os.path.realpath(folder), real) for folder in folders):
        os.close(descriptor)
        raise PermissionError(errno.EACCES, "it leads out of the folders of --binds", path)
    return descriptor


def _contains(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
