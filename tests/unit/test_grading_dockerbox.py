"""What comes out of a box's container, and what a container is made of."""

from __future__ import annotations

import os
import tarfile
import threading
from io import BytesIO
from pathlib import Path

import pytest

from dockerlab.grading.classroom.dockerbox import container, copying, image
from dockerlab.grading.classroom.dockerbox.inside import layout, packing
from dockerlab.grading.classroom.seam import Limits

MOST = 1 << 20


def copied(folder: Path, tmp_path: Path, most: int = MOST) -> Path:
    """The folder as it comes out."""
    copy = tmp_path / "copy"
    copy.mkdir()
    reader, writer = os.pipe()
    packer = threading.Thread(target=packing.pack, args=(str(folder), writer, most))
    packer.start()
    copying.receive(reader, copy)
    packer.join()
    return copy


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_files_and_folders_come_out(work: Path, tmp_path: Path) -> None:
    (work / "app" / "empty").mkdir(parents=True)
    (work / "app" / "run.sh").write_text("echo hi")
    (work / "app" / "run.sh").chmod(0o755)
    (work / os.fsdecode(b"\xff.txt")).write_text("not UTF-8")
    copy = copied(work, tmp_path)
    assert names(copy) == names(work)
    assert (copy / "app" / "run.sh").read_text() == "echo hi"
    assert os.access(copy / "app" / "run.sh", os.X_OK)


def test_links_and_pipes_stay_behind(work: Path, tmp_path: Path) -> None:
    (work / "own").write_text("x")
    (work / "link").symlink_to("/etc/passwd")
    (work / "folder").symlink_to("/etc")
    os.mkfifo(work / "pipe")
    assert names(copied(work, tmp_path)) == ["own"]


def test_what_is_too_large_or_too_deep_stays_behind(work: Path, tmp_path: Path) -> None:
    with (work / "huge").open("wb") as file:
        file.truncate(1 << 40)
    (work / "small").write_text("x")
    deep = work.joinpath(*["d"] * 60)
    deep.mkdir(parents=True)
    copy = copied(work, tmp_path)
    assert "small" in names(copy)
    assert "huge" not in names(copy)
    assert 30 < len(names(copy)) < 40


def test_what_may_not_be_read_by_others_is_read_by_the_grader(work: Path, tmp_path: Path) -> None:
    (work / "closed").write_text("x")
    (work / "closed").chmod(0o200)
    if os.geteuid() == 0:  # as the first process of a container is
        assert os.access(copied(work, tmp_path) / "closed", os.R_OK)


def test_a_container_that_ends_meanwhile_is_no_empty_folder(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    with pytest.raises(OSError, match="does not hand its folder out"):
        copying.receive(reader, tmp_path)


def test_a_file_that_shrinks_is_as_long_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    with (tmp_path / "file").open("rb") as file:
        assert packing.Content(file.fileno()).read(5) == b"abc\0\0"


def test_the_image_is_the_same_each_time() -> None:
    archive = image.archive()
    assert archive == image.archive()
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        assert tar.getmember(layout.PRIVATE.lstrip("/")).mode == 0o700
        assert tar.getmember("tmp").linkname == layout.TMP


def test_a_container_is_closed(tmp_path: Path) -> None:
    made = container.options("image", "name", tmp_path, None, Limits())
    assert made["network_mode"] == "none"
    assert made["read_only"]
    assert made["cap_drop"] == ["ALL"]
    written = [mount["Target"] for mount in made["mounts"] if not mount["ReadOnly"]]
    assert written == [layout.MEETING]


def test_users_are_those_of_one_box() -> None:
    first, second = layout.new_users(), layout.new_users()
    assert first != second
    assert len({first.student, first.engine, first.guard}) == 3
