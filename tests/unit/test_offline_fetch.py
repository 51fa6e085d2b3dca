"""From a teacher's machine: what breaks off goes on, and what is not right is not taken."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dockerlab.course.offline import fetch
from dockerlab.course.offline import mirror as mirrors
from dockerlab.course.offline.fetch import archive
from dockerlab.course.offline.mirror import Mirror, MirrorUnavailable
from dockerlab.course.progress import Step, silent
from dockerlab.course.registry import Server
from dockerlab.course.shelf import Blob, Shelf
from dockerlab.errors import DockerlabError, FormatError
from dockerlab.formats import offers
from dockerlab.formats.bundle import ImageInfo
from dockerlab.formats.offers import Offer, Offers


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


LAYER = packed({"hello": bytes(3_000_000)})
CONFIG = json.dumps({"rootfs": {"type": "layers", "diff_ids": [digest(LAYER)]}}).encode()
INFO = ImageInfo("hello-world", digest(CONFIG), ("hello-world:latest",))


class Teacher(Server):
    """Its line breaks as often as ``breaks`` says when content is asked for."""

    breaks = 0

    def heard(self, request: str) -> None:
        super().heard(request)
        blob = self.shelf.blobs.get(request.rpartition("/")[2])
        if blob and self.breaks:
            self.breaks -= 1
            raise ConnectionError("the cable came off")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """No traceback in the tests' output."""


