"""The start page leads to every chapter, and says whose course this follows."""

from __future__ import annotations

import re

from books import EDITIONS, HANGUL, NOTEBOOKS, START, read

from dockerlab.course.items import CHAPTERS

TEXT = "\n".join(cell.source for cell in read(START).cells if cell.cell_type == "markdown")
CODE = {cell.id: cell for cell in read(START).cells if cell.cell_type == "code"}
COURSE = "https://www.inflearn.com/course/%EB%94%B0%EB%9D%BC%ED%95%98%EB%A9%B0-"


def test_every_chapter_is_linked_in_both_editions() -> None:
    links = re.findall(r"\]\(([^)]+\.ipynb)\)", TEXT)
    for chapter in CHAPTERS:
        for edition, title in zip(EDITIONS, (chapter.title, chapter.title_ko), strict=True):
            assert f"[{title}]({edition}/{chapter.notebook})" in TEXT
    assert [link for link in links if not (NOTEBOOKS / link).is_file()] == []


def test_the_course_is_credited_by_name_and_link() -> None:
    assert f"[따라하며 배우는 도커 & CI]({COURSE}" in TEXT


def test_it_is_in_both_languages_and_says_where_help_is() -> None:
    for cell in read(START).cells:
        if cell.cell_type == "markdown":
            assert HANGUL.search(cell.source), cell.id
            assert re.search("[A-Za-z]{4}", cell.source), cell.id
    assert "dockerlab doctor" in TEXT


def test_the_page_is_one_cell_and_what_is_stored_of_it_is_a_newcomers() -> None:
    assert CODE["start-page"].source.endswith("dockerlab.welcome()")
    panel, roadmap = (output.data for output in CODE["start-page"].outputs)
    assert "Run this cell" in panel["text/html"]
    assert roadmap["text/html"].count("not opened yet") == len(CHAPTERS)
    for chapter in CHAPTERS:
        assert f'href="en/{chapter.notebook}"' in roadmap["text/html"]


def test_the_first_container_has_spoken() -> None:
    said = "".join(output.get("text", "") for output in CODE["first-container"].outputs)
    assert said.startswith("Connected to ")
    assert "Hello from" in said
