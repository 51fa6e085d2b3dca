"""Images that lie in another engine's folder: present, and never changed."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from dockerlab.engine.errors import NotFound, ServerError
from dockerlab.engine.store.blobs import Blobs
from dockerlab.engine.store.copies import Copy
from dockerlab.engine.store.images import Images
from dockerlab.engine.store.layers import Layers

from .test_images import Seen
from .test_layers import tar

FILES = tar(("folder", "dir!755", None), ("folder/file", "file", b"1"), ("link", "link", "folder"))
OTHER = tar(("other", "file", b"22"))


class Store:
    """The images below a folder, with a library or without."""

    def __init__(self, root: Path, library: Path | None = None) -> None:
        self.blobs = Blobs(root, library)
        self.layers = Layers(root, self.blobs, library=library)
        self.images = Images(root, self.blobs, self.layers, Seen(), library)

    def make(self, name: str, data: bytes = FILES) -> None:
        layer = self.layers.add(io.BytesIO(data), "test")
        self.images.tag(self.images.create({"os": "linux"}, [layer]), name)
        self.layers.release("test")

    @property
    def names(self) -> list[str]:
        return sorted(tag for image in self.images.all() for tag in image.tags)


def seen(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """All that there is below a folder, as far as a change would show."""
    paths = [Path(at, name) for at, inside, files in os.walk(folder) for name in inside + files]
    found = {path: path.lstat() for path in paths}
    return {path: (now.st_ctime_ns, now.st_nlink, now.st_size) for path, now in found.items()}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    store = Store(folder)
    store.make("one")
    store.make("two", OTHER)
    store.images.tag(store.images.get("two"), "second")
    return folder


def test_its_images_are_there(library: Path, tmp_path: Path) -> None:
    before = seen(library)
    store = Store(tmp_path / "own", library)
    store.images.sweep()
    assert store.names == ["one:latest", "second:latest", "two:latest"]
    (layer,) = store.images.get("one").layers
    assert Path(layer.directory, "folder/file").read_text() == "1"
    assert store.layers.open(layer).read() == FILES
    archive = b"".join(store.images.save(["one"]))
    assert len(Store(tmp_path / "third").images.load(io.BytesIO(archive))) == 1
    assert seen(library) == before


def test_removing_hides(library: Path, tmp_path: Path) -> None:
    before = seen(library)
    own = tmp_path / "own"
    store = Store(own, library)
    id = store.images.get("two").id
    assert store.images.remove("two") == [{"Untagged": "two:latest"}]
    assert {"Deleted": id} in store.images.remove("second")
    for again in (store, Store(own, library)):
        again.images.sweep()
        assert again.names == ["one:latest"]
        assert len(again.layers.all()) == 1
        with pytest.raises(NotFound):
            again.images.get(id)
    assert seen(library) == before
    assert Store(tmp_path / "neighbour", library).names[1:] == ["second:latest", "two:latest"]


def test_what_is_pruned_frees_nothing(library: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "own", library)
    gone, freed = store.images.prune({"dangling": ["false"]})
    assert store.names == []
    assert {"Untagged": "one:latest"} in gone
    assert freed == 0


def test_names_of_our_own(library: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    store = Store(own, library)
    store.images.tag(store.images.get("one"), "mine")
    store.images.remove("one")
    store.make("two", tar(("new", "file", b"new")))
    again = Store(own, library)
    again.images.sweep()
    assert again.names == ["mine:latest", "second:latest", "two:latest"]
    assert not again.images.get("two").layers[0].lent
    assert again.images.get("second").layers[0].lent


def test_a_hidden_image_can_come_back(library: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    store = Store(own, library)
    archive = b"".join(store.images.save(["one"]))
    store.images.remove("one")
    store.images.load(io.BytesIO(archive))
    again = Store(own, library)
    again.images.sweep()
    assert "one:latest" in again.names
    (layer,) = again.images.get("one").layers
    assert layer.lent  # its files are the library's still
    assert len(again.blobs.digests()) == 1  # only the config has become ours


def test_an_image_on_top(library: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    store = Store(own, library)
    base = store.images.get("one")
    above = store.layers.add(io.BytesIO(OTHER + b"\0" * 512), "test")
    child = store.images.create({"os": "linux"}, [*base.layers, above], base.id)
    store.images.tag(child, "child")
    store.images.remove("one")
    again = Store(own, library)
    again.images.sweep()
    assert [layer.lent for layer in again.images.get("child").layers] == [True, False]
    assert again.images.get("child").parent == base.id  # it has no name, and has a child


def test_whiteouts_are_not_made_in_it(library: Path, tmp_path: Path) -> None:
    (layer,) = Store(library).images.get("one").layers
    record = Path(layer.directory).parent / "layer.json"
    record.write_text(record.read_text().replace('"marked":true', '"marked":false'))
    store = Store(tmp_path / "own", library)
    with pytest.raises(ServerError, match="whiteouts"):
        store.layers.mountable(store.images.get("one").layers)


def test_a_copy_leaves_no_trace(library: Path, tmp_path: Path) -> None:
    before = seen(library)
    store = Store(tmp_path / "own", library)
    copies = Copy(tmp_path / "own", store.layers)
    rootfs = copies.prepare("container", store.images.get("one").layers)
    assert os.readlink(f"{rootfs.path}/link") == "folder"
    copies.remove("container")
    assert seen(library) == before
