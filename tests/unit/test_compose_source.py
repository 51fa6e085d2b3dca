"""Which compose files are meant, and where a project's relative paths count from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerlab.client.compose.calls import ComposeCalls
from dockerlab.client.compose.compose import Compose
from dockerlab.errors import DockerlabError

TEXT = "services:\n  web: {image: busybox, volumes: ['./here:/here']}\n"


class Offline(ComposeCalls):
    """``lab.compose`` without an engine: a compose file is read without one."""

    api: Any = None


@pytest.fixture
def inner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "outer" / "inner"
    folder.mkdir(parents=True)
    (folder / "compose.yaml").write_text(TEXT)
    monkeypatch.chdir(folder.parent)
    return folder


def where(project: Compose) -> tuple[str, str, str]:
    read = project.project
    return read.name, read.directory, read.services["web"].volumes[0].source


def test_paths_count_from_where_the_first_file_is(inner: Path) -> None:
    expected = ("inner", str(inner), f"{inner}/here")
    lab = Offline()
    assert where(lab.compose(files=["inner/compose.yaml"])) == expected
    # So a flag that is not given reaches it.
    assert where(lab.compose(files=["inner/compose.yaml"], directory="")) == expected
    assert where(lab.compose("inner")) == expected


def test_a_directory_is_where_paths_count_from_and_where_the_file_is_looked_for(
    inner: Path,
) -> None:
    outer = inner.parent
    lab = Offline()
    found = where(lab.compose(files=["inner/compose.yaml"], directory="."))
    assert found == ("outer", str(outer), f"{outer}/here")
    assert where(lab.compose(directory="inner")) == ("inner", str(inner), f"{inner}/here")


def test_a_text_lies_in_the_current_folder(inner: Path) -> None:
    outer = inner.parent
    assert where(Offline().compose(TEXT)) == ("outer", str(outer), f"{outer}/here")


def test_no_file_is_said_with_where_it_was_looked_for(inner: Path) -> None:
    with pytest.raises(DockerlabError, match=f"not found in {inner.parent}\n") as none:
        Offline().compose()
    assert "compose.yaml" in none.value.hint
