from __future__ import annotations

import io
from pathlib import Path

import pytest

from dockerlab.engine.errors import StoreFull
from dockerlab.engine.store.blobs import Blobs
from dockerlab.engine.store.copies import Copy
from dockerlab.engine.store.layers import Layer, Layers

from .test_layers import tar


class World:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.layers = Layers(root, Blobs(root))
        self.copies = Copy(root, self.layers, slow=60)
        self.spares = self.copies._spares

    def image(self, name: str) -> list[Layer]:
        return [self.layers.add(io.BytesIO(tar((name, "file", b"x"))), "image")]

    def on_disk(self) -> int:
        return len(list((self.root / "spares").iterdir()))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_spare_is_taken_once(world: World) -> None:
    image = world.image("a")
    world.spares.make(image)
    assert world.on_disk() == 1
    inode = next((world.root / "spares").glob("*/rootfs/a")).stat().st_ino
    for id, same in (("c1", True), ("c2", False)):
        rootfs = Path(world.copies.prepare(id, image).path)
        assert ((rootfs / "a").stat().st_ino == inode) is same
        assert world.copies.changes(id, image) == []
        (rootfs / "b").write_text("x")
        assert [str(c) for c in world.copies.changes(id, image)] == ["A /b"]
        if world.spares._timer:
            world.spares._timer.cancel()
    assert world.on_disk() == 0


def test_only_a_few_are_kept(world: World) -> None:
    for name in "abc":
        world.spares.make(world.image(name))
    assert world.on_disk() == 2


def test_none_for_an_image_that_is_gone(world: World) -> None:
    image = world.image("a")
    world.layers.release("image")
    world.spares.make(image)
    assert world.on_disk() == 0


def test_half_made_ones_are_gone_after_a_restart(world: World) -> None:
    (world.root / "spares/.new-x/rootfs").mkdir(parents=True)
    assert World(world.root).on_disk() == 0


def test_they_make_room_on_a_full_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.spares.make(world.image("a"))
    copy, calls = world.copies._copy, []

    def full_at_first(layers: list[Layer], target: Path) -> None:
        calls.append(world.on_disk())
        if len(calls) == 1:
            raise StoreFull("no space left on device")
        copy(layers, target)

    monkeypatch.setattr(world.copies, "_copy", full_at_first)
    world.copies.prepare("c1", world.image("b"))
    assert calls == [1, 0]
