from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from dockerlab.engine.errors import NotFound, ServerError
from dockerlab.engine.store import archive
from dockerlab.engine.store.mounted import Graft, Mounted


@pytest.fixture
def root(tmp_path: Path) -> Path:
    inside = tmp_path / "root"
    for folder in ("etc", "data/shadowed", "run"):
        (inside / folder).mkdir(parents=True)
    (inside / "etc/hosts").write_text("the image's\n")
    (inside / "var").symlink_to("/run")
    return inside


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    volume = tmp_path / "volume"
    (volume / "sub").mkdir(parents=True)
    (volume / "file").write_text("in the volume\n")
    (volume / "out").symlink_to("/etc/hosts")
    (volume / "up").symlink_to("../etc/hosts")
    return volume


def tar(name: str) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        out.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    buffer.seek(0)
    return buffer


def read(root: Path, path: str, *grafts: Graft) -> bytes:
    return b"".join(archive.get(root, path, grafts=grafts)[1])


def test_a_volume_shows_and_hides_what_is_below(root: Path, volume: Path) -> None:
    at = Graft("/data", str(volume))
    assert archive.stat(root, "/data/file", grafts=[at]).size == len("in the volume\n")
    assert archive.stat(root, "/data", grafts=[at]).name == "data"
    with tarfile.open(fileobj=io.BytesIO(read(root, "/data", at))) as found:
        names = found.getnames()
    assert names == ["data", "data/file", "data/out", "data/sub", "data/up"]
    with pytest.raises(NotFound):
        archive.stat(root, "/data/shadowed", grafts=[at])


def test_links_of_a_volume_mean_the_containers_files(root: Path, volume: Path) -> None:
    at = Graft("/data", str(volume))
    for link in ("out", "up"):
        assert archive.stat(root, f"/data/{link}", grafts=[at]).link_target == "/etc/hosts"
    with Mounted(root, [at]) as world:
        assert world.resolve("/data/sub/../../etc") == "/etc"


def test_a_volume_behind_a_link_and_one_in_another(root: Path, volume: Path) -> None:
    inner = volume.parent / "inner"
    inner.mkdir()
    (inner / "deep").write_text("x")
    grafts = [Graft("/var/v/mnt", str(inner)), Graft("/var/v", str(volume))]
    assert b"deep" in read(root, "/run/v/mnt/deep", *grafts)


def test_a_place_that_is_not_there_yet(root: Path, volume: Path) -> None:
    at = Graft("/srv/app/data", str(volume))
    archive.put(root, "/srv/app/data", tar("new"), grafts=[at])
    assert (volume / "new").is_file()
    assert os.listdir(root / "srv/app") == []
    archive.put(root, "/srv/app", tar("beside"), grafts=[at])
    assert os.listdir(root / "srv/app") == ["beside"]


def test_a_single_file(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("the host's\n")
    at = Graft("/etc/hosts", str(tmp_path / "mine"))
    assert archive.stat(root, "/etc/hosts", grafts=[at]).name == "hosts"
    assert b"the host's" in read(root, "/etc/hosts", at)
    assert b"the image's" not in read(root, "/etc/hosts", at)


def test_nothing_is_written_where_only_reading_is_allowed(root: Path, volume: Path) -> None:
    at = Graft("/data", str(volume), read_only=True)
    for path in ("/data", "/data/sub"):
        with pytest.raises(ServerError, match="mounted volume is marked read-only"):
            archive.put(root, path, tar("new"), grafts=[at])
    archive.put(root, "/etc", tar("new"), grafts=[at])


def test_a_hostile_place(root: Path, tmp_path: Path, volume: Path) -> None:
    (root / "trap").symlink_to(tmp_path)
    at = Graft("/trap/here", str(volume))
    with pytest.raises(NotFound):
        archive.stat(root, "/trap/root", grafts=[at])
    with pytest.raises(NotFound):
        archive.get(root, "/trap/volume", grafts=[at])
