"""A learner's folder is read with care: links, devices and huge files may be in it."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from dockerlab.grading import bench as module
from dockerlab.grading.bench import ANSWERS, LARGEST_FILE, Bench, copy_tree


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "file").write_text("secret")
    folder = tmp_path / "work"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "file").write_text("mine")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "linked").symlink_to(tmp_path / "secrets")
    os.mkfifo(folder / "pipe")
    return Bench(None, folder, None)  # type: ignore[arg-type]


def test_files_below_the_folder_are_read(bench: Bench) -> None:
    assert bench.read("sub/file") == "mine"
    assert bench.read("nothing") is None
    (bench.folder / "sub" / "file").write_bytes(b"\xff" + b"x" * LARGEST_FILE)
    assert bench.read("sub/file") == "\N{REPLACEMENT CHARACTER}" + "x" * (LARGEST_FILE - 1)


@pytest.mark.parametrize(
    "name",
    ["link", "linked/file", "../secret", "sub/../../secret", "/etc/passwd", "pipe", "sub", ""],
)
def test_nothing_else_is(bench: Bench, name: str) -> None:
    assert bench.read(name) is None


def test_not_even_when_the_folder_is_a_link_itself(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(tmp_path / "secrets")
    other = Bench(None, tmp_path / "other", None)  # type: ignore[arg-type]
    assert other.read("file") is None
    with other.copied() as copy:
        assert list(copy.iterdir()) == []


def test_a_copy_has_the_regular_files_only(bench: Bench) -> None:
    with bench.copied() as copy:
        assert [str(path.relative_to(copy)) for path in copy.rglob("*")] == ["sub", "sub/file"]
    assert not copy.exists()


def test_a_copy_is_not_larger_than_it_may_be(bench: Bench, tmp_path: Path) -> None:
    with (bench.folder / "huge").open("wb") as file:
        file.truncate(1 << 40)
    (bench.folder / "small").write_text("x")
    (tmp_path / "copy").mkdir()
    copy_tree(bench.folder, tmp_path / "copy", most=2)
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["small", "sub"]


def test_a_file_that_becomes_a_pipe_is_not_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "confined", lambda folder, name: folder / name)
    assert bench.read("pipe") is None
    assert bench.read("link") is None


def test_a_file_that_grows_is_copied_as_it_was(bench: Bench, tmp_path: Path) -> None:
    class Growing(io.BytesIO):
        def fileno(self) -> int:
            return one.fileno()

    with (bench.folder / "sub" / "file").open("rb") as one:
        module.copy_open(Growing(b"mine and much more"), tmp_path / "copy", 4)
    assert (tmp_path / "copy").read_text() == "mine"


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "\ud800", '"a"'])
def test_what_is_no_answers_is_none(bench: Bench, text: str) -> None:
    (bench.folder / ANSWERS).write_text(text, errors="surrogatepass")
    assert bench.answers() == {}
