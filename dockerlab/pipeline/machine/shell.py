"""Commands one after the other, each with its exit code, on whatever machine.

The end of a command is told within its output, by a line with a number that nobody else knows:
so all that it wrote has been read when its exit code is, however it travels.
"""

from __future__ import annotations

import re
import secrets
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dockerlab.errors import DockerlabError
from dockerlab.pipeline.machine.channel import Channel, Machine

Sink = Callable[[bytes], None]
_STEP = 0.1
_LONGEST_MARK = 64

_STAYING = """
exec 3<&0 0</dev/null 9>&1 2>&1
while IFS= read -r dockerlab_step <&3; do
  . "$dockerlab_step" 3<&- 9>&-
  printf '\\036%s:%s\\036' {mark} "$?" >&9
done
"""
_ONCE = """
exec 0</dev/null 2>&1
{command}
printf '\\036%s:%s\\036' {mark} "$?"
"""


class TimeUp(DockerlabError):
    """A command did not end in time; whatever ran was ended."""


class ShellEnded(DockerlabError):
    """The shell that was to stay has ended: a command said ``exit``. ``code`` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__("the shell has ended: a command said exit, or was run with set -e")
        self.code = code


class Staying:
    """One shell for all commands of a job, as Travis has it: cd and variables stay as well."""

    def __init__(self, machine: Machine, environment: Mapping[str, str], folder: Path) -> None:
        self._machine = machine
        self._mark = secrets.token_hex(8)
        shell = [machine.shells[0]] + ["--noprofile", "--norc"] * (machine.shells[0] == "bash")
        driver = _STAYING.format(mark=self._mark)
        self._channel = machine.start([*shell, "-c", driver], environment, folder)

    def run(self, script: Path, sink: Sink, seconds: float) -> int:
        """Run the lines of a file in it; TimeUp and ShellEnded are the end of it."""
        self._channel.send(f"{script}\n".encode())
        return _followed(self._machine, self._channel, self._mark, sink, seconds)

    def close(self) -> None:
        self._channel.close()


def once(
    machine: Machine,
    command: list[str],
    environment: Mapping[str, str],
    folder: Path,
    sink: Sink,
    seconds: float,
    paths: Sequence[str] = (),
) -> int:
    """Run one command in a shell of its own, as Actions has it; its exit code.

    ``paths`` stand before the machine's own on PATH.
    """
    mark = secrets.token_hex(8)
    first = f"PATH={shlex.quote(':'.join(paths))}:$PATH; export PATH\n" if paths else ""
    script = _ONCE.format(command=first + shlex.join(command), mark=mark)
    channel = machine.start([machine.shells[-1], "-c", script], environment, folder)
    try:
        return _followed(machine, channel, mark, sink, seconds)
    except ShellEnded as error:
        return error.code
    finally:
        channel.close()


def _followed(machine: Machine, channel: Channel, mark: str, sink: Sink, seconds: float) -> int:
    output = _Output(mark, sink)
    end = time.monotonic() + seconds
    while output.code is None:
        left = end - time.monotonic()
        data = channel.read(min(_STEP, left)) if left > 0 else None
        if data:
            output.feed(data)
        elif data == b"":
            output.flush()
            raise ShellEnded(channel.exit_code())
        else:
            sink(b"")
        if left <= 0:
            output.flush()
            machine.stop_all()
            raise TimeUp(_told(seconds))
    return output.code


def _told(seconds: float) -> str:
    if seconds <= 0:
        return "the time of the whole job is over"
    return f"it did not end within {round(seconds, 1):g} seconds, and was ended"


class _Output:
    """Takes the mark out of what a command writes."""

    def __init__(self, mark: str, sink: Sink) -> None:
        self._mark = re.compile(b"\x1e" + mark.encode() + rb":(\d+)\x1e")
        self._sink = sink
        self._held = b""
        self.code: int | None = None

    def feed(self, data: bytes) -> None:
        self._held += data
        if found := self._mark.search(self._held):
            self._give(found.start())
            self.code = int(found[1])
            return
        # What may be the beginning of the mark waits for the rest of it.
        start = self._held.find(b"\x1e", max(0, len(self._held) - _LONGEST_MARK))
        self._give(len(self._held) if start < 0 else start)

    def flush(self) -> None:
        self._give(len(self._held))

    def _give(self, until: int) -> None:
        given, self._held = self._held[:until], self._held[until:]
        if given:
            self._sink(given)
