"""A tree of one file: what ADD downloaded, or a heredoc of the Dockerfile."""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from typing import IO

from dockerlab.engine.build.files.tree import ROOT, Entry, content_digest

_CHUNK = 1 << 20


class Single:
    """One file in a folder of its own."""

    def __init__(self, name: str, file: IO[bytes], mode: int, mtime: int = 0) -> None:
        """``mode`` is its permissions, ``mtime`` in Unix ns."""
        self._file = file
        size = file.seek(0, io.SEEK_END)
        self._entry = Entry(name, stat.S_IFREG | mode, size=size, mtime=mtime)

    @classmethod
    def text(cls, name: str, content: str) -> Single:
        """A file with this text in it, as everybody may read it."""
        return cls(name, io.BytesIO(content.encode(errors="surrogateescape")), 0o644)

    def entry(self, path: str) -> Entry | None:
        return {"": ROOT, self._entry.path: self._entry}.get(path)

    def names(self, path: str) -> list[str]:
        return [self._entry.path] if not path else []

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(_CHUNK):
            yield piece

    def digest(self, entry: Entry) -> str:
        return content_digest(self, entry)
