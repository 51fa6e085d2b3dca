"""Filling a volume from an image, with hostile hands on both."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from dockerlab.engine.containers.request import copyup
from dockerlab.engine.errors import BadParameter


@pytest.fixture
def image(tmp_path: Path) -> Path:
    root = tmp_path / "image"
    (root / "data" / "deep").mkdir(parents=True)
    return root


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    folder = tmp_path / "volume"
    folder.mkdir()
    return folder


def test_content_modes_times_and_links(image: Path, volume: Path) -> None:
    file = image / "data" / "deep" / "file"
    file.write_text("text")
    file.chmod(0o640)
    os.utime(file, ns=(0, 1_234_567_890_123_456_789))
    os.link(file, image / "data" / "again")
    (image / "data" / "link").symlink_to("/etc/passwd")
    (image / "data").chmod(0o751)
    copyup.fill(image, "/data", volume)
    copied = volume / "deep" / "file"
    assert copied.read_text() == "text"
    assert copied.stat().st_mode & 0o7777 == 0o640
    assert copied.stat().st_mtime_ns == 1_234_567_890_123_456_789
    assert copied.samefile(volume / "again")
    assert os.readlink(volume / "link") == "/etc/passwd"
    assert volume.stat().st_mode & 0o7777 == 0o751
    assert not copyup.is_empty(volume)


def test_no_such_folder(image: Path, volume: Path) -> None:
    (image / "file").write_text("")
    for path in ("/none", "/file"):
        copyup.fill(image, path, volume)
    assert copyup.is_empty(volume)


def test_links_in_the_image_lead_nowhere(image: Path, volume: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the host")
    (image / "way").symlink_to(f"../../../../../../..{tmp_path}")
    copyup.fill(image, "/way", volume)
    assert copyup.is_empty(volume)


def test_sockets_stay_behind(image: Path, volume: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(image / "data" / "s"))
        copyup.fill(image, "/data", volume)
    assert os.listdir(volume) == ["deep"]


def test_folders_that_another_container_swaps_for_links(
    image: Path, volume: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for number in range(100):
        folder = image / "data" / f"{number:03}" / "sub"
        folder.mkdir(parents=True)
        (folder / "hole").write_text("x")
    other = os.fork()
    if other == 0:
        _swap(volume, outside)
    try:
        for _ in range(5):
            with contextlib.suppress(OSError, BadParameter):  # it may well fail
                copyup.fill(image, "/data", volume)
    finally:
        os.kill(other, signal.SIGKILL)
        os.waitpid(other, 0)
    assert os.listdir(outside) == []


def _swap(volume: Path, outside: Path) -> NoReturn:
    while True:
        for name in os.listdir(volume):
            with contextlib.suppress(OSError):
                os.rename(volume / name, volume.parent / f"away-{os.urandom(4).hex()}")
                os.symlink(outside, volume / name)
