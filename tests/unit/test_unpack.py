"""Archives from containers: the honest ones come out whole, the hostile ones nowhere."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from dockerlab.client.unpack import Unpacked, unpack
from dockerlab.errors import FormatError


def member(name: str, kind: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mode = 0o755
    for key, value in more.items():
        setattr(info, key, value)
    return info


def unpacked(folder: Path, *members: tarfile.TarInfo, top: str = "") -> Unpacked:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info in members:
            data = b"data" if info.type == tarfile.REGTYPE else b""
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as archive:
        return unpack(archive, folder, top=top)


def test_a_folder_with_a_new_name(tmp_path: Path) -> None:
    done = unpacked(
        tmp_path,
        member("src", tarfile.DIRTYPE),
        member("src/a"),
        member("src/link", tarfile.SYMTYPE, linkname="a"),
        member("src/hard", tarfile.LNKTYPE, linkname="src/a"),
        top="new",
    )
    assert (tmp_path / "new" / "a").read_bytes() == b"data"
    assert (tmp_path / "new" / "link").read_bytes() == b"data"
    assert (tmp_path / "new" / "hard").read_bytes() == b"data"
    assert done.skipped == []


@pytest.mark.parametrize("name", ["/etc/evil", "../evil", "a/../../evil", ".."])
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    with pytest.raises(FormatError, match="leads out"):
        unpacked(inner, member(name))
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]


def test_no_file_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inner = tmp_path / "inner"
    outside.mkdir()
    inner.mkdir()
    done = unpacked(inner, member("d", tarfile.SYMTYPE, linkname=str(outside)), member("d/evil"))
    assert list(outside.iterdir()) == []
    assert done.skipped == ["d"]
    (inner / "old").symlink_to(outside)
    with pytest.raises(FormatError, match="nothing is written through it"):
        unpacked(inner, member("old/evil"))
    assert list(outside.iterdir()) == []


def test_a_link_in_the_place_of_a_file_is_replaced(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "f").symlink_to(victim)
    unpacked(inner, member("f"))
    assert victim.read_text() == "mine"
    assert (inner / "f").read_bytes() == b"data"


def test_devices_and_special_bits_stay_out(tmp_path: Path) -> None:
    done = unpacked(
        tmp_path,
        member("null", tarfile.CHRTYPE),
        member("pipe", tarfile.FIFOTYPE),
        member("suid", mode=0o6755),
        member("up", tarfile.SYMTYPE, linkname="../x"),
    )
    assert done.skipped == ["null", "pipe", "up"]
    assert (tmp_path / "suid").stat().st_mode & 0o7000 == 0
