"""The progress of a pull, in docker's lines; bytes in one line that is written over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from dockerlab.client.images import fetch
from dockerlab.formats.reference import parse
from dockerlab.formats.text import size

SLOW = 2.0
"""Seconds after which bytes are shown: a short pull needs no moving line."""
EVERY = 0.2


class Progress:
    """Writes each new state of each layer as a line, and bytes now and then when it takes long."""

    def __init__(self, write: Callable[[str], Any]) -> None:
        self._write = write
        self._states: dict[str, str] = {}
        self._bytes: dict[str, tuple[int, int]] = {}
        self._began = self._shown = time.monotonic()
        self._moving = False

    def __call__(self, message: Mapping[str, Any]) -> None:
        status, layer = str(message.get("status", "")), str(message.get("id", ""))
        detail = message.get("progressDetail") or {}
        if detail.get("total"):
            self._bytes[layer] = (int(detail.get("current") or 0), int(detail["total"]))
            self._move()
            return
        if status and self._states.get(layer) != status:
            self._states[layer] = status
            self._line(f"{layer}: {status}" if layer else status)

    def _move(self) -> None:
        now = time.monotonic()
        if now - self._began < SLOW or now - self._shown < EVERY:
            return
        self._shown, self._moving = now, True
        done = sum(current for current, _ in self._bytes.values())
        total = sum(whole for _, whole in self._bytes.values())
        self._write(f"\r{size(done)} of {size(total)}".ljust(40))

    def _line(self, text: str) -> None:
        self._write(("\r" + " " * 40 + "\r" if self._moving else "") + text + "\n")
        self._moving = False


def pull(api: Any, image: str, write: Callable[[str], Any], *, platform: str = "") -> None:
    """Fetch an image, showing progress as docker does."""
    parse(image)
    fetch(api, image, platform=platform, progress=Progress(write))
