"""Where a command writes: like a terminal, in two streams, or into memory for ``$(…)``."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TextIO

from dockerlab.client.sessions import STDERR


class Output:
    """Standard output and standard error of a typed command, as they are at that moment.

    Notebooks replace ``sys.stdout`` for each cell, so the streams are looked up when written to.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out
        self._err = err
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders = {stream: decoder("replace") for stream in (1, 2)}

    def line(self, text: str = "") -> None:
        self.text(text + "\n")

    def text(self, text: str) -> None:
        stream = self._out or sys.stdout
        stream.write(text)
        stream.flush()

    def error(self, text: str, hint: str = "") -> None:
        """A message on standard error, with what to try next below it."""
        self.error_text(text + "\n" + (f"→ {hint}\n" if hint else ""))

    def error_text(self, text: str) -> None:
        stream = self._err or sys.stderr
        stream.write(text)
        stream.flush()

    def data(self, stream: int, data: bytes) -> None:
        """A piece of a process's output; characters cut in two are put together."""
        text = self._decoders[stream].decode(data)
        if stream == STDERR:
            self.error_text(text)
        else:
            self.text(text)


class Captured(Output):
    """Output kept in memory; errors still go to the given one."""

    def __init__(self, errors: Output) -> None:
        self.buffer = io.StringIO()
        super().__init__(out=self.buffer)
        self._errors = errors

    def error_text(self, text: str) -> None:
        self._errors.error_text(text)
