"""Layers as records: readable steps, what each changed, efficiency checked by hand."""

from __future__ import annotations

import pytest

from dockerlab.formats.filetree import Entry, Kind, LayerTree
from dockerlab.formats.layers import LayerStack, command, stacked


def files(*removed: str, opaque: tuple[str, ...] = (), **sizes: int) -> LayerTree:
    """``files(a=3, d__b=4)``: /a of 3 bytes, the folder /d, /d/b of 4 bytes."""
    entries = []
    for name, size in sizes.items():
        path = "/" + name.replace("__", "/")
        entries.append(Entry(path, "dir") if size < 0 else Entry(path, "file", size=size))
    return LayerTree(tuple(entries), removed, opaque)


def stack(*trees: LayerTree | None) -> LayerStack:
    history = [{"created_by": f"step {n}"} for n in range(len(trees))]
    return stacked("x", "sha256:0", history, trees)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("/bin/sh -c npm install", "RUN npm install"),
        ("/bin/bash -o pipefail -c a | b", "RUN a | b"),
        ('/bin/sh -c #(nop)  CMD ["sh" "-c" "x"]', 'CMD ["sh" "-c" "x"]'),
        ("/bin/sh -c #(nop) WORKDIR /usr/src/app", "WORKDIR /usr/src/app"),
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("COPY . . # buildkit", "COPY . ."),
        ("|2 A=1 B=x y /bin/sh -c make  all", "RUN make all # A=1 B=x y"),
        ("RUN |1 A=1 /bin/sh -c make # buildkit", "RUN make # A=1"),
        (
            "/bin/sh -c #(nop) COPY file:0123456789abcdef0123456789abcdef in /app ",
            "COPY file:01234567… in /app",
        ),
        ("|x", "|x"),
        ("|9 nothing", "|9 nothing"),
        ("", ""),
    ],
)
def test_a_step_reads_as_in_a_dockerfile(written: str, shown: str) -> None:
    assert command(written) == shown


def test_a_stack_tells_what_each_layer_changed() -> None:
    made = stack(files(d=-1, d__a=10, d__b=20), files("/d/a", d=-1, d__c=5), files(d__b=7))
    assert [[str(change) for change in layer.changes] for layer in made.layers] == [
        ["A /d", "A /d/a", "A /d/b"],
        ["D /d/a", "A /d/c"],
        ["C /d/b"],
    ]
    assert [layer.size for layer in made.layers] == [30, 5, 7]
    assert made.layer(1).count(Kind.ADDED) == 3
    assert sorted(made.tree(1)) == ["/d", "/d/a", "/d/b"]
    assert sorted(made.tree()) == ["/d", "/d/b", "/d/c"]
    assert made.origins() == {"/d": 2, "/d/c": 2, "/d/b": 3}
    assert made.size == 42
    with pytest.raises(ValueError, match="no layer 4"):
        made.layer(4)


def test_no_waste() -> None:
    assert stack(files(a=5), files(b=6)).efficiency.score == 1.0
    assert stack().efficiency.score == 1.0
    assert stack(files(a=0), files(a=0)).efficiency.files == ()


def test_a_file_written_twice() -> None:
    found = stack(files(a=100, b=50), files(a=300)).efficiency
    # Smallest copies 100 + 50 of 450 bytes in all.
    assert found.score == pytest.approx(150 / 450)
    assert (found.wasted, found.hidden) == (400, 100)
    assert [(w.path, w.total, w.hidden, w.written, w.removed) for w in found.files] == [
        ("/a", 400, 100, (1, 2), ())
    ]


def test_a_file_removed_later() -> None:
    found = stack(files(a=100, b=50), files("/a")).efficiency
    assert found.score == pytest.approx(50 / 150)
    assert (found.wasted, found.hidden) == (100, 100)
    assert (found.files[0].written, found.files[0].removed) == ((1,), (2,))


@pytest.mark.parametrize(
    "second",
    [files("/d"), files(opaque=("/d",), d=-1), files(d=0)],
    ids=["removed", "opaque", "a file in its place"],
)
def test_a_removed_folder_wastes_each_file_in_it(second: LayerTree) -> None:
    found = stack(files(d=-1, d__a=100, d__e=-1, d__e__f=11), second).efficiency
    assert {w.path: w.hidden for w in found.files} == {"/d/a": 100, "/d/e/f": 11}
    assert (found.score, found.wasted) == (0.0, 111)


def test_removed_and_written_again() -> None:
    found = stack(files(a=10), files("/a"), files(a=30)).efficiency
    assert (found.score, found.wasted, found.hidden) == (0.0, 40, 10)
    assert found.files[0].removed == (2,)


def test_empty_steps_and_unread_layers() -> None:
    history = [
        {"created_by": "a", "created": "2025-01-01T00:00:00Z"},
        {"created_by": "/bin/sh -c #(nop)  CMD []", "empty_layer": True},
        {"created_by": "", "comment": "imported"},
    ]
    made = stacked("x", "i", history, [files(a=1), None, files(b=2)])
    assert [(one.command, one.empty, one.size) for one in made.layers] == [
        ("a", False, 1),
        ("CMD []", True, 0),
        ("imported", False, 0),
        ("", False, 2),
    ]
    assert made.layers[0].created == 1735689600
    assert made.layers[2].tree is None


def test_many_removals_stay_quick() -> None:
    """Each removed path costs what is in it, not a walk through all: this would take minutes."""
    names = [f"/d/{number}" for number in range(60_000)]
    first = LayerTree(tuple(Entry(name, "file", size=1) for name in names))
    made = stack(first, LayerTree((), tuple(names)))
    assert made.efficiency.hidden == 60_000
    assert made.tree() == {}


def test_a_very_deep_folder() -> None:
    deep = "/" + "/".join("a" * 20_000)
    made = stack(LayerTree((Entry(deep, "file", size=3),)), files("/a"))
    assert made.efficiency.hidden == 3
