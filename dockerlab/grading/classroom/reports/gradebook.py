"""Grades into nbgrader's gradebook, for those who go on with its formgrader."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from dockerlab.errors import DockerlabError
from dockerlab.grading.classroom.results import Result


def record(results: Sequence[Result], address: str) -> int:
    """Write the grades into the gradebook at ``address`` (``sqlite:///gradebook.db``).

    Assignment, notebook, graded cells and students are added where they are not there yet. Those
    that could not be graded are left out. Gives how many submissions were written.
    Raises DockerlabError where nbgrader is not installed or cannot use that gradebook.
    """
    graded = [result for result in results if result.graded]
    try:
        nbgrader = import_module("nbgrader.api")
    except ImportError as error:
        raise DockerlabError(
            "the gradebook needs nbgrader", "pip install 'dockerlab[teach]'"
        ) from error
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # SQLAlchemy's, of nbgrader's ways
            _programs(),
            nbgrader.Gradebook(address) as book,
        ):
            for result in graded:
                _record(book, result)
    except Exception as error:
        # SQLAlchemy's errors and nbgrader's have no base of their own in common.
        raise DockerlabError(
            f"the gradebook {address} cannot be written: {error}", "sqlite:////PATH/gradebook.db"
        ) from error
    return len(graded)


@contextmanager
def _programs() -> Iterator[None]:
    """A new gradebook is made by a program that is beside Python, whatever PATH says."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _record(book: Any, result: Result) -> None:
    assignment, student = result.assignment, result.sender.id
    book.update_or_create_assignment(assignment)
    book.update_or_create_notebook(assignment, assignment)
    for outcome in result.outcomes:
        book.update_or_create_grade_cell(
            outcome.exercise,
            assignment,
            assignment,
            max_score=outcome.of,
            cell_type="code",
        )
    names = {"last_name": result.sender.name} if result.sender.number else {}
    book.update_or_create_student(student, **names)
    _submission(book, assignment, student)
    for outcome in result.outcomes:
        grade = book.find_grade(outcome.exercise, assignment, assignment, student)
        grade.auto_score = outcome.points
        grade.needs_manual_grade = outcome.state == "unchecked"
    book.db.commit()


def _submission(book: Any, assignment: str, student: str) -> None:
    """Anew where an older one lacks a cell that the assignment has by now."""
    missing = import_module("nbgrader.api").MissingEntry
    try:
        found = book.find_submission(assignment, student)
    except missing:
        book.add_submission(assignment, student)
        return
    there = {grade.name for notebook in found.notebooks for grade in notebook.grades}
    wanted = {cell.name for cell in book.find_notebook(assignment, assignment).grade_cells}
    if not wanted <= there:
        book.remove_submission(assignment, student)
        book.add_submission(assignment, student)
