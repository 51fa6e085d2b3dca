"""The real docker command line, in a pipe or on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Done:
    code: int
    out: str
    err: str


@dataclass
class CommandLine:
    """Runs docker's words against one engine."""

    command: list[str]

    def __call__(self, *words: str, stdin: str = "", timeout: float = 40) -> Done:
        done = subprocess.run(
            [*self.command, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=_environment(),
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def begin(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A command that goes on, its output readable; ended at the end."""
        process = subprocess.Popen(
            [*self.command, *words], stdout=subprocess.PIPE, text=True, env=_environment()
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    @contextmanager
    def terminal(self, *words: str, size: tuple[int, int] = (30, 100)) -> Iterator[Terminal]:
        """A command on a terminal of so many rows and columns."""
        pid, master = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            os.execvpe(self.command[0], [*self.command, *words], _environment())
        terminal = Terminal(pid, master)
        try:
            yield terminal
        finally:
            terminal.close()


@dataclass
class Terminal:
    """What a person sees and types."""

    pid: int
    master: int
    code: int | None = None
    seen: bytes = field(default=b"", repr=False)

    def expect(
        self, pattern: bytes, timeout: float = 60, meanwhile: Callable[[], None] = lambda: None
    ) -> bytes:
        """Read until this is on the screen; what came up to there is done with."""
        end = time.monotonic() + timeout
        while not (match := re.search(pattern, self.seen)):
            meanwhile()
            assert time.monotonic() < end, f"{pattern!r} did not come: {self.seen!r}"
            assert self._read(), f"it ended before {pattern!r}: {self.seen!r}"
        text, self.seen = self.seen[: match.end()], self.seen[match.end() :]
        return text

    def type(self, line: str) -> None:
        """A line, when the shell's prompt is there."""
        self.expect(rb"[#$] (\x1b\[\d*[A-Za-z])*$")
        self.press(line.encode() + b"\r")

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def resize(self, rows: int, columns: int) -> None:
        """Another size, until a program in the container sees it.

        A shell there may have the first size before docker listens for changes here, and docker
        does not look again; a person who draws at a window's corner makes many changes.
        """
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.type(f"until stty size | grep '{rows} {columns}'; do sleep 0.1; done")
        self.expect(
            rb"\n%d %d\r\n" % (rows, columns),
            meanwhile=lambda: os.kill(self.pid, signal.SIGWINCH),
        )

    def wait(self, timeout: float = 20) -> int:
        """Its exit code."""
        end = time.monotonic() + timeout
        while self._read():
            assert time.monotonic() < end, f"it goes on: {self.seen!r}"
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def close(self) -> None:
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def _read(self) -> bool:
        """Wait a moment for more; False at the end."""
        if not select.select([self.master], [], [], 0.2)[0]:
            return True
        try:
            chunk = os.read(self.master, 4096)
        except OSError:
            return False
        self.seen += chunk
        return bool(chunk)


def _environment() -> dict[str, str]:
    return {**os.environ, "DOCKER_BUILDKIT": "0"}
