"""One suite for both ways of keeping container file systems."""

from __future__ import annotations

import ctypes
import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockerlab.engine.errors import ServerError
from dockerlab.engine.store import mounts
from dockerlab.engine.store.blobs import Blobs
from dockerlab.engine.store.copies import Copy
from dockerlab.engine.store.layers import Layer, Layers
from dockerlab.engine.store.overlay import Overlay
from dockerlab.engine.store.rootfs import Rootfs
from dockerlab.engine.store.snapshots import Snapshots, as_json

MADE = 1_000_000_000


def archive(**files: Any) -> bytes:
    """``name=b"content"`` files, ``name=None`` folders, ``name="target"`` links."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.mtime, member.mode = MADE, 0o755 if content is None else 0o644
            member.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            data = content if isinstance(content, bytes) else b""
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


BASE = {
    "etc": None,
    "etc/conf": b"old",
    "etc/gone": b"x",
    "dir": None,
    "dir/a": b"a",
    "dir/b": b"b",
    "link": "etc/conf",
    "same": b"12345",
}
SECOND = {"etc/.wh.gone": b"", "dir": None, "dir/.wh..wh..opq": b"", "dir/c": b"c", "top": b"t"}
MERGED = {"dir", "dir/c", "etc", "etc/conf", "link", "same", "top"}
FLOOR = {".dockerenv", "dev", "dev/console", "dev/pts", "dev/shm", "etc/hostname", "etc/hosts"}
FLOOR |= {"etc/mtab", "etc/resolv.conf", "proc", "sys"}


class World:
    """A store with an image of two layers, and a container whose file system can be changed."""

    def __init__(self, root: Path, kind: Callable[[Path, Layers], Snapshots]) -> None:
        self.root, self.kind = root, kind
        self.open()
        self.image = [self.add(**BASE), self.add(**SECOND)]

    def open(self) -> None:
        self.layers = Layers(self.root, Blobs(self.root))
        self.snapshots = self.kind(self.root, self.layers)

    def add(self, **files: Any) -> Layer:
        return self.layers.add(io.BytesIO(archive(**files)))

    def change(self, work: Callable[[Path], None], layers: list[Layer] | None = None) -> None:
        layers = self.image if layers is None else layers
        rootfs = self.snapshots.prepare("c1", layers)
        with mounted(rootfs) as path:
            work(path)

    def changes(self) -> list[str]:
        return [str(c) for c in self.snapshots.changes("c1", self.image)]

    def diff(self) -> bytes:
        return b"".join(self.snapshots.diff("c1", self.image))


class mounted:
    """What the shim does: an overlay where there are layers, nothing otherwise."""

    def __init__(self, rootfs: Rootfs) -> None:
        self.rootfs = rootfs

    def __enter__(self) -> Path:
        if self.rootfs.lower:
            mounts.overlay(self.rootfs.path, self.rootfs.lower, self.rootfs.upper, self.rootfs.work)
        return Path(self.rootfs.path)

    def __exit__(self, *_: object) -> None:
        if self.rootfs.lower:
            mounts.unmount(self.rootfs.path)


def own_mount_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(0x20000) != 0:
        pytest.skip("mounting needs root here; test_as_an_ordinary_user covers the rest")
    mounts.mount("none", "/", "", 0x4000 | 0x40000)


@pytest.fixture(params=["overlay", "copy"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "overlay":
        own_mount_namespace()
    found = World(tmp_path, Overlay if request.param == "overlay" else Copy)
    yield found
    left = [line for line in Path("/proc/self/mounts").read_text().splitlines()]
    assert not [line for line in left if str(tmp_path) in line], "a mount was left behind"


def names(path: Path) -> set[str]:
    return {str(found.relative_to(path)) for found in path.rglob("*")}


def test_prepared_tree(world: World) -> None:
    def look(path: Path) -> None:
        assert names(path) == MERGED | FLOOR
        assert (path / "etc/conf").stat().st_mtime == MADE
        assert os.readlink(path / "link") == "etc/conf"

    world.change(look)
    assert world.changes() == []
    assert world.snapshots.size("c1") == 0


def modify(path: Path) -> None:
    (path / "etc/conf").write_text("new")
    (path / "dir/c").unlink()
    (path / "new/deep").mkdir(parents=True)
    (path / "new/deep/file").write_text("12345678")
    (path / "top").unlink()
    (path / "top").symlink_to("link")


def test_changes(world: World) -> None:
    world.change(modify)
    assert world.changes() == [
        "C /dir",
        "D /dir/c",
        "C /etc/conf",
        "A /new",
        "A /new/deep",
        "A /new/deep/file",
        "C /top",
    ]
    assert world.snapshots.size("c1") >= 11
    assert as_json(world.snapshots.changes("c1", world.image)[1]) == {"Path": "/dir/c", "Kind": 2}


def test_diff_makes_the_same_tree_again(world: World) -> None:
    world.change(modify)
    layer = world.layers.add(io.BytesIO(world.diff()))
    rootfs = world.snapshots.prepare("c2", [*world.image, layer])
    with mounted(rootfs) as path:
        found = names(path) - FLOOR
        assert found == (MERGED | {"new", "new/deep", "new/deep/file"}) - {"dir/c"}
        assert (path / "etc/conf").read_text() == "new"
        assert os.readlink(path / "top") == "link"
    assert world.snapshots.changes("c2", [*world.image, layer]) == []


def test_diff_of_nothing_is_empty(world: World) -> None:
    world.change(lambda _: None)
    assert world.diff().strip(b"\0") == b""


def test_a_folder_made_anew_hides_the_old_one(world: World) -> None:
    def work(path: Path) -> None:
        shutil.rmtree(path / "dir")
        (path / "dir").mkdir()
        (path / "dir/n").write_text("n")

    world.change(work)
    layer = world.layers.add(io.BytesIO(world.diff()))
    with mounted(world.snapshots.prepare("c2", [*world.image, layer])) as path:
        assert os.listdir(path / "dir") == ["n"]


def test_a_folder_in_place_of_a_file_and_back(world: World) -> None:
    def work(path: Path) -> None:
        (path / "top").unlink()
        (path / "top").mkdir()
        (path / "top/x").write_text("")
        shutil.rmtree(path / "dir")
        (path / "dir").write_text("file")

    world.change(work)
    layer = world.layers.add(io.BytesIO(world.diff()))
    with mounted(world.snapshots.prepare("c2", [*world.image, layer])) as path:
        assert (path / "top/x").exists()
        assert (path / "dir").read_text() == "file"


def test_equal_size_and_time_do_not_hide_a_change(world: World) -> None:
    def work(path: Path) -> None:
        before = (path / "same").stat()
        (path / "same").write_bytes(b"54321")
        os.utime(path / "same", ns=(before.st_atime_ns, before.st_mtime_ns))

    world.change(work)
    assert "C /same" in world.changes()


def test_permissions_are_a_change(world: World) -> None:
    world.change(lambda path: (path / "same").chmod(0o4755))
    assert world.changes() == ["C /same"]
    with tarfile.open(fileobj=io.BytesIO(world.diff())) as tar:
        assert tar.getmember("same").mode == 0o4755


def test_the_image_does_not_change(world: World) -> None:
    def work(path: Path) -> None:
        for name in ("same", "top", "etc/conf"):
            with open(path / name, "ab") as file:
                file.write(b"!")
                os.fchmod(file.fileno(), 0o600)

    world.change(work)
    source = Path(world.image[0].directory)
    assert (source / "same").read_bytes() == b"12345"
    assert stat.S_IMODE((source / "same").stat().st_mode) == 0o644
    assert "lost" not in names(source)


def test_links_of_one_image_may_be_shared_without_showing(world: World) -> None:
    def replace(path: Path) -> None:
        os.unlink(path / "link")
        os.symlink("elsewhere", path / "link")

    world.snapshots.prepare("c2", world.image)
    world.change(replace)
    assert world.changes() == ["C /link"]
    assert list(world.snapshots.changes("c2", world.image)) == []
    with world.snapshots.view("c2", world.image) as path:
        assert os.readlink(path / "link") == "etc/conf"


def test_view(world: World) -> None:
    world.change(modify)
    with (
        world.snapshots.view("c1", world.image) as one,
        world.snapshots.view("c1", world.image) as two,
    ):
        assert one == two
        assert (one / "etc/conf").read_text() == "new"
        (one / "put").write_text("x")
        assert (two / "put").exists()
    assert "A /put" in world.changes()


def test_a_pid_that_is_somebody_elses_by_now(world: World) -> None:
    """What ended may have given its number to a process of the machine's."""
    world.change(modify)
    if not isinstance(world.snapshots, Overlay):
        return
    with subprocess.Popen(["sleep", "9"]) as other:
        with (
            pytest.raises(ServerError, match="has just ended"),
            world.snapshots.view("c1", world.image, other.pid),
        ):
            raise AssertionError("this is the machine's root")
        other.kill()
    with (
        pytest.raises(ServerError, match="has just ended"),
        world.snapshots.view("c1", world.image, other.pid),
    ):
        raise AssertionError("there is no such process")


