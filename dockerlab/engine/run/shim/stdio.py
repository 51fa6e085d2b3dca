"""The shim's end of a process's standard streams: pipes, or one terminal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from dockerlab.engine.run.process import ProcessSpec
from dockerlab.engine.run.shim.isolation import Isolation, Stdio
from dockerlab.engine.run.shim.logwriter import LogWriter, Stream
from dockerlab.engine.run.shim.loop import READ, WRITE, Loop
from dockerlab.engine.run.shim.terminal import resize

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Ends:
    """This side's descriptors; -1 where there is none. A terminal's master is all of them."""

    stdin: int
    stdout: int
    stderr: int = -1

    def close(self) -> None:
        for descriptor in {self.stdin, self.stdout, self.stderr} - {-1}:
            os.close(descriptor)


def open_stdio(spec: ProcessSpec, isolation: Isolation) -> tuple[Ends, Stdio]:
    """What a new process needs: this side and its side of its streams. The caller closes both.

    Without ``open_stdin`` its stdin is /dev/null, as in Docker.
    """
    if spec.tty:
        master, slave = isolation.open_terminal()
        if all(spec.console):
            resize(master, *spec.console)
        return Ends(master, master), Stdio(slave, slave, slave, tty=True)
    if spec.open_stdin:
        stdin, to_stdin = os.pipe()
    else:
        stdin, to_stdin = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC), -1
    from_stdout, stdout = os.pipe()
    from_stderr, stderr = os.pipe()
    return Ends(to_stdin, from_stdout, from_stderr), Stdio(stdin, stdout, stderr)


def close_stdio(stdio: Stdio) -> None:
    """Close the process's side, once it has its own."""
    for descriptor in {stdio.stdin, stdio.stdout, stdio.stderr}:
        os.close(descriptor)


class Output:
    """Reads one of the container's output streams into the log."""

    def __init__(
        self, descriptor: int, stream: Stream, log: LogWriter, loop: Loop, poke: Callable[[], None]
    ) -> None:
        self._descriptor, self._stream = descriptor, stream
        self._log, self._loop, self._poke = log, loop, poke
        self.open = True
        os.set_blocking(descriptor, False)
        self.resume()

    def resume(self, writing: int = 0) -> None:
        self._loop.watch(self._descriptor, READ | writing, self.ready)

    def ready(self, events: int) -> None:
        """Take what is there; at the end (or a terminal's hang-up) stop."""
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody has the terminal open any more
            data = b""
        if not data:
            self.open = False
            self._loop.forget(self._descriptor)
            return
        self._log.write(self._stream, data)
        self._poke()


class Input:
    """Writes to the container's stdin, and says when there is room for more."""

    def __init__(self, descriptor: int, loop: Loop, terminal: Output | None) -> None:
        self._descriptor, self._loop, self._terminal = descriptor, loop, terminal
        self._waiting = memoryview(b"")
        self._closing = descriptor < 0
        self._when_empty: Callable[[], None] | None = None
        if descriptor >= 0:
            os.set_blocking(descriptor, False)

    @property
    def open(self) -> bool:
        return not self._closing

    def write(self, data: bytes, when_empty: Callable[[], None]) -> bool:
        """Write; False if not all could be, and then ``when_empty`` is called later.

        One writer at a time: nothing may be written before that. What a process that has closed
        its stdin does not read is dropped.
        """
        self._waiting, self._when_empty = memoryview(data), when_empty
        self._flush()
        return not self._waiting

    def close(self) -> None:
        """End of input, after what was written. A terminal stays open, as with Docker."""
        if self._terminal is None and not self._closing:
            self._closing = True
            if not self._waiting:
                self._close_now()

    def _flush(self) -> None:
        try:
            while self._waiting and self._descriptor >= 0:
                self._waiting = self._waiting[os.write(self._descriptor, self._waiting) :]
        except BlockingIOError:
            self._watch(WRITE)
            return
        except OSError:
            self._close_now()
        self._waiting = memoryview(b"")
        self._watch(0)
        if self._closing:
            self._close_now()

    def _watch(self, events: int) -> None:
        if self._terminal is not None:
            # The same descriptor is read from: its handler is the terminal's, with this added.
            if events:
                self._loop.watch(self._descriptor, READ | WRITE, self._both)
            elif self._terminal.open:
                self._terminal.resume()
        elif events:
            self._loop.watch(self._descriptor, events, self._writable)
        else:
            self._loop.forget(self._descriptor)

    def _both(self, events: int) -> None:
        if self._terminal is not None and events & ~WRITE:
            self._terminal.ready(events)
        if events & WRITE:
            self._writable(events)

    def _writable(self, events: int) -> None:
        self._flush()
        if not self._waiting and self._when_empty is not None:
            self._when_empty()

    def _close_now(self) -> None:
        self._closing = True
        if self._terminal is None and self._descriptor >= 0:
            self._loop.forget(self._descriptor)
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = -1
