"""Layers and images: the same content gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile

from dockerlab.course.standins import archive
from dockerlab.course.standins.archive import Image, Layer


def filled(*, backwards: bool = False) -> Layer:
    layer = Layer("why")
    steps = [
        lambda: layer.file("/usr/bin/a", "text", 0o755),
        lambda: layer.link("/bin", "usr/bin"),
        lambda: layer.folder("/data", 0o700, 999),
        lambda: layer.file("/data/b", b"\0", owner=999),
    ]
    for step in reversed(steps) if backwards else steps:
        step()
    return layer


def bytes_of(layer: Layer) -> bytes:
    stream = io.BytesIO()
    layer.write(stream)
    return stream.getvalue()


def test_order_of_filling_does_not_matter() -> None:
    assert bytes_of(filled()) == bytes_of(filled(backwards=True))


def test_a_layer_stays_the_same_for_ever() -> None:
    """The id of an image is known by others: a change here must be meant."""
    digest = hashlib.sha256(bytes_of(filled())).hexdigest()
    assert digest == "919bd823e01d4dd52d405e7a9c0a5d9c4900d536b24a4e9c47dbe0b1e032b5a3"


def test_entries_of_a_layer() -> None:
    with tarfile.open(fileobj=io.BytesIO(bytes_of(filled()))) as layer:
        members = {each.name: each for each in layer}
    assert list(members) == ["bin", "data", "data/b", "usr", "usr/bin", "usr/bin/a"]
    assert members["usr"].isdir()
    assert members["usr"].mode == 0o755
    assert members["bin"].linkname == "usr/bin"
    assert (members["data"].mode, members["data"].uid, members["data"].gid) == (0o700, 999, 999)
    assert {each.mtime for each in members.values()} == {archive.EPOCH}
    assert {each.uname for each in members.values()} == {""}


def test_archive_is_what_docker_load_takes() -> None:
    layers = [filled(), Layer("nothing")]
    image = Image(["x:latest", "x:1"], layers, "amd64", {"Cmd": ["a"]})
    stream = io.BytesIO()
    written = archive.write(image, stream)
    stream.seek(0)
    with tarfile.open(fileobj=stream) as tar:
        content = {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]
    (manifest,) = json.loads(content["manifest.json"])
    config = content[manifest["Config"]]
    assert manifest["RepoTags"] == ["x:latest", "x:1"]
    assert written.id == f"sha256:{hashlib.sha256(config).hexdigest()}"
    assert [
        f"sha256:{hashlib.sha256(content[name]).hexdigest()}" for name in manifest["Layers"]
    ] == (json.loads(config)["rootfs"]["diff_ids"])
    assert json.loads(config)["config"] == {"Cmd": ["a"]}
    assert [each["created_by"] for each in json.loads(config)["history"]] == ["why", "nothing"]
    assert written.size == sum(len(content[name]) for name in manifest["Layers"])
