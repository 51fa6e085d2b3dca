"""Lines of a container's /etc/hosts that come and go with its networks.

The container sees the file as a bind mount and may have written into it: it is changed in place,
and only these lines.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

_LARGEST = 1 << 20


def add(path: Path, address: str, names: str) -> None:
    """One more line at the end."""
    with contextlib.suppress(OSError), path.open("a") as file:
        file.write(f"{address}\t{names}\n")


def replace(path: Path, names: str, address: str) -> None:
    """Give the line of these names, written as ``add`` does, another address."""
    with contextlib.suppress(OSError), path.open("r+", errors="surrogateescape") as file:
        lines = file.read(_LARGEST).splitlines(keepends=True)
        file.seek(0)
        for line in lines:
            _, _, theirs = line.rstrip("\n").partition("\t")
            file.write(f"{address}\t{names}\n" if theirs == names else line)
        file.truncate()


def drop(path: Path, address: str) -> None:
    """Drop the lines of this address."""
    with contextlib.suppress(OSError), path.open("r+", errors="surrogateescape") as file:
        lines = file.read(_LARGEST).splitlines(keepends=True)
        kept = [line for line in lines if line.split(maxsplit=1)[:1] != [address]]
        file.seek(0)
        file.writelines(kept)
        file.truncate()
