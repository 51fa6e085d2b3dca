"""A container's output on disk, as ``docker logs`` and ``docker attach`` read it.

``log.jsonl`` has one JSON object a write of the container::

    {"t": 1732430000123456789, "s": "stdout", "d": "text"}

``t`` is Unix time in nanoseconds. ``d`` is UTF-8 where it can be; other bytes are lone surrogates
(Python's ``surrogateescape``), so binary output comes back exactly. A write may hold many lines
or a part of one, even a part of a character; ``read`` and ``follow`` put lines together.

The last line of the file may be cut off (being written, a full disk, a crash): it is left alone
until it is complete, and a line that never got complete is skipped.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from dockerlab.engine.run.shim.logwriter import LogWriter as LogWriter
from dockerlab.engine.run.shim.logwriter import Stream

Wake = Callable[[], Awaitable[None]]
"""Returns when there may be more output than at its last call (``ShimProcess.wake()``)."""

LONGEST_LINE = 16 << 10
"""Longer lines are handed out in pieces of this size, as Docker's json-file logs do."""

_BLOCK = 1 << 18
_POLL = 0.02  # seconds, where nothing wakes a follower


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with its end (or, read raw, one write), and when its first byte was written."""

    time_ns: int
    stream: Stream
    data: bytes
    continued: bool = False
    """It goes on with a line too long for one entry."""


class Log:
    """The log of one container; the file need not exist yet."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)

    def size(self) -> int:
        """Length of the file now; a place for ``follow`` to begin."""
        try:
            return os.stat(self._path).st_size
        except FileNotFoundError:
            return 0

    def read(
        self,
        *,
        since: int = 0,
        until: int = 0,
        tail: int | None = None,
        stdout: bool = True,
        stderr: bool = True,
    ) -> Iterator[Entry]:
        """The lines so far. ``since`` and ``until`` are Unix nanoseconds, 0 for open.

        ``tail`` counts the last lines of both streams, before the other choices, as Docker does.
        """
        choice = _Choice(since, until, stdout, stderr)
        start, skip = self._tail(tail)
        lines = _Lines(skip)
        cursor = _Cursor(self._path, start)
        for entry in cursor.available():
            yield from filter(choice, lines.add(entry))
        yield from filter(choice, lines.rest())

    async def follow(
        self,
        ended: Callable[[], bool],
        wake: Wake | None = None,
        *,
        since: int = 0,
        until: int = 0,
        tail: int | None = None,
        stdout: bool = True,
        stderr: bool = True,
        start: int | None = None,
        raw: bool = False,
    ) -> AsyncIterator[Entry]:
        """What is there and what comes, until ``ended()`` and everything was read.

        ``raw``: single writes as they come (attach), not whole lines. ``start``: only what comes
        after this ``size``, in place of ``tail``.
        """
        choice = _Choice(since, until, stdout, stderr)
        begin, skip = (start, 0) if start is not None else self._tail(tail)
        lines = _Lines(skip)
        cursor = _Cursor(self._path, begin)
        wake = wake or _poll
        while True:
            over = ended() or (until and time.time_ns() > until)
            for count, entry in enumerate(cursor.available()):
                for found in [entry] if raw else lines.add(entry):
                    if choice(found):
                        yield found
                if count % 16 == 15:
                    await asyncio.sleep(0)  # let others have a turn in a long backlog
            if over:
                break
            await (_until(wake, until) if until else wake())
        for found in lines.rest():
            if choice(found):
                yield found

    def _tail(self, count: int | None) -> tuple[int, int]:
        """Where to begin for the last ``count`` lines, and how many lines to skip from there."""
        if count is None:
            return 0, 0
        start = self._before(count) if count else self.size()
        lines = _Lines()
        total = sum(len(lines.add(entry)) for entry in _Cursor(self._path, start).available())
        total += len(lines.rest())
        return start, max(total - count, 0)

    def _before(self, count: int) -> int:
        """An offset of a record with at least ``count`` lines behind it, or 0."""
        # Two more, for lines of either stream that begin before the offset.
        missing = count + 2
        try:
            with open(self._path, "rb") as file:
                for offset, line in _backwards(file):
                    entry = _decode(line)
                    missing -= entry.data.count(b"\n") if entry else 0
                    if missing <= 0:
                        return offset
        except FileNotFoundError:
            pass
        return 0


