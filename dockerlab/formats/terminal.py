"""A terminal's output as plain lines.

Programs that edit their input line (a shell, redis-cli) write the same line again and again,
moving the cursor between. This keeps one editable line and understands the moves they use;
colours and titles are dropped. It is not a screen: full-screen programs come out as their text.

It answers the one question that programs wait for: where the cursor is, asked on an empty line.
That is how redis-cli measures a terminal that has not been told its size yet. BusyBox's shell asks
the same behind its prompt and waits for nothing; answering it would cost the keys that come within
50 ms of the answer, which it then swallows.
"""

from __future__ import annotations

import codecs
import re

_SEQUENCE = re.compile(
    r"\x1b\[([0-9;?]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()].|\x1b[@-Z\\^_=>78cM]"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*|\][^\x07\x1b]*|[()])?$")
LONGEST = 10_000
"""Characters of a line that are kept: a program may write endlessly without a line end."""


class Terminal:
    """Takes bytes as they come, in pieces cut anywhere; ``text`` is what stands there so far."""

    def __init__(self, columns: int = 100) -> None:
        self._columns = columns
        self._answer = b""
        self.lines: list[str] = []
        self._line: list[str] = []
        self._cursor = 0
        self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> None:
        text = self._rest + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text)
        # A sequence cut in two waits for its rest, unless it is so long that it cannot be one.
        cut = unfinished.start() if unfinished and len(text) - unfinished.start() < 256 else None
        self._rest = text[cut:] if cut is not None else ""
        position = 0
        for match in _SEQUENCE.finditer(text[:cut]):
            self._write(text[position : match.start()])
            self._move(match.group(1) or "", match.group(2) or "")
            position = match.end()
        self._write(text[position:cut])

    @property
    def line(self) -> str:
        """The line under the cursor, not yet ended: often a prompt."""
        return "".join(self._line)

    @property
    def text(self) -> str:
        return "\n".join([*self.lines, self.line])

    def answer(self) -> bytes:
        """What to send back to the program, once; empty when it has not asked."""
        answer, self._answer = self._answer, b""
        return answer

    def _write(self, text: str) -> None:
        for char in text:
            if char == "\n":
                self.lines.append(self.line.rstrip())
                self._line, self._cursor = [], 0
            elif char == "\r":
                self._cursor = 0
            elif char == "\b":
                self._cursor = max(0, self._cursor - 1)
            elif char == "\t":
                self._put_blanks(8 - self._cursor % 8)
            elif char.isprintable() and self._cursor < LONGEST:
                self._line[self._cursor : self._cursor + 1] = [char]
                self._cursor += 1

    def _put_blanks(self, count: int) -> None:
        self._cursor = min(LONGEST, self._cursor + count)
        self._fill()

    def _fill(self) -> None:
        self._line.extend(" " * (self._cursor - len(self._line)))

    def _move(self, numbers: str, letter: str) -> None:
        first = numbers.partition(";")[0]
        count = int(first) if first.isdigit() else 0
        if letter == "K":
            self._erase(count)
        elif letter == "D":
            self._cursor = max(0, self._cursor - max(1, count))
        elif letter == "C":
            self._cursor = min(LONGEST, self._cursor + max(1, count))
            self._fill()
        elif letter == "G":
            self._cursor = min(LONGEST, max(1, count)) - 1
            self._fill()
        elif letter == "n" and numbers == "6" and not self.line.strip():
            self._answer = b"\x1b[1;%dR" % min(self._cursor + 1, self._columns)
        elif letter == "P":
            del self._line[self._cursor : self._cursor + max(1, count)]

    def _erase(self, kind: int) -> None:
        if kind == 0:
            del self._line[self._cursor :]
        elif kind == 1:
            self._line[: self._cursor] = " " * min(self._cursor, len(self._line))
        else:
            self._line, self._cursor = [" "] * self._cursor, self._cursor


def render(data: bytes) -> str:
    """All of a terminal's output at once.

    >>> render(b"ab\\x1b[31mc\\x1b[0m\\r\\nx\\by\\r\\n")
    'abc\\ny\\n'
    """
    terminal = Terminal()
    terminal.feed(data)
    return terminal.text
