"""What checks are given to look at: an engine, a folder, and what was answered.

A check reads the state that was reached, wherever that is: in a learner's notebook it is the
engine that the notebook uses, in a classroom that of one submission, looked at from outside.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Protocol

from dockerlab.client.lab import Lab

ANSWERS = ".answers.json"
"""In an exercise's folder: what the learner answered to questions that leave no other state."""
LARGEST_FILE = 1 << 20
"""Bytes of a learner's file that are read: nobody writes a longer Dockerfile or compose file."""
_PIECE = 1 << 20
PROBE = "dlprobe-"
"""How the names of everything begin that a check makes for itself; removed when it is over."""


class Fetch(Protocol):
    """Asks a page of a published port: status and the beginning of the body.

    Raises OSError where nobody answers.
    """

    def __call__(self, port: int, path: str = "/", *, patience: float = 5.0) -> tuple[int, str]: ...


class Bench:
    """The state that a learner reached in one exercise.

    ``folder`` is hostile: read it by ``read`` only, which follows no link out of it.
    ``originals`` are the ids of images by their tags, as they were before the learner came: a tag
    can be given to another image, and what is compared with ``alpine`` would be the learner's own.
    """

    def __init__(
        self,
        lab: Lab,
        folder: Path,
        fetch: Fetch,
        originals: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.lab = lab
        self.folder = folder
        self.fetch = fetch
        self.originals = originals

    @property
    def api(self) -> Any:
        """docker-py's low-level client."""
        return self.lab.api

    def read(self, name: str) -> str | None:
        """A text file below the folder; None where there is none. Bytes that are no UTF-8 show
        as replacement characters, what is longer than ``LARGEST_FILE`` is cut."""
        return read_text(self.folder, name)

    def answers(self) -> Mapping[str, Any]:
        """What was answered, by question; empty where nothing was, or nothing legible."""
        return read_answers(self.folder)

    @contextlib.contextmanager
    def copied(self) -> Iterator[Path]:
        """A copy of the folder to try something on: links are left out, and what is huge."""
        with tempfile.TemporaryDirectory(prefix="dockerlab-check-") as made:
            copy_tree(self.folder, Path(made))
            yield Path(made)


def read_text(folder: Path, name: str) -> str | None:
    """See ``Bench.read``."""
    with contextlib.suppress(OSError), opened(folder, name) as file:
        return file.read(LARGEST_FILE).decode("utf-8", "replace")
    return None


def opened(folder: Path, name: str) -> IO[bytes]:
    """A file below a folder in which others may write meanwhile. Raises OSError where there is
    none."""
    place = confined(folder, name)
    if place is None:
        raise FileNotFoundError(name)
    # By now it may be a pipe that nobody writes to, or a link: neither waited for nor followed.
    file = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise FileNotFoundError(name)
    return os.fdopen(file, "rb")


def read_answers(folder: Path) -> dict[str, Any]:
    """See ``Bench.answers``."""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(read_text(folder, ANSWERS) or "{}")
        return found if isinstance(found, dict) else {}
    return {}


def confined(folder: Path, name: str) -> Path | None:
    """The regular file ``name`` below ``folder``, no part of the way being a link.

    Nor the folder itself: a submission could put a link to somebody else's in its place.
    """
    place = folder
    if folder.is_symlink():
        return None
    for part in Path(name).parts:
        place = place / part
        if part in ("..", "/") or place.is_symlink():
            return None
    return place if place.is_file() else None


def copy_tree(source: Path, target: Path, *, most: int = 2_000, size: int = 50 << 20) -> None:
    """Copy regular files, ``most`` and ``size`` bytes at most; what is too large is left out."""
    for path in [] if source.is_symlink() else sorted(source.rglob("*")):
        name = path.relative_to(source)
        with contextlib.suppress(OSError), opened(source, str(name)) as file:
            if not most:
                return
            length = os.fstat(file.fileno()).st_size
            if length <= size:
                most, size = most - 1, size - length
                copy_open(file, target / name, length)


def copy_open(file: IO[bytes], target: Path, length: int) -> None:
    """So many bytes and no more: it may have grown meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as copied:
        while length > 0 and (data := file.read(min(length, _PIECE))):
            copied.write(data)
            length -= len(data)


class Deadline:
    """A moment after which a look gives up.

    >>> Deadline(0.0).over
    True
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        return self.left <= 0.0
