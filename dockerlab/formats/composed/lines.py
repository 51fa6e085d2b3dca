"""What the services of a project wrote, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a container wrote; ``text`` without its end, escape codes still in it.

    ``label`` is how Compose heads it (``web-1``), ``at`` a Unix time (0.0 when not known).
    """

    service: str
    label: str
    text: str
    stream: Literal["out", "err"] = "out"
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class ProjectLog:
    """The lines of a project in the order they were written, and whose they are."""

    project: str
    services: tuple[str, ...] = ()
    lines: tuple[LogLine, ...] = ()
