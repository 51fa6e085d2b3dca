"""Writing log.jsonl, in the shim. What is in it and how it is read: see logs.py."""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import Literal

Stream = Literal["stdout", "stderr"]


class LogWriter:
    """Appends what a container writes, one record a write.

    Never raises once it is open: on a full disk the output is lost, not the container. ``lost``
    then counts the bytes.
    """

    def __init__(self, path: str) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o600)
        self._size = os.fstat(self._descriptor).st_size
        self._time = 0
        self.lost = 0
        if self._size and os.pread(self._descriptor, 1, self._size - 1) != b"\n":
            self._append(b"\n")  # after the cut-off record of a writer that died

    def write(self, stream: Stream, data: bytes) -> None:
        """Append one record."""
        # Records are in the order of time even when the clock is set back.
        self._time = max(time.time_ns(), self._time + 1)
        text = data.decode("utf-8", "surrogateescape")
        if not self._append(_encode({"t": self._time, "s": stream, "d": text})):
            self.lost += len(data)

    def close(self) -> None:
        os.close(self._descriptor)

    def _append(self, line: bytes) -> bool:
        written = 0
        try:
            while written < len(line):
                written += os.write(self._descriptor, line[written:])
        except OSError:
            with contextlib.suppress(OSError):  # take back the half record
                os.ftruncate(self._descriptor, self._size)
            return False
        self._size += written
        return True


def _encode(record: dict[str, str | int]) -> bytes:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:  # bytes that are not UTF-8: written as \udcXX
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"