def test_image_view(world: World) -> None:
    with world.snapshots.image_view(world.image) as path:
        assert names(path) == MERGED
    with world.snapshots.image_view(world.image[:1]) as path:
        assert (path / "etc/gone").exists()


def test_export(world: World) -> None:
    world.change(modify)
    data = b"".join(world.snapshots.export("c1", world.image))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = set(tar.getnames())
        assert tar.extractfile("etc/conf").read() == b"new"  # type: ignore[union-attr]
    assert {"new/deep/file", "etc", ".dockerenv"} <= found
    assert "dir/c" not in found


def test_hard_links(world: World) -> None:
    def work(path: Path) -> None:
        (path / "one").write_text("x" * 100)
        os.link(path / "one", path / "two")

    world.change(work)
    assert world.snapshots.size("c1") in (100, 200)
    with tarfile.open(fileobj=io.BytesIO(world.diff())) as tar:
        assert tar.getmember("two").islnk()
        assert tar.getmember("two").linkname == "one"


def test_odd_names(world: World) -> None:
    odd = "n\xe4me with \udcff and\nnewline" + "x" * 150
    world.change(lambda path: (path / odd).touch())
    layer = world.layers.add(io.BytesIO(world.diff()))
    assert os.listdir(layer.directory) == [odd]
    assert world.changes() == [f"A /{odd}"]


