"""The set-up from a bundle: what it takes from there, and what it says when that does not fit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from dockerlab import bootstrap
from dockerlab.bootstrap import SetupError
from dockerlab.course.offline import gather, setup, writer
from dockerlab.course.offline.setup import Supplies, unpacked
from dockerlab.course.offline.writer import Item
from dockerlab.errors import DockerlabError
from dockerlab.formats.manifest import this_platform

PIP = Item("wheels/pip-26.3-py3-none-any.whl", b"pip")
DEB = Item("tools/proot_5_amd64.deb", b"deb")


def bundle(folder: Path, *items: Item, platform: str = "") -> Path:
    writer.write(
        folder / "b.tar",
        list(items),
        version="1",
        platform=platform or str(this_platform()),
        python=(gather.PYTHON,),
    )
    return folder / "b.tar"


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run, in a clone that has nothing yet."""
    asked: list[list[str]] = []

    def run(title: str, command: Sequence[str], **options: object) -> None:
        asked.append([title, *command])
        environment = options.get("env")
        if "pip" in title or "Python packages" in title:
            assert isinstance(environment, dict)
            assert [key for key in environment if key.startswith("PIP_")] == ["PIP_CONFIG_FILE"]
        if "packages" in title:
            (tmp_path / ".venv").mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(bootstrap, "run", run)
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.invalid")
    return asked


@pytest.fixture
def without_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    programs = {"dpkg-deb": "/bin/dpkg-deb"}
    monkeypatch.setattr(bootstrap.shutil, "which", programs.get)


def test_everything_comes_out_of_the_bundle(
    commands: list[list[str]], without_tools: None, tmp_path: Path
) -> None:
    assert setup.main([str(bundle(tmp_path, PIP, DEB))]) == 0
    assert [words[0] for words in commands] == [
        "Making a virtual environment in .venv",
        "Installing pip",
        "Installing Python packages out of the bundle",
        "Unpacking proot",
    ]
    making, pip, packages, _ = commands
    assert "--without-pip" in making
    assert pip[2].endswith("/wheels/pip-26.3-py3-none-any.whl/pip")
    for words in (pip, packages):
        assert "--no-index" in words
        assert not Path(words[words.index("--find-links") + 1]).exists()  # it was for a while


def test_a_second_set_up_does_nothing(
    commands: list[list[str]], without_tools: None, tmp_path: Path
) -> None:
    path = bundle(tmp_path, PIP, DEB)
    setup.set_up(path)
    for tool in ("proot", "slirp4netns"):
        (tmp_path / "tools" / f"{tool}.tried").touch()
    commands.clear()
    path.unlink()
    setup.set_up(path)
    assert commands == []


def test_no_tools_are_said(
    commands: list[list[str]],
    without_tools: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    setup.set_up(bundle(tmp_path, PIP))
    assert "PRoot is neither here nor in the bundle" in capsys.readouterr().out


def test_packages_for_another_python(
    commands: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supplies = Supplies(tmp_path, ("3.9",), ())
    with pytest.raises(SetupError, match=r"are for Python 3\.9, and none was found") as error:
        setup.packages(supplies, "course")
    assert f"{sys.executable}: is {gather.PYTHON}" in error.value.message
    assert "make lab PYTHON=/path/to/python3.9 OFFLINE=FILE" in error.value.hint
    assert commands == []


def test_packages_that_do_not_fit(
    commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(title: str, command: Sequence[str], **options: object) -> None:
        if "packages" in title:
            raise SetupError("No matching distribution found for numpy==2")

    monkeypatch.setattr(bootstrap, "run", run)
    with pytest.raises(SetupError, match="No matching distribution") as error:
        setup.set_up(bundle(tmp_path, PIP))
    assert "another kind of system" in error.value.hint


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is set up yet."""
    monkeypatch.setattr(bootstrap, "installed", lambda extra: False)


def test_a_bundle_of_images_only(
    tmp_path: Path, bare: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup.main([str(bundle(tmp_path, DEB))]) == 1
    said = capsys.readouterr().err
    assert "holds images only" in said
    assert "bundle --wheels" in said


def test_a_bundle_for_another_machine(tmp_path: Path) -> None:
    path = bundle(tmp_path, PIP, platform="linux/s390x")
    with (
        pytest.raises(DockerlabError, match="is for linux/s390x, and this machine"),
        unpacked(path),
    ):
        pass


def test_a_bundle_that_is_not_there(bare: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(["/none/such.tar"]) == 1
    assert "mounted" in capsys.readouterr().err


def test_all_that_the_set_up_installs_is_gathered() -> None:
    wanted, constraints = gather._requirements()
    names = {name.partition(">")[0].partition("[")[0] for name in wanted}
    assert {"aiohttp", "docker", "jupyterlab", "setuptools", "pip"} <= names
    assert "dockerlab" not in names
    assert constraints.is_file()


def test_extras_of_ours_are_resolved() -> None:
    project = {
        "name": "dockerlab",
        "optional-dependencies": {"a": ["x>=1", "dockerlab[b,c]"], "b": ["y"], "c": ["z[q]"]},
    }
    assert list(gather._of_extra(project, "a")) == ["x>=1", "y", "z[q]"]
