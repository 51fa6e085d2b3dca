"""The system calls for mounts that the standard library lacks, one thin name each.

The kernel takes at most one page of mount options, and splits them at ``:`` and ``,``. So the
directories of an overlay are opened first and named ``/proc/self/fd/N``: short whatever their
paths are, and more than 200 layers fit. (Docker keeps a folder of symbolic links and changes
into it; descriptors need neither.)
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence

MS_NOSUID, MS_NODEV, MS_BIND = 2, 4, 4096
MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """mount(2); raises OSError."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        os.fsencode(kind),
        ctypes.c_ulong(flags),
        os.fsencode(options) if options else None,
    )
    _check(result, f"mount {kind} at {target}")


def unmount(target: str) -> None:
    """Take a mount away at once; what still uses it keeps it until it is done."""
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def syncfs(path: str | os.PathLike[str]) -> None:
    """Have everything on the file system of ``path`` reach the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _check(_libc.syncfs(descriptor), "syncfs")
    finally:
        os.close(descriptor)


def overlay(
    target: str, lower: Sequence[str], upper: str = "", work: str = "", flags: int = 0
) -> None:
    """Mount the layers ``lower`` (topmost first) at ``target``, writable if ``upper`` is given.

    ``userxattr`` is always used: it is what an unprivileged user namespace may do, and one form
    of opaque mark on disk serves every mode. Raises OSError.
    """
    opened: list[int] = []

    def name(path: str) -> str:
        opened.append(os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
        return f"/proc/self/fd/{opened[-1]}"

    try:
        options = ["userxattr", "lowerdir=" + ":".join([name(path) for path in lower])]
        if upper:
            options += [f"upperdir={name(upper)}", f"workdir={name(work)}"]
        mount("overlay", target, "overlay", flags, ",".join(options))
    finally:
        for descriptor in opened:
            os.close(descriptor)
