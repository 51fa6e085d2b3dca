"""The course's own notebooks are signed, and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbformat import read
from nbformat.sign import NotebookNotary

from dockerlab.cli.trust import own_pages, sign

COURSE = Path(__file__).resolve().parents[2]


def test_only_the_pages_of_the_course_are_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    page = own_pages(Path())[1]
    copy, other = tmp_path / page, tmp_path / "notebooks" / "other.ipynb"
    copy.parent.mkdir(parents=True)
    for place in (copy, other):
        shutil.copy(COURSE / page, place)
    # What is signed is the contents, so the other one's have to be different.
    other.write_text(other.read_text().replace("Docker", "Rocket"))
    assert sign(tmp_path) == 1
    notary = NotebookNotary()
    assert notary.check_signature(read(copy, as_version=4))
    assert not notary.check_signature(read(other, as_version=4))


def test_every_page_is_there() -> None:
    assert [page for page in own_pages(COURSE) if not page.is_file()] == []
    assert len(own_pages(COURSE)) == 13
