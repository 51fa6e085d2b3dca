"""Lines of a container's /etc/hosts that come and go with its networks.

The container sees the file as a bind mount and may have written into it: it is changed in place,
only these lines, and not at all where it has become something else than a small file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

_LARGEST = 1 << 20

Lines = list[bytes]


def add(path: Path, address: str, names: str) -> None:
    """One more line at the end."""

    def longer(lines: Lines) -> Lines:
        unended = lines[-1:] and not lines[-1].endswith(b"\n")
        return [*lines, *([b"\n"] if unended else ()), _line(address, names)]

    _change(path, longer)


def replace(path: Path, names: str, address: str) -> None:
    """Give the line of these names, written as ``add`` does, another address."""

    def moved(line: bytes) -> bytes:
        _, _, theirs = line.rstrip(b"\n").partition(b"\t")
        return _line(address, names) if theirs == names.encode() else line

    _change(path, lambda lines: [moved(line) for line in lines])


def drop(path: Path, address: str) -> None:
    """Drop the lines of this address."""
    wanted = [address.encode()]
    _change(path, lambda lines: [line for line in lines if line.split(maxsplit=1)[:1] != wanted])


def _line(address: str, names: str) -> bytes:
    return f"{address}\t{names}\n".encode()


def _change(path: Path, change: Callable[[Lines], Lines]) -> None:
    with contextlib.suppress(OSError):
        # Neither a link out of the container's folder is followed, nor is a pipe waited for.
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "r+b") as file:
            data = file.read(_LARGEST + 1)
            if len(data) > _LARGEST:
                return
            file.seek(0)
            file.writelines(change(data.splitlines(keepends=True)))
            file.truncate()
