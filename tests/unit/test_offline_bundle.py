"""A bundle: written so that it can go on, read so that nothing is used before all is checked."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockerlab.course.offline import reader, writer
from dockerlab.course.offline.writer import Item
from dockerlab.course.progress import Step, silent
from dockerlab.errors import DockerlabError, FormatError
from dockerlab.formats import bundle
from dockerlab.formats.bundle import Contents, Entry, ImageInfo

IMAGE = ImageInfo("alpine", "sha256:" + "1" * 64, ("alpine:latest",), standin=True)
LONG = "wheels/" + "a_very_long_name-" * 8 + "1.0-py3-none-any.whl"


@pytest.fixture
def items(tmp_path: Path) -> list[Item]:
    source = tmp_path / "alpine.tar"
    source.write_bytes(bytes(range(256)) * 12_000)
    return [
        Item("images/alpine.tar", source, IMAGE),
        Item(LONG, b"wheel"),
        Item("tools/x.deb", b""),
    ]


@pytest.fixture
def write(items: list[Item], tmp_path: Path) -> Callable[[], Path]:
    def once() -> Path:
        writer.write(tmp_path / "b.tar", items, version="1", platform="linux/amd64")
        return tmp_path / "b.tar"

    return once


def test_what_was_written_is_read(write: Callable[[], Path], items: list[Item]) -> None:
    steps: list[Step] = []
    found = reader.check(write(), steps.append)
    assert [each.name for each in found.contents.files][2:] == [item.name for item in items]
    assert [each.image for each in found.contents.images] == [IMAGE]
    assert steps[-1].done == steps[-1].total == found.contents.size
    with found.open(found.contents.images[0]) as file:
        assert hashlib.sha256(file.read()).hexdigest() == found.contents.images[0].sha256


def test_it_is_read_without_dockerlab(write: Callable[[], Path], tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["tar", "-xf", write(), "-C", unpacked], check=True)
    said = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=unpacked, capture_output=True, text=True
    )
    assert said.returncode == 0
    assert said.stdout.count(": OK") == 3
    assert json.loads((unpacked / "index.json").read_text())["platform"] == "linux/amd64"
    assert "docker load" in (unpacked / "README.txt").read_text()


def test_wheels_are_unpacked_by_their_names_only(write: Callable[[], Path], tmp_path: Path) -> None:
    found = reader.check(write())
    folder = tmp_path / "wheels"
    folder.mkdir()
    (path,) = found.unpack(found.contents.under("wheels"), folder)
    assert path == folder / Path(LONG).name
    assert path.read_bytes() == b"wheel"


@pytest.mark.parametrize("kept", [0, 700, 4_000, 100_000, 2_500_000])
def test_an_interrupted_bundle_goes_on(
    write: Callable[[], Path], tmp_path: Path, kept: int
) -> None:
    whole = write().read_bytes()
    half = tmp_path / "b.tar.part"
    half.write_bytes(whole[:kept] + b"what a lost page of the disk holds"[: kept and 20])
    before = half.stat().st_ino
    assert write().read_bytes() == whole
    assert (tmp_path / "b.tar").stat().st_ino == before
    assert not half.exists()


def test_a_longer_part_of_another_time_is_cut(write: Callable[[], Path], tmp_path: Path) -> None:
    whole = write().read_bytes()
    (tmp_path / "b.tar.part").write_bytes(whole + b"more")
    assert write().read_bytes() == whole


def test_an_item_that_changes_meanwhile_is_told(
    items: list[Item], write: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Item.entry

    def entry(item: Item) -> Entry:
        found = real(item)
        if item.name.startswith("images/"):
            (tmp_path / "alpine.tar").write_bytes(bytes(found.size))
        return found

    monkeypatch.setattr(Item, "entry", entry)
    with pytest.raises(DockerlabError, match=r"images/alpine\.tar changed"):
        write()


def test_a_full_disk_keeps_what_was_written(
    write: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(writer.os, "fsync", full)
        with pytest.raises(DockerlabError, match="No space left") as error:
            write()
    assert "it goes on" in error.value.hint
    assert (tmp_path / "b.tar.part").exists()
    assert reader.check(write())


def test_too_little_room_is_told_before(
    write: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer.shutil, "disk_usage", lambda _: type("", (), {"free": 1_000_000}))
    with pytest.raises(DockerlabError, match=r"3\.1 MB are needed, 1\.0 MB are free"):
        write()


# --- bundles of bad will


def index(*files: dict[str, Any], **more: Any) -> bytes:
    data = {"format": 1, "dockerlab": "1", "platform": "linux/amd64", "python": []}
    return json.dumps({**data, "files": list(files), **more}).encode()


def row(name: str, data: bytes = b"data") -> dict[str, Any]:
    return {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def packed(path: Path, *members: tuple[tarfile.TarInfo | str, bytes]) -> Path:
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for member, data in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    "name",
    ["../x", "images/../x", "/etc/x", "images/a/b", "images/", "", ".x", "other/x", "images/a b"],
)
def test_names_that_may_not_be(name: str) -> None:
    with pytest.raises(FormatError, match="may not be"):
        bundle.read(index(row(name)))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"{", "not JSON"),
        (b"[]", "not known here"),
        (index(format=2), "not known here"),
        (index(row("a"), row("a")), "twice"),
        (index(row("index.json")), "twice"),
        (index({**row("a"), "size": -1}), "size or checksum"),
        (index({**row("a"), "size": True}), "size or checksum"),
        (index({**row("a"), "sha256": "00"}), "size or checksum"),
        (index({**row("a"), "size": 40 << 30}, {**row("b"), "size": 40 << 30}), "more than any"),
        (index(platform=1), "platform"),
        (index(python=[1]), "python"),
        (index({**row("a"), "image": {"name": "x"}}), "id"),
        (index(files="x"), "files"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_an_index_that_is_none(raw: bytes, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        bundle.read(raw)


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([("other", b"")], "not a bundle"),
        ([(link("index.json", "/etc/passwd"), b"")], "not a bundle"),
        ([("index.json", index(row("a")) + b" " * (5 << 20))], "index of"),
        ([("index.json", index(row("a", b"longer than it is" * 9999)))], "cut off"),
        ([("index.json", index(row("a"))), ("b", b"data")], "where a should be"),
        ([("index.json", index(row("a"))), ("../a", b"data")], "where a should be"),
        ([("index.json", index(row("a"))), ("a", b"dat")], "where a should be"),
        ([("index.json", index(row("a"))), ("a", b"DATA")], "is damaged: a"),
        ([("index.json", index(row("a", b""))), (link("a", "/etc/passwd"), b"")], "is damaged: a"),
        (
            [("index.json", index(row("a", b""))), (link("a", "index.json", tarfile.LNKTYPE), b"")],
            "is damaged: a",
        ),
        ([("index.json", index(row("a", b""))), (link("a", "", tarfile.CHRTYPE), b"")], "damaged"),
        ([("index.json", index()), ("more", b"")], "does not list"),
    ],
)
def test_a_bundle_that_is_none(members: list[Any], why: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=why) as error:
        reader.check(packed(tmp_path / "b.tar", *members))
    assert error.value.hint or "index of" in why


def test_a_header_that_would_fill_the_memory(tmp_path: Path) -> None:
    path = packed(tmp_path / "b.tar", ("index.json", index(row("a"))))
    long = tarfile.TarInfo("././@LongLink")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, 8 << 30
    with path.open("r+b") as file:
        file.seek(2 * tarfile.BLOCKSIZE)
        file.write(long.tobuf(tarfile.GNU_FORMAT))
        file.truncate(9 << 30)  # sparse
    with pytest.raises(FormatError, match="header of"):
        reader.check(path)


@pytest.mark.parametrize("size", [0, 100, 511, 1024, 5000])
def test_what_is_no_tar(tmp_path: Path, size: int) -> None:
    path = tmp_path / "b.tar"
    path.write_bytes(b"\x07" * size)
    with pytest.raises(FormatError, match="not a bundle"):
        reader.check(path)


def test_every_cut_is_noticed(write: Callable[[], Path], tmp_path: Path) -> None:
    whole = write().read_bytes()
    cut = tmp_path / "cut.tar"
    end = len(whole) - 2 * tarfile.BLOCKSIZE
    for size in [*range(0, end, 200_003), end - 600, end - 513]:
        cut.write_bytes(whole[:size])
        with pytest.raises(FormatError):
            reader.check(cut)
    part = tmp_path / "cut.tar.part"
    part.write_bytes(whole[:100_000])
    with pytest.raises(FormatError, match="cut off") as error:
        reader.check(part)
    assert "run `dockerlab images bundle` again" in error.value.hint


def test_every_flipped_byte_is_noticed(write: Callable[[], Path]) -> None:
    path = write()
    size = path.stat().st_size
    # The last two blocks are the end of the archive, whatever stands in them.
    for place in range(0, size - 2 * tarfile.BLOCKSIZE, 150_001):
        with path.open("r+b") as file:
            file.seek(place)
            old = file.read(1)
            file.seek(place)
            file.write(bytes([old[0] ^ 1]))
            file.flush()
            with pytest.raises(FormatError):
                reader.check(path)
            file.seek(place)
            file.write(old)
    assert reader.check(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DockerlabError, match="cannot be read: No such file") as error:
        reader.check(tmp_path / "none.tar", silent)
    assert "mounted" in error.value.hint


def test_a_stick_that_changes_after_the_check(write: Callable[[], Path], tmp_path: Path) -> None:
    path = write()
    found = reader.check(path)
    (entry,) = found.contents.under("wheels")
    with path.open("r+b") as file:
        file.seek(found.places[entry.name])
        file.write(b"WHEEL")
    (tmp_path / "wheels").mkdir()
    with pytest.raises(FormatError, match="damaged"):
        found.unpack([entry], tmp_path / "wheels")


def test_no_room_to_unpack(write: Callable[[], Path], tmp_path: Path) -> None:
    found = reader.check(write())
    with pytest.raises(DockerlabError, match="cannot be unpacked to") as error:
        found.unpack(found.contents.under("wheels"), tmp_path / "no such folder")
    assert "TMPDIR" in error.value.hint


def test_the_same_contents_give_the_same_index() -> None:
    contents = Contents("1", "linux/amd64", ("3.11",), (Entry("a", 1, "0" * 64, IMAGE),))
    assert bundle.read(bundle.write(contents)) == contents
