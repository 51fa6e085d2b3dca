"""The layer explorer: rows of the tree, words, drawing, and what the live form answers."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.formats.filetree import Entry, LayerTree
from dockerlab.formats.layers import LayerStack, stacked
from dockerlab.views import LayersView, show
from dockerlab.views.builds.filerows import FileTree
from dockerlab.views.builds.layers import percent
from dockerlab.views.builds.layerwords import ago
from dockerlab.views.gallery import PICTURES

SVG = "{http://www.w3.org/2000/svg}"
DAY = 86_400.0


def entries(*paths: str, size: int = 10) -> LayerTree:
    found = []
    for path in paths:
        folder = path.endswith("/")
        found.append(
            Entry(path.rstrip("/"), "dir" if folder else "file", size=0 if folder else size)
        )
    return LayerTree(tuple(found))


HISTORY = [
    {"created_by": "base", "created": "2025-01-01T00:00:00Z"},
    {"created_by": "/bin/sh -c npm install", "created": "2025-01-03T00:00:00Z"},
    {"created_by": '/bin/sh -c #(nop)  CMD ["node"]', "empty_layer": True},
    {"created_by": "/bin/sh -c rm", "created": "2025-01-03T00:00:00Z"},
]
STACK = stacked(
    "app",
    "sha256:1",
    HISTORY,
    [
        entries("/bin/", "/bin/sh", "/etc/", "/etc/passwd", size=100),
        entries("/app/", "/app/lib/", "/app/lib/a.js", "/app/lib/b.js", "/etc/passwd", size=1000),
        LayerTree((), ("/app/lib/a.js",)),
    ],
)
NOW = 1735689600 + 3 * DAY


def _texts(svg: str) -> list[str]:
    return ["".join(part.itertext()) for part in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def view(lang: Any = "en", **options: Any) -> LayersView:
    return LayersView(STACK, lang, now=NOW, **options)


def test_text_tells_layers_sizes_and_waste() -> None:
    # All copies 100 + 100 + 3 x 1000; smallest 100 + 100 + 0 + 1000.
    assert view().text.splitlines() == [
        "The layers of app: 4 layers, 3.2kB",
        "Efficiency 37.5 %, as the tool dive measures it: the bytes that one copy of each file "
        "needs, compared with the bytes of all copies in all layers.",
        "2.1kB wasted, as dive counts: all copies of files that several layers wrote or that a "
        "later layer removed. Of these, 1.1kB are in the image though no container sees them.",
        "  4. RUN rm (0B, 1 removed, 24 hours ago)",
        '  3. CMD ["node"] (settings only)',
        "  2. RUN npm install (3kB, 4 added, 1 changed, 24 hours ago)",
        "  1. base (200B, 4 added, 3 days ago)",
        "Files that waste:",
        "  /etc/passwd: 1.1kB, in layers 1, 2, 100B unseen",
        "  /app/lib/a.js: 1kB, in layer 2, removed in 4, 1kB unseen",
        "Biggest files:",
        "  /app/lib/b.js (1kB, layer 2)",
        "  /etc/passwd (1kB, layer 2)",
        "  /bin/sh (100B, layer 1)",
    ]


def test_the_drawing_opens_the_last_layer_that_changed_a_file() -> None:
    texts = _texts(view().svg)
    assert "What layer 4 changed" in texts
    assert "a.js" in texts
    assert "b.js" not in texts
    assert "b.js" in _texts(view(layer=2).svg)
    assert {"sh", "b.js"} <= set(_texts(view(layer=4, whole=True).svg))
    assert "This step changed settings only: no file is different." in _texts(view(layer=3).svg)


def test_korean() -> None:
    texts = _texts(view("ko").svg)
    assert "app 이미지의 레이어" in texts
    assert "4번 레이어가 바꾼 것" in texts
    assert "~1 · 24시간 전" in " ".join(texts)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "방금 전"), (59, "방금 전"), (61, "약 1분 전"), (3700, "약 1시간 전"), (5 * DAY, "5일 전"),
     (70 * DAY, "2개월 전"), (800 * DAY, "2년 전")],
)  # fmt: skip
def test_ages_in_korean(seconds: float, said: str) -> None:
    assert ago(1000, 1000 + seconds, korean=True) == said
    assert ago(0, 1000, korean=True) == ""


def test_percent_is_never_rounded_up() -> None:
    assert [percent(score) for score in (1.0, 0.99999, 0.5, 0.0)] == ["100", "99.9", "50", "0"]


def test_rows_open_close_and_find() -> None:
    tree = FileTree.of(STACK, 2)
    assert [row.path for row in tree.rows(())] == ["/app", "/etc"]
    opened = tree.rows({"/app", "/app/lib"})
    assert [(row.name, row.depth, row.mark, row.size, row.files) for row in opened] == [
        ("app", 0, "+", 2000, 2),
        ("lib", 1, "+", 2000, 2),
        ("a.js", 2, "+", 1000, 1),
        ("b.js", 2, "+", 1000, 1),
        ("etc", 0, "", 1000, 1),
    ]
    assert [row.path for row in tree.rows((), "PASS")] == ["/etc", "/etc/passwd"]
    assert list(tree.rows((), "nowhere")) == []
    whole = FileTree.of(STACK, 4, whole=True)
    marks = {row.path: row.mark for row in whole.rows(whole.unfolded(50))}
    assert marks["/app/lib/a.js"] == "−"
    assert marks["/bin/sh"] == ""


def test_as_many_folders_are_open_as_there_is_room() -> None:
    tree = FileTree.of(STACK, 2)
    assert tree.unfolded(2) == set()
    assert tree.unfolded(3) == {"/app"}
    assert tree.unfolded(20) == {"/app", "/app/lib", "/etc"}


@pytest.mark.parametrize("count", [0, 1, 40])
def test_few_and_many_layers(count: int) -> None:
    many = stacked(
        "x", "i", [{"created_by": f"s{n}"} for n in range(count)], [entries("/a")] * count
    )
    svg = LayersView(many, "en").svg
    ElementTree.fromstring(svg)
    assert ("28 more, below" in _texts(svg)) == (count == 40)


def test_hostile_names_stay_text() -> None:
    odd = entries("/<script>alert(1)</script>", "/\x1b[31m", "/" + "x" * 5000)
    made = LayersView(stacked("<b>", "i", [{"created_by": "<i>\x00"}], [odd]), "en")
    root = ElementTree.fromstring(made.svg)
    assert not root.findall(f".//{SVG}script")


def test_a_layer_that_cannot_be_read_says_so() -> None:
    made = LayersView(stacked("x", "i", [{"created_by": "a"}], [None]), "en")
    assert "its files cannot be read here" in made.text
    assert "its files cannot be read here" in _texts(made.svg)


def test_the_gallery_knows_it() -> None:
    assert PICTURES["dockerlab.formats.layers", "LayerStack"] is LayersView
    assert isinstance(show(STACK, layer=2), LayersView)
    with pytest.raises(ValueError, match="no layer 9"):
        show(STACK, layer=9)


def test_the_live_form_answers() -> None:
    pytest.importorskip("anywidget")
    widget: Any = view().widget
    assert [layer["n"] for layer in widget.layers] == [4, 3, 2, 1]
    assert widget.layer == 4
    widget.layer = 2
    names = [row["name"] for row in widget.rows]
    assert names == ["app", "lib", "a.js", "b.js", "etc", "passwd"]
    widget._handle_custom_msg({"toggle": "/app/lib"}, [])
    assert [row["name"] for row in widget.rows] == ["app", "lib", "etc", "passwd"]
    widget.filter = "b.js"
    assert [row["name"] for row in widget.rows] == ["app", "lib", "b.js"]
    widget.filter = "zzz"
    assert (widget.rows, widget.note) == ([], "No path contains that.")
    widget.filter = ""
    widget.layer = 3
    assert widget.note.startswith("This step changed settings only")
    widget.whole = True
    assert any(row["name"] == "bin" for row in widget.rows)
    widget.layer = 99
    assert widget.rows


def test_only_so_many_rows_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget")
    many = stacked("x", "i", [{"created_by": "a"}], [entries(*(f"/f{n}" for n in range(1000)))])
    widget: Any = LayersView(many, "en").widget
    assert len(widget.rows) == 400
    assert widget.note == "600 more rows are not shown: use the filter."


def test_the_stack_type_is_what_the_gallery_says() -> None:
    assert isinstance(STACK, LayerStack)
