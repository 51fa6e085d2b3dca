"""What is to be done to a Compose project: steps with their reasons, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from dockerlab.formats.table import html_table
from dockerlab.formats.text import columns

Call = tuple[str, str, Mapping[str, Any] | None]
"""Method, path without version, body."""
Done = Literal["waiting", "working", "done", "failed"]

HEADER = ("STEP", "WHAT", "WHY", "CALL")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, by one call of the Engine API, and why.

    ``action`` is verb and noun (``create network``, ``keep container``), ``target`` the final name
    of what it is done to. A step without a call leaves something as it is. It waits for the steps
    whose ``id`` it ``needs``. ``says`` is what Compose prints before and after it, "" for nothing.

    ``refers`` are containers whose ids must stand in the call where their names do: they may not
    be made yet. ``condition`` is what a ``wait`` waits for. ``fine`` are the error statuses that
    mean that there was nothing left to do.
    """

    id: str
    action: str
    target: str
    service: str = ""
    reason: str = ""
    call: Call | None = None
    needs: tuple[str, ...] = ()
    says: tuple[str, str] = ("", "")
    refers: tuple[str, ...] = ()
    condition: str = ""
    fine: tuple[int, ...] = ()

    @property
    def subject(self) -> str:
        """``Container app-web-1``, as Compose heads its lines."""
        noun = self.action.rpartition(" ")[2].capitalize()
        # Compose puts the name of a volume in quotes, but only when it makes it.
        name = f'"{self.target}"' if self.action == "create volume" else self.target
        return f"{noun if noun in _NOUNS else 'Container'} {name}"

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


_NOUNS = ("Network", "Volume", "Image", "Container")


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one action on a project; each comes after those that it needs.

    >>> Plan("up", "shop").changes
    ()
    """

    action: str
    project: str
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that do something: all that do not merely keep or look."""
        return tuple(step for step in self.steps if step.call and step.action != "wait")

    def step(self, id: str) -> Step:
        return next(step for step in self.steps if step.id == id)

    def __repr__(self) -> str:
        head = f"<Plan: {self.action} {self.project}, {self._count()}>"
        notes = [f"warning: {text}" for text in self.warnings]
        table = [columns(HEADER, self._rows())] if self.steps else []
        return "\n".join([head, *notes, *table])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>warning: {escape(text)}</p>" for text in self.warnings)
        caption = f"Plan: {self.action} {self.project}, {self._count()}"
        return notes + html_table(HEADER, self._rows(), caption=caption)

    def _count(self) -> str:
        number = len(self.changes)
        return f"{number} step{'s' if number != 1 else ''}" if number else "nothing to do"

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for number, step in enumerate(self.steps, 1):
            call = " ".join(step.call[:2]) if step.call else "–"
            rows.append((str(number), str(step), step.reason, call))
        return rows


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is; ``text`` is Compose's line (``Container app-web-1  Started``).

    ``seconds`` since the whole began. ``text`` is "" where Compose prints nothing.
    """

    step: Step
    state: Done
    text: str = ""
    seconds: float = 0.0
