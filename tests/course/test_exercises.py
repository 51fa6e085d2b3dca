"""The exercises are whole, source/ and release/ are what comes of the bank, nothing gives away."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from books import EDITIONS, HANGUL
from nbformat import NotebookNode
from releases import EXERCISES, course, release

from dockerlab.course.catalog import CATALOG
from dockerlab.course.items import CHAPTERS
from dockerlab.grading.assembling import asks, assemble, name
from dockerlab.grading.bank import Bank

BANK = Bank(EXERCISES)
IDS = BANK.ids()
NUMBERS = range(1, 7)
ASSIGNMENTS = [(chapter, lang) for chapter in NUMBERS for lang in EDITIONS]
NAMES = [name(*assignment) for assignment in ASSIGNMENTS]
ITEMS = {item.number for chapter in CHAPTERS for item in chapter.items}
STUB = "# Your answer · 답을 쓰는 자리"


def read(kind: str, assignment: str) -> NotebookNode:
    return nbformat.read(EXERCISES / kind / assignment / f"{assignment}.ipynb", as_version=4)


def files(folder: Path) -> dict[str, bytes]:
    """What is below a folder, by name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def kept(cell: dict) -> dict:
    """A cell without what a run gives it."""
    return {key: cell[key] for key in ("cell_type", "id", "metadata", "source")}


def part(cell: NotebookNode) -> str:
    """What nbgrader takes a cell for."""
    facts = cell.metadata.nbgrader
    return "check" if facts.grade else "answer" if facts.solution else "given"


@pytest.mark.parametrize("chapter", NUMBERS)
def test_a_chapter_has_at_least_six_exercises_from_easy_to_hard(chapter: int) -> None:
    levels = [BANK.get(id).exercise.level for id in BANK.ids(chapter)]
    assert len(levels) >= 6
    assert levels == sorted(levels)
    assert len(set(levels)) > 1


@pytest.mark.parametrize("id", IDS)
def test_an_exercise_is_whole(id: str) -> None:
    entry = BANK.get(id)
    assert re.fullmatch(r"[a-z][a-z0-9-]{2,40}", id)
    assert entry.exercise.points > 0
    assert len(entry.texts.tiers) >= 2
    assert set(entry.exercise.images) <= set(CATALOG)
    assert all(item in ITEMS or item.startswith("6.") for item in entry.exercise.items)
    assert len(entry.wrong()) >= 3
    assert len({wrong.hint for wrong in entry.wrong()}) >= 2
    asking = [cell for cell in entry.solution() if asks(cell)]
    assert len(asking) == bool(entry.exercise.questions)
    assert all(name.isidentifier() for name in entry.exercise.questions)
    entry.hidden()


@pytest.mark.parametrize("id", IDS)
def test_an_exercise_is_in_both_languages(id: str) -> None:
    texts = BANK.get(id).texts
    pairs = [texts.title, texts.instruction, *texts.tiers, *texts.hints.values()]
    pairs += [wording.prompt for wording in texts.questions.values()]
    assert [en for en, _ in pairs if HANGUL.search(en)] == []
    prose = [re.sub(r"(?s)```.*?```|`[^`]*`", "", ko) for _, ko in pairs]
    assert [ko for ko in prose if len(ko) > 20 and not HANGUL.search(ko)] == []


@pytest.mark.parametrize(("chapter", "lang"), ASSIGNMENTS, ids=NAMES)
def test_source_is_what_the_bank_says(chapter: int, lang: str) -> None:
    """``make exercises`` after a change in the bank."""
    assignment = name(chapter, lang)
    # As it is written: numbers and all.
    told = json.loads(json.dumps(assemble(BANK, chapter, lang)["cells"]))
    assert [kept(cell) for cell in read("source", assignment).cells] == [kept(c) for c in told]


@pytest.mark.parametrize(("chapter", "lang"), ASSIGNMENTS, ids=NAMES)
def test_beside_a_notebook_is_what_learners_begin_with(chapter: int, lang: str) -> None:
    assignment = name(chapter, lang)
    starters = {
        f"{id}/{path}": text
        for id in BANK.ids(chapter)
        for path, text in files(BANK.get(id).starter).items()
    }
    for kind in ("source", "release"):
        found = files(EXERCISES / kind / assignment)
        found.pop(f"{assignment}.ipynb")
        assert found == starters


def test_release_is_what_nbgrader_makes(tmp_path: Path) -> None:
    """``make exercises`` after a change in source/."""
    made = files(release(course(tmp_path / "course", NAMES), NAMES))
    there = files(EXERCISES / "release")
    assert sorted(made) == sorted(there)
    assert [path for path in made if made[path] != there[path]] == []


@pytest.mark.parametrize("chapter", NUMBERS)
def test_editions_have_the_same_cells_and_the_same_code(chapter: int) -> None:
    english, korean = (read("source", name(chapter, lang)).cells for lang in EDITIONS)
    assert [c.id for c in english] == [c.id for c in korean]
    assert [c.metadata for c in english] == [c.metadata for c in korean]
    code = [[c.source for c in cells if c.cell_type == "code"] for cells in (english, korean)]
    assert code[0] == code[1]
    assert all(HANGUL.search(c.source) for c in korean if c.cell_type == "markdown")


@pytest.mark.parametrize("assignment", NAMES)
def test_every_check_of_a_source_passed(assignment: str) -> None:
    """nbval passes a notebook without outputs, so their being there is a test of its own."""
    for cell in read("source", assignment).cells:
        if cell.cell_type == "code":
            assert cell.execution_count, cell.id
            assert not [o for o in cell.outputs if o.output_type == "error"], cell.id
        if part(cell) == "check":
            (output,) = cell.outputs
            assert output.data["text/plain"].startswith("✓"), cell.id
            assert "text/html" in output.data, cell.id


@pytest.mark.parametrize("assignment", NAMES)
def test_checks_are_a_line_and_answers_are_taken_out(assignment: str) -> None:
    for cell in read("release", assignment).cells:
        if part(cell) == "check":
            assert cell.source == f'check("{cell.id}")'
            assert cell.metadata.nbgrader.points == BANK.get(cell.id).exercise.points
        elif cell.id.endswith("-quiz"):
            asked = cell.id.removesuffix("-quiz")
            assert cell.source == f'quiz(\n    "{asked}",\n    {STUB}\n)'
        elif part(cell) == "answer":
            assert cell.source == STUB, cell.id
        assert not cell.get("outputs"), cell.id


@pytest.mark.parametrize("assignment", NAMES)
def test_nothing_personal_is_kept(assignment: str) -> None:
    for kind in ("source", "release"):
        text = (EXERCISES / kind / assignment / f"{assignment}.ipynb").read_text()
        assert not re.search(r"/(home|work)/[a-z]|/tmp/(tmp|dltest)", text)
