"""What a grader and a sandbox say to each other, and nothing of how either of them works.

A grader hands over the cells of a submission and a folder of files; a box runs the cells, stops
the submission at each graded one so that the grader can look at its engine and its folder from
outside, and tells how it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

from dockerlab.errors import DockerlabError
from dockerlab.grading.bench import Fetch

Ended = Literal[
    "finished", "died", "time", "memory", "disk", "files", "pids", "output", "cpu", "broken"
]
"""How a submission ended: it ran through all its cells; its process died; it met that limit; or
the sandbox itself failed, which says nothing of the submission: grade it again."""


class SandboxDenied(DockerlabError):
    """This machine does not allow a sandbox: what it is that it denies, and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell of a submission. ``graded``: the exercise that it asks for; such a cell isn't run."""

    id: str
    source: str
    graded: str = ""


@dataclass(frozen=True)
class Limits:
    """What one submission, its engine and its containers may use together."""

    seconds: float = 180.0
    """For all cells, the grader's looks not counted."""
    cell_seconds: float = 60.0
    """For one cell: it is interrupted then, as by the stop button, and the next one runs."""
    memory: int = 1 << 30
    """Bytes of all processes together; files count for ``disk``."""
    pids: int = 256
    disk: int = 1 << 30
    """Bytes of all files together that were not there before."""
    files: int = 50_000
    output: int = 1 << 20
    """Bytes that a cell prints are kept up to here; 64 times as much ends the submission."""
    cpu_seconds: float = 120.0


@dataclass(frozen=True)
class CellRun:
    """What came of one cell. ``error``: the traceback, without colours; empty if none.

    ``cut``: more was printed than is kept.
    """

    id: str
    output: str
    error: str
    seconds: float
    cut: bool


@dataclass(frozen=True)
class Ran:
    """How a submission ended, and its cells as far as they came; graded cells are not among them.

    ``detail`` is for the teacher: what was measured, or said last.
    """

    ended: Ended
    cells: tuple[CellRun, ...]
    detail: str = ""


class Box(Protocol):
    """One submission's sandbox, its engine answering; a context manager.

    When it is closed nothing is left: no process, no mount, no file.
    """

    @property
    def url(self) -> str:
        """Where its engine answers, for the grader."""
        ...

    @property
    def folder(self) -> Path:
        """The submission's work folder as the grader sees it. Hostile: read it as such."""
        ...

    @property
    def originals(self) -> Mapping[str, str]:
        """The ids of its engine's images by their tags, before the submission could change any."""
        ...

    @property
    def fetch(self) -> Fetch:
        """Asks pages of the box's own 127.0.0.1."""
        ...

    def run(self, cells: Sequence[Cell], at: Callable[[str], None], limits: Limits) -> Ran:
        """Run the cells in turn, in one process as a notebook does.

        At a graded cell everything of the submission's stands still while ``at(exercise)``
        runs; an exception of ``at`` ends the run and is raised here. Once a box.
        """
        ...

    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Sandboxes(Protocol):
    """Makes boxes, one a submission; several can be open at once. A context manager.

    Made of the folder of images, and of what is ``shared``, where something is.
    """

    @staticmethod
    def shared(images: Path) -> AbstractContextManager[Sequence[int]]:
        """What the sandboxes of all processes of a machine may use together while it is open, as
        descriptors that they inherit."""
        ...

    def open(self, files: Path, limits: Limits) -> Box:
        """A new box; its work folder begins with what is in the folder ``files``.

        Raises SandboxDenied; OSError where this machine's memory or disk is full.
        """
        ...

    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
