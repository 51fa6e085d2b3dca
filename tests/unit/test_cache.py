"""The cache: where it is, that files in it are whole, that one process builds at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dockerlab.course import cache
from dockerlab.course.cache import Cache
from dockerlab.course.progress import Step
from dockerlab.errors import DockerlabError


def test_location(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DOCKERLAB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert cache.location() == tmp_path / ".cache/dockerlab"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache.location() == tmp_path / ".cache/dockerlab"
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache.location() == Path("/x/dockerlab")
    monkeypatch.setenv("DOCKERLAB_CACHE", "~/y")
    assert cache.location() == tmp_path / "y"


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with Cache(tmp_path).writing(path) as file:
        file.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"


def write_half(path: Path) -> None:
    with Cache(path.parent).writing(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_a_half_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_half(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    with (
        pytest.raises(DockerlabError, match="No space left on device") as error,
        Cache(tmp_path).writing(tmp_path / "a"),
    ):
        raise OSError(28, "No space left on device")
    assert "DOCKERLAB_CACHE" in error.value.hint
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DockerlabError, match="cannot be made"):
        Cache(tmp_path / "file").folder("x")


def test_records(tmp_path: Path) -> None:
    store = Cache(tmp_path)
    assert store.read_json(tmp_path / "r") == {}
    store.write_json(tmp_path / "r", {"a": 1})
    assert store.read_json(tmp_path / "r") == {"a": 1}
    (tmp_path / "r").write_text('{"a": ')
    assert store.read_json(tmp_path / "r") == {}


HOLD = """
import sys, time
from pathlib import Path
from dockerlab.course.cache import Cache
with Cache(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_at_a_time_and_a_dead_one_does_not_count(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:

        def progress(step: Step) -> None:
            said.append(str(step))
            other.kill()

        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            with Cache(tmp_path).lock(progress):
                assert said == ["Another process is preparing images; waiting for it"]
        finally:
            other.kill()
