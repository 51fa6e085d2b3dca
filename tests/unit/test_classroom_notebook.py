"""Reading notebooks that anything is wrong with, and matching them to the course."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from classroomlab import BOX, NOTE, STARTED, WROTE, answered, cell_of, make_course

from dockerlab.errors import DockerlabError, FormatError
from dockerlab.grading.classroom import notebook as notebooks
from dockerlab.grading.classroom.course import Course, open_course
from dockerlab.grading.classroom.notebook import Arranged, NotGradable, arrange, read


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return open_course(make_course(tmp_path_factory.mktemp("course") / "exercises"), "chapter1")


def arranged(course: Course, content: dict[str, Any]) -> Arranged:
    return arrange(read(json.dumps(content).encode(), "chapter1.ipynb"), course)


def ids(found: Arranged) -> list[str]:
    return [cell.id for cell in found.cells]


def said(found: Arranged) -> list[str]:
    return [note.key for note in found.notes]


def full(course: Course) -> dict[str, Any]:
    return answered(course.bank, WROTE, STARTED)


def test_answers_of_a_widget_are_in_the_output_of_the_check(course: Course) -> None:
    content = full(course)
    cell = cell_of(content, NOTE)
    kept = {"dockerlab.answers": {"port": 80}}
    cell["outputs"] = [{"output_type": "display_data", "data": {}, "metadata": kept}]
    answers = read(json.dumps(content).encode(), "chapter1.ipynb").answers
    assert {name: json.loads(data) for name, data in answers.items()} == {
        f"{NOTE}/.answers.json": {"port": 80}
    }
    for nonsense in (5, [5], [{"metadata": 5}], [{"metadata": {"dockerlab.answers": [1]}}]):
        cell["outputs"] = nonsense
        assert not read(json.dumps(content).encode(), "chapter1.ipynb").answers


# ---- the course


def test_an_assignment_as_the_course_says_it(course: Course) -> None:
    assert course.exercises == (NOTE, BOX)
    assert [cell.part for cell in course.cells[:4]] == ["locked", "locked", "answer", "graded"]
    assert [name for name, _ in course.starters()] == [f"{NOTE}/READ.txt"]


def test_either_edition_names_the_same_assignment(course: Course) -> None:
    assert open_course(course.bank, "chapter1-ko").cells == course.cells


def test_no_such_assignment(course: Course) -> None:
    with pytest.raises(DockerlabError, match="no assignment chapter9"):
        open_course(course.bank, "chapter9")


def test_a_source_that_is_no_notebook(tmp_path: Path) -> None:
    bank = make_course(tmp_path / "exercises")
    (bank.folder / "source" / "chapter1" / "chapter1.ipynb").write_text("{}")
    with pytest.raises(FormatError, match=r"chapter1\.ipynb is no notebook"):
        open_course(bank, "chapter1")


def test_a_changed_check_is_another_digest(tmp_path: Path) -> None:
    bank = make_course(tmp_path / "exercises")
    before = open_course(bank, "chapter1").digest
    (bank.folder / "bank" / "chapter1" / NOTE / "hidden.py").write_text("checks = []")
    assert open_course(bank, "chapter1").digest != before


# ---- reading


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "notebook.empty"),
        (b" \n\0", "notebook.empty"),
        (b"%PDF-1.7", "notebook.none"),
        (b"[]", "notebook.none"),
        (b"null", "notebook.none"),
        (b'{"cells": 3}', "notebook.none"),
        (b'{"cells": "abc"}', "notebook.no_cells"),
        (b'{"cells": []}', "notebook.no_cells"),
        (b'{"worksheets": [1]}', "notebook.none"),
        (b"[" * 100_000, "notebook.none"),
        (b'{"cells": [{"cell_type": "code", "source": 5, "id": []}]}', "notebook.no_cells"),
        (b'{"cells": [{"cell_type": "markdown", "source": "x"}]}', "notebook.no_cells"),
        (b'{"cells": [' + b"9" * 10_000, "notebook.none"),
        (b"\xff\xfe\x00\xd8", "notebook.none"),
    ],
)
def test_what_cannot_be_graded_says_why(data: bytes, key: str) -> None:
    with pytest.raises(NotGradable) as caught:
        read(data, "x.ipynb")
    assert caught.value.why.key == key
    assert caught.value.why.text("ko") != caught.value.why.text("en")


def test_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebooks, "LARGEST", 10)
    with pytest.raises(NotGradable) as caught:
        read(b'{"cells": []}', "x.ipynb")
    assert caught.value.why.key == "notebook.too_big"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_encodings(course: Course, encoding: str) -> None:
    content = answered(course.bank, "x = '안녕'")
    text = json.dumps(content, ensure_ascii=False)
    for sign in "…–—★☆":
        text = text.replace(sign, "-")
    found = read(text.encode(encoding), "x.ipynb")
    assert any(cell.source == "x = '안녕'" for cell in found.cells)
    assert bool(found.notes) == (encoding in ("utf-16", "cp949"))


def test_half_a_character_and_format_3() -> None:
    cell = {"cell_type": "code", "input": ["a = '\\ud800'\n", "b", 3]}
    found = read(json.dumps({"worksheets": [{"cells": [cell, 7]}]}).encode(), "x.ipynb")
    assert [each.source for each in found.cells] == ["a = '\\ud800'\nb"]
    half = b'{"cells": [{"cell_type": "code", "source": "x\\ud800"}]}'
    assert read(half, "x.ipynb").cells[0].source == "x?"


def test_an_id_is_no_longer_than_it_may_be() -> None:
    cell = {"cell_type": "code", "id": "\ud800" + "x" * 100_000, "source": "1"}
    (found,) = read(json.dumps({"cells": [cell]}).encode(), "x.ipynb").cells
    assert found.id == "?" + "x" * 63


def test_the_edition_is_told_by_the_texts(course: Course) -> None:
    for lang in ("en", "ko"):
        data = json.dumps(answered(course.bank, lang=lang)).encode()  # type: ignore[arg-type]
        assert read(data, "x.ipynb").korean == (lang == "ko")


# ---- matching


def test_as_it_was_given(course: Course) -> None:
    found = arranged(course, full(course))
    assert ids(found) == [cell.id for cell in course.cells]
    assert [cell.graded for cell in found.cells if cell.graded] == [NOTE, BOX]
    assert not found.notes
    assert not found.missing


def test_metadata_and_ids_stripped(course: Course) -> None:
    content = full(course)
    for cell in content["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    found = arranged(course, content)
    assert [cell.graded for cell in found.cells if cell.graded] == [NOTE, BOX]
    assert [cell.source for cell in found.cells] == [
        cell["source"] for cell in content["cells"] if cell["cell_type"] == "code"
    ]
    assert not found.notes


def test_tampered_metadata_means_nothing(course: Course) -> None:
    content = full(course)
    for cell in content["cells"]:
        cell["metadata"]["nbgrader"] = {"grade": True, "points": 10**9, "grade_id": BOX}
    assert arranged(course, content) == arranged(course, full(course))


def test_a_changed_cell_of_the_course_is_the_courses(course: Course) -> None:
    content = full(course)
    cell_of(content, NOTE)["source"] = "print('7 of 7')"
    cell_of(content, "setup")["source"] = "check = print"
    found = arranged(course, content)
    assert [cell.source for cell in found.cells] == [
        cell.source if cell.part != "answer" else cell_of(content, cell.id)["source"]
        for cell in course.cells
    ]
    assert said(found) == ["notebook.changed", "notebook.changed"]


def test_a_repeated_graded_cell_is_looked_at_a_few_times(course: Course) -> None:
    content = full(course)
    content["cells"] += [cell_of(content, NOTE)] * 50
    found = arranged(course, content)
    assert sum(cell.graded == NOTE for cell in found.cells) == notebooks.MOST_LOOKS
    assert said(found) == ["notebook.repeated"]


def test_a_deleted_graded_cell_is_missing(course: Course) -> None:
    content = full(course)
    content["cells"].remove(cell_of(content, NOTE))
    found = arranged(course, content)
    assert found.missing == (NOTE,)
    assert said(found) == ["notebook.missing"]


def test_deleted_locked_cells_are_put_back_where_they_were(course: Course) -> None:
    content = full(course)
    for id in ("setup", f"{BOX}-start"):
        content["cells"].remove(cell_of(content, id))
    found = arranged(course, content)
    assert ids(found) == [cell.id for cell in course.cells]
    assert said(found) == ["notebook.restored", "notebook.restored"]


def test_cells_of_ones_own_stay_where_they_are(course: Course) -> None:
    content = full(course)
    content["cells"].insert(3, {"cell_type": "code", "source": "mine = 1", "metadata": {}})
    found = arranged(course, content)
    assert [cell.source for cell in found.cells][1] == "mine = 1"


def test_another_notebook_is_run_and_misses_everything(course: Course) -> None:
    content = {"cells": [{"cell_type": "code", "source": "1", "id": "a"}]}
    found = arranged(course, content)
    assert found.missing == course.exercises
    assert ids(found)[-1] == "a"
