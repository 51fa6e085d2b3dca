"""A folder taken over as a layer is what its archive would have been unpacked to."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

import pytest

from dockerlab.engine.store import uppers
from dockerlab.engine.store.blobs import Blobs
from dockerlab.engine.store.layers import Layer, Layers
from dockerlab.engine.store.overlay import Overlay, _as_layer
from dockerlab.engine.store.packing import Chunks, pack
from dockerlab.engine.store.snapshots import TreeReader, opened
from dockerlab.engine.store.uppers import OPAQUE, Take

Fill = Callable[[Path], None]


@pytest.fixture
def upper(tmp_path: Path) -> Path:
    folder = tmp_path / "upper"
    folder.mkdir()
    return folder


def whiteout(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR, 0)
    except PermissionError:
        pytest.skip("this system makes no whiteouts")


def attribute(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value, follow_symlinks=False)
    except OSError:
        pytest.skip(f"{name} cannot be set here")


def ordinary(upper: Path) -> None:
    (upper / "a").mkdir(mode=0o2751)
    (upper / "a" / "file").write_bytes(b"content" * 1000)
    (upper / "a" / "file").chmod(0o4755)
    (upper / "a" / "same").hardlink_to(upper / "a" / "file")
    (upper / "a" / "link").symlink_to("../../../etc/passwd")
    os.mkfifo(upper / "a" / "pipe", 0o640)
    (upper / "empty").touch()
    for path in ("a/file", "a", "empty"):
        os.utime(upper / path, ns=(1, 1_500_000_000_123_456_789))


def removing(upper: Path) -> None:
    ordinary(upper)
    whiteout(upper / "a" / "gone")
    (upper / "a" / "anew").mkdir()
    attribute(upper / "a" / "anew", OPAQUE, b"y")
    attribute(upper / "a", "user.overlay.origin", b"x")
    attribute(upper, "user.overlay.impure", b"y")
    attribute(upper, "user.overlay.uuid", b"x" * 16)


def noted(upper: Path) -> None:
    (upper / "f").touch()
    attribute(upper / "f", "user.mine", b"\xff")


def nothing(_: Path) -> None:
    pass


def pieces(upper: Path) -> Iterator[bytes]:
    with opened(upper) as root:
        yield from pack(_as_layer(TreeReader(root), root, ""))


def added(root: Path, upper: Path, take: Take | None) -> tuple[Layer, Layers]:
    root.mkdir()
    layers = Layers(root, Blobs(root))
    return layers.add(cast("IO[bytes]", Chunks(pieces(upper))), "me", take=take), layers


def listed(folder: Path) -> dict[str, object]:
    return {str(path.relative_to(folder)): facts(path) for path in folder.rglob("*")}


def facts(path: Path) -> tuple[object, ...]:
    found = path.lstat()
    timed = not stat.S_ISCHR(found.st_mode) and path.name != "a"  # a mark, or what it is in
    names = os.listxattr(path, follow_symlinks=False)
    return (
        found.st_mode,
        (found.st_uid, found.st_gid, found.st_nlink, found.st_rdev),
        found.st_mtime_ns if timed else 0,
        os.readlink(path) if path.is_symlink() else "",
        path.read_bytes() if stat.S_ISREG(found.st_mode) else b"",
        {name: os.getxattr(path, name, follow_symlinks=False) for name in names},
    )


@pytest.mark.parametrize("fill", [ordinary, removing, noted, nothing])
def test_it_is_what_would_have_been_unpacked(tmp_path: Path, upper: Path, fill: Fill) -> None:
    fill(upper)
    upper.chmod(0o711)  # the root is in no layer
    unpacked, one = added(tmp_path / "one", upper, None)
    taken, two = added(tmp_path / "two", upper, lambda place: uppers.take(upper, place))
    assert list(upper.iterdir()) == []
    assert (taken.diff_id, taken.blob) == (unpacked.diff_id, unpacked.blob)
    assert (taken.size, taken.tar_size) == (unpacked.size, unpacked.tar_size)
    assert two.hidden(taken) == one.hidden(unpacked)
    assert listed(Path(taken.directory)) == listed(Path(unpacked.directory))
    assert Path(taken.directory).stat().st_mode == Path(unpacked.directory).stat().st_mode
    again = Layers(tmp_path / "two", Blobs(tmp_path / "two")).find(taken.diff_id)
    assert again == taken


def with_socket(upper: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(upper / "s"))


def with_device(upper: Path) -> None:
    try:
        os.mknod(upper / "d", stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


def with_redirection(upper: Path) -> None:
    (upper / "d").mkdir()
    attribute(upper / "d", "user.overlay.redirect", b"/etc")


def with_its_own_mark(upper: Path) -> None:
    (upper / "d").mkdir()
    attribute(upper / "d", OPAQUE, b"x")


def with_a_whiteout_by_name(upper: Path) -> None:
    (upper / ".wh.etc").touch()


def with_an_attribute_of_the_root(upper: Path) -> None:
    attribute(upper, "user.mine", b"x")


def with_a_foreign_attribute(upper: Path) -> None:
    (upper / "f").touch()
    attribute(upper / "f", "trusted.mine", b"x")


ODD = [
    with_socket,
    with_device,
    with_redirection,
    with_its_own_mark,
    with_a_whiteout_by_name,
    with_an_attribute_of_the_root,
    with_a_foreign_attribute,
]


@pytest.mark.parametrize("fill", ODD)
def test_what_an_archive_does_not_hold_is_not_taken_over(
    tmp_path: Path, upper: Path, fill: Fill
) -> None:
    (upper / "file").write_text("x")
    fill(upper)
    before = sorted(path.name for path in upper.iterdir())
    assert uppers.take(upper, tmp_path / "place") is None
    assert not (tmp_path / "place").exists()
    assert sorted(path.name for path in upper.iterdir()) == before
    layer, _ = added(tmp_path / "store", upper, lambda place: uppers.take(upper, place))
    assert Path(layer.directory, "file").read_text() == "x"


def test_a_layer_that_is_there_already_leaves_the_folder_alone(tmp_path: Path, upper: Path) -> None:
    ordinary(upper)
    layer, layers = added(tmp_path / "store", upper, None)
    stream = cast("IO[bytes]", Chunks(pieces(upper)))
    assert layers.add(stream, "you", take=lambda place: uppers.take(upper, place)) == layer
    assert (upper / "a" / "file").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="mounts a container's files")
@pytest.mark.parametrize("looked_at", [False, True])
def test_files_that_somebody_may_have_changed_are_unpacked(tmp_path: Path, looked_at: bool) -> None:
    """``docker cp`` into a step's container between the archive's reading and the take-over."""
    overlay = Overlay(tmp_path, Layers(tmp_path, Blobs(tmp_path)))
    overlay.prepare("c", ())
    (tmp_path / "containers" / "c" / "upper" / "file").write_text("as in the archive")
    take = overlay.tree("c")
    assert take is not None
    if looked_at:
        with overlay.view("c", ()) as files:
            (files / "file").write_text("another")
    found = take(tmp_path / "diff")
    assert (found is None) == looked_at
    assert (tmp_path / "diff").exists() != looked_at
