"""Sends the work folder out, as a tar of regular files and folders: no link leads anywhere then.

The folder is hostile, and containers may still write to it meanwhile.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

_DEEPEST = 32
"""Folders within folders; what is deeper is left out."""


def pack(folder: str, pipe: int, most: int) -> None:
    """Write the tar to the pipe and close it. Files that would make it larger are left out."""
    with (
        contextlib.suppress(BrokenPipeError),
        open(pipe, "wb") as file,
        tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, descriptor in _found(folder):
            member = _member(name, os.fstat(descriptor))
            if member is not None and member.size <= most:
                tar.addfile(member, Content(descriptor))
                most -= member.size


def _found(folder: str) -> Iterator[tuple[str, int]]:
    """Names within the folder, and descriptors, each good until the next one."""
    for path, folders, files, place in os.fwalk(folder, follow_symlinks=False):
        within = os.path.relpath(path, folder)
        for name in (*folders, *files):
            with _opened(name, place) as descriptor:
                if descriptor >= 0:
                    yield os.path.normpath(os.path.join(within, name)), descriptor
        if len(Path(within).parts) >= _DEEPEST:
            folders.clear()


@contextlib.contextmanager
def _opened(name: str, place: int) -> Iterator[int]:
    """A descriptor; -1 for what is a link, or gone."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags, dir_fd=place)
    except OSError:
        yield -1
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _member(name: str, status: os.stat_result) -> tarfile.TarInfo | None:
    member = tarfile.TarInfo(name)
    member.mode, member.mtime = stat.S_IMODE(status.st_mode), int(status.st_mtime)
    if stat.S_ISDIR(status.st_mode):
        member.type = tarfile.DIRTYPE
    elif stat.S_ISREG(status.st_mode):
        member.size = status.st_size
    else:
        return None
    return member


class Content(io.RawIOBase):
    """A file that is as long as it was said to be, whatever becomes of it meanwhile."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self, size: int = -1, /) -> bytes:
        return os.read(self._descriptor, size).ljust(size, b"\0")
