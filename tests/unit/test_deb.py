"""Reading packages made by hand, good and bad."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import debs
import pytest

from dockerlab.course.standins.deb import Package, Pool, read
from dockerlab.errors import FormatError

LIB = "./usr/lib/x86_64-linux-gnu"


@pytest.mark.parametrize("form", ["xz", "gz", ""])
def test_files_and_links(tmp_path: Path, form: str) -> None:
    package = debs.deb(tmp_path, "p", {"./usr/bin/a": b"one", "./usr/bin/b": "a"}, form)
    files = {file.path: file for file in read(package)}
    assert (files["/usr/bin/a"].data, files["/usr/bin/a"].mode) == (b"one", 0o755)
    assert files["/usr/bin/b"].target == "a"
    assert files["/usr/bin/a"].package == "p"


def test_paths_as_with_merged_usr(tmp_path: Path) -> None:
    package = debs.deb(tmp_path, "p", {"./bin/sh": b"", "./lib/x/y": b"", "./etc/z": b""})
    assert {file.path for file in read(package)} == {"/usr/bin/sh", "/usr/lib/x/y", "/etc/z"}


def test_zstd_by_dpkg(tmp_path: Path) -> None:
    programs = [shutil.which(name) for name in ("zstd", "dpkg-deb")]
    if not all(programs):
        pytest.skip("zstd and dpkg-deb are needed")
    packed = subprocess.run(
        ["zstd", "-q", "-c"], input=debs.tar({"./a": b"one"}), capture_output=True, check=True
    ).stdout
    control = subprocess.run(
        ["zstd", "-q", "-c"], input=debs.tar({"./control": b""}), capture_output=True, check=True
    ).stdout
    path = tmp_path / "p.deb"
    members = {"debian-binary": b"2.0\n", "control.tar.zst": control, "data.tar.zst": packed}
    path.write_bytes(debs.ar(members))
    assert [file.path for file in read(Package("p", "1", path))] == ["/a"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a Debian package"),
        (b"!<arch>\n", "no data.tar"),
        (b"!<arch>\n" + b"x" * 60, "damaged"),
        (debs.ar({"data.tar.xz": b"x" * 99})[:-50], "cut off"),
        (debs.ar({"data.tar.xz": b"not xz"}), "damaged"),
        (debs.ar({"data.tar.gz": b"not gz"}), "damaged"),
        (debs.ar({"data.tar": b"not a tar" * 100}), "damaged"),
    ],
)
def test_damaged_packages_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "p.deb"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words):
        list(read(Package("p", "1", path)))


def test_a_path_outside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="outside itself"):
        list(read(debs.deb(tmp_path, "p", {"./usr/../../etc/passwd": b""})))


def test_pool_follows_links_inside(tmp_path: Path) -> None:
    entries = {"./usr/bin/real": b"it", "./usr/bin/a": "b", "./usr/bin/b": "/bin/c"}
    pool = Pool([debs.deb(tmp_path, "p", {**entries, "./usr/bin/c": "../../../usr/bin/real"})])
    assert pool.file("/usr/bin/a").data == b"it"
    assert pool.file("/usr/bin/a").path == "/usr/bin/real"


@pytest.mark.parametrize("path", ["/nosuch", "/usr/bin/loop", "/usr/bin/dangling"])
def test_pool_has_no_such_file(tmp_path: Path, path: str) -> None:
    links: dict[str, bytes | str] = {"./usr/bin/loop": "loop", "./usr/bin/dangling": "nowhere"}
    with pytest.raises(FormatError, match=f"has {path}"):
        Pool([debs.deb(tmp_path, "p", links)]).file(path)


def test_closure_of_libraries(tmp_path: Path) -> None:
    program = debs.elf("liba.so.1", "libc.so.6")
    pool = Pool(
        [
            debs.deb(
                tmp_path,
                "liba",
                {f"{LIB}/liba.so.1": "liba.so.1.2", f"{LIB}/liba.so.1.2": debs.elf("libb.so.2")},
            ),
            debs.deb(tmp_path, "libb", {"./lib/x86_64-linux-gnu/libb.so.2": debs.elf("liba.so.1")}),
        ]
    )
    found = pool.closure([program], have=["libc.so.6"])
    assert [(name, file.package) for name, file in found.items()] == [
        ("liba.so.1", "liba"),
        ("libb.so.2", "libb"),
    ]
    assert found["liba.so.1"].data == debs.elf("libb.so.2")


def test_a_library_that_nobody_has(tmp_path: Path) -> None:
    # A plug-in folder is not where the linker looks.
    pool = Pool([debs.deb(tmp_path, "p", {f"{LIB}/plugins/x/libz.so.1": debs.elf()})])
    with pytest.raises(FormatError, match=r"library libz\.so\.1"):
        pool.closure([debs.elf("libz.so.1")], have=())
