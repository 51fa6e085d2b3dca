"""Bundles: what is unpacked, what is refused, and that nothing lands outside."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from dockerlab.cloud.beanstalk import bundle
from dockerlab.cloud.beanstalk.bundle import BundleError, unpack

DOCKERFILE = ("Dockerfile", "FROM busybox")


def zipped(*entries: tuple[str | zipfile.ZipInfo, str | bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    buffer.seek(0)
    return buffer


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, str]:
    return entry(name, stat.S_IFLNK | 0o777), target


def test_files_folders_links_and_modes(tmp_path: Path) -> None:
    bundled = zipped(
        DOCKERFILE,
        ("src/deep/app.js", "1"),
        ("empty/", ""),
        (entry("start.sh", stat.S_IFREG | 0o755), "#!/bin/sh"),
        link("src/same.js", "deep/app.js"),
        link("up", "src/../Dockerfile"),
    )
    assert unpack(bundled, tmp_path) == ()
    assert (tmp_path / "src/same.js").read_text() == "1"
    assert (tmp_path / "up").read_text() == "FROM busybox"
    assert (tmp_path / "empty").is_dir()
    assert (tmp_path / "start.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "src/deep/app.js").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "name",
    ["../out", "a/../../out", "/out", "a/../../../../../../../../tmp/out", "..", "a/.."],
)
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(BundleError, match="leads out of the source bundle"):
        unpack(zipped(DOCKERFILE, (name, "x")), inside)
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]
    assert not list(inside.iterdir()), "nothing is unpacked before all is checked"


@pytest.mark.parametrize("target", ["/etc/passwd", "../out", "a/../../out", "x" * 5000])
def test_links_that_lead_out(tmp_path: Path, target: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(BundleError, match="link that leads out"):
        unpack(zipped(DOCKERFILE, link("evil", target)), inside)


def test_a_file_through_a_link(tmp_path: Path) -> None:
    """Each step of it is inside, and still it may be used to get out with a second link."""
    inside = tmp_path / "inside"
    inside.mkdir()
    bundled = zipped(DOCKERFILE, ("a/b/c", ""), link("d", "a/b"), link("d/e", "../../../out"))
    with pytest.raises(BundleError):
        unpack(bundled, inside)
    assert not (tmp_path / "out").exists()


def test_a_file_written_over_a_link(tmp_path: Path) -> None:
    bundled = zipped(DOCKERFILE, ("kept", "safe"), link("way", "kept"))
    with zipfile.ZipFile(bundled, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("way", "changed")
    bundled.seek(0)
    with pytest.raises(BundleError, match="leads out|the same place"):
        unpack(bundled, tmp_path)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([("a\\b.txt", "")], "backslash"),
        ([("Dockerfile/x", "")], "another entry has the same place"),
        ([(entry("pipe", stat.S_IFIFO | 0o644), "")], "neither a file nor a folder"),
        ([(entry("device", stat.S_IFBLK | 0o644), "")], "neither a file nor a folder"),
        ([("x" * 300, "")], "too long"),
    ],
)
def test_what_is_no_file(
    tmp_path: Path, entries: list[tuple[str | zipfile.ZipInfo, str]], words: str
) -> None:
    with pytest.raises(BundleError, match=words):
        unpack(zipped(DOCKERFILE, *entries), tmp_path)


def test_gigabytes_of_zeros_are_not_unpacked(tmp_path: Path) -> None:
    """Ten of them, in ten megabytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(*DOCKERFILE)
        with archive.open("zeros", "w", force_zip64=True) as zeros:
            for _ in range(1 << 6):
                zeros.write(bytes(1 << 20))
    data = bytearray(buffer.getvalue())
    # What the table of contents says of its size: ten gigabytes, where 64 MB are packed.
    at = data.rfind(b"zeros") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", data, at + 24, 0xFFFFFFF0)
    with pytest.raises(BundleError, match=r"unpacks to 429\d MB"):
        unpack(io.BytesIO(bytes(data)), tmp_path)
    with pytest.raises(BundleError, match="times its size"):
        unpack(io.BytesIO(buffer.getvalue()), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_header_that_promises_too_little(tmp_path: Path) -> None:
    data = bytearray(zipped(DOCKERFILE, ("big", "x" * 100_000)).getvalue())
    struct.pack_into("<I", data, data.rfind(b"big") - 46 + 24, 10)
    with pytest.raises(BundleError, match="not a zip file, or a broken one"):
        unpack(io.BytesIO(bytes(data)), tmp_path)


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "ENTRIES", 10)
    with pytest.raises(BundleError, match="has 12 entries, more than 10"):
        unpack(zipped(DOCKERFILE, *((f"{n}", "") for n in range(11))), tmp_path)


def test_a_long_table_of_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "DIRECTORY", 70_000)
    with pytest.raises(BundleError, match="table of contents is too long"):
        unpack(zipped(DOCKERFILE, *(("n" * 200 + f"{n}", "") for n in range(500))), tmp_path)


def test_a_large_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "ZIPPED", 2 << 20)
    with pytest.raises(BundleError, match="larger than 2 MB"):
        unpack(io.BytesIO(bytes(3 << 20)), tmp_path)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x05\x06", b"PK\x03\x04" * 100])
def test_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BundleError, match="not a zip file"):
        unpack(io.BytesIO(data), tmp_path)


@pytest.mark.parametrize("cut", range(1, 200, 7))
def test_a_zip_that_is_cut_short(tmp_path: Path, cut: int) -> None:
    with pytest.raises(BundleError):
        unpack(io.BytesIO(zipped(DOCKERFILE, ("a", "b" * 99)).getvalue()[:-cut]), tmp_path)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([("index.html", "")], "no Dockerfile at its top."),
        ([("Dockerfile.dev", "")], "Dockerfile.dev is for development"),
        ([("docker-compose.yml", "")], "only docker-compose.yml"),
        ([("Dockerrun.aws.json", "")], "only Dockerrun.aws.json"),
        ([("app/Dockerfile", "")], "one in app/: zip what is in the folder"),
        ([("dockerfile", "")], "no Dockerfile at its top."),
        ([("Dockerfile/", "")], "no Dockerfile at its top."),
    ],
)
def test_no_dockerfile_at_the_top(
    tmp_path: Path, entries: list[tuple[str, str]], words: str
) -> None:
    with pytest.raises(BundleError) as refused:
        unpack(zipped(*entries), tmp_path)
    assert words in refused.value.message


def test_what_is_not_used_is_said(tmp_path: Path) -> None:
    bundled = zipped(DOCKERFILE, ("docker-compose.yml", ""), (".ebextensions/a.config", ""))
    first, second = unpack(bundled, tmp_path)
    assert first.startswith("docker-compose.yml of the source bundle is not used here")
    assert "On AWS" in first
    assert second.startswith(".ebextensions")
