from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlab.errors import CommandError
from dockerlab.magics.cells import write


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "notebook"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("target", ["../secret", "../nosuch", "/etc/passwd"])
def test_a_link_does_not_lead_out(here: Path, target: str) -> None:
    (here.parent / "secret").write_text("untouched")
    (here / "link").symlink_to(target)
    (here / "way").symlink_to("..")
    for path in ("link", "way/secret", "way/new"):
        with pytest.raises(CommandError, match="outside the notebook's folder"):
            write(Path(path), "written")
    assert (here.parent / "secret").read_text() == "untouched"
    assert sorted(path.name for path in here.parent.iterdir()) == ["notebook", "secret"]


def test_what_is_no_file_is_refused(here: Path) -> None:
    (here / "circle").symlink_to("circle")
    (here / "folder").mkdir()
    os.mkfifo(here / "pipe")
    for name in ("circle", "folder", "pipe"):
        with pytest.raises(CommandError, match="cannot be written"):
            write(Path(name), "written")
