"""Takes a submission through its cells, from outside of its process.

What comes from there is hostile: it is read up to a size, and what does not fit the protocol
ends the run.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from dockerlab.grading.classroom.sandbox.orders import Orders
from dockerlab.grading.classroom.seam import Cell, CellRun, Ended, Limits, Ran

_GRACE = 3.0
"""Seconds that a cell gets to end after it was interrupted."""
_PATIENCE = 20.0
"""Seconds in which the box's own processes do what they are told, however busy the machine is."""
_MOST = 1 << 20
"""Bytes of one message of the student's process."""
_ENDLESS = 64
"""So many times of what is kept of one cell's output end a submission."""
_TICK = 0.5


class Over(Exception):
    """The submission has ended before its cells have."""

    def __init__(self, ended: Ended, detail: str = "") -> None:
        super().__init__(ended)
        self.ended: Ended = ended
        self.detail = detail


class Output:
    """What one cell prints; ``output`` of the limits is kept, the rest only counted."""

    def __init__(self, descriptor: int, limits: Limits) -> None:
        self._descriptor = descriptor
        self._limits = limits
        self._kept = bytearray()
        self._printed = self._total = 0
        os.set_blocking(descriptor, False)

    def begin(self) -> None:
        self._kept.clear()
        self._printed = 0

    @property
    def cut(self) -> bool:
        return self._printed > len(self._kept)

    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")

    def drain(self) -> None:
        """Take all that is there now."""
        while data := self._read():
            room = self._limits.output - len(self._kept)
            self._kept += data[: max(0, room)]
            self._printed += len(data)
            self._total += len(data)
            if self._total > _ENDLESS * self._limits.output:
                raise Over("output", f"more than {self._total >> 20} MB")

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return b""


class Submission:
    """A submission's process as it runs; ``channel`` and ``output`` stay the caller's."""

    def __init__(self, orders: Orders, channel: socket.socket, output: int, limits: Limits) -> None:
        self._orders = orders
        self._channel = channel
        self._output = Output(output, limits)
        self._limits = limits
        self._left = limits.seconds
        self._unread = bytearray()
        self._unsent = b""
        channel.setblocking(False)
        self._poll = select.poll()
        for source in (orders.fileno(), channel.fileno(), output):
            self._poll.register(source, select.POLLIN)
        self._begun: tuple[str, float] = ("", 0.0)

    def go_through(self, cells: Sequence[Cell], at: Callable[[str], None]) -> Ran:
        done: list[CellRun] = []
        try:
            for cell in cells:
                if cell.graded:
                    self._look(cell.graded, at)
                else:
                    done.append(self._run(cell))
        except Over as over:
            if self._begun[0]:
                done.append(self._record(""))
            return Ran(over.ended, tuple(done), over.detail)
        finally:
            self._orders.finish("kill", "cleared", _PATIENCE)
        return Ran("finished", tuple(done))

    def _look(self, exercise: str, at: Callable[[str], None]) -> None:
        self._orders.give("stop")
        self._wait(lambda: self._orders.heard("stopped"), time.monotonic() + _PATIENCE)
        at(exercise)
        self._orders.give("go")

    def _run(self, cell: Cell) -> CellRun:
        self._output.begin()
        self._begun = cell.id, time.monotonic()
        self._unsent = json.dumps({"source": cell.source}).encode() + b"\n"
        try:
            run = self._record(self._answer())
        finally:
            self._left -= time.monotonic() - self._begun[1]
        self._begun = "", 0.0
        return run

    def _record(self, error: str) -> CellRun:
        id, begun = self._begun
        seconds = time.monotonic() - begun
        return CellRun(id, self._output.text(), error, seconds, self._output.cut)

    def _answer(self) -> str:
        """Wait for the cell's end; its error. One that takes too long is interrupted."""
        end = time.monotonic() + min(self._left, self._limits.cell_seconds)
        try:
            self._wait(self._answered, end)
        except TimeoutError:
            self._orders.give("interrupt")
            try:
                self._wait(self._answered, time.monotonic() + _GRACE)
            except TimeoutError:
                raise Over("time", "a cell went on when it was interrupted") from None
            if self._left <= self._limits.cell_seconds:
                raise Over("time", f"more than {self._limits.seconds:g} seconds") from None
        self._output.drain()
        return _error(self._take())

    def _answered(self) -> bool:
        return b"\n" in self._unread

    def _take(self) -> bytes:
        line, _, rest = bytes(self._unread).partition(b"\n")
        self._unread = bytearray(rest)
        return line

    def _wait(self, over: Callable[[], bool], end: float) -> None:
        """Serve everything until ``over``. Raises TimeoutError, and Over as things are."""
        while not over():
            if time.monotonic() > end:
                raise TimeoutError
            self._step(min(_TICK, max(0.0, end - time.monotonic())))

    def _step(self, seconds: float) -> None:
        interest = select.POLLIN | (select.POLLOUT if self._unsent else 0)
        self._poll.modify(self._channel.fileno(), interest)
        ready = dict(self._poll.poll(seconds * 1000))
        self._output.drain()
        if self._orders.fileno() in ready:
            self._hear()
        if channel := ready.get(self._channel.fileno()):
            self._converse(channel)

    def _hear(self) -> None:
        event = self._orders.hear()
        kind = event["event"]
        if kind == "over":
            raise Over(event["limit"], event["detail"])
        if kind == "gone":
            raise Over("died", _death(event["code"]))
        if kind == "cleared":
            raise Over("died", "all its processes were ended")
        if kind in ("closed", "failed"):
            raise Over("broken", event.get("error", "the box has ended"))

    def _converse(self, ready: int) -> None:
        try:
            if ready & select.POLLOUT:
                self._unsent = self._unsent[self._channel.send(self._unsent) :]
            if ready & ~select.POLLOUT:
                self._receive()
        except BlockingIOError:
            return
        except OSError:
            self._deaf()

    def _receive(self) -> None:
        data = self._channel.recv(1 << 16)
        if not data:
            self._deaf()
        self._unread += data
        if len(self._unread) > _MOST:
            raise Over("died", "it said what no notebook says")

    def _deaf(self) -> None:
        """It does not listen any more. Mostly as it has ended: then how comes in a moment."""
        end = time.monotonic() + 1
        while time.monotonic() < end:
            if select.select([self._orders.fileno()], [], [], 0.1)[0]:
                self._hear()
        raise Over("died", "it closed its channel")


def _error(line: bytes) -> str:
    try:
        answer: Any = json.loads(line)
        return str(answer["error"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Over("died", "it said what no notebook says") from None


def _death(code: int) -> str:
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        return f"its process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"its process was ended by signal {-code}"
