"""Grades as CSV: nbgrader's columns, and the forms that Moodle and Canvas read."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from dockerlab.grading.classroom.reports.words import number, word
from dockerlab.grading.classroom.results import Result, dumped, grade_of, write

NBGRADER = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
MOODLE = ("Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets of East Asia read the wide forms of these as well."""
Row = Iterable[object]


def write_all(results: Sequence[Result], out: Path) -> None:
    """``grades.csv``, ``moodle.csv``, ``canvas.csv``, and ``grades.json`` for machines."""
    write(out / "grades.csv", nbgrader(results))
    write(out / "moodle.csv", moodle(results))
    write(out / "canvas.csv", canvas(results))
    write(out / "grades.json", dumped([grade_of(result) for result in results]))


def nbgrader(results: Sequence[Result]) -> str:
    """What ``nbgrader export`` writes. One that could not be graded has no score: not 0."""
    return _csv(NBGRADER, map(_nbgrader_row, results))


def _nbgrader_row(result: Result) -> Row:
    sender = result.sender
    score, penalty = (result.points, 0.0) if result.graded else ("", "")
    name = sender.name if sender.number else ""
    who = (result.assignment, "", "", sender.id, name, "", "")
    return (*who, score, penalty, score, result.of)


def moodle(results: Sequence[Result]) -> str:
    """Moodle's grading worksheet; it knows its participants by number."""
    return _csv(
        MOODLE,
        [
            (
                f"Participant {result.sender.number}" if result.sender.number else "",
                result.sender.name,
                number(result.points) if result.graded else "",
                number(result.of),
                _comment(result),
            )
            for result in results
        ],
    )


def canvas(results: Sequence[Result]) -> str:
    """What Canvas's gradebook imports; its second line is what can be reached."""
    most = max((result.of for result in results), default=0.0)
    assignment = results[0].assignment if results else ""
    rows: list[Row] = [("    Points Possible", "", "", "", "", number(most))]
    for result in results:
        points = number(result.points) if result.graded else ""
        rows.append((result.sender.name, result.sender.number, "", "", "", points))
    return _csv((*CANVAS, assignment), rows)


def _comment(result: Result) -> str:
    """The exercises in a line: what is worth reading is the page."""
    lang = result.language
    told = [
        f"{outcome.title.text(lang)}: {number(outcome.points)}/{number(outcome.of)}"
        for outcome in result.outcomes
    ]
    notes = [note.text(lang) for note in result.notes]
    return " · ".join([*told, *notes, *([word("review", lang)] if result.doubtful else [])])


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """A spreadsheet would run a name that looks like a formula."""
    if isinstance(value, str) and unicodedata.normalize("NFKC", value[:1]).startswith(_FORMULA):
        return f"'{value}"
    return value
