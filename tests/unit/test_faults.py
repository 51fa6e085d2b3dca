"""Each fault changes one thing, the next one takes it away, and git has what is to be pushed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from dockerlab.course.faults import POLICY, SECRET, USER, Faults
from dockerlab.errors import DockerlabError

APP = Path(__file__).resolve().parents[2] / "notebooks" / "apps" / "react-app"
KEY = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYab"


class Iam:
    """Notes which policies a user has."""

    def __init__(self) -> None:
        self.attached = {(USER, POLICY)}

    def attach_user_policy(self, *, UserName: str, PolicyArn: str) -> None:
        self.attached.add((UserName, PolicyArn))

    def detach_user_policy(self, *, UserName: str, PolicyArn: str) -> None:
        self.attached.discard((UserName, PolicyArn))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (".travis.yml", "Dockerfile"):
        shutil.copy(APP / name, tmp_path / name)
    git(tmp_path, "init", "--quiet", "--initial-branch", "master")
    git(tmp_path, "config", "user.name", "You")
    git(tmp_path, "config", "user.email", "you@example.com")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "All")
    return tmp_path


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_each_plants_one_thing_and_the_next_takes_it_away(folder: Path) -> None:
    ci, iam = SimpleNamespace(settings={SECRET: KEY}), Iam()
    faults = Faults(ci, SimpleNamespace(client=lambda service: iam), folder)
    good = {name: (folder / name).read_text() for name in (".travis.yml", "Dockerfile")}

    def changed() -> set[str]:
        assert git(folder, "status", "--porcelain") == ""
        found = {name for name, text in good.items() if (folder / name).read_text() != text}
        found |= {"secret"} if ci.settings[SECRET] != KEY else set()
        return found | ({"policy"} if not iam.attached else set())

    seen = []
    for number in range(1, 6):
        faults.plant(number)
        assert git(folder, "log", "-1", "--format=%s") == f"Fault {number}"
        seen.append(changed())
    assert seen == [{"secret"}, {"policy"}, {".travis.yml"}, {"Dockerfile"}, {"Dockerfile"}]
    faults.mend()
    assert changed() == set()


def test_a_mistyped_secret_is_one_all_the_same(folder: Path) -> None:
    ci = SimpleNamespace(settings={SECRET: KEY})
    Faults(ci, SimpleNamespace(client=lambda service: Iam()), folder).plant(1)
    assert sorted(ci.settings[SECRET]) == sorted(KEY)


def test_what_is_not_there_is_said(folder: Path) -> None:
    faults = Faults(
        SimpleNamespace(settings={SECRET: KEY}), SimpleNamespace(client=lambda _: Iam()), folder
    )
    with pytest.raises(DockerlabError, match="there is no fault 6"):
        faults.plant(6)
    text = (folder / "Dockerfile").read_text().replace("EXPOSE 80", "")
    (folder / "Dockerfile").write_text(text)
    other = Faults(
        SimpleNamespace(settings={SECRET: KEY}), SimpleNamespace(client=lambda _: Iam()), folder
    )
    with pytest.raises(DockerlabError, match="EXPOSE 80 is not in it any more"):
        other.plant(5)
