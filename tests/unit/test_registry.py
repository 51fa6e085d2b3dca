"""Pulls from a small registry on loopback that can also misbehave."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from dockerlab.engine.errors import APIError, BadParameter, NotFound, ServerError
from dockerlab.engine.events import Events
from dockerlab.engine.registry import access, pull
from dockerlab.engine.registry.access import Login, Settings
from dockerlab.engine.registry.pull import Pull
from dockerlab.engine.store.arrivals import Arrival
from dockerlab.engine.store.blobs import Blobs, digest
from dockerlab.engine.store.images import Images
from dockerlab.engine.store.layers import Layers
from dockerlab.formats import manifest
from dockerlab.formats.manifest import Platform
from dockerlab.formats.reference import parse

from .test_layers import tar


@dataclass
class Fake:
    """A registry in memory. ``cut`` lets the first answers for a blob end early."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    token: str = ""
    basic: str = ""
    cut: dict[str, int] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    address: str = ""

    def blob(self, data: bytes, kind: str = "") -> dict[str, Any]:
        self.blobs[digest(data)] = data
        return {"digest": digest(data), "size": len(data), "mediaType": kind}

    def image(self, *layers: bytes, kind: str = manifest.DOCKER_MANIFEST, name: str = "1") -> str:
        diff_ids = [digest(layer) for layer in layers]
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["sh"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        }
        text = {
            "schemaVersion": 2,
            "mediaType": kind,
            "config": self.blob(json.dumps(config).encode(), manifest.DOCKER_CONFIG),
            "layers": [self.blob(gzip.compress(layer, mtime=0)) for layer in layers],
        }
        return self.publish(json.dumps(text).encode(), kind, name)

    def publish(self, raw: bytes, kind: str, name: str) -> str:
        self.manifests[name] = self.manifests[digest(raw)] = (raw, kind)
        return digest(raw)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.path} {request.headers.get('Range', '')}".strip())
        if request.path == "/token":
            self.tokens.append(request.headers.get("Authorization", ""))
            assert request.query["scope"].startswith("repository:")
            return web.json_response({"token": self.token})
        given = request.headers.get("Authorization", "")
        if self.token and given != f"Bearer {self.token}":
            where = f'Bearer realm="http://{self.address}/token",service="fake"'
            return self.refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": where})
        if self.basic and given != f"Basic {self.basic}":
            return self.refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": 'Basic realm="x"'})
        what, name = request.path.split("/")[-2:]
        if what == "manifests":
            if name not in self.manifests:
                return self.refuse(404, "MANIFEST_UNKNOWN", {})
            raw, kind = self.manifests[name]
            return web.Response(body=raw, content_type=kind)
        return await self.send(request, name)

    def refuse(self, status: int, code: str, headers: dict[str, str]) -> web.Response:
        error = {"code": code, "message": code.lower().replace("_", " ")}
        return web.json_response({"errors": [error]}, status=status, headers=headers)

    async def send(self, request: web.Request, name: str) -> web.StreamResponse:
        data = self.blobs.get(name)
        if data is None:
            return self.refuse(404, "BLOB_UNKNOWN", {})
        if name in self.wrong:
            data = bytes(len(data))
        start = request.http_range.start or 0
        response = web.StreamResponse(status=206 if start else 200)
        response.content_length = len(data) - start
        await response.prepare(request)
        if name in self.cut:
            await response.write(data[start : self.cut.pop(name)])
            assert request.transport is not None
            request.transport.abort() if not start else request.transport.close()
            return response
        await response.write(data[start:])
        return response


