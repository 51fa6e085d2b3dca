"""nbgrader itself grades the released course: real submissions, its gradebook, its feedback."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import docker
import nbformat
import pytest
from engines import running, wanted
from nbformat.v4 import new_code_cell
from releases import EXERCISES, course, nbgrader

from dockerlab.course.prepare import prepare
from dockerlab.grading.assembling import name
from dockerlab.grading.bank import Bank

BANK = Bank(EXERCISES)
CHAPTER = 1
ASSIGNMENT = name(CHAPTER, "en")
HALF = "start-a-server"
OURS = "namespaces-user" if os.getuid() else "namespaces-root"
STUDENTS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "ada": {id: BANK.solution(id) for id in BANK.ids(CHAPTER)},
    "bo": {HALF: BANK.solution(HALF)[:1]},
    "cy": {},
}
"""What they answer: everything, half of one exercise, nothing."""
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module", params=[kind for kind in wanted() if kind == OURS])
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which nbgrader has graded everybody. They share an engine, one after another."""
    place = course(tmp_path_factory.mktemp("nbgrader") / "course", [ASSIGNMENT])
    nbgrader(place, "generate_assignment", ASSIGNMENT)
    for student in STUDENTS:
        hand_in(place, student)
    with running(request.param) as engine:
        images = {image for id in BANK.ids(CHAPTER) for image in BANK.get(id).exercise.images}
        prepare(docker.DockerClient(base_url=engine.url, timeout=120, version="1.41"), images)
        surroundings = {"DOCKER_HOST": engine.url, "DOCKERLAB_EXERCISES": str(EXERCISES)}
        nbgrader(place, "autograde", ASSIGNMENT, **surroundings)
    nbgrader(place, "generate_feedback", ASSIGNMENT)
    nbgrader(place, "export")
    return place


def hand_in(place: Path, student: str) -> None:
    """What was released, with a student's answers in cells of their own."""
    folder = place / "submitted" / student / ASSIGNMENT
    shutil.copytree(place / "release" / ASSIGNMENT, folder)
    path = folder / f"{ASSIGNMENT}.ipynb"
    book = nbformat.read(path, as_version=4)
    for id, cells in STUDENTS[student].items():
        check = next(n for n, cell in enumerate(book.cells) if cell.id == id)
        book.cells[check:check] = [new_code_cell(cell) for cell in cells]
    nbformat.write(book, path)


def scores(place: Path, student: str) -> dict[str, float]:
    """By exercise, as nbgrader has them in its gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{place}/gradebook.db") as book:
        (notebook,) = book.find_submission(ASSIGNMENT, student).notebooks
        return {grade.name: grade.auto_score for grade in notebook.grades}


def test_solutions_get_all_points(graded: Path) -> None:
    points = {id: BANK.get(id).exercise.points for id in BANK.ids(CHAPTER)}
    assert scores(graded, "ada") == points


def test_half_an_answer_gets_some_points(graded: Path) -> None:
    found = scores(graded, "bo")
    assert 0 < found.pop(HALF) < BANK.get(HALF).exercise.points
    assert set(found.values()) == {0}


def test_nothing_gets_nothing_also_after_others(graded: Path) -> None:
    assert set(scores(graded, "cy").values()) == {0}


def test_grades_are_exported(graded: Path) -> None:
    with (graded / "grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    most = sum(BANK.get(id).exercise.points for id in BANK.ids(CHAPTER))
    assert {float(row["max_score"]) for row in rows.values()} == {most}
    assert float(rows["ada"]["score"]) == most
    assert float(rows["cy"]["score"]) == 0


@pytest.mark.parametrize("student", STUDENTS)
def test_feedback_says_what_is_missing(graded: Path, student: str) -> None:
    (page,) = (graded / "feedback" / student / ASSIGNMENT).glob("*.html")
    text = page.read_text()
    assert BANK.get(HALF).texts.title[0] in text
    assert ("[0/" in text) == (student != "ada")
