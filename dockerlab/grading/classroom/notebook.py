"""Reading a notebook that anything may be wrong with, and matching it to the course's cells.

What is run is the student's cells in the student's order. Cells that belong to the course are
taken from the course, whatever the submission says there; where each graded cell stands is told
by its id or its text, never by metadata.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerlab.grading.classroom.course import Course, CourseCell
from dockerlab.grading.classroom.intake.answers import answer_files
from dockerlab.grading.classroom.seam import Cell
from dockerlab.grading.outcome import Saying, say

LARGEST = 32 << 20
"""Bytes: reading more costs more memory than a grader may take."""
MOST_CELLS = 1_000
MOST_LOOKS = 3
"""Of one exercise, where its graded cell was repeated."""
LONGEST_ID = 64
"""Characters: notebooks may have no longer ones, and each is repeated in what is told."""
_MEGABYTE = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HANGUL = re.compile("[가-힣]")


class NotGradable(Exception):
    """Not a notebook, or not one with anything in it; ``why`` is for the student."""

    def __init__(self, why: Saying) -> None:
        super().__init__(why.text("en"))
        self.why = why


@dataclass(frozen=True, slots=True)
class Handed:
    """A code cell as it was handed in; ``id`` is empty where it has none."""

    id: str
    source: str


@dataclass(frozen=True, slots=True)
class Notebook:
    """``korean``: most of its texts are. ``answers``: files of them, as its outputs say."""

    cells: tuple[Handed, ...]
    korean: bool
    notes: tuple[Saying, ...] = ()
    answers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arranged:
    """The cells to run. ``missing``: exercises whose graded cell is nowhere."""

    cells: tuple[Cell, ...]
    missing: tuple[str, ...]
    notes: tuple[Saying, ...]


def read(data: bytes, name: str) -> Notebook:
    """The code cells of a file. Raises NotGradable."""
    if not data.strip(b"\0 \t\r\n"):
        raise NotGradable(say("notebook.empty"))
    if len(data) > LARGEST:
        raise NotGradable(say("notebook.too_big", size=LARGEST // _MEGABYTE))
    text, encoding = _text(data)
    try:
        content = json.loads(text)
        found = tuple(_cells(content))
        answers = answer_files(content.get("cells"))
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        raise NotGradable(say("notebook.none", name=name)) from None
    code = tuple(Handed(id, source) for kind, id, source in found if kind == "code")
    if not any(cell.source.strip() for cell in code):
        raise NotGradable(say("notebook.no_cells"))
    notes = (say("notebook.encoding", encoding=encoding),) if encoding else ()
    texts = [source for kind, _, source in found if kind == "markdown"]
    korean = sum(bool(_HANGUL.search(each)) for each in texts) * 2 > len(texts)
    return Notebook(code[:MOST_CELLS], korean, notes, answers)


def _text(data: bytes) -> tuple[str, str]:
    """The file's text, and its encoding where it is not as it should be."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), "" if mark == codecs.BOM_UTF8 else encoding
    for encoding, told in (("utf-8", ""), ("cp949", "CP949"), ("latin-1", "Latin-1")):
        try:
            return data.decode(encoding), told
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 reads anything")


def _cells(content: Any) -> Iterator[tuple[str, str, str]]:
    """Kind, id and source of each cell; of format 3 as well."""
    sheets = content.get("worksheets", [content])
    for cell in (cell for sheet in sheets for cell in sheet["cells"]):
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", cell.get("input", ""))
        lines = source if isinstance(source, list) else [source]
        text = "".join(line for line in lines if isinstance(line, str))
        id = cell.get("id")
        known = _encodable(id)[:LONGEST_ID] if isinstance(id, str) else ""
        yield str(cell.get("cell_type")), known, _encodable(text)


def _encodable(text: str) -> str:
    """JSON can name half a character, which nothing can be written with."""
    return text.encode("utf-8", "replace").decode()


def arrange(notebook: Notebook, course: Course) -> Arranged:
    """What to run: the student's cells, the course's own among them as the course has them."""
    placed = [(_known(cell, course), cell) for cell in notebook.cells]
    looks: Counter[str] = Counter()
    notes: list[Saying] = []
    cells: list[tuple[CourseCell | None, Cell]] = []
    for number, (known, handed) in enumerate(placed):
        id = known.id if known else handed.id or f"cell-{number + 1}"
        if known is None or known.part == "answer":
            cells.append((known, Cell(id, handed.source)))
            continue
        if handed.source.strip() != known.source.strip():
            notes.append(say("notebook.changed", cell=_first_line(known.source)))
        looks[known.exercise] += known.part == "graded"
        if looks[known.exercise] <= MOST_LOOKS:
            cells.append((known, Cell(id, known.source, known.exercise)))
    notes += [
        say("notebook.repeated", exercise=exercise)
        for exercise in course.exercises
        if looks[exercise] > 1
    ]
    notes += _put_back(cells, course)
    missing = tuple(exercise for exercise in course.exercises if not looks[exercise])
    notes += [say("notebook.missing", exercise=exercise) for exercise in missing]
    return Arranged(tuple(cell for _, cell in cells), missing, tuple(notes))


def _known(cell: Handed, course: Course) -> CourseCell | None:
    return course.by_id.get(cell.id) or course.by_source.get(cell.source.strip())


def _put_back(cells: list[tuple[CourseCell | None, Cell]], course: Course) -> Iterator[Saying]:
    """The locked cells that are not there go behind the last of those before them."""
    before: set[str] = set()
    for cell in course.cells:
        there = {known.id for known, _ in cells if known}
        if cell.part == "locked" and cell.id not in there:
            places = [n for n, (known, _) in enumerate(cells) if known and known.id in before]
            cells.insert(max(places, default=-1) + 1, (cell, Cell(cell.id, cell.source)))
            yield say("notebook.restored", cell=_first_line(cell.source))
        before.add(cell.id)


def _first_line(source: str) -> str:
    return source.strip().partition("\n")[0][:80]
