"""The README and CONTRIBUTING say what is there: files, chapters, commands, folders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dockerlab.course.items import CHAPTERS

HERE = Path(__file__).resolve().parents[2]
README = (HERE / "README.md").read_text()
CONTRIBUTING = (HERE / "CONTRIBUTING.md").read_text()


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_links_lead_somewhere(text: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", text)
    assert [link for link in links if not (HERE / link).exists()] == []


def test_every_chapter_is_listed_in_both_editions() -> None:
    for chapter in CHAPTERS:
        assert f"{chapter.number} {chapter.title} · {chapter.title_ko}" in README
        for edition in ("en", "ko"):
            assert f"notebooks/{edition}/{chapter.notebook}" in README


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_make_targets_exist(text: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (HERE / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", text)) <= targets


def test_the_map_of_the_code_is_true() -> None:
    block = README.split("## The code")[1].split("```")[1]
    folders = re.findall(r"([a-z]+)/", block)
    found = {path.name for path in HERE.glob("*") if path.is_dir()}
    found |= {p.name for p in (HERE / "dockerlab").rglob("*") if p.is_dir()}
    found |= {p.name for name in ("tests", "notebooks") for p in (HERE / name).iterdir()}
    assert folders
    assert set(folders) - found == set()
    real = {p.name for p in (HERE / "dockerlab").iterdir() if (p / "__init__.py").exists()}
    assert real <= set(folders)


def test_commands_of_dockerlab_are_real() -> None:
    from dockerlab.cli import parser

    known = " ".join(parser().format_help().split())
    for word in re.findall(r"dockerlab (lab|doctor|engine|images|env)\b", README):
        assert f" {word} " in known
