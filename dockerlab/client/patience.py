"""Telling how far a pull is, once it takes longer than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from dockerlab.formats.text import size

MOMENT = 2.0
"""Seconds in which nothing is said: most pulls are of images that are nearly here."""
EVERY = 0.5


class Patience:
    """A pull's ``progress``: one line on standard error that is written over."""

    def __init__(self, name: str, stream: TextIO | None = None, moment: float = MOMENT) -> None:
        self._name = name
        self._stream = stream or sys.stderr
        self._due = time.monotonic() + moment
        self._bytes: dict[str, tuple[int, int]] = {}

    def __call__(self, message: Mapping[str, Any]) -> None:
        detail = message.get("progressDetail") or {}
        if detail.get("total"):
            layer = str(message.get("id", ""))
            self._bytes[layer] = (int(detail.get("current") or 0), int(detail["total"]))
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            self._stream.write(f"\r{self._line()}".ljust(60))
            self._stream.flush()

    def _line(self) -> str:
        done, total = (sum(pair[part] for pair in self._bytes.values()) for part in (0, 1))
        return f"Pulling {self._name}: " + (f"{size(done)} of {size(total)}" if total else "…")
