"""The notebooks are whole: no item missing, editions in step, outputs there, nothing personal."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest
from books import ALL, EDITIONS, HANGUL, NAMES, NOTEBOOKS, START, facts, read, source_hash, tags
from markdown_it import MarkdownIt

from dockerlab.course.items import CHAPTERS

QUIET = "no-output"
"""Tag of a cell that really prints nothing."""


def test_every_chapter_has_its_notebook_in_both_editions() -> None:
    for edition in EDITIONS:
        present = {path.name for path in (NOTEBOOKS / edition).glob("*.ipynb")}
        assert {chapter.notebook for chapter in CHAPTERS} <= present


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.notebook)
def test_no_item_is_missing(edition: str, chapter) -> None:
    told: set[str] = set()
    done: set[str] = set()
    for cell in read(f"{edition}/{chapter.notebook}").cells:
        items = facts(cell).get("items", [])
        (told if cell.cell_type == "markdown" else done).update(items)
    assert {item.number for item in chapter.items} <= told
    assert {item.number for item in chapter.items if item.does} <= done
    assert told | done <= {item.number for item in chapter.items}


@pytest.mark.parametrize("name", NAMES)
def test_editions_have_the_same_cells_and_the_same_code(name: str) -> None:
    english, korean = (read(f"{edition}/{name}").cells for edition in EDITIONS)
    assert [c.id for c in english] == [c.id for c in korean]
    assert [c.cell_type for c in english] == [c.cell_type for c in korean]
    for en, ko in zip(english, korean, strict=True):
        if en.cell_type == "code":
            assert code(en) == code(ko), en.id
        assert facts(en).get("items") == facts(ko).get("items"), en.id
        assert tags(en) == tags(ko), en.id


def code(cell) -> str:
    """The cell's code without its comments and the language of its labels."""
    return re.sub(r'lang="(en|ko)"', 'lang=""', cell.source)


@pytest.mark.parametrize("name", NAMES)
def test_korean_texts_render_todays_english(name: str) -> None:
    english, korean = (read(f"{edition}/{name}").cells for edition in EDITIONS)
    stale = [
        ko.id
        for en, ko in zip(english, korean, strict=True)
        if ko.cell_type == "markdown" and facts(ko).get("renders") != source_hash(en.source)
    ]
    assert stale == [], "the English of these cells changed: render them anew"


@pytest.mark.parametrize("name", NAMES)
def test_the_korean_edition_is_korean(name: str) -> None:
    for cell in read(f"ko/{name}").cells:
        if cell.cell_type == "markdown" and len(cell.source) > 40:
            assert HANGUL.search(cell.source), cell.id


@pytest.mark.parametrize("name", [START, *ALL])
def test_no_asterisk_is_shown_that_was_meant_for_emphasis(name: str) -> None:
    """``**`up`**는``: after a quote, right before a letter, nothing ends; ``<strong>`` does."""
    reader = MarkdownIt("commonmark")
    for cell in read(name).cells:
        if cell.cell_type == "markdown":
            pieces = [
                piece for block in reader.parse(cell.source) for piece in block.children or ()
            ]
            shown = [piece.content for piece in pieces if piece.type == "text"]
            assert not [text for text in shown if "*" in text], cell.id


@pytest.mark.parametrize("name", [START, *ALL])
def test_cells_have_names_not_numbers(name: str) -> None:
    ids = [cell.id for cell in read(name).cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{2,60}", each) for each in ids)


@pytest.mark.parametrize("name", [START, *ALL])
def test_outputs_are_stored(name: str) -> None:
    """nbval passes a notebook without outputs, so their being there is a test of its own."""
    for cell in read(name).cells:
        if cell.cell_type == "code":
            assert cell.execution_count, cell.id
            assert bool(cell.outputs) != (QUIET in tags(cell)), cell.id


@pytest.mark.parametrize("name", ALL)
def test_errors_are_meant(name: str) -> None:
    for cell in read(name).cells:
        errors = [o for o in cell.get("outputs", []) if o.output_type == "error"]
        assert bool(errors) == ("raises-exception" in tags(cell)), cell.id


@pytest.mark.parametrize("name", ALL)
def test_most_outputs_are_compared(name: str) -> None:
    cells = [c for c in read(name).cells if c.cell_type == "code"]
    ignored = [c.id for c in cells if "nbval-ignore-output" in tags(c)]
    assert len(ignored) <= len(cells) / 3, ignored


@pytest.mark.parametrize("name", ALL)
def test_every_view_has_a_picture_and_a_text(name: str) -> None:
    for cell in read(name).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "application/vnd.jupyter.widget-view+json" in data:
                assert {"image/svg+xml", "text/html", "image/png"} & set(data), cell.id
                assert len(data["text/plain"]) > 20, cell.id


@pytest.mark.parametrize("name", [START, *ALL])
def test_notebooks_are_valid_and_hold_nothing_personal(name: str) -> None:
    book = read(name)
    nbformat.validate(book)
    assert set(book.metadata) <= {"kernelspec", "language_info", "dockerlab", "widgets"}
    assert book.metadata.kernelspec.name == "python3"
    text = (NOTEBOOKS / name).read_text()
    assert not re.search(r"/(home|root|work|tmp)/[a-z]", text.replace("/root/.ash", ""))


@pytest.mark.parametrize("name", ALL)
def test_cells_are_short(name: str) -> None:
    for cell in read(name).cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 25, cell.id


@pytest.mark.parametrize("name", ALL)
def test_python_cells_parse(name: str) -> None:
    for cell in read(name).cells:
        if cell.cell_type == "code" and not cell.source.startswith("%%"):
            lines = [x for x in cell.source.splitlines() if not x.lstrip().startswith(("%", "!"))]
            ast.parse("\n".join(lines))
