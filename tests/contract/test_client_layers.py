"""``lab.layers``: an image whose layers waste known bytes, counted by hand, on every engine."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterator

import pytest
from docker.client import DockerClient
from docker.errors import APIError, ImageNotFound

import dockerlab
from dockerlab import Lab, NotFoundHere
from dockerlab.formats.filetree import Kind

IMAGE = "alpine"


def put(client: DockerClient, container: str, files: dict[str, int]) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, size in files.items():
            member = tarfile.TarInfo(name)
            member.size = size
            archive.addfile(member, io.BytesIO(bytes(size)))
    client.api.put_archive(container, "/", buffer.getvalue())


@pytest.fixture
def wasteful(client: DockerClient, name: str) -> Iterator[str]:
    """An image of three layers above alpine's, made by commits; its name.

    The first writes 5000 + 300 + 40 bytes, the second writes 7000 over the 5000, the third
    removes the folder with the 300 and the 40.
    """
    steps = (
        ({"big": 5000, "shop/a": 300, "shop/b": 40}, "true"),
        ({"big": 7000}, "true"),
        ({}, "rm -r /shop"),
    )
    image = IMAGE
    try:
        for number, (files, command) in enumerate(steps):
            box = client.containers.create(image, ["sh", "-c", command], name=f"{name}-{number}")
            put(client, box.id, files)
            box.start()
            assert box.wait(timeout=60)["StatusCode"] == 0
            image = f"{name}:{number}"
            box.commit(name, str(number), changes=['CMD ["sh"]'])
            box.remove()
        yield image
    finally:
        for number in reversed(range(len(steps))):
            with contextlib.suppress(ImageNotFound, APIError):
                client.images.remove(f"{name}:{number}")


def test_waste_counted_by_hand(lab: Lab, wasteful: str) -> None:
    stack = lab.layers(wasteful)
    base = lab.layers(IMAGE)
    assert base.efficiency.files == ()
    first, second, third = stack.layers[len(base.layers) :]
    sizes = [sum(e.size for e in one.tree.entries) for one in (first, second, third) if one.tree]
    assert sizes == [5340, 7000, 0]
    assert [str(change) for change in third.changes] == ["D /shop", "D /shop/a", "D /shop/b"]
    assert (first.count(Kind.ADDED), second.count(Kind.MODIFIED)) == (4, 1)

    found = stack.efficiency
    kept, copies = base.size + 5000, base.size + 5340 + 7000
    assert found.score == pytest.approx(kept / copies)
    assert (found.wasted, found.hidden) == (12_000 + 340, 5340)
    numbers = [one.number for one in (first, second, third)]
    assert [(one.path, one.total, one.written, one.removed) for one in found.files] == [
        ("/big", 12_000, (numbers[0], numbers[1]), ()),
        ("/shop/a", 300, (numbers[0],), (numbers[2],)),
        ("/shop/b", 40, (numbers[0],), (numbers[2],)),
    ]
    assert stack.origins()["/big"] == numbers[1]
    assert "/shop" not in stack.tree()
    assert "/shop" in stack.tree(numbers[0])


def test_the_picture(lab: Lab, wasteful: str) -> None:
    text = dockerlab.show(lab.layers(wasteful), "en").text
    assert "12.3kB wasted" in text
    assert "5.34kB are in the image though no container sees them" in text
    assert "/shop/a: 300B" in text


def test_layers_agree_with_the_history(lab: Lab) -> None:
    stack = lab.layers(IMAGE)
    history = lab.api.history(IMAGE)[::-1]
    assert len(stack.layers) == len(history)
    for layer, step in zip(stack.layers, history, strict=True):
        # Engines count folders and links in different ways, files alike.
        assert layer.size <= step["Size"] <= layer.size * 1.05 + 4096
        assert layer.created == pytest.approx(step["Created"], abs=1)


def test_an_image_is_read_once(lab: Lab) -> None:
    lab.layers(IMAGE)
    with lab.trace() as requests:
        lab.layers(IMAGE)
    assert not [one for one in requests if "/images/get" in one.path]


def test_no_such_image(lab: Lab) -> None:
    with pytest.raises(NotFoundHere):
        lab.layers("dltest-no-such-image")
