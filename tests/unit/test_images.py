from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dockerlab.engine.errors import BadParameter, Conflict, NotFound
from dockerlab.engine.store.blobs import Blobs, digest
from dockerlab.engine.store.image import Image, nanoseconds
from dockerlab.engine.store.images import Images
from dockerlab.engine.store.layers import Layers
from dockerlab.errors import FormatError
from dockerlab.formats import manifest
from dockerlab.formats.reference import parse

from .test_layers import tar

ONE = tar(("one", "file", b"1" * 100))
TWO = tar(("two", "file", b"22"))


class Seen:
    """Events, as ``action id``."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str]] = []

    def publish(
        self, type: str, action: str, id: str, attributes: Mapping[str, str] | None = None
    ) -> None:
        self.events.append((action, id, (attributes or {}).get("name", "")))


class Store:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.open()

    def open(self) -> None:
        self.blobs = Blobs(self.root)
        self.layers = Layers(self.root, self.blobs)
        self.seen = Seen()
        self.images = Images(self.root, self.blobs, self.layers, self.seen)

    def image(
        self,
        *names: str,
        on: Image | None = None,
        data: bytes = ONE,
        created: str = "2024-01-01T00:00:00Z",
        labels: dict[str, str] | None = None,
    ) -> Image:
        layer = self.layers.add(io.BytesIO(data))
        below = on.layers if on else ()
        config = {
            "architecture": "amd64",
            "os": "linux",
            "created": created,
            "config": {"Labels": labels},
            "history": [{"created": created, "created_by": "x"}] * (len(below) + 1),
        }
        found = self.images.create(config, [*below, layer], on.id if on else "")
        for name in names:
            found = self.images.tag(found, name)
        return found

    def disk(self) -> tuple[int, int, int]:
        """How many blobs, layers and image records there are."""
        records = [p for p in (self.root / "images").iterdir() if p.name != "repositories.json"]
        return len(self.blobs.digests()), len(self.layers.all()), len(records)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def used(image: Image, running: bool = False) -> Any:
    def in_use(id: str) -> Sequence[tuple[str, bool]]:
        return [("c" * 64, running)] if id == image.id else []

    return in_use


# -- finding


def test_get(store: Store) -> None:
    image = store.image("alpine:3", "localhost:5000/x")
    for name in (
        "alpine:3",
        "docker.io/library/alpine:3",
        image.id,
        image.id[7:],
        image.short,
        "localhost:5000/x:latest",
    ):
        assert store.images.get(name).id == image.id
    with pytest.raises(NotFound, match="No such image: alpine:latest"):
        store.images.get("alpine")
    with pytest.raises(NotFound, match=f"No such image: {'0' * 64}"):
        store.images.get("0" * 64)
    with pytest.raises(FormatError, match="must be lowercase"):
        store.images.get("Alpine")


def test_image(store: Store) -> None:
    image = store.image("a", labels={"k": "v"})
    assert (image.size, image.architecture, image.tags) == (100, "amd64", ("a:latest",))
    assert image.runtime_config["Labels"] == {"k": "v"}
    assert image.runtime_config["Entrypoint"] is None
    assert image.created_ns == 1_704_067_200 * 10**9


def test_a_name_moves(store: Store) -> None:
    first, second = store.image("a"), store.image("b", data=TWO)
    store.images.tag(second, "a")
    assert store.images.get("a").id == second.id
    assert store.images.get(first.id).tags == ()
    assert store.images.get("b").tags == ("a:latest", "b:latest")


def test_what_is_gone_gets_no_name(store: Store) -> None:
    image = store.image("a")
    store.images.remove("a")
    with pytest.raises(NotFound, match=f"No such image: {image.id}"):
        store.images.tag(image, "b")
    with pytest.raises(NotFound):
        Store(store.root).images.get("b")


@pytest.mark.parametrize("name", ["a@sha256:" + "0" * 64, "A", "a b"])
def test_bad_tags(store: Store, name: str) -> None:
    with pytest.raises(FormatError):
        store.images.tag(store.image(), name)


def test_restart(store: Store) -> None:
    parent = store.image("base")
    child = store.image("child", on=parent, data=TWO)
    before = store.images.all()
    store.open()
    store.images.sweep()
    assert store.images.all() == before
    assert store.images.get("child").parent == parent.id
    assert [i.id for i in store.images.children(parent)] == [child.id]
    assert store.disk() == (4, 2, 2)


def test_an_image_that_lost_a_layer_is_gone_after_a_restart(store: Store) -> None:
    image = store.image("a")
    (Path(image.layers[0].directory).parent / "layer.json").unlink()
    store.open()
    store.images.sweep()
    assert store.images.all() == []
    assert store.disk() == (0, 0, 0)


def test_half_an_image_is_gone_after_a_restart(store: Store) -> None:
    store.layers.add(io.BytesIO(ONE))
    store.blobs.add(b"{}")
    store.open()
    store.images.sweep()
    assert store.disk() == (0, 0, 0)


def test_listing(store: Store) -> None:
    old = store.image("base:1", "base:2", created="2023-01-01T00:00:00Z", labels={"a": "1"})
    new = store.image("x/app", on=old, data=TWO, created="2024-01-01T00:00:00Z")
    loose = store.image(data=tar(("3", "file", b"")), created="2025-01-01T00:00:00Z")

    def ids(everything: bool = False, **filters: list[str]) -> list[str]:
        return [i.id for i, _ in store.images.listing(filters, everything=everything)]

    assert ids() == [loose.id, new.id, old.id]
    assert ids(dangling=["true"]) == [loose.id]
    assert ids(dangling=["false"]) == [new.id, old.id]
    assert ids(label=["a"]) == ids(label=["a=1"]) == [old.id]
    assert ids(label=["a=2"]) == []
    assert ids(before=["x/app"]) == [old.id]
    assert ids(since=["base:1"]) == [loose.id, new.id]
    assert ids(reference=["base"]) == ids(reference=["base:1"]) == [old.id]
    assert ids(reference=["*/app"]) == [new.id]
    assert ids(reference=["*"]) == [old.id], "a star does not cross a slash"
    assert [r for _, r in store.images.listing({"reference": ["*:2"]})] == [("base:2",)]
    with pytest.raises(BadParameter, match="Invalid filter 'nope'"):
        ids(nope=["x"])
    with pytest.raises(NotFound):
        ids(before=["nothing"])


def test_intermediate_images(store: Store) -> None:
    step = store.image()
    last = store.image("app", on=step, data=TWO)
    assert [i.id for i, _ in store.images.listing()] == [last.id]
    assert {i.id for i, _ in store.images.listing(everything=True)} == {last.id, step.id}
    rows = store.images.history("app")
    assert [row["Id"] for row in rows] == [last.id, step.id]
    assert [row["Size"] for row in rows] == [2, 100]
    assert rows[0]["Tags"] == ["app:latest"]


def test_listing_reads_no_files(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = store.layers.add(io.BytesIO(ONE))
    for number in range(100):
        config = {"created": "2024-01-01T00:00:00Z", "config": {}, "comment": str(number)}
        store.images.tag(store.images.create(config, [layer]), f"many:{number}")
    monkeypatch.setattr("builtins.open", None)
    assert len(store.images.listing()) == 100


# -- removing


def test_remove_by_name(store: Store) -> None:
    image = store.image("a:1", "a:2")
    assert store.images.remove("a:1") == [{"Untagged": "a:1"}]
    chain = image.layers[0].diff_id
    assert store.images.remove("a:2") == [
        {"Untagged": "a:2"},
        {"Deleted": image.id},
        {"Deleted": chain},
    ]
    assert store.disk() == (0, 0, 0)
    assert [e[0] for e in store.seen.events] == ["tag", "tag", "untag", "untag", "delete"]


def test_remove_by_id(store: Store) -> None:
    image = store.image("a:1", "b:1")
    with pytest.raises(Conflict) as caught:
        store.images.remove(image.short)
    assert caught.value.message == (
        f"conflict: unable to delete {image.short} (must be forced) - "
        "image is referenced in multiple repositories"
    )
    report = store.images.remove(image.short, force=True)
    assert report[:2] == [{"Untagged": "a:1"}, {"Untagged": "b:1"}]
    assert store.disk() == (0, 0, 0)


def test_in_use(store: Store) -> None:
    image = store.image("a")
    with pytest.raises(Conflict) as caught:
        store.images.remove("a", in_use=used(image))
    assert caught.value.message == (
        'conflict: unable to remove repository reference "a" (must force) - '
        f"container cccccccccccc is using its referenced image {image.short}"
    )
    with pytest.raises(Conflict, match=r"\(must be forced\) - image is being used by stopped"):
        store.images.remove(image.id, in_use=used(image))
    with pytest.raises(Conflict, match=r"\(cannot be forced\) - image is being used by running"):
        store.images.remove(image.id, force=True, in_use=used(image, running=True))
    assert store.images.get("a").tags == ("a:latest",), "a refusal changes nothing"


def test_forced_while_used(store: Store) -> None:
    image = store.image("a")
    report = store.images.remove("a", force=True, in_use=used(image, running=True))
    assert report == [{"Untagged": "a:latest"}], "a running container keeps the image"
    report = store.images.remove(image.id, force=True, in_use=used(image))
    assert report == [{"Deleted": image.id}], "a stopped one its layers only"


def test_children(store: Store) -> None:
    base = store.image("base")
    child = store.image("child", on=base, data=TWO)
    with pytest.raises(Conflict) as caught:
        store.images.remove(base.id, force=True)
    assert caught.value.message == (
        f"conflict: unable to delete {base.short} (cannot be forced) - "
        "image has dependent child images"
    )
    assert store.images.remove("base") == [{"Untagged": "base:latest"}]
    report = store.images.remove("child")
    assert [row for row in report if row.get("Deleted") in (base.id, child.id)] == [
        {"Deleted": child.id},
        {"Deleted": base.id},
    ], "the parent without a name goes along"


def test_noprune_keeps_the_parent(store: Store) -> None:
    base = store.image()
    store.image("child", on=base, data=TWO)
    store.images.remove("child", noprune=True)
    assert [i.id for i in store.images.all()] == [base.id]


def test_digests_go_with_the_last_tag(store: Store) -> None:
    image = store.image()
    store.images.pulled(image, parse("x:1"), "sha256:" + "d" * 64)
    store.images.tag(image, "x:2")
    assert store.images.remove("x:2") == [{"Untagged": "x:2"}]
    report = store.images.remove("x:1")
    assert report[:2] == [{"Untagged": "x:1"}, {"Untagged": "x@sha256:" + "d" * 64}]
    assert store.images.all() == []


def test_remove_missing(store: Store) -> None:
    with pytest.raises(NotFound, match="No such image: x:latest"):
        store.images.remove("x")


def test_prune(store: Store) -> None:
    kept = store.image("kept", labels={"keep": "1"})
    loose = store.image(data=TWO, created="2020-01-01T00:00:00Z")
    assert store.images.prune({"label": ["keep"]})[0] == []
    assert store.images.prune({"until": ["2019-01-01"]})[0] == []
    report, freed = store.images.prune({"until": ["24h"]})
    assert report[0] == {"Deleted": loose.id}
    assert freed == 2
    assert store.images.prune({"dangling": ["false"]}, in_use=used(kept)) == ([], 0)
    report, freed = store.images.prune({"dangling": ["false"]})
    assert {"Untagged": "kept:latest"} in report
    assert freed == 100
    with pytest.raises(BadParameter, match="Invalid filter 'x'"):
        store.images.prune({"x": ["1"]})


# -- archives


def archive(**files: bytes) -> io.BytesIO:
    return io.BytesIO(tar(*[(name, "file", data) for name, data in files.items()]))


def config_of(*layers: bytes) -> bytes:
    rootfs = {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}
    return json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()


def docker_archive(config: bytes, tags: Any, **layers: bytes) -> io.BytesIO:
    rows = [{"Config": "c.json", "RepoTags": tags, "Layers": list(layers)}]
    files = {"c.json": config, "manifest.json": json.dumps(rows).encode()}
    return archive(**files, **layers)


def test_save_and_load(store: Store, tmp_path: Path) -> None:
    image = store.image("a:1", "a:2", on=store.image("base"), data=TWO)
    data = b"".join(store.images.save(["a", "base:latest"]))
    with tarfile.open(fileobj=io.BytesIO(data)) as saved:
        names = saved.getnames()
        rows = json.load(saved.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert len(names) == len(set(names)), "a shared layer is saved once"
    assert rows[0]["RepoTags"] == ["a:1", "a:2"]
    other = Store(tmp_path / "other")
    for packed in (data, gzip.compress(data)):
        said: list[Any] = []
        loaded = other.images.load(io.BytesIO(packed), said.append)
        assert [names for _, names in loaded] == [["a:1", "a:2"], ["base:latest"]]
    assert other.images.get("a:1").id == image.id
    assert said == [], "nothing is unpacked twice"
    assert list(other.blobs.ingest.iterdir()) == []


def test_save_by_id_has_no_names(store: Store) -> None:
    image = store.image("a")
    data = b"".join(store.images.save([image.short]))
    with tarfile.open(fileobj=io.BytesIO(data)) as saved:
        rows = json.load(saved.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert rows[0]["RepoTags"] is None
    with pytest.raises(NotFound):
        store.images.save(["nothing"])


def test_layers_stay_while_they_are_saved(store: Store) -> None:
    store.image("a")
    pieces = store.images.save(["a"])
    first = next(pieces)
    store.images.remove("a")
    data = first + b"".join(pieces)
    with tarfile.open(fileobj=io.BytesIO(data)) as saved:
        assert "manifest.json" in saved.getnames()
    assert store.disk() == (0, 0, 0)


def test_oci_layout(store: Store) -> None:
    config, layer = config_of(ONE), gzip.compress(ONE)

    def entry(data: bytes, **more: Any) -> dict[str, Any]:
        return {"digest": digest(data), "size": len(data), **more}

    raw = json.dumps({"config": entry(config), "layers": [entry(layer)]}).encode()
    platform = {"os": "linux", "architecture": manifest.this_platform().architecture}
    inner = json.dumps({"manifests": [entry(raw, platform=platform)]}).encode()
    notes = {"io.containerd.image.name": "docker.io/library/oci:1"}
    index = json.dumps({"manifests": [entry(inner, annotations=notes)]}).encode()
    blobs = {f"blobs/sha256/{digest(b)[7:]}": b for b in (config, layer, raw, inner)}
    loaded = store.images.load(archive(**{"index.json": index, "oci-layout": b"{}"}, **blobs))
    assert loaded[0][1] == ["oci:1"]
    assert loaded[0][0].id == digest(config)
    blobs[f"blobs/sha256/{digest(raw)[7:]}"] = raw + b" "
    with pytest.raises(BadParameter, match="has another digest"):
        store.images.load(archive(**{"index.json": index}, **blobs))


def test_layers_by_links_inside(store: Store) -> None:
    rows = [{"Config": "c.json", "RepoTags": None, "Layers": ["x/layer.tar"]}]
    data = tar(
        ("c.json", "file", config_of(ONE)),
        ("y/layer.tar", "file", ONE),
        ("x/layer.tar", "link", "../y/layer.tar"),
        ("manifest.json", "file", json.dumps(rows).encode()),
    )
    assert store.images.load(io.BytesIO(data))[0][0].size == 100


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (archive(file=b"x"), "holds no image"),
        (io.BytesIO(b"no tar" * 500), "Error processing tar file"),
        (io.BytesIO(b""), "Error processing tar file"),
        (archive(**{"manifest.json": b"{"}), "not JSON"),
        (archive(**{"manifest.json": b"{}"}), "not a list"),
        (archive(**{"manifest.json": b'[{"Config":1}]'}), "not as it should be"),
        (archive(**{"manifest.json": b'[{"Config":"/etc/passwd"}]'}), "has no file etc/passwd"),
        (docker_archive(b"{}", []), "no rootfs"),
        (docker_archive(config_of(ONE, TWO), [], l1=ONE), "length mismatch"),
        (docker_archive(config_of(ONE), [], l1=TWO), "invalid diffID"),
        (docker_archive(config_of(ONE), ["UPPER"], l1=ONE), "lowercase"),
        (docker_archive(config_of(ONE), "x", l1=ONE), "not as it should be"),
        (docker_archive(config_of(b"xx"), [], l1=b"xx"), "Error processing tar file"),
    ],
)
def test_bad_archives(store: Store, stream: io.BytesIO, words: str) -> None:
    stream.seek(0)
    with pytest.raises(BadParameter, match=words):
        store.images.load(stream)
    assert store.disk() == (0, 0, 0)
    assert list(store.blobs.ingest.iterdir()) == []


def test_sizes_below_zero(store: Store) -> None:
    """tarfile goes back by them, and so reads the same members again, for ever."""
    record = b"14 size=-1536\n".ljust(512, b"\0")
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, 14
    first, last = tarfile.TarInfo("a").tobuf(), tarfile.TarInfo("b").tobuf()
    stream = io.BytesIO(first + head.tobuf(tarfile.GNU_FORMAT) + record + last + bytes(1024))
    with pytest.raises(BadParameter, match="negative size"):
        store.images.load(stream)
    with pytest.raises(BadParameter):
        store.layers.add(io.BytesIO(stream.getvalue()))
    assert store.disk() == (0, 0, 0)


def test_truncated_archive(store: Store) -> None:
    store.image("a")
    data = b"".join(store.images.save(["a"]))
    other = Store(store.root / "other")
    for cut in (100, 1500, 4000, len(data) // 2):
        with pytest.raises(BadParameter):
            other.images.load(io.BytesIO(data[:cut]))
        assert other.disk() == (0, 0, 0)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_damaged_compression(store: Store, pack: Any) -> None:
    store.image("a", data=tar(("x", "file", os.urandom(20_000))))
    data = pack(b"".join(store.images.save(["a"])))
    middle = len(data) // 2
    other = Store(store.root / "other")
    for damaged in (data[:middle], data[:middle] + bytes(50) + data[middle + 50 :]):
        with pytest.raises(BadParameter):
            other.images.load(io.BytesIO(damaged))
        with pytest.raises(BadParameter):
            other.images.import_tree(io.BytesIO(damaged))
        assert other.disk() == (0, 0, 0)
        assert list(other.blobs.ingest.iterdir()) == []


# -- making


def test_import(store: Store) -> None:
    image = store.images.import_tree(
        io.BytesIO(gzip.compress(ONE)),
        reference=parse("imp"),
        changes=["CMD x", "ENV A=b"],
        message="hello",
        platform="linux/arm64",
    )
    assert image.tags == ("imp:latest",)
    assert image.runtime_config["Env"] == ["A=b"]
    assert image.architecture == "arm64"
    assert store.images.history("imp")[0]["Comment"] == "hello"
    with pytest.raises(FormatError):
        store.images.import_tree(io.BytesIO(ONE), changes=["FOO x"])
    with pytest.raises(BadParameter):
        store.images.import_tree(io.BytesIO(b"x" * 2000))
    assert store.disk() == (2, 1, 1)


def test_commit(store: Store) -> None:
    base = store.image("base")
    made = store.images.commit(
        base,
        iter([TWO[:100], TWO[100:]]),
        {**base.runtime_config, "Cmd": ["sh"]},
        author="me",
        comment="why",
        parent=base.id,
        container="c1",
        created_by="sh -c x",
    )
    assert [layer.diff_id for layer in made.layers] == [digest(ONE), digest(TWO)]
    assert (made.parent, made.config["author"], made.config["container"]) == (base.id, "me", "c1")
    row = store.images.history(made.id)[0]
    assert (row["Comment"], row["CreatedBy"], row["Size"]) == ("why", "sh -c x", 2)


def test_times() -> None:
    assert nanoseconds("1970-01-01T00:00:01.5Z") == 1_500_000_000
    assert nanoseconds("1970-01-01T01:00:00.000000001+01:00") == 1
    assert nanoseconds("0001-01-01T00:00:00Z") < 0
    assert nanoseconds("nonsense") < 0
