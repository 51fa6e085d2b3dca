"""Staying connected to a process: its output as it comes, lines typed into it, Ctrl-C."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from dockerlab.client.sessions import COLUMNS, GRACE, Session
from dockerlab.formats.terminal import Terminal
from dockerlab.magics.invocation import Invocation

INTERRUPTED = 130


def follow(call: Invocation, session: Session, *, stdin: bool, title: str) -> int:
    """Show a process's output until it ends; its exit code.

    With lines to type they go into it. A terminal with nothing to type opens a console where one
    can be shown, and is left to it.
    """
    if session.tty and stdin and call.lines is None and call.console(session, title):
        return 0
    try:
        if session.tty:
            lines = (call.lines or ()) if stdin else None
            return Script(session, call.output.text).play(lines)
        return _plain(call, session, stdin=stdin)
    finally:
        session.close()


def _plain(call: Invocation, session: Session, *, stdin: bool) -> int:
    if stdin:
        session.send("".join(f"{line}\n" for line in call.lines or ()).encode())
        session.end_input()
    try:
        for stream, data in session.output():
            call.output.data(stream, data)
    except KeyboardInterrupt:
        return _interrupt(call, session)
    return session.exit_code()


def _interrupt(call: Invocation, session: Session) -> int:
    """Do as Ctrl-C in a terminal does, but never hang: some programs ignore it as process 1."""
    with suppress(Exception):
        session.signal("INT")
    # Reading goes on in a thread because it cannot be given up in the middle.
    ended = threading.Event()
    reader = threading.Thread(target=_drain, args=(call, session, ended), daemon=True)
    reader.start()
    with suppress(KeyboardInterrupt):
        ended.wait(GRACE)
    if not ended.is_set():
        _force(call, session, lambda: ended.wait(GRACE))
        session.close()
        reader.join(1.0)
    return INTERRUPTED


def _force(call: Invocation, session: Session, ended: Callable[[], bool]) -> None:
    """Kill what takes no notice of Ctrl-C, if it was begun here; ``ended`` waits for its end."""
    if session.ours:
        with suppress(Exception):
            session.signal("KILL")
        if ended():
            call.output.error("It took no notice of Ctrl-C, so it was killed.")
            return
    call.output.error(
        "It did not end on Ctrl-C and goes on in the background.",
        "docker ps shows it, docker stop ends it",
    )


def _drain(call: Invocation, session: Session, ended: threading.Event) -> None:
    for stream, data in session.output():
        call.output.data(stream, data)
    # The output ends a moment before the engine has noted the end.
    with suppress(Exception):
        session.exit_code()
    ended.set()


class Reading:
    """Reads a terminal session in a thread; others wait for what it shows."""

    def __init__(self, session: Session, changed: Callable[[], None] | None = None) -> None:
        self.session = session
        self.terminal = Terminal(COLUMNS)
        self.ended = False
        self.last = time.monotonic()
        self.condition = threading.Condition()
        self._changed = changed
        self._thread = threading.Thread(target=self._read, daemon=True, name="docker-console")
        self._thread.start()

    def _read(self) -> None:
        for _, data in self.session.output():
            with self.condition:
                self.terminal.feed(data)
                answer = self.terminal.answer()
                self.last = time.monotonic()
                self.condition.notify_all()
            if answer:
                self.session.send(answer)
            if self._changed:
                self._changed()
        with self.condition:
            self.ended = True
            self.condition.notify_all()
        if self._changed:
            self._changed()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)


class Script:
    """Types lines into a terminal, each when the program is ready for it, and shows all of it.

    Ready is when the prompt that stood there before stands there again. Where a program has no
    prompt, or another one, a short silence must do.
    """

    KNOWN, OTHER, NONE = 0.03, 0.3, 0.7
    """Seconds of silence after the known prompt, another one, and none."""
    LONGEST = 60.0

    def __init__(self, session: Session, write: Callable[[str], None]) -> None:
        self._session = session
        self._write = write
        self._reading = Reading(session)
        self._prompt = ""
        self._shown = 0

    def play(self, lines: Sequence[str] | None) -> int:
        """Type the lines and then Ctrl-D; None types nothing and waits. The exit code."""
        try:
            if lines is not None:
                self._type(lines)
            self._wait(lambda: False, None)
        except KeyboardInterrupt:
            return self._interrupted()
        self._emit(rest=True)
        return self._session.exit_code()

    def _type(self, lines: Sequence[str]) -> None:
        self._settle(-1)
        for line in lines:
            if self._reading.ended:
                return
            before = len(self._reading.terminal.lines)
            # A carriage return is what the Enter key sends; the terminal makes a line end of it.
            self._session.send(line.encode() + b"\r")
            self._settle(before)
        self._leave()

    def _leave(self) -> None:
        for key in (b"\x04", b"\x03", b"\x04"):
            if self._reading.ended:
                return
            self._session.send(key)
            self._wait(lambda: False, GRACE)
        if not self._reading.ended:
            self._session.close()

    def _settle(self, before: int) -> None:
        self._wait(lambda: self._ready(before), self.LONGEST)

    def _ready(self, before: int) -> bool:
        line, silent = self._reading.terminal.line, time.monotonic() - self._reading.last
        if len(self._reading.terminal.lines) <= before:
            return False
        if line.strip() and line == self._prompt:
            return silent >= self.KNOWN
        if line.strip() and silent >= self.OTHER:
            self._prompt = line
            return True
        return not self._prompt and silent >= self.NONE

    def _wait(self, done: Callable[[], bool], timeout: float | None) -> None:
        """Show what comes until ``done`` or the end."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._reading.condition:
                if self._reading.ended or done():
                    break
                self._reading.condition.wait(0.02)
            self._emit()
            if end is not None and time.monotonic() > end:
                break
        self._emit()

    def _emit(self, *, rest: bool = False) -> None:
        with self._reading.condition:
            fresh = self._reading.terminal.lines[self._shown :]
            self._shown += len(fresh)
            line = self._reading.terminal.line.rstrip() if rest else ""
        if fresh or line:
            self._write("".join(f"{text}\n" for text in fresh) + (f"{line}\n" if line else ""))

    def _interrupted(self) -> int:
        self._session.send(b"\x03")
        with suppress(KeyboardInterrupt):
            self._wait(lambda: False, GRACE)
        if self._session.ours and not self._reading.ended:
            with suppress(Exception):
                self._session.signal("KILL")
            self._wait(lambda: False, GRACE)
        self._session.close()
        self._emit(rest=True)
        return INTERRUPTED