class _Choice:
    """Which entries a reader asked for."""

    def __init__(self, since: int, until: int, stdout: bool, stderr: bool) -> None:
        self._since, self._until = since, until or 1 << 63
        self._streams = {"stdout"} if stdout else set()
        self._streams |= {"stderr"} if stderr else set()

    def __call__(self, entry: Entry) -> bool:
        return entry.stream in self._streams and self._since <= entry.time_ns <= self._until


class _Cursor:
    """A place in the file, from which complete records are read as they appear."""

    def __init__(self, path: str, offset: int) -> None:
        self._path = path
        self._offset = offset

    def available(self) -> Iterator[Entry]:
        """All complete records from here on."""
        if not os.path.exists(self._path):
            return
        with open(self._path, "rb", buffering=_BLOCK) as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                entry = _decode(line)
                if entry is not None:
                    yield entry


class _Lines:
    """Puts writes together to lines, each stream for itself."""

    def __init__(self, skip: int = 0) -> None:
        self._skip = skip
        self._open: dict[Stream, Entry] = {}

    def add(self, entry: Entry) -> list[Entry]:
        """The lines (or pieces of 16 KiB) that this write completes."""
        begun = self._open.pop(entry.stream, None)
        data = begun.data + entry.data if begun else entry.data
        when, continued = (begun.time_ns, begun.continued) if begun else (entry.time_ns, False)
        found = []
        for line in _split(data):
            for start in range(0, len(line), LONGEST_LINE):
                piece = line[start : start + LONGEST_LINE]
                found.append(Entry(when, entry.stream, piece, continued))
                continued = not piece.endswith(b"\n")
            when, continued = entry.time_ns, False
        if not found:
            return []
        last = found[-1]
        if not last.data.endswith(b"\n") and len(last.data) < LONGEST_LINE:
            self._open[entry.stream] = found.pop()
        elif not last.data.endswith(b"\n"):
            self._open[entry.stream] = Entry(last.time_ns, entry.stream, b"", True)
        return self._skipped(found)

    def rest(self) -> list[Entry]:
        """What never got its line end."""
        left = [entry for entry in self._open.values() if entry.data]
        self._open.clear()
        return self._skipped(sorted(left, key=lambda entry: entry.time_ns))

    def _skipped(self, found: list[Entry]) -> list[Entry]:
        kept = found[self._skip :]
        self._skip -= len(found) - len(kept)
        return kept


def _split(data: bytes) -> list[bytes]:
    """Lines at ``\\n`` only: what a terminal shows has ``\\r`` in it as well."""
    parts = data.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _decode(line: bytes) -> Entry | None:
    try:
        record = json.loads(line)
        data = record["d"].encode("utf-8", "surrogateescape")
        return Entry(int(record["t"]), record["s"], data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _backwards(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines of a file from its end, each with its offset."""
    position = file.seek(0, os.SEEK_END)
    rest = b""
    while position > 0:
        size = min(_BLOCK, position)
        position -= size
        file.seek(position)
        block = file.read(size)
        lines = _split(block + rest)
        rest = lines[0] if position else b""
        offset = position + sum(map(len, lines))
        for line in reversed(lines[1:] if position else lines):
            offset -= len(line)
            yield offset, line


async def _poll() -> None:
    await asyncio.sleep(_POLL)


async def _until(wake: Wake, until: int) -> None:
    """Wait for output, at most until that time."""
    left = max((until - time.time_ns()) / 1e9, 0) + 0.001
    try:
        await asyncio.wait_for(wake(), left)
    except TimeoutError:
        return
