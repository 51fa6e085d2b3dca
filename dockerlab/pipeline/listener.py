"""The one who waits for a run: a terminal, a notebook's cell, or git on behalf of who pushed."""

from __future__ import annotations

import os
import select

PATIENCE = 10.0
"""Seconds without a byte taken, after which nobody listens any more."""
_PIECE = 2048
"""Bytes; a pipe that can be written to takes at least so many without making us wait."""


class Listener:
    """Takes text as long as it is taken from it: a run must not hang on who has gone away.

    When a push is interrupted, git stops reading what its hook prints, and closes nothing.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._listens = True

    def write(self, text: str) -> None:
        data = text.encode(errors="replace")
        for at in range(0, len(data), _PIECE):
            if not self._listens:
                return
            self._listens = self._taken(data[at : at + _PIECE])

    def _taken(self, piece: bytes) -> bool:
        while piece:
            try:
                if not select.select([], [self._descriptor], [], PATIENCE)[1]:
                    return False
                piece = piece[os.write(self._descriptor, piece) :]
            except OSError:
                return False
        return True
