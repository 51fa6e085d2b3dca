from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dockerlab.engine.store.confined import Confined


@pytest.fixture(params=[True, False], ids=["openat2", "walk"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Confined:
    inside = tmp_path / "root"
    (inside / "etc/inner").mkdir(parents=True)
    (inside / "etc/passwd").write_text("inside")
    for name, target in {
        "abs": "/etc",
        "up": "../../../../etc",
        "loop": "loop",
        "dangling": "/etc/nothing/at/all",
        "passwd": "abs/passwd",
        "etc/back": "..",
    }.items():
        os.symlink(target, inside / name)
    return Confined(inside, kernel=request.param)


@pytest.mark.parametrize("path", ["etc", "/etc", "abs", "up", "../../etc", "etc/inner/../../abs"])
def test_all_roads_stay_inside(root: Confined, path: str) -> None:
    folder = root.directory(path)
    assert "passwd" in os.listdir(f"/proc/self/fd/{folder}")
    with open(os.open("passwd", os.O_RDONLY, dir_fd=folder)) as file:
        assert file.read() == "inside"
    os.close(folder)
    root.close()


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("nothing", FileNotFoundError),
        ("etc/passwd", NotADirectoryError),
        ("loop", OSError),
        ("dangling", FileNotFoundError),
    ],
)
def test_errors(root: Confined, path: str, error: type[OSError]) -> None:
    with pytest.raises(error):
        root.directory(path)


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/", "/"),
        ("abs/inner/.", "/etc/inner"),
        ("passwd", "/etc/passwd"),
        ("dangling", "/etc/nothing/at/all"),
        ("dangling/..", "/etc/nothing/at"),
        ("up/back/up/passwd", "/etc/passwd"),
        ("../../..", "/"),
        ("no/such/../thing", "/no/thing"),
    ],
)
def test_resolve(root: Confined, path: str, real: str) -> None:
    assert root.resolve(path) == real


@pytest.mark.parametrize("path", ["..", "/", "etc/..", "../..", "etc/back/.."])
def test_parent_never_leaves(root: Confined, path: str) -> None:
    with root.parent(path) as (folder, name):
        names = os.listdir(os.open(name, os.O_RDONLY, dir_fd=folder))
    assert "abs" in names


def test_no_descriptor_is_left(root: Confined) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for path in ("abs/inner", "loop", "nothing", "up/back/up"):
        try:
            os.close(root.directory(path))
        except OSError:
            continue
        root.resolve(path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_kernel_that_will_not_vouch_is_asked_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """openat2 answers EAGAIN for a ".." while anybody renames or mounts anything."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "c").mkdir()
    with Confined(tmp_path) as root:

        def busy(path: str) -> int:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), path)

        with monkeypatch.context() as patch:
            patch.setattr(root, "_openat2", busy)
            found = root.directory("a/b/../../c")
            assert os.path.samestat(os.fstat(found), os.stat(tmp_path / "c"))
            os.close(found)
        assert root._kernel
