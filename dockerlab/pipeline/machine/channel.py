"""A process that can be written to and read from, wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from dockerlab.errors import DockerlabError


class MachineFailed(DockerlabError):
    """The place where a job is to run cannot be had."""


class Channel(Protocol):
    def read(self, seconds: float) -> bytes | None:
        """What it has written; None if that is nothing for so long, b"" when it has ended."""

    def send(self, data: bytes) -> None:
        """Write to its standard input."""

    def exit_code(self) -> int:
        """Of a process that has ended; 128 and the signal's number where one ended it."""

    def close(self) -> None: ...


class Machine(Protocol):
    @property
    def shells(self) -> tuple[str, ...]:
        """The shells that it has, of bash and sh."""

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> Channel: ...

    def stop_all(self) -> None:
        """End whatever runs there, at once."""

    def close(self) -> None:
        """End it, and leave nothing behind."""
