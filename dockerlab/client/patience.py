"""Telling how far a long action is, once it takes longer than a moment."""

from __future__ import annotations

import contextvars
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from dockerlab.formats.buildtrace import BuildTrace, Status
from dockerlab.formats.composed.plan import Progress
from dockerlab.formats.text import ellipsis, size

MOMENT = 2.0
"""Seconds in which nothing is said: most actions are over by then."""
EVERY = 0.5
"""Seconds between two states of the line: an action that says nothing for long still counts."""
WIDTH = 79
QUIET = "DOCKERLAB_QUIET"
"""Set in the environment, nothing is said: for scripts whose output is compared."""

At = Callable[[str], None]


@contextmanager
def telling(
    doing: str,
    *,
    silent: bool = False,
    stream: TextIO | None = None,
    moment: float | None = None,
) -> Iterator[At]:
    """While the block lasts, one line says how far ``doing`` is: in the cell, or on standard error.

    The block is given a function to which it tells that. ``silent``: somebody else shows it. Into
    a file goes the last state only.
    """
    # Not standard error in a notebook: there it is shown in red, as errors are.
    in_a_cell = type(sys.stdout).__module__.startswith("ipykernel")
    stream = stream or (sys.stdout if in_a_cell else sys.stderr)
    if silent or stream is None or os.environ.get(QUIET):
        yield _unheard
        return
    moving = in_a_cell or _is_terminal(stream)
    line = _Line(doing, stream, MOMENT if moment is None else moment, moving)
    try:
        line.begin()
        yield line.at
    finally:
        line.end()


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # something of somebody's own, or closed
        return False


def _unheard(text: str) -> None:
    """Nobody is told."""


class _Line:
    """Written over by a thread of its own, for the action may say nothing for a long time."""

    def __init__(self, doing: str, stream: TextIO, moment: float, moving: bool) -> None:
        self._doing = doing
        self._stream = stream
        self._moment = moment
        self._moving = moving
        self._begun = time.monotonic()
        self._text = ""
        self._over = threading.Event()
        # By its context a kernel knows to which cell a line belongs.
        run, show = contextvars.copy_context().run, self._show
        self._thread = threading.Thread(target=run, args=(show,), daemon=True, name="patience")

    def begin(self) -> None:
        self._thread.start()

    def at(self, text: str) -> None:
        self._text = text

    def end(self) -> None:
        """The last state stays, with the time that it took."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _show(self) -> None:
        if self._over.wait(self._moment):
            return
        with suppress(OSError, ValueError):  # the stream was closed meanwhile
            if self._moving:
                self._write()
                while not self._over.wait(EVERY):
                    self._write()
            self._over.wait()
            self._write("\n")

    def _write(self, end: str = "") -> None:
        seconds = f" ({time.monotonic() - self._begun:.0f} s)"
        state = f"{self._doing}: {self._text}" if self._text else f"{self._doing} …"
        # On one line, and without what a terminal would take for a command.
        plain = "".join(letter for letter in " ".join(state.split()) if letter.isprintable())
        text = ellipsis(plain, WIDTH - len(seconds)) + seconds
        self._stream.write((f"\r{text}".ljust(WIDTH + 1) if self._moving else text) + end)
        self._stream.flush()


class Pulled:
    """Tells of a pull's messages: bytes of all its layers."""

    def __init__(self, at: At) -> None:
        self._at = at
        self._bytes: dict[str, tuple[int, int]] = {}

    def __call__(self, message: Mapping[str, Any]) -> None:
        detail = message.get("progressDetail") or {}
        if not detail.get("total"):
            return
        layer = str(message.get("id", ""))
        self._bytes[layer] = (int(detail.get("current") or 0), int(detail["total"]))
        done, total = (sum(pair[part] for pair in self._bytes.values()) for part in (0, 1))
        self._at(f"{size(done)} of {size(total)}")


def step_of(trace: BuildTrace) -> str:
    """Which step a build is at: ``step 3 of 7, RUN npm install``."""
    begun = [step for step in trace.steps if step.status is not Status.PENDING]
    if not begun:
        return "waiting for the builder"
    # BuildKit looks at the base images of later stages long before their turn.
    step = ([step for step in begun if step.status is Status.RUNNING] or begun)[-1]
    return f"step {step.number} of {len(trace.steps)}, {step.instruction.partition(chr(10))[0]}"


class Working:
    """Tells of Compose's steps: of those that are being done, the one that began first."""

    def __init__(self, at: At) -> None:
        self._at = at
        self._under_way: dict[str, str] = {}

    def __call__(self, progress: Progress) -> None:
        if progress.state == "working":
            self._under_way[progress.step.id] = said(progress)
        else:
            self._under_way.pop(progress.step.id, None)
        self._at(next(iter(self._under_way.values()), said(progress)))


def said(progress: Progress) -> str:
    """What Compose says of a step, without its columns."""
    return " ".join(progress.text.split()) or str(progress.step)