@asynccontextmanager
async def serving(fake: Fake) -> AsyncIterator[Fake]:
    app = web.Application()
    app.router.add_route("GET", "/{rest:.*}", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.address = "127.0.0.1:{}".format(*runner.addresses[0][1:])
    try:
        yield fake
    finally:
        await runner.cleanup()


class Store:
    def __init__(self, root: Path) -> None:
        self.blobs = Blobs(root)
        self.layers = Layers(root, self.blobs)
        self.images = Images(root, self.blobs, self.layers, Events())
        self.said: list[dict[str, Any]] = []

    async def pull(self, name: str, **options: Any) -> None:
        arrival = Arrival(self.blobs, self.layers, self.images)
        options.setdefault("settings", Settings())
        await Pull(parse(name), arrival, self.said.append, **options).run()

    def statuses(self, id: str = "") -> list[str]:
        return [record["status"] for record in self.said if not id or record.get("id") == id]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(pull, "_PATIENCE", 0.01)
    return Store(tmp_path)


ONE = tar(("one", "file", b"1" * 5000))
TWO = tar(("two", "file", b"2"))
Body = Callable[[Fake], Coroutine[Any, Any, None]]


def run(body: Body) -> Fake:
    async def main() -> Fake:
        async with serving(Fake()) as fake:
            await body(fake)
            return fake

    return asyncio.run(main())


@pytest.mark.parametrize("kind", [manifest.DOCKER_MANIFEST, manifest.OCI_MANIFEST])
def test_pull(store: Store, kind: str) -> None:
    async def body(fake: Fake) -> None:
        found = fake.image(ONE, TWO, kind=kind)
        name = f"{fake.address}/lib/x:1"
        await store.pull(name)
        image = store.images.get(name)
        assert [layer.diff_id for layer in image.layers] == [digest(ONE), digest(TWO)]
        assert image.runtime_config["Cmd"] == ["sh"]
        assert image.digests == (f"{fake.address}/lib/x@{found}",)
        assert store.said[0] == {"status": "Pulling from lib/x", "id": "1"}
        short = digest(gzip.compress(ONE, mtime=0))[7:19]
        assert store.statuses(short) == [
            "Pulling fs layer",
            "Downloading",
            "Verifying Checksum",
            "Download complete",
            "Extracting",
            "Pull complete",
        ]
        assert store.statuses()[-2:] == [
            f"Digest: {found}",
            f"Status: Downloaded newer image for {name}",
        ]
        store.said.clear()
        await store.pull(name)
        assert store.statuses()[-1] == f"Status: Image is up to date for {name}"
        assert len(store.said) == 3, "no layer is spoken of when the image is here"

    run(body)
    assert list(store.blobs.ingest.iterdir()) == []


def test_a_proxy_is_not_asked_for_this_machine(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def body(fake: Fake) -> None:
        fake.image(ONE)
        await store.pull(f"{fake.address}/x:1")

    assert run(body).asked


def test_known_layers_are_not_fetched(store: Store) -> None:
    async def body(fake: Fake) -> None:
        fake.image(ONE, name="1")
        fake.image(ONE, TWO, name="2")
        await store.pull(f"{fake.address}/x:1")
        store.said.clear()
        await store.pull(f"{fake.address}/x:2")
        short = digest(gzip.compress(ONE, mtime=0))[7:19]
        assert store.statuses(short) == ["Already exists"]

    fake = run(body)
    assert sum(digest(gzip.compress(ONE, mtime=0)) in line for line in fake.asked) == 1


def test_platform_of_an_index(store: Store) -> None:
    async def body(fake: Fake) -> None:
        entries = []
        for arch, layer in (("amd64", ONE), ("s390x", TWO)):
            found = fake.image(layer, kind=manifest.OCI_MANIFEST, name=arch)
            platform = {"os": "linux", "architecture": arch}
            size = len(fake.manifests[found][0])
            entries.append({"digest": found, "size": size, "platform": platform})
        raw = json.dumps({"schemaVersion": 2, "manifests": entries}).encode()
        fake.publish(raw, manifest.OCI_INDEX, "1")
        name = f"{fake.address}/x:1"
        await store.pull(name, platform=Platform("linux", "s390x"))
        assert store.images.get(name).layers[0].diff_id == digest(TWO)
        with pytest.raises(NotFound, match="no matching manifest for linux/arm64"):
            await store.pull(name, platform=Platform("linux", "arm64"))

    run(body)


def test_token(store: Store) -> None:
    async def body(fake: Fake) -> None:
        fake.token = "secret"
        fake.image(ONE)
        await store.pull(f"{fake.address}/x:1", login=Login("me", "pass"))

    fake = run(body)
    assert fake.tokens[0] == "Basic " + base64.b64encode(b"me:pass").decode()


def test_basic(store: Store) -> None:
    async def body(fake: Fake) -> None:
        fake.basic = base64.b64encode(b"me:pass").decode()
        fake.image(ONE)
        with pytest.raises(NotFound, match="pull access denied for .*, repository does not exist"):
            await store.pull(f"{fake.address}/x:1")
        await store.pull(f"{fake.address}/x:1", login=Login("me", "pass"))

    run(body)


def test_a_cut_download_is_continued(store: Store) -> None:
    big = tar(("big", "file", bytes(range(256)) * 4000))
    blob = gzip.compress(big, 0, mtime=0)

    async def body(fake: Fake) -> None:
        raw = json.loads(fake.manifests[fake.image(big)][0])
        raw["layers"] = [fake.blob(blob)]
        fake.publish(json.dumps(raw).encode(), manifest.DOCKER_MANIFEST, "1")
        fake.cut[digest(blob)] = 500_000
        await store.pull(f"{fake.address}/x:1")

    fake = run(body)
    ranges = [line for line in fake.asked if "bytes=" in line]
    assert len(ranges) == 1, "continued where it broke, not begun anew"
    assert store.images.all()[0].layers[0].diff_id == digest(big)
    assert "Retrying in 0 second" in store.statuses()


def test_a_later_pull_continues_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "_TRIES", 1)
    blob = gzip.compress(ONE, mtime=0)

    async def body(fake: Fake) -> None:
        fake.image(ONE)
        fake.cut[digest(blob)] = 40
        with pytest.raises(ServerError):
            await store.pull(f"{fake.address}/x:1")
        assert store.images.all() == []
        await store.pull(f"{fake.address}/x:1")

    fake = run(body)
    assert any("bytes=40-" in line for line in fake.asked)


def test_wrong_digest(store: Store, tmp_path: Path) -> None:
    async def body(fake: Fake) -> None:
        fake.image(ONE, TWO)
        fake.wrong.add(digest(gzip.compress(TWO, mtime=0)))
        with pytest.raises(ServerError, match="verification failed for digest"):
            await store.pull(f"{fake.address}/x:1")

    run(body)
    assert store.images.all() == []
    assert store.layers.all() == [], "the good layer went too: nobody has it"
    assert list(store.blobs.ingest.iterdir()) == []


def test_manifest_of_another_digest(store: Store) -> None:
    async def body(fake: Fake) -> None:
        fake.image(ONE)
        asked = "sha256:" + "0" * 64
        fake.manifests[asked] = fake.manifests["1"]
        with pytest.raises(ServerError, match="manifest verification failed"):
            await store.pull(f"{fake.address}/x@{asked}")

    run(body)


def test_unknown_tag(store: Store) -> None:
    async def body(fake: Fake) -> None:
        with pytest.raises(NotFound) as caught:
            await store.pull(f"{fake.address}/x:no")
        assert caught.value.message == (
            f"manifest for {fake.address}/x:no not found: manifest unknown: manifest unknown"
        )

    run(body)


def test_two_pulls_at_once(store: Store) -> None:
    async def body(fake: Fake) -> None:
        fake.image(ONE, TWO)
        await asyncio.gather(*(store.pull(f"{fake.address}/x:1") for _ in range(4)))

    run(body)
    assert len(store.images.all()) == 1


def test_nobody_there(store: Store) -> None:
    with pytest.raises(ServerError, match="127.0.0.1:1/v2/") as caught:
        asyncio.run(store.pull("127.0.0.1:1/x"))
    assert "cannot be reached" in caught.value.hint


def test_mirrors_come_first(store: Store) -> None:
    async def body(fake: Fake) -> None:
        fake.image(ONE, name="latest")
        await store.pull("x", settings=Settings(mirrors=(f"http://{fake.address}",)))

    fake = run(body)
    assert fake.asked[0] == "/v2/library/x/manifests/latest"
    assert store.images.get("x").tags == ("x:latest",)
    assert store.statuses()[0] == "Pulling from library/x"


def test_endpoints() -> None:
    settings = Settings.from_environment(
        {"DOCKERLAB_REGISTRY_MIRRORS": "https://m/, n", "DOCKERLAB_INSECURE_REGISTRIES": "in:5000"}
    )
    assert access.endpoints(parse("x"), settings) == [
        "https://m",
        "https://n",
        "https://registry-1.docker.io",
    ]
    assert access.endpoints(parse("in:5000/x"), settings) == ["http://in:5000"]
    assert access.endpoints(parse("localhost:5000/x"), settings) == ["http://localhost:5000"]
    assert access.endpoints(parse("gcr.io/x"), settings) == ["https://gcr.io"]


def test_login() -> None:
    text = base64.urlsafe_b64encode(b'{"username":"a","password":"b"}').decode()
    assert access.read_login(text) == Login("a", "b")
    assert access.read_login("") == Login()
    with pytest.raises(BadParameter):
        access.read_login("not base64 of JSON")


def test_a_layer_that_is_no_archive(store: Store) -> None:
    async def body(fake: Fake) -> None:
        fake.image(b"not a tar" * 1000)
        with pytest.raises(APIError, match="Error processing tar file"):
            await store.pull(f"{fake.address}/x:1")

    run(body)
    assert store.layers.all() == []
    assert store.blobs.digests() == []
