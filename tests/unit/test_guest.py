from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.engine.run.process import ContainerSpec, Mount, ProcessSpec, StartError
from dockerlab.engine.run.proot.guest import Guest, scratch_of
from dockerlab.engine.store.rootfs import Rootfs

PATH = {b"PATH": b"/sbin:/bin"}


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    root, volume = tmp_path / "rootfs", tmp_path / "volume"
    for folder in (root / "bin", root / "usr", volume):
        folder.mkdir(parents=True)
    (root / "bin" / "tool").write_text("#!")
    (root / "bin" / "tool").chmod(0o755)
    (root / "bin" / "data").write_text("")
    (root / "sbin").symlink_to("/bin")
    (root / "out").symlink_to(str(tmp_path))
    (volume / "run").write_text("#!")
    (volume / "run").chmod(0o755)
    (volume / "back").symlink_to("/bin/tool")
    mounts = (Mount("bind", "/data/vol", str(volume)), Mount("tmpfs", "/t", options="mode=750"))
    spec = ContainerSpec("c", str(tmp_path), ProcessSpec(("x",)), Rootfs(str(root)), mounts=mounts)
    return Guest(spec)


def test_paths_stay_inside(guest: Guest) -> None:
    assert guest.outside("/out") == guest.root + guest.root.removesuffix("/rootfs")
    assert guest.outside("/../../etc") == f"{guest.root}/etc"
    assert guest.outside("/sbin/tool") == f"{guest.root}/bin/tool"


def test_volumes(guest: Guest) -> None:
    volume = guest.root.replace("rootfs", "volume")
    assert guest.outside("/data/vol/run") == f"{volume}/run"
    assert guest.outside("/data/vol") == volume
    assert guest.outside("/data/vol/back") == f"{guest.root}/bin/tool"
    assert guest.outside("/data/volume") == f"{guest.root}/data/volume"


def test_programs(guest: Guest) -> None:
    assert guest.find("tool", PATH, "/") == "/sbin/tool"
    assert guest.find("./run", PATH, "/data/vol") == "./run"
    for name, code in (("data", 127), ("/bin/data", 126), ("/bin", 126), ("/no", 127)):
        with pytest.raises(StartError) as caught:
            guest.find(name, PATH, "/")
        assert caught.value.code == code, name


def test_preparing_and_removing(guest: Guest, tmp_path: Path) -> None:
    guest.prepare(b"loader")
    assert Path(guest.loader).read_bytes() == b"loader"
    assert (tmp_path / "rootfs" / "data" / "vol").is_dir()
    assert (tmp_path / "tmpfs" / "1").stat().st_mode & 0o777 == 0o750
    guest.remove()
    assert not Path(scratch_of(str(tmp_path))).exists()
    assert not (tmp_path / "tmpfs").exists()


def test_working_directory(guest: Guest) -> None:
    guest.check_folder("/new/one", create=True)
    guest.check_folder("/new/one", create=False)
    with pytest.raises(StartError, match="no such file or directory"):
        guest.check_folder("/other", create=False)
    with pytest.raises(StartError, match="not a directory"):
        guest.check_folder("/bin/tool", create=False)


def test_colons(guest: Guest) -> None:
    guest.prepare(b"")
    assert guest.without_colon("/plain") == "/plain"
    link = guest.without_colon("/with:colon")
    assert Path(link).readlink() == Path("/with:colon")
    guest.remove()


def test_short_lived_files_are_where_programs_may_be_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dockerlab.engine.run.proot.guest._may_execute", lambda folder: False)
    assert scratch_of(str(tmp_path)) == f"{tmp_path}/proot"
