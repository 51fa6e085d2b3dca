"""The work folder as it comes out of a container: a copy of its regular files and folders."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tarfile
from pathlib import Path

_NO_NAME = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ)


def receive(pipe: int, folder: Path) -> None:
    """Put into ``folder`` what comes from ``inside/packing.py``; closes the pipe.

    Raises OSError when the container has ended before all came.
    """
    try:
        with open(pipe, "rb") as file, tarfile.open(fileobj=file, mode="r|") as tar:
            for member in tar:
                _take(tar, member, folder / member.name)
    except tarfile.TarError as error:
        raise OSError(f"the box does not hand its folder out: {error}") from None


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    """The name of a file is one that files have, but may be too long in this folder."""
    try:
        if member.isdir():
            place.mkdir(parents=True, exist_ok=True)
            place.chmod(member.mode | 0o700)
        elif (content := tar.extractfile(member)) is not None:
            with open(place, "wb", opener=_opener) as file:
                shutil.copyfileobj(content, file)
            place.chmod(member.mode & 0o777 | 0o600)
            os.utime(place, (member.mtime, member.mtime))
    except OSError as error:
        if error.errno not in _NO_NAME:
            raise


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_EXCL, 0o600)


def remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)
