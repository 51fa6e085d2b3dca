"""What the set-up fetches of the engine's helpers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dockerlab import bootstrap
from dockerlab.bootstrap import SetupError


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of what was run, on a machine that has apt and no helper."""
    titles: list[str] = []

    def run(title: str, command: Sequence[str], **options: object) -> None:
        titles.append(title)
        if title == "Fetching slirp4netns":
            raise SetupError("no such package")
        if title == "Fetching PRoot":
            (Path(str(options["cwd"])) / "proot_5.deb").touch()
        if title == "Unpacking proot":
            (bootstrap.TOOLS / "usr" / "bin").mkdir(parents=True)
            (bootstrap.TOOLS / "usr" / "bin" / "proot").touch()

    programs = {"apt-get": "/bin/apt-get", "dpkg-deb": "/bin/dpkg-deb"}
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(bootstrap, "run", run)
    monkeypatch.setattr(bootstrap.shutil, "which", programs.get)
    return titles


def test_one_helper_that_is_not_to_be_had_does_not_keep_the_other_away(
    fetched: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.tools()
    assert fetched == [
        "Reading the list of system packages",
        "Fetching PRoot",
        "Unpacking proot",
        "Fetching slirp4netns",
    ]
    assert "slirp4netns could not be fetched, going on without it" in capsys.readouterr().out


def test_the_next_set_up_does_not_wait_for_apt_again(fetched: list[str]) -> None:
    bootstrap.tools()
    fetched.clear()
    bootstrap.tools()
    assert fetched == []