def test_links_of_the_container_lead_nowhere(world: World, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "file").write_text("TELL NOBODY")

    def work(path: Path) -> None:
        shutil.rmtree(path / "dir")
        (path / "dir").symlink_to(secret)

    world.change(work)
    for data in (world.diff(), b"".join(world.snapshots.export("c1", world.image))):
        assert b"TELL NOBODY" not in data
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            assert tar.getmember("dir").issym()


def test_prepare_is_idempotent(world: World) -> None:
    world.change(modify)
    again = world.snapshots.prepare("c1", world.image)
    with mounted(again) as path:
        assert (path / "etc/conf").read_text() == "new"


def test_layers_stay_while_a_container_has_them(world: World) -> None:
    world.change(modify)
    world.layers.retain("image", world.image)
    world.layers.release("image")
    world.open()  # the engine is started again
    world.layers.sweep()
    assert world.layers.find(world.image[0].diff_id)
    world.snapshots.remove("c1")
    world.snapshots.remove("c1")
    assert world.layers.all() == []
    assert not (world.root / "containers/c1/rootfs").exists()


def test_an_image_without_layers(world: World) -> None:
    with mounted(world.snapshots.prepare("c1", [])) as path:
        assert names(path) == FLOOR | {"etc"}
    with world.snapshots.image_view([]) as path:
        assert names(path) == set()


def test_sixty_layers(world: World) -> None:
    layers = [world.add(**{f"f{number}": b"x"}) for number in range(64)]
    with mounted(world.snapshots.prepare("c1", layers)) as path:
        assert len(names(path) - FLOOR - {"etc"}) == 64
    assert world.snapshots.changes("c1", layers) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root runs all of it directly")
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare of util-linux")
def test_as_an_ordinary_user(tmp_path: Path) -> None:
    inside = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("user namespaces are denied here")
    pytest_call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    done = subprocess.run(
        [*inside, *pytest_call, "-k", "overlay", f"--basetemp={tmp_path / 'inner'}"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_what_a_container_leaves_is_the_next_ones(world: World) -> None:
    def work(path: Path) -> None:
        (path / "new").write_text("new")
        (path / "top").unlink()
        shutil.rmtree(path / "dir")

    world.change(work)
    made = [*world.image, world.layers.add(io.BytesIO(world.diff()))]
    world.layers.retain("image", made)
    world.snapshots.hand_on("c1", made)
    world.snapshots.remove("c1")
    above = [*made, world.add(**{"above": b"x", ".wh.new": b""})]
    rootfs = world.snapshots.prepare("c2", above)
    with mounted(rootfs) as path:
        assert (path / "above").read_text() == "x"
        assert not (path / "new").exists()
        assert not (path / "top").exists()
        assert sorted(p.name for p in path.iterdir() if p.name not in FLOOR) == [
            *("above", "etc", "link", "same")
        ]
    assert world.snapshots.changes("c2", above) == []
    world.snapshots.remove("c2")
    assert not (world.root / "containers" / "c2" / "rootfs").exists()
