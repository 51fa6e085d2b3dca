"""The archive of ``docker save``: all its forms, and what an attacker would make of it."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator

import pytest

from dockerlab.errors import FormatError
from dockerlab.formats import savedimage
from dockerlab.formats.savedimage import read

CONFIG = json.dumps({"history": [{"created_by": "x"}]}).encode()


def tar(members: dict[str, bytes | tarfile.TarInfo]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = tarfile.SYMTYPE, target
    return made


def manifest(config: str, *layers: str) -> bytes:
    return json.dumps([{"Config": config, "Layers": layers}]).encode()


def chunks(data: bytes, size: int = 700) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


LAYER = tar({"a": b"12345", "d/.wh.b": b""})


@pytest.mark.parametrize("size", [1, 700, 1 << 20])
def test_the_classic_form(size: int) -> None:
    whole = tar(
        {
            "1/layer.tar": LAYER,
            "1/VERSION": b"1.0",
            "2/layer.tar": link("2/layer.tar", "../1/layer.tar"),
            "c.json": CONFIG,
            "manifest.json": manifest("c.json", "1/layer.tar", "2/layer.tar"),
        }
    )
    found = read(chunks(whole, size))
    assert found.config["history"] == [{"created_by": "x"}]
    assert [(e.path, e.size) for e in found.trees[0].entries] == [("/a", 5)]  # type: ignore[union-attr]
    assert found.trees[0] == found.trees[1]
    assert found.trees[0].removed == ("/d/b",)  # type: ignore[union-attr]


def test_the_oci_form_with_packed_layers() -> None:
    names = [f"blobs/sha256/{digit * 64}" for digit in "0123"]
    whole = tar(
        {
            names[0]: CONFIG,
            names[1]: gzip.compress(LAYER),
            names[2]: b"\x28\xb5\x2f\xfd" + b"zstd",
            names[3]: LAYER,
            "index.json": b"{}",
            "manifest.json": manifest(names[0], *names[1:]),
        }
    )
    packed, unknown, plain = read(chunks(whole)).trees
    assert packed == plain
    assert unknown is None


def test_a_layer_of_zeros_is_empty() -> None:
    names = {"c.json": CONFIG, "manifest.json": manifest("c.json", "1/layer.tar")}
    assert read([tar({"1/layer.tar": bytes(1024), **names})]).trees[0].entries == ()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "whole",
    [
        b"",
        b"nothing of the sort" * 100,
        tar({"a": b""}),
        tar({"manifest.json": b"[]"}),
        tar({"manifest.json": b"{"}),
        tar({"manifest.json": b"[" * 200_000}),
        tar({"manifest.json": b"[7]"}),
        tar({"manifest.json": manifest("c.json")}),
        tar({"c.json": b"[]", "manifest.json": manifest("c.json")}),
        tar({"c.json": CONFIG, "manifest.json": manifest("c.json", "1/layer.tar")}),
        tar({"1/layer.tar": b"x" * 5000, "c.json": CONFIG, "manifest.json": manifest("c.json")}),
        tar({"1/layer.tar": LAYER[:300], "manifest.json": manifest("c.json")}),
        tar({"blobs/sha256/1": b"\x1f\x8b" + b"x" * 600, "manifest.json": manifest("c.json")}),
    ],
)
def test_a_damaged_archive_is_refused(whole: bytes) -> None:
    with pytest.raises(FormatError):
        read(chunks(whole))


def test_a_header_that_would_fill_the_memory() -> None:
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 8 << 30
    layer = header.tobuf(tarfile.GNU_FORMAT) + bytes(4096)
    whole = tar({"1/layer.tar": layer, "c.json": CONFIG})
    with pytest.raises(FormatError, match="header of"):
        read(chunks(whole))


def test_headers_upon_headers() -> None:
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 0
    whole = tar({"1/layer.tar": header.tobuf() * 20_000, "c.json": CONFIG})
    with pytest.raises(FormatError, match="damaged"):
        read(chunks(whole, 1 << 20))


def test_a_bomb_is_not_unpacked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(savedimage, "MOST_BYTES", 5 << 20)
    big = tarfile.TarInfo("zeros")
    big.size = 64 << 20
    whole = tar({"blobs/sha256/1": gzip.compress(big.tobuf() + bytes(64 << 20))})
    with pytest.raises(FormatError, match="unpacks to more"):
        read(chunks(whole, 1 << 20))


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(savedimage, "MOST_ENTRIES", 10)
    layer = tar({str(number): b"" for number in range(12)})
    with pytest.raises(FormatError, match="more files"):
        read([tar({"1/layer.tar": layer})])
    with pytest.raises(FormatError, match="more than 10 files"):
        read([layer])


def test_a_manifest_too_large() -> None:
    member = tarfile.TarInfo("manifest.json")
    member.size = 100 << 20
    with pytest.raises(FormatError, match="too many for a manifest"):
        read([member.tobuf() + bytes(4096)])
