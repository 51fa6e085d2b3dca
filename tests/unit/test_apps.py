"""The sample apps: committed whole and without addresses, copied into a playground."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockerlab.course import apps
from dockerlab.errors import DockerlabError
from dockerlab.views.words import default_language


@pytest.mark.parametrize("name", apps.lock_files())
def test_lock_files_are_in_step_and_hold_no_addresses(name: str) -> None:
    path = apps.lock_files()[name]
    lock = json.loads(path.read_text())
    asked = json.loads((path.parent / "package.json").read_text())
    for kind in ("dependencies", "devDependencies"):
        assert lock["packages"][""].get(kind, {}) == asked.get(kind, {})
    assert not [each for each in lock["packages"].values() if "resolved" in each]


def test_the_note_s_apps_are_there() -> None:
    assert {"node-app", "visit-counter", "react-app"} <= set(apps.lock_files())


def test_apps_agree_on_the_packages_that_both_have() -> None:
    """A version more would be a download more; and the newest would win over the one locked."""
    versions: dict[str, set[str]] = {}
    for path in apps.lock_files().values():
        for place, entry in json.loads(path.read_text())["packages"].items():
            versions.setdefault(place, set()).add(entry.get("version", ""))
    assert {place for place, found in versions.items() if place and len(found) > 1} == set()


def test_the_playground_is_empty_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKERLAB_LANG", "en")
    for _ in range(2):
        folder = apps.playground("ch9")
        assert Path.cwd() == folder == tmp_path / "playground" / "ch9"
        assert list(folder.iterdir()) == []
        (folder / "left").mkdir()
    assert apps.playground("ch8") == tmp_path / "playground" / "ch8"


def test_pictures_keep_the_language_of_the_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKERLAB_LANG", "")
    monkeypatch.delenv("DOCKERLAB_LANG")
    (tmp_path / "ko").mkdir()
    monkeypatch.chdir(tmp_path / "ko")
    apps.playground("ch9")
    assert default_language() == "ko"


def test_an_app_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert apps.copy("node-app") == ["index.js", "package-lock.json", "package.json"]
    assert "express" in (tmp_path / "package.json").read_text()
    assert {".dockerignore", "Dockerfile", "compose.yaml"} <= set(apps.copy("visit-counter"))
    assert {"Dockerfile.dev", "src/Ship.test.jsx"} <= set(apps.copy("react-app"))
    with pytest.raises(DockerlabError, match="nosuch is not here"):
        apps.copy("nosuch")
