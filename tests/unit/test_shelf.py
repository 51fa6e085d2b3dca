"""A registry's content is made from what ``docker save`` writes, and is served as it is."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlab.course.registry import Server
from dockerlab.course.shelf import Shelf
from dockerlab.errors import FormatError
from dockerlab.formats import manifest


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


LAYER = packed(hello=b"hello\n")
CONFIG = {"config": {"Cmd": ["/hello"]}, "rootfs": {"type": "layers", "diff_ids": [digest(LAYER)]}}


def archive(folder: Path, layer: bytes = LAYER, name: str = "hello-world:latest") -> Path:
    """One image with its layer twice, as ``docker save`` writes it."""
    listed = [{"Config": "config", "RepoTags": [name], "Layers": ["layer", "layer"]}]
    path = folder / "saved.tar"
    texts = {"manifest.json": json.dumps(listed), "config": json.dumps(CONFIG)}
    path.write_bytes(packed(layer=layer, **{k: v.encode() for k, v in texts.items()}))
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path, "one")
    made.add(archive(tmp_path))
    return made


def read_manifest(shelf: Shelf) -> manifest.Manifest:
    raw = shelf.manifests["hello-world", "latest"].path.read_bytes()
    found = manifest.parse(raw, manifest.DOCKER_MANIFEST)
    assert isinstance(found, manifest.Manifest)
    return found


def test_everything_has_the_digest_it_is_named_by(shelf: Shelf) -> None:
    found = read_manifest(shelf)
    for described in (found.config, *found.layers):
        data = shelf.blobs[described.digest].path.read_bytes()
        assert (digest(data), len(data)) == (described.digest, described.size)
    raw = shelf.manifests["hello-world", "latest"]
    assert shelf.manifests["hello-world", raw.digest] == raw


def test_a_copy_has_the_same_files_and_another_digest(shelf: Shelf) -> None:
    found = read_manifest(shelf)
    config = json.loads(shelf.blobs[found.config.digest].path.read_bytes())
    assert config["config"] == CONFIG["config"]
    plain = gzip.decompress(shelf.blobs[found.layers[0].digest].path.read_bytes())
    assert config["rootfs"]["diff_ids"] == [digest(plain)] * 2
    assert digest(plain) != digest(LAYER)
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        assert tar.getnames() == ["hello"]
        assert tar.pax_headers == {"comment": "one"}


def test_no_two_registries_have_the_same_copy(shelf: Shelf, tmp_path: Path) -> None:
    other = Shelf(tmp_path, "two")
    other.add(archive(tmp_path))
    assert read_manifest(other).config.digest != read_manifest(shelf).config.digest


def test_compressed_layers_are_unpacked_first(shelf: Shelf, tmp_path: Path) -> None:
    other = Shelf(tmp_path, "one")
    other.add(archive(tmp_path, gzip.compress(LAYER)))
    assert read_manifest(other).layers == read_manifest(shelf).layers


def test_what_cannot_be_served_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="zstd"):
        Shelf(tmp_path, "").add(archive(tmp_path, b"\x28\xb5\x2f\xfd...."))
    (tmp_path / "saved.tar").write_bytes(packed(other=b""))
    with pytest.raises(FormatError, match=r"no manifest\.json"):
        Shelf(tmp_path, "").add(tmp_path / "saved.tar")


@pytest.fixture
def server(shelf: Shelf) -> Iterator[Server]:
    running = Server(shelf)
    threading.Thread(target=running.serve_forever, args=(0.01,)).start()
    yield running
    running.shutdown()
    running.server_close()


def ask(server: Server, path: str, method: str = "GET") -> tuple[bytes, dict[str, str]]:
    url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    request = urllib.request.Request(url, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), dict(answer.headers)


def test_it_speaks_the_registry_s_protocol(server: Server, shelf: Shelf) -> None:
    assert ask(server, "/v2/")[0] == b"{}"
    raw, headers = ask(server, "/v2/hello-world/manifests/latest")
    assert headers["Content-Type"] == manifest.DOCKER_MANIFEST
    assert headers["Docker-Content-Digest"] == digest(raw)
    layer = read_manifest(shelf).layers[0]
    assert digest(ask(server, f"/v2/hello-world/blobs/{layer.digest}")[0]) == layer.digest
    body, headers = ask(server, f"/v2/hello-world/manifests/{digest(raw)}", "HEAD")
    assert (body, headers["Content-Length"]) == (b"", str(len(raw)))
    assert server.asked[1] == "GET /v2/hello-world/manifests/latest"


@pytest.mark.parametrize(
    "path", ["/", "/v2/x/manifests/latest", "/v2/hello-world/manifests/2", "/v2/a/blobs/../../x"]
)
def test_anything_else_is_not_there(server: Server, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(server, path)
    with refused.value as error:
        assert error.code == 404
        assert json.load(error)["errors"][0]["code"] == "MANIFEST_UNKNOWN"
