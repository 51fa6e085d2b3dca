"""One open box, as the grader holds it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Self

from dockerlab.client.engine_template import Forked
from dockerlab.grading.classroom.sandbox.opening.cgroup import BoxGroup
from dockerlab.grading.classroom.sandbox.orders import Orders
from dockerlab.grading.classroom.sandbox.pages import Pages
from dockerlab.grading.classroom.sandbox.running import Submission
from dockerlab.grading.classroom.seam import Cell, Limits, Ran

OPEN_SECONDS = 30.0
"""How long anything may take that makes a box."""
_END_SECONDS = 20.0
"""How long the kernel may take to end everything in a box."""


@dataclass(frozen=True)
class Handles:
    """Descriptors of a box: its first process, the work folder, the engine's folder."""

    process: int
    work: int
    engine: int


class NamespaceBox:
    """See ``seam.Box``. Its paths lead through this process's descriptors into the box: they are
    good for this process and its children, and must not be resolved (they have no other name).
    """

    def __init__(
        self,
        handles: Handles,
        orders: Orders,
        pages: Pages,
        engine: Forked,
        group: BoxGroup,
        originals: Mapping[str, str],
    ) -> None:
        self._handles = handles
        self._orders = orders
        self._engine: Forked | None = engine
        self._group = group
        self.fetch = pages
        self.originals = originals

    @property
    def url(self) -> str:
        return url_of(self._handles.engine)

    @property
    def folder(self) -> Path:
        return Path(_path(self._handles.work))

    def filled(self, files: IO[bytes]) -> Self:
        """With the files of a tar. Where that fails the box is closed. Raises SandboxDenied."""
        try:
            files.seek(0)
            self._orders.give("files", (files.fileno(),))
            self._orders.await_("filled", OPEN_SECONDS)
        except BaseException:
            self.close()
            raise
        return self

    def run(self, cells: Sequence[Cell], at: Callable[[str], None], limits: Limits) -> Ran:
        ours, theirs = socket.socketpair()
        with ours, theirs, pipe() as (output, writer):
            self._orders.give("student", (theirs.fileno(), writer))
            theirs.close()
            ran = Submission(self._orders, ours, output, limits).go_through(cells, at)
        if ran.ended in ("died", "broken") and self._group.ran_out_of_memory():
            return replace(ran, ended="memory", detail=f"more than {limits.memory >> 20} MB")
        return ran

    def close(self) -> None:
        """End it all; returns when it has ended."""
        if self._engine is None:
            return
        end(self._handles.process)
        self._engine.kill()
        self._engine = None
        self._orders.close()
        self.fetch.close()
        for descriptor in (self._handles.process, self._handles.work, self._handles.engine):
            os.close(descriptor)
        self._group.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def end(process: int) -> None:
    """End a box by the pidfd of its first process. Raises TimeoutError."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, signal.SIGKILL)
    if not select.select([process], [], [], _END_SECONDS)[0]:
        raise TimeoutError(f"a box did not end within {_END_SECONDS:g} seconds")


def url_of(engine: int) -> str:
    """Where an engine answers; ``engine``: a descriptor of its folder."""
    return f"unix://{_path(engine)}/docker.sock"


def _path(descriptor: int) -> str:
    return f"/proc/{os.getpid()}/fd/{descriptor}"


@contextlib.contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends are closed after it, the one for writing already when it is given away."""
    reader, writer = os.pipe()
    try:
        yield reader, writer
    finally:
        os.close(reader)
        os.close(writer)
