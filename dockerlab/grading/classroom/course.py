"""What an assignment consists of, as the course itself says it: never as a submission does."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from dockerlab.errors import DockerlabError, FormatError
from dockerlab.grading.bank import Bank

Part = Literal["locked", "answer", "graded"]
_CHECK = re.compile(r"check\((?P<quote>['\"])(?P<exercise>[\w-]+)(?P=quote)\)")
_EDITION = re.compile(r"-ko$")


@dataclass(frozen=True, slots=True)
class CourseCell:
    """A code cell of the assignment. ``exercise`` is set where it is graded."""

    id: str
    source: str
    part: Part
    exercise: str = ""


@dataclass(frozen=True)
class Course:
    """One assignment: its code cells in order, and the bank that its checks are in."""

    assignment: str
    cells: tuple[CourseCell, ...]
    bank: Bank
    folder: Path
    """Of the source notebook."""

    @property
    def exercises(self) -> tuple[str, ...]:
        """Their names, in the order of their graded cells."""
        return tuple(cell.exercise for cell in self.cells if cell.part == "graded")

    @cached_property
    def by_id(self) -> Mapping[str, CourseCell]:
        return {cell.id: cell for cell in self.cells}

    @cached_property
    def by_source(self) -> Mapping[str, CourseCell]:
        """The cells that a submission can't have written otherwise: for where ids were lost."""
        return {cell.source.strip(): cell for cell in self.cells if cell.part != "answer"}

    def starters(self) -> Iterator[tuple[str, Path]]:
        """The files that everybody begins with, by their names beside the notebook."""
        for exercise in self.exercises:
            folder = self.bank.get(exercise).starter
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    yield f"{exercise}/{path.relative_to(folder).as_posix()}", path

    @cached_property
    def digest(self) -> str:
        """Changes with the notebook, and with any file of its exercises."""
        found = hashlib.sha256(repr(self.cells).encode())
        for exercise in self.exercises:
            folder = self.bank.get(exercise).folder
            for path in sorted(folder.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    found.update(str(path.relative_to(folder)).encode() + b"\0")
                    found.update(path.read_bytes())
        return found.hexdigest()


def open_course(bank: Bank, assignment: str) -> Course:
    """Read an assignment; of either edition: their cells are the same.

    Raises DockerlabError where there is none of that name, FormatError where it is not in order.
    """
    name = _EDITION.sub("", assignment)
    path = bank.folder / "source" / name / f"{name}.ipynb"
    if not path.is_file():
        known = sorted(place.parent.name for place in bank.folder.glob("source/*/*.ipynb"))
        raise DockerlabError(
            f"there is no assignment {assignment} in {bank.folder / 'source'}",
            f"there are: {', '.join(known) or 'none; make exercises makes them'}",
        )
    try:
        cells = tuple(_cells(json.loads(path.read_bytes())["cells"]))
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            f"{path} is no notebook of the course: {error!r}",
            "`make exercises` makes it anew; --course names another folder",
        ) from error
    course = Course(name, cells, bank, path.parent)
    for exercise in course.exercises:
        bank.get(exercise)
    if not course.exercises:
        raise FormatError(f"{path} has no graded cell", 'one is to say: check("ID")')
    return course


def _cells(cells: Sequence[Mapping[str, Any]]) -> Iterator[CourseCell]:
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        marks = cell["metadata"].get("nbgrader", {})
        if found := _CHECK.fullmatch(source.strip()):
            yield CourseCell(cell["id"], source, "graded", found["exercise"])
        else:
            locked = marks.get("locked") and not marks.get("solution")
            yield CourseCell(cell["id"], source, "locked" if locked else "answer")
