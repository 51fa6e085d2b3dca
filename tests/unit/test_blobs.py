from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.engine.errors import BadParameter, NotFound, StoreFull
from dockerlab.engine.store.blobs import Blobs, digest
from dockerlab.errors import FormatError

HELLO = digest(b"hello")


def test_write_and_read(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with blobs.writer(HELLO) as writer:
        writer.write(b"hel")
        assert not blobs.has(HELLO)
        writer.write(b"lo")
    assert blobs.read(HELLO) == b"hello"
    assert blobs.digests() == [HELLO]
    assert list(blobs.ingest.iterdir()) == []
    blobs.remove(HELLO)
    with pytest.raises(NotFound):
        blobs.open(HELLO)


def test_wrong_digest_is_not_kept(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with pytest.raises(BadParameter, match="verification failed"), blobs.writer(HELLO) as writer:
        writer.write(b"HELLO")
    assert blobs.digests() == []
    assert list(blobs.ingest.iterdir()) == []


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with pytest.raises(TypeError), blobs.writer() as writer:
        writer.write("text")  # type: ignore[arg-type]
    assert list(blobs.ingest.iterdir()) == []


def test_resume(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    writer = blobs.writer(HELLO, resume=True)
    writer.write(b"hel")
    writer.abandon()
    assert not blobs.has(HELLO)
    with blobs.writer(HELLO, resume=True) as writer:
        assert writer.size == 3
        writer.write(b"lo")
    assert blobs.read(HELLO) == b"hello"


def test_restart_of_a_download(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with blobs.writer(HELLO) as writer:
        writer.write(b"wrong")
        writer.restart()
        writer.write(b"hello")
    assert blobs.has(HELLO)


def test_ingest_is_emptied_at_start(tmp_path: Path) -> None:
    (Blobs(tmp_path).ingest / "half").write_bytes(b"x")
    assert list(Blobs(tmp_path).ingest.iterdir()) == []


def test_digests_are_no_paths(tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        Blobs(tmp_path).path("sha256:../../etc/passwd")


def test_full_disk(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    writer = blobs.writer()
    writer._file.close()
    writer._file = open("/dev/full", "wb")  # type: ignore[assignment]  # noqa: SIM115
    with pytest.raises(StoreFull), writer:
        writer.write(b"x")
    assert list(blobs.ingest.iterdir()) == []
