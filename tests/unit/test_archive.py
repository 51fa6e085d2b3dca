from __future__ import annotations

import contextlib
import io
import os
import signal
import tarfile
from pathlib import Path
from typing import Any

import pytest

from dockerlab.engine.errors import BadParameter, NotFound
from dockerlab.engine.store import archive
from dockerlab.engine.store.packing import Chunks


@pytest.fixture
def root(tmp_path: Path) -> Path:
    inside = tmp_path / "root"
    (inside / "etc").mkdir(parents=True)
    (inside / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (inside / "etc/passwd").chmod(0o4640)
    (inside / "tmp").mkdir()
    (inside / "tmp").chmod(0o1777)
    os.symlink("/etc", inside / "conf")
    os.symlink("../../../etc/shadow", inside / "etc/up")
    os.symlink(tmp_path, inside / "host")
    os.utime(inside / "etc/passwd", ns=(0, 1_000_000_000_500_000_000))
    return inside


def tar(**files: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            member.mode = 0o755
            member.uid = 1234
            member.size = len(content or b"")
            out.addfile(member, io.BytesIO(content or b""))
    buffer.seek(0)
    return buffer


def names(pieces: Any) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as got:
        return got.getnames()


def test_stat(root: Path) -> None:
    found = archive.stat(root, "/etc/passwd")
    assert found.as_json() == {
        "name": "passwd",
        "size": 26,
        "mode": 1 << 23 | 0o640,
        "mtime": "2001-09-09T01:46:40.5Z",
        "linkTarget": "",
    }
    assert archive.stat(root, "tmp").mode == 1 << 31 | 1 << 20 | 0o777


@pytest.mark.parametrize(
    ("path", "name", "target"),
    [
        ("/", "/", ""),
        ("/.", ".", ""),
        ("/etc/", "etc", ""),
        ("/etc/.", ".", ""),
        ("/etc/..", "/", ""),
        ("/conf", "conf", "/etc"),
        ("/conf/", "conf", ""),
        ("/conf/passwd", "passwd", ""),
        ("/etc/up", "up", "/etc/shadow"),
        ("../../etc", "etc", ""),
    ],
)
def test_names_and_links(root: Path, path: str, name: str, target: str) -> None:
    found = archive.stat(root, path)
    assert (found.name, found.link_target) == (name, target)


def test_host_files_are_out_of_reach(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(NotFound, match="Could not find the file /host/secret in container web"):
        archive.stat(root, "/host/secret", "web")
    with pytest.raises(NotFound):
        archive.get(root, "/host/")
    with pytest.raises(NotFound):
        archive.put(root, "/host", tar(evil=b"x"))
    assert archive.stat(root, "/host").link_target == str(tmp_path), "a text, nothing more"


def test_get(root: Path) -> None:
    assert names(archive.get(root, "/etc/passwd")[1]) == ["passwd"]
    assert names(archive.get(root, "/etc")[1]) == ["etc", "etc/passwd", "etc/up"]
    assert names(archive.get(root, "/etc/.")[1]) == [".", "./passwd", "./up"]
    assert names(archive.get(root, "/conf/")[1])[0] == "conf"
    found, pieces = archive.get(root, "/conf")
    assert found.link_target == "/etc"
    assert names(pieces) == ["conf"]
    assert "/etc/passwd" in names(archive.get(root, "/")[1])


def test_errors(root: Path) -> None:
    with pytest.raises(NotFound):
        archive.stat(root, "/nothing")
    with pytest.raises(BadParameter, match="Not a directory"):
        archive.stat(root, "/etc/passwd/")
    with pytest.raises(BadParameter, match="extraction point is not a directory"):
        archive.put(root, "/etc/passwd", tar(a=b"x"))
    with pytest.raises(BadParameter, match="Error processing tar file"):
        archive.put(root, "/tmp", io.BytesIO(b"no archive at all" * 100))


def test_put(root: Path) -> None:
    archive.put(root, "/conf", tar(**{"new": None, "new/file": b"x"}))
    assert (root / "etc/new/file").read_bytes() == b"x"
    archive.put(root, "/tmp", tar(passwd=b"1"), copy_uid_gid=True, owner=(os.getuid(), 0))
    assert (root / "tmp/passwd").stat().st_uid == os.getuid()


def test_put_through_links_of_the_container(root: Path, tmp_path: Path) -> None:
    archive.put(root, "/", tar(**{"conf/through": b"x"}))
    assert (root / "etc/through").exists()
    with pytest.raises(BadParameter):
        archive.put(root, "/", tar(**{"../out": b"x"}))
    assert sorted(os.listdir(tmp_path)) == ["root"]


def test_kinds_are_kept_when_asked(root: Path) -> None:
    with pytest.raises(BadParameter, match="cannot overwrite directory"):
        archive.put(root, "/", tar(etc=b"x"), no_overwrite_dir_non_dir=True)
    with pytest.raises(BadParameter, match="cannot overwrite non-directory"):
        archive.put(root, "/etc", tar(passwd=None), no_overwrite_dir_non_dir=True)
    archive.put(root, "/etc", tar(passwd=None))
    assert (root / "etc/passwd").is_dir()


def test_there_and_back(root: Path) -> None:
    _, pieces = archive.get(root, "/etc/.")
    archive.put(root, "/tmp", Chunks(pieces))  # type: ignore[arg-type]
    assert (root / "tmp/passwd").read_text() == (root / "etc/passwd").read_text()
    assert (root / "tmp/passwd").stat().st_mtime_ns == 1_000_000_000_500_000_000
    assert os.readlink(root / "tmp/up") == "../../../etc/shadow"


def test_a_pipe_that_the_container_swaps_for_a_link(root: Path, tmp_path: Path) -> None:
    host = tmp_path / "host-file"
    host.write_text("")
    host.chmod(0o600)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        for number in range(300):
            member = tarfile.TarInfo(f"pipe{number}")
            member.type, member.mode = tarfile.FIFOTYPE, 0o666
            out.addfile(member)
    os.symlink(host, root / "link")
    container = os.fork()
    if container == 0:
        while True:
            for number in range(300):
                with contextlib.suppress(OSError):
                    os.stat(root / "tmp" / f"pipe{number}")
                    os.link(root / "link", root / "new", follow_symlinks=False)
                    os.rename(root / "new", root / "tmp" / f"pipe{number}")
    try:
        for _ in range(5):
            buffer.seek(0)
            with contextlib.suppress(OSError, BadParameter):
                archive.put(root, "/tmp", buffer)
    finally:
        os.kill(container, signal.SIGKILL)
        os.waitpid(container, 0)
    assert host.stat().st_mode & 0o777 == 0o600
