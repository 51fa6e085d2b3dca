"""What is said while something takes longer than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Step:
    """One thing to say; ``done`` and ``total`` are bytes, 0 where there are none.

    ``str(step)`` is the whole sentence, so ``progress=print`` works.
    """

    text: str
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        if not self.total:
            return self.text
        return f"{self.text}: {megabytes(self.done)} of {megabytes(self.total)} MB"


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """Say nothing."""


def megabytes(size: int) -> str:
    """Bytes as decimal megabytes, one digit after the point below ten."""
    return f"{size / 1e6:.1f}" if size < 10_000_000 else f"{size / 1e6:.0f}"


class Printer:
    """Prints steps to a terminal (one line that counts up) or to a log.

    A log gets the first and the last line of a count, and one every
    ``interval`` seconds between them.
    """

    def __init__(self, stream: TextIO | None = None, interval: float = 2.0) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._interval = interval
        self._text = ""
        self._finished = False
        self._said = 0.0

    def __call__(self, step: Step) -> None:
        same = step.text == self._text
        now = time.monotonic()
        finished = step.total > 0 and step.done >= step.total
        due = not same or finished > self._finished or now - self._said >= self._interval
        if not due and not (self._terminal and now - self._said >= 0.1):
            return
        if self._terminal and same:
            # Up one line and over what stands there.
            self._stream.write(f"\x1b[A\r{step}\x1b[K\n")
        else:
            self._stream.write(f"{step}\n")
        self._stream.flush()
        self._text, self._finished, self._said = step.text, finished, now
