"""Writing so that a crash or a full disk leaves the old or the new, never half of it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dockerlab.engine.errors import StoreFull

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """Say a full disk in a plain sentence (StoreFull); other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StoreFull(
            "no space left on device",
            "Nothing half-written was kept. Free some space (docker system prune), then try again.",
        ) from error


def write_json(path: Path, data: Any, *, durable: bool = True) -> None:
    """Replace ``path`` by ``data`` as JSON: all of it or nothing. Raises StoreFull.

    Not ``durable``: safe whenever the engine dies, but the last seconds before a power failure
    may be lost. That is enough for containers, which a power failure ends anyway, and it spares
    each of their steps some waits for the disk.
    """
    write_bytes(path, json.dumps(data, separators=(",", ":")).encode(), durable=durable)


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace ``path`` by ``data``: all of it or nothing. Raises StoreFull. See write_json."""
    with full_disk():
        descriptor, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            os.rename(name, path)
        except BaseException:
            os.unlink(name)
            raise
    if durable:
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Have the names in a folder reach the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Remove a folder and all in it, also folders of mode 000. Missing: nothing to do."""
    if not path.is_symlink() and not path.exists():
        return
    try:
        shutil.rmtree(path)
    except PermissionError:
        _open_up(path)
        shutil.rmtree(path)
    except RecursionError:
        # A container can nest folders deeper than Python calls; rm walks without limit.
        subprocess.run(["rm", "-rf", "--", path], check=True)


def _open_up(path: Path) -> None:
    # An ordinary user cannot empty a folder that it may not enter, though it owns it.
    for folder, names, _ in os.walk(path):
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
        for name in names:
            inner = os.path.join(folder, name)
            if stat.S_ISDIR(os.lstat(inner).st_mode):
                with contextlib.suppress(OSError):
                    os.chmod(inner, 0o700)
