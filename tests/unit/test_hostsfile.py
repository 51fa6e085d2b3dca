from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlab.engine.net.names import hostsfile

WRITTEN = "127.0.0.1\tlocalhost\n10.0.0.2\tbox\n# mine\n10.0.0.22 other\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "hosts"
    path.write_text(WRITTEN)
    return path


def test_a_line_comes_and_goes_and_the_rest_stays(path: Path) -> None:
    inode = path.stat().st_ino
    hostsfile.add(path, "10.1.0.2", "box.example box")
    assert path.read_text() == WRITTEN + "10.1.0.2\tbox.example box\n"
    hostsfile.drop(path, "10.1.0.2")
    assert path.read_text() == WRITTEN
    assert path.stat().st_ino == inode  # a bind mount shows this file, not a new one


def test_a_last_line_without_an_end(path: Path) -> None:
    path.write_text("10.0.0.2\tbox")
    hostsfile.add(path, "10.1.0.2", "more")
    assert path.read_text() == "10.0.0.2\tbox\n10.1.0.2\tmore\n"
    path.write_text("")
    hostsfile.add(path, "10.1.0.2", "more")
    assert path.read_text() == "10.1.0.2\tmore\n"


def test_only_the_very_address_is_dropped(path: Path) -> None:
    hostsfile.drop(path, "10.0.0.2")
    assert path.read_text() == "127.0.0.1\tlocalhost\n# mine\n10.0.0.22 other\n"
    hostsfile.drop(path, "10.9.9.9")
    hostsfile.drop(path, "")
    assert path.read_text() == "127.0.0.1\tlocalhost\n# mine\n10.0.0.22 other\n"


def test_a_link_moves(path: Path) -> None:
    hostsfile.add(path, "10.0.0.3", "db abc store")
    hostsfile.add(path, "10.0.0.3", "db")
    hostsfile.replace(path, "db abc store", "10.0.0.7")
    assert path.read_text() == WRITTEN + "10.0.0.7\tdb abc store\n10.0.0.3\tdb\n"


def test_what_a_program_wrote_there_need_not_be_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe junk\n\n10.0.0.3\tdb\n")
    hostsfile.replace(path, "db", "10.0.0.4")
    hostsfile.drop(path, "10.0.0.4")
    assert path.read_bytes() == b"\xff\xfe junk\n\n"


def test_no_file_and_a_folder_in_its_place_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("none/hosts", "folder"):
        hostsfile.add(tmp_path / name, "10.0.0.1", "a")
        hostsfile.drop(tmp_path / name, "10.0.0.1")
        hostsfile.replace(tmp_path / name, "a", "10.0.0.1")


def test_it_is_never_followed_out_of_the_containers_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("10.0.0.1\ta\n")
    os.symlink(outside, tmp_path / "hosts")
    hostsfile.drop(tmp_path / "hosts", "10.0.0.1")
    hostsfile.add(tmp_path / "hosts", "10.0.0.2", "b")
    hostsfile.replace(tmp_path / "hosts", "a", "10.0.0.3")
    assert outside.read_text() == "10.0.0.1\ta\n"


def test_a_file_that_was_blown_up_is_left_alone(path: Path) -> None:
    path.write_bytes(b"#" * (2 << 20))
    hostsfile.add(path, "10.0.0.1", "a")
    assert path.stat().st_size == 2 << 20