@pytest.fixture
def teacher(tmp_path: Path) -> Iterator[Teacher]:
    folder = tmp_path / "shelf"
    folder.mkdir()
    saved = tmp_path / "saved.tar"
    listed = [{"Config": "config", "RepoTags": ["hello-world:latest"], "Layers": ["layer"]}]
    saved.write_bytes(
        packed({"layer": LAYER, "config": CONFIG, "manifest.json": json.dumps(listed).encode()})
    )
    shelf = Shelf(folder, "")
    shelf.add(saved)
    server = Teacher(shelf)
    raw = shelf.manifests["hello-world", "latest"]
    found = Offers("linux/amd64", (Offer(INFO, raw.digest, 1),))
    server.pages[offers.PATH] = offers.write(found)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mirror(teacher: Teacher, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    monkeypatch.setattr(mirrors.time, "sleep", lambda _: None)
    return Mirror.at(f"http://127.0.0.1:{teacher.server_address[1]}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "mirror"
    path.mkdir()
    return path


def offer(mirror: Mirror) -> Offer:
    (found,) = mirror.offers().images
    return found


def layer_of(teacher: Teacher) -> Blob:
    """The packed layer, by far the larger of its blobs."""
    return max(teacher.shelf.blobs.values(), key=lambda blob: blob.size)


def test_an_image_comes_as_an_archive_to_load(mirror: Mirror, folder: Path) -> None:
    steps: list[Step] = []
    path = archive(mirror, offer(mirror), folder, steps.append)
    with tarfile.open(path) as tar:
        (listed,) = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        config = tar.extractfile(listed["Config"]).read()  # type: ignore[union-attr]
        assert len(listed["Layers"]) == 1
    assert listed["RepoTags"] == ["hello-world:latest"]
    assert config == CONFIG
    assert listed["Config"] == f"{INFO.id.removeprefix('sha256:')}.json"
    assert steps[-1].done == steps[-1].total
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_a_copy_without_a_mark_is_the_original(teacher: Teacher) -> None:
    assert INFO.id in teacher.shelf.blobs
    assert layer_of(teacher).diff_id == digest(LAYER)


def test_what_broke_off_goes_on_where_it_was(
    teacher: Teacher, mirror: Mirror, folder: Path
) -> None:
    layer = layer_of(teacher)
    half = folder / f"{layer.digest.removeprefix('sha256:')}.part"
    half.write_bytes(layer.path.read_bytes()[:1000])
    sent = []
    get = mirror.session.get
    mirror.session.get = lambda url, **more: (  # type: ignore[method-assign]
        sent.append(more["headers"].get("Range")) or get(url, **more)  # type: ignore[func-returns-value]
    )
    teacher.breaks = 2
    archive(mirror, offer(mirror), folder, silent)
    assert sent.count("bytes=1000-") >= 1
    assert not half.exists()


def test_one_who_never_comes_back_is_given_up(
    teacher: Teacher, mirror: Mirror, folder: Path
) -> None:
    found = offer(mirror)
    teacher.breaks = 99
    with pytest.raises(MirrorUnavailable, match="cannot be reached") as error:
        archive(mirror, found, folder, silent)
    assert "it goes on" in error.value.hint
    teacher.breaks = 0
    assert archive(mirror, found, folder, silent)


@pytest.mark.parametrize("change", [lambda b: b[:-1] + b"x", lambda b: b + b"more"])
def test_content_that_is_not_what_was_promised(
    teacher: Teacher, mirror: Mirror, folder: Path, change: Any
) -> None:
    layer = layer_of(teacher)
    data = change(layer.path.read_bytes())
    layer.path.write_bytes(data)
    teacher.shelf.blobs[layer.digest] = replace(layer, size=len(data))
    with pytest.raises(MirrorUnavailable, match="not what was promised"):
        archive(mirror, offer(mirror), folder, silent)
    assert not list(folder.glob("*.part"))
    assert not (folder / "image.tar").exists()


def test_a_manifest_that_is_another(teacher: Teacher, mirror: Mirror) -> None:
    found = offer(mirror)
    raw = teacher.shelf.manifests["hello-world", "latest"]
    raw.path.write_bytes(raw.path.read_bytes().replace(b'"size"', b'"size" '))
    teacher.shelf.manifests["hello-world", raw.digest] = replace(raw, size=raw.path.stat().st_size)
    with pytest.raises(MirrorUnavailable, match="manifest of hello-world"):
        mirror.manifest(found)


def test_no_image_brings_the_name_of_another(mirror: Mirror, folder: Path) -> None:
    for tags in ((), ("hello-world:latest", "alpine:latest"), ("evil/hello-world:latest",)):
        wrong = replace(offer(mirror), image=replace(INFO, tags=tags))
        with pytest.raises(FormatError, match="it is not taken"):
            archive(mirror, wrong, folder, silent)


def test_the_fingerprint_tells_one_machine_from_another(teacher: Teacher, mirror: Mirror) -> None:
    raw = teacher.pages[offers.PATH]
    right = Mirror.at(f"{mirror.url}#{offers.fingerprint(raw)[: offers.SHORT].upper()}")
    assert right.offers() == mirror.offers()
    teacher.pages[offers.PATH] = raw + b" "
    assert mirror.offers()
    with pytest.raises(MirrorUnavailable, match="stands for"):
        right.offers()


@pytest.mark.parametrize(
    "text",
    ["", "http://", "ftp://a", "http://a/b", "http://u:p@a:1", "http://a:1?x", "http://a#12"],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(DockerlabError) as error:
        Mirror.at(text)
    assert "images serve" in error.value.hint


def test_an_address_may_come_without_its_scheme() -> None:
    assert Mirror.at("teacher:5000").url == "http://teacher:5000"


def test_another_server_is_told(teacher: Teacher, mirror: Mirror) -> None:
    del teacher.pages[offers.PATH]
    with pytest.raises(MirrorUnavailable, match="answers 404"):
        mirror.offers()


def test_no_room(mirror: Mirror, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda _: type("", (), {"free": 10}))
    with pytest.raises(DockerlabError, match=r"cannot be kept in .* are needed") as error:
        archive(mirror, offer(mirror), folder, silent)
    assert "DOCKERLAB_CACHE" in error.value.hint


def test_docker_hub_s_names_and_the_rest_of_a_blob(teacher: Teacher, mirror: Mirror) -> None:
    raw = mirror.session.get(f"{mirror.url}/v2/library/hello-world/manifests/latest?ns=docker.io")
    assert raw.headers["Docker-Content-Digest"] == digest(raw.content)
    layer = layer_of(teacher)
    url = f"{mirror.url}/v2/library/hello-world/blobs/{layer.digest}"
    data = layer.path.read_bytes()
    rest = mirror.session.get(url, headers={"Range": "bytes=10-"})
    assert (rest.status_code, rest.content) == (206, data[10:])
    assert rest.headers["Content-Range"] == f"bytes 10-{len(data) - 1}/{len(data)}"
    for odd in ("bytes=0-", f"bytes={len(data)}-", "bytes=-5", "bytes=1-2,4-5", "x"):
        whole = mirror.session.get(url, headers={"Range": odd})
        assert (whole.status_code, whole.content) == (200, data)


@pytest.mark.parametrize(
    "raw",
    [
        b"x",
        b"[]",
        b"{}",
        b'{"format": 1, "images": [1]}',
        b'{"format": 1, "images": [{"image": {}, "size": 1, "manifest": "sha256:0"}]}',
        b'{"format": 1, "images": [{"image": {"name": "a", "id": "b", "tags": []}, "size": 1.5}]}',
    ],
)
def test_offers_that_are_none(raw: bytes) -> None:
    with pytest.raises(FormatError):
        offers.read(raw)


def test_offers_are_read_as_they_were_written() -> None:
    made = Offers("linux/arm64", (Offer(INFO, digest(b"x"), 5),))
    assert offers.read(offers.write(made)) == made
    assert made.named("hello-world") is made.images[0]
    assert made.named("alpine") is None
