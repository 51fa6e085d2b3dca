from __future__ import annotations

import io
import tarfile

import pytest

from dockerlab.formats import filetree
from dockerlab.formats.filetree import Change, Entry, Kind, LayerTree


def layer(*names: str) -> LayerTree:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in names:
            member = tarfile.TarInfo(name.rstrip("/"))
            member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(member)
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as archive:
        return filetree.read(archive)


def test_read() -> None:
    found = layer("a/", "./a/b", "/c", "a/.wh.x", "d/.wh..wh..opq", ".wh..wh.aufs", "e/.wh...")
    assert [(e.path, e.type) for e in found.entries] == [
        ("/a", "dir"),
        ("/a/b", "file"),
        ("/c", "file"),
    ]
    assert found.removed == ("/a/x",)
    assert found.opaque == ("/d",)


@pytest.mark.parametrize("name", ["../../etc", "/../etc", "a/../../etc", "//etc"])
def test_clean_never_leaves(name: str) -> None:
    assert filetree.clean(name) == "/etc"


def test_apply() -> None:
    tree, first = filetree.apply({}, layer("a/", "a/b", "a/c", "d/", "d/e"))
    assert {change.kind for change in first} == {Kind.ADDED}
    tree, second = filetree.apply(tree, layer("a/.wh.b", "a/c", "d/.wh..wh..opq", "d/f", "g"))
    assert [str(change) for change in second] == [
        "D /a/b",
        "C /a/c",
        "D /d/e",
        "A /d/f",
        "A /g",
    ]
    assert sorted(tree) == ["/a", "/a/c", "/d", "/d/f", "/g"]


def test_a_file_in_place_of_a_folder_hides_what_was_inside() -> None:
    tree, _ = filetree.apply({}, layer("a/", "a/b"))
    tree, changes = filetree.apply(tree, LayerTree((Entry("/a", "file"),)))
    assert sorted(tree) == ["/a"]
    assert Change("/a/b", Kind.DELETED) in changes
