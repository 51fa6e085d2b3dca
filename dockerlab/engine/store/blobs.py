"""Content by its digest, exactly as received: configs and layer archives.

``DIR/blobs/sha256/<hex>`` is complete and verified, always: content is written under
``DIR/blobs/ingest``, synced, checked, and only then renamed. What a crash left in ``ingest`` is
removed at the next start. Blobs of the library (see ``images.py``) are read where they are.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from dockerlab.engine.errors import BadParameter, NotFound
from dockerlab.engine.store.files import full_disk, remove_tree, sync_directory
from dockerlab.formats.reference import check_digest

_CHUNK = 1 << 20


def digest(data: bytes) -> str:
    """``sha256:<hex>`` of some bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Writer:
    """A blob on its way. As a context: committed at the end, dropped when an error leaves it."""

    def __init__(self, blobs: Blobs, path: Path, expected: str = "", keep: bool = False) -> None:
        self._blobs, self._path, self._expected, self._keep = blobs, path, expected, keep
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes so far."""
        self._file = open(path, "ab+")  # noqa: SIM115 (closed by __exit__)
        self._read_kept()

    def _read_kept(self) -> None:
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            self._hash.update(chunk)
            self.size += len(chunk)

    @property
    def digest(self) -> str:
        """Of what was written so far."""
        return "sha256:" + self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Append. Raises StoreFull."""
        with full_disk():
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def restart(self) -> None:
        """Forget what was written (the other side does not resume)."""
        self._file.truncate(0)
        self._hash, self.size = hashlib.sha256(), 0

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.abandon()

    def commit(self) -> None:
        """Sync, check and keep the blob. Raises BadParameter (wrong digest), StoreFull."""
        try:
            self._commit()
        finally:
            self._blobs.closed(self._path)

    def _commit(self) -> None:
        try:
            with full_disk():
                self._file.flush()
                os.fsync(self._file.fileno())
        except BaseException:
            self._drop()
            raise
        if self._expected and self.digest != self._expected:
            self._drop()
            raise BadParameter(
                f"filesystem layer verification failed for digest {self._expected}",
                f"What arrived has the digest {self.digest}. Try again.",
            )
        self._file.close()
        self._blobs.place(self._path, self.digest)

    def abandon(self) -> None:
        """Drop what was written, or keep it for a later writer that resumes."""
        try:
            with full_disk():
                self._file.flush()
        except BaseException:
            self._drop()
            raise
        else:
            self._file.close()
            if not self._keep:
                self._path.unlink(missing_ok=True)
        finally:
            self._blobs.closed(self._path)

    def _drop(self) -> None:
        with contextlib.suppress(OSError):  # close flushes again: on a full disk that fails again
            self._file.close()
        self._path.unlink(missing_ok=True)


class Blobs:
    """The blobs of one engine. Thread-safe: every step is one rename."""

    def __init__(self, root: Path, library: Path | None = None) -> None:
        self._library = library and library / "blobs" / "sha256"
        self._directory = root / "blobs" / "sha256"
        self.ingest = root / "blobs" / "ingest"
        """Folder for half-written things, emptied at start; same file system as the blobs."""
        self._lock = threading.Lock()
        self._resumed: set[Path] = set()
        remove_tree(self.ingest)
        self._directory.mkdir(parents=True, exist_ok=True)
        self.ingest.mkdir()

    def writer(self, expected: str = "", *, resume: bool = False) -> Writer:
        """Write a blob; with ``expected`` it must have that digest (else BadParameter).

        ``resume``: what an earlier writer of the same digest wrote before its error is kept, and
        ``size`` says how far it came.
        """
        path = self.ingest / f"{check_digest(expected)[7:]}.part" if resume else None
        with self._lock:
            if path is None or path in self._resumed:  # somebody else is at it: begin an own one
                descriptor, name = tempfile.mkstemp(dir=self.ingest)
                os.close(descriptor)
                return Writer(self, Path(name), expected)
            self._resumed.add(path)
        return Writer(self, path, expected, resume)

    def closed(self, path: Path) -> None:
        """A writer is done with its file."""
        with self._lock:
            self._resumed.discard(path)

    def add(self, data: bytes, expected: str = "") -> str:
        """Keep some bytes; returns their digest."""
        with self.writer(expected) as writer:
            writer.write(data)
        return writer.digest

    def place(self, path: Path, digest: str) -> None:
        """Take over a complete, synced and verified file."""
        os.rename(path, self.path(digest))
        sync_directory(self._directory)

    def path(self, digest: str) -> Path:
        """Where a blob is or would be."""
        return self._directory / check_digest(digest)[7:]

    def _found(self, digest: str) -> Path:
        """Where to read a blob: ours, else the library's."""
        own = self.path(digest)
        return own if self._library is None or own.exists() else self._library / own.name

    def has(self, digest: str) -> bool:
        return self._found(digest).exists()

    def open(self, digest: str) -> BinaryIO:
        """Read a blob. Raises NotFound."""
        try:
            return open(self._found(digest), "rb")
        except FileNotFoundError:
            raise NotFound(f"blob {digest} is not in the store") from None

    def read(self, digest: str) -> bytes:
        """The bytes of a (small) blob. Raises NotFound."""
        with self.open(digest) as file:
            return file.read()

    def remove(self, digest: str) -> None:
        """Forget a blob, if it is there and ours."""
        self.path(digest).unlink(missing_ok=True)

    def digests(self) -> list[str]:
        """All blobs of our own."""
        return [f"sha256:{name}" for name in os.listdir(self._directory)]
