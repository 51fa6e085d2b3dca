from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import lzma
import os
import stat
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pytest

from dockerlab.engine.errors import BadParameter, NotFound, NotImplementedHere, StoreFull
from dockerlab.engine.store.blobs import Blobs, digest
from dockerlab.engine.store.layers import Layers, chain_ids
from dockerlab.engine.store.tarfiles import Limits
from dockerlab.engine.store.uppers import OPAQUE
from dockerlab.engine.store.whiteouts import Hidden

Spec = tuple[str, str, Any]


def tar(*specs: Spec, **common: Any) -> bytes:
    """An archive of (name, kind, content or target) each; a mode after ``!`` in the kind."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind, content in specs:
            member = tarfile.TarInfo(name)
            kind, _, mode = kind.partition("!")
            member.type = {
                "file": tarfile.REGTYPE,
                "dir": tarfile.DIRTYPE,
                "link": tarfile.SYMTYPE,
                "hard": tarfile.LNKTYPE,
                "char": tarfile.CHRTYPE,
                "fifo": tarfile.FIFOTYPE,
            }[kind]
            member.mode = int(mode or "644", 8)
            member.mtime = 1_000_000_000
            for key, value in common.items():
                setattr(member, key, value)
            data = content if isinstance(content, bytes) else b""
            member.linkname = content if isinstance(content, str) else ""
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def _whiteouts_are_allowed() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.mknod(f"{folder}/mark", stat.S_IFCHR | 0o600, 0)
        except OSError:
            return False
    return True


needs_whiteouts = pytest.mark.skipif(
    not _whiteouts_are_allowed(), reason="this disk takes no whiteouts (it is an overlay itself)"
)


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    return Layers(tmp_path, Blobs(tmp_path))


def left_over(root: Path) -> list[str]:
    inner = [*(root / "blobs" / "ingest").iterdir(), *(root / "blobs" / "sha256").iterdir()]
    return [str(path) for path in inner + list((root / "layers").iterdir())]


def test_unpack(layers: Layers) -> None:
    data = tar(
        ("bin", "dir!755", None),
        ("bin/tool", "file!4755", b"#!"),
        ("bin/same", "hard", "bin/tool"),
        ("bin/link", "link", "/bin/tool"),
        ("pipe", "fifo!600", None),
        ("deep/er/file", "file", b"abc"),
    )
    layer = layers.add(io.BytesIO(data))
    root = Path(layer.directory)
    assert (layer.diff_id, layer.blob) == (digest(data), digest(data))
    assert (layer.size, layer.tar_size) == (5, len(data))
    tool = (root / "bin/tool").stat()
    assert stat.S_IMODE(tool.st_mode) == 0o4755
    assert (tool.st_nlink, tool.st_mtime) == (2, 1_000_000_000)
    assert (root / "bin").stat().st_mtime == 1_000_000_000
    assert os.readlink(root / "bin/link") == "/bin/tool"
    assert stat.S_ISFIFO((root / "pipe").stat().st_mode)
    assert (root / "deep/er/file").read_bytes() == b"abc"


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_compressed(layers: Layers, pack: Any) -> None:
    data = tar(("a", "file", b"x"))
    layer = layers.add(io.BytesIO(pack(data)))
    assert layer.diff_id == digest(data)
    assert layer.blob != layer.diff_id
    assert layers.open(layer).read() == data
    assert layers.add(io.BytesIO(data)) == layer, "the same layer is kept once"


def test_an_xz_file_in_several_parts(layers: Layers) -> None:
    data = tar(("a", "file", os.urandom(300_000)))
    parts = lzma.compress(data[:1000]) + bytes(8) + lzma.compress(data[1000:])
    assert layers.add(io.BytesIO(parts)).diff_id == digest(data)
    with pytest.raises(BadParameter, match="ended before"):
        layers.add(io.BytesIO(parts[:-2000]))


def test_an_xz_file_that_asks_for_much_memory(layers: Layers, tmp_path: Path) -> None:
    data = tar(("a", "file", b"x"))
    for megabytes, taken in ((64, True), (512, False)):
        dictionary = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": megabytes << 20}]
        packed = io.BytesIO(lzma.compress(data, filters=dictionary))
        if taken:
            assert layers.open(layers.add(packed)).read() == data
        else:
            with pytest.raises(BadParameter, match="[Mm]emory"):
                layers.add(packed)


def test_headers_that_pile_up(layers: Layers) -> None:
    def header(kind: bytes, number: int) -> bytes:
        values = {f"{number}.{key}": "" for key in range(1000)}
        return tarfile.TarInfo._create_pax_generic_header(values, kind, "utf-8")

    end = tar(("a", "file", b"x"))
    layers.add(io.BytesIO(header(tarfile.XGLTYPE, 0) + end))
    many = b"".join(header(tarfile.XGLTYPE, number) for number in range(50))
    with pytest.raises(BadParameter, match="global headers"):
        layers.add(io.BytesIO(many + end))
    with pytest.raises(BadParameter, match="recursion"):
        layers.add(io.BytesIO(header(tarfile.XHDTYPE, 0) * 2000 + end))


def test_zstd_is_refused_by_name(layers: Layers, tmp_path: Path) -> None:
    with pytest.raises(NotImplementedHere, match="zstd"):
        layers.add(io.BytesIO(b"\x28\xb5\x2f\xfd" + bytes(100)))
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    "specs",
    [
        [("../evil", "file", b"x")],
        [("a/../../evil", "file", b"x")],
        [("x", "hard", "../../../etc/passwd")],
        [("x", "hard", "/etc/passwd")],
        [("up", "link", "../../.."), ("x", "hard", "up/etc/passwd")],
        [("a", "file", b""), ("a/b", "file", b"")],
        [("a", "link", "b"), ("b", "link", "a"), ("a/c", "file", b"")],
        [("a", "link", "nowhere"), ("a/c", "file", b"")],
    ],
)
def test_hostile_names_are_refused(layers: Layers, tmp_path: Path, specs: list[Spec]) -> None:
    with pytest.raises(BadParameter):
        layers.add(io.BytesIO(tar(*specs)))
    assert left_over(tmp_path) == []
    assert not (tmp_path / "evil").exists()


def test_links_lead_nowhere_outside(layers: Layers, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    data = tar(
        ("etc", "dir!755", None),
        ("abs", "link", "/etc"),
        ("abs/one", "file", b"1"),
        ("up", "link", "../../../../../../../etc"),
        ("up/two", "file", b"2"),
        (f"/{outside}/three", "file", b"3"),
        ("host", "link", str(outside)),
        ("host/four", "file", b"4"),
    )
    root = Path(layers.add(io.BytesIO(data)).directory)
    assert (root / "etc/one").read_bytes() == b"1"
    assert (root / "etc/two").read_bytes() == b"2"
    assert list(outside.iterdir()) == []
    assert not Path("/etc/one").exists()


def test_devices_and_overlay_marks_are_left_out(layers: Layers) -> None:
    marks = {
        "SCHILY.xattr.user.overlay.redirect": "/../../secret",
        "SCHILY.xattr.trusted.overlay.opaque": "y",
        "SCHILY.xattr.user.kept": "yes",
    }
    data = tar(("d", "dir!755", None), pax_headers=marks)
    root = Path(layers.add(io.BytesIO(data)).directory)
    assert set(os.listxattr(root / "d")) <= {"user.kept"}
    data = tar(("null", "char", None), ("file", "file", b""))
    assert os.listdir(layers.add(io.BytesIO(data)).directory) == ["file"]


@needs_whiteouts
def test_whiteouts(layers: Layers) -> None:
    data = tar(
        ("d", "dir!755", None),
        ("d/.wh.gone", "file", b""),
        ("o/.wh..wh..opq", "file", b""),
        ("new/.wh.x", "file", b""),
        (".wh.again", "file", b""),
        ("again", "dir!755", None),
        (".wh...", "file", b""),
        (".wh..wh.plnk/1", "file", b""),
    )
    layer = layers.add(io.BytesIO(data))
    root = Path(layer.directory)
    assert layers.hidden(layer) == Hidden(("/d/gone", "/new/x", "/again"), ("/o",))
    layers.mountable([layer])
    gone = (root / "d/gone").lstat()
    assert stat.S_ISCHR(gone.st_mode)
    assert gone.st_rdev == 0
    assert os.getxattr(root / "o", OPAQUE) == b"y"
    assert os.getxattr(root / "again", OPAQUE) == b"y"
    assert (root / "d").stat().st_mtime == 1_000_000_000, "the mark must not change the folder"
    assert sorted(os.listdir(root)) == ["again", "d", "new", "o"]


@needs_whiteouts
def test_marks_are_made_later_where_they_were_denied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: Any, **__: Any) -> None:
        raise PermissionError

    layers = Layers(tmp_path, Blobs(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(os, "mknod", denied)
        layer = layers.add(io.BytesIO(tar(("d/.wh.gone", "file", b""))))
    assert not (Path(layer.directory) / "d/gone").exists()
    layers.mountable([layer])
    assert stat.S_ISCHR((Path(layer.directory) / "d/gone").lstat().st_mode)


def test_a_file_in_place_of_a_folder(layers: Layers) -> None:
    data = tar(("a", "dir!755", None), ("a/b", "file", b"1"), ("a", "file", b"2"))
    assert (Path(layers.add(io.BytesIO(data)).directory) / "a").read_bytes() == b"2"


@pytest.mark.parametrize("cut", [1, 700, 1300])
def test_truncated(layers: Layers, tmp_path: Path, cut: int) -> None:
    data = tar(("a", "file", b"x" * 1000), ("b", "file", b"y" * 9000))[:cut]
    with pytest.raises(BadParameter, match="Error processing tar file"):
        layers.add(io.BytesIO(data))
    assert left_over(tmp_path) == []


def test_truncated_gzip(layers: Layers, tmp_path: Path) -> None:
    data = gzip.compress(tar(("a", "file", os.urandom(5000))))[:-2000]
    with pytest.raises(BadParameter):
        layers.add(io.BytesIO(data))
    assert left_over(tmp_path) == []


def test_bounds(tmp_path: Path) -> None:
    layers = Layers(tmp_path, Blobs(tmp_path), Limits(size=1000, entries=3))
    with pytest.raises(BadParameter, match="more than 1000 bytes"):
        layers.add(io.BytesIO(tar(("a", "file", bytes(1001)))))
    with pytest.raises(BadParameter, match="more than 72680 bytes"):
        layers.add(io.BytesIO(gzip.compress(bytes(1 << 20))))
    with pytest.raises(BadParameter, match="more than 3 files"):
        layers.add(io.BytesIO(tar(*[(str(i), "dir", None) for i in range(4)])))
    assert left_over(tmp_path) == []


def test_a_huge_header_is_not_read(layers: Layers) -> None:
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 1 << 40
    with pytest.raises(BadParameter, match="header"):
        layers.add(io.BytesIO(member.tobuf(tarfile.GNU_FORMAT) + bytes(1024)))


def test_wrong_diff_id(layers: Layers, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="invalid diffID"):
        layers.add(io.BytesIO(tar(("a", "file", b""))), expected="sha256:" + "0" * 64)
    assert left_over(tmp_path) == []


def test_full_disk(layers: Layers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: IO[bytes], target: IO[bytes], size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(StoreFull, match="no space left on device"):
        layers.add(io.BytesIO(tar(("a", "file", b"x"))))
    assert left_over(tmp_path) == []


def test_owners(layers: Layers, tmp_path: Path) -> None:
    data = tar(("a", "file", b"x"))
    layer = layers.add(io.BytesIO(data), "one")
    layers.retain("two", [layer])
    layers.release("one")
    assert layers.find(layer.diff_id)
    layers.release("two")
    with pytest.raises(NotFound):
        layers.get(layer.diff_id)
    assert left_over(tmp_path) == []


def test_many_add_and_drop_the_same_layer(layers: Layers, tmp_path: Path) -> None:
    """Builds at once make the same layer; one is done with it while another takes it in."""
    data = tar(("a", "file", b"x"))

    def one(number: int) -> None:
        for turn in range(40):
            layer = layers.add(io.BytesIO(data), f"{number}-{turn}")
            with layers.open(layer) as archive:
                assert archive.read() == data
            layers.release(f"{number}-{turn}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert left_over(tmp_path) == []


def test_restart(layers: Layers, tmp_path: Path) -> None:
    kept = layers.add(io.BytesIO(tar(("a", "file", b"x"))))
    orphan = layers.add(io.BytesIO(tar(("b", "file", b"x"))))
    (tmp_path / "layers" / ".new-x").mkdir()
    (tmp_path / "layers" / ("c" * 64)).mkdir()
    (tmp_path / "blobs" / "ingest" / "half").write_bytes(b"x")
    again = Layers(tmp_path, Blobs(tmp_path))
    assert again.get(kept.diff_id) == kept
    again.retain("image", [kept])
    again.sweep()
    assert again.all() == [kept]
    assert not Path(orphan.directory).exists()
    assert len(left_over(tmp_path)) == 2


def test_chain_ids() -> None:
    a, b = "sha256:" + "a" * 64, "sha256:" + "b" * 64
    expected = "sha256:" + hashlib.sha256(f"{a} {b}".encode()).hexdigest()
    assert chain_ids([a, b]) == [a, expected]


def test_record_is_json(layers: Layers) -> None:
    layer = layers.add(io.BytesIO(tar(("a", "file", b"x"))))
    record = json.loads((Path(layer.directory).parent / "layer.json").read_text())
    assert record["diff_id"] == layer.diff_id
