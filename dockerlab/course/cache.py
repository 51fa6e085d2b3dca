"""The folder that keeps what was downloaded and built, so that it happens once.

::

    ~/.cache/dockerlab/       or $XDG_CACHE_HOME/dockerlab, or $DOCKERLAB_CACHE
        lock                  held while somebody downloads or builds
        apt/                  apt's own state, private to us
        debs/  npm/           packages as downloaded, checked against their hashes
        images/NAME.tar       a stand-in, ready for `docker load`
        images/NAME.json      what it is: key, checksum, image id, tags
        saved/                images that are no stand-ins, as the engine saved them for a bundle
        wheels/               Python packages for a bundle
        mirror/               what is being fetched from a teacher's machine

Everything is written under another name, synced and renamed, so that a file
with its final name is whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from dockerlab.course.progress import Progress, Step, silent
from dockerlab.errors import DockerlabError


def location() -> Path:
    """Where the cache is for this user."""
    chosen = os.environ.get("DOCKERLAB_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification says that a relative path is to be ignored.
    home = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return home / "dockerlab"


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Cache:
    """The folder itself. ``root`` is made when first needed."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or location()

    def folder(self, name: str) -> Path:
        """A folder in the cache, made when missing."""
        path = self.root / name
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DockerlabError(
                f"The cache folder {path} cannot be made: {error.strerror}.",
                "Free some space there, or set DOCKERLAB_CACHE to a folder you can write to.",
            ) from error
        return path

    @contextmanager
    def lock(self, progress: Progress = silent) -> Iterator[None]:
        """Hold the cache alone. Another process that has it is waited for.

        The lock goes with the process that holds it, however that ends.
        """
        descriptor = os.open(self.folder("") / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _wait_for(descriptor, progress)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def writing(self, path: Path) -> Iterator[IO[bytes]]:
        """A file that gets its name ``path`` only when it was written to the end."""
        half = path.with_name(path.name + ".part")
        try:
            with half.open("w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        except OSError as error:
            raise DockerlabError(
                f"{path} cannot be written: {error.strerror}.",
                "Free some space there, or set DOCKERLAB_CACHE to another folder.",
            ) from error
        finally:
            half.unlink(missing_ok=True)

    def write_json(self, path: Path, value: Any) -> None:
        """Write a record."""
        with self.writing(path) as file:
            file.write(json.dumps(value, indent=1, sort_keys=True).encode() + b"\n")

    def read_json(self, path: Path) -> dict[str, Any]:
        """A record, empty when there is none or it cannot be read."""
        try:
            value = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}


def _wait_for(descriptor: int, progress: Progress) -> None:
    started = time.monotonic()
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not told and time.monotonic() - started > 2:
                progress(Step("Another process is preparing images; waiting for it"))
                told = True
            time.sleep(0.1)
