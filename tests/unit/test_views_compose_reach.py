"""The reach matrix: each way in words, and a drawing for any number of places."""

from __future__ import annotations

from typing import Literal
from xml.etree import ElementTree

import pytest

from dockerlab.formats.composed.reach import Attempt, Place, Reach, Way
from dockerlab.views import ReachView, show

SVG = "{http://www.w3.org/2000/svg}"
PLACES = (
    Place("web", "1" * 64, ("front", "back"), ("web",), ("172.18.0.3",), (3000,), 3, "nc"),
    Place("db", "2" * 64, ("back",), ("db", "store"), ("172.18.0.2",), (6379,)),
    Place("dumb", "3" * 64, ("front",), ("dumb",), (), (9000,), why="its image has no tool"),
)
WAYS = (
    Way(
        "web",
        "db",
        ("back",),
        (Attempt("db", 6379, "open"), Attempt("store", 6379, "open")),
    ),
    Way("web", "dumb", ("front",), (Attempt("dumb", 9000, "refused"),)),
    Way("db", "web", ("back",), (Attempt("web", 3000, "open"),)),
    Way(
        "db",
        "dumb",
        (),
        (Attempt("dumb", 9000, "noname"), Attempt("172.19.0.4", 9000, "silent", "address")),
    ),
    Way("dumb", "web", ("front",)),
    Way("dumb", "db"),
)


def tips(svg: str) -> list[str]:
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return [group.attrib["data-tip"] for group in groups if "data-tip" in group.attrib]


def test_in_words() -> None:
    assert ReachView(Reach(PLACES, WAYS, "app"), "en").text.splitlines() == [
        "Who reaches whom in the project app",
        "From dumb nothing could be tried: its image has no tool.",
        "web reaches db as db, store, open ports: 6379. Both are in: back.",
        "web gets to dumb, but nobody listens at the ports tried: 9000. Both are in: front.",
        "db reaches web as web, open ports: 3000. Both are in: back.",
        "db does not reach dumb: name unknown, no answer. They share no network.",
    ]


def test_by_address_only() -> None:
    way = Way(
        "a",
        "b",
        ("bridge",),
        (Attempt("b", 80, "noname"), Attempt("1.2.3.4", 80, "open", "address")),
    )
    view = ReachView(Reach((Place("a", "1"), Place("b", "2")), (way,)), "ko")
    assert "a → b: 주소로만 닿고 통하는 이름은 없습니다. 열린 포트: 80." in view.text


def test_every_cell_tells_itself() -> None:
    told = tips(ReachView(Reach(PLACES, WAYS, "app"), "en").svg)
    assert len(told) == 3 + 3 + 6
    assert told.count("From dumb nothing could be tried: its image has no tool.") == 2
    assert told[0].endswith("3 containers; the first one was asked. Tried with: nc.")


@pytest.mark.parametrize("count", [0, 1, 2, 5, 12, 30])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_any_number_of_places_fits(count: int, lang: Literal["en", "ko"]) -> None:
    places = tuple(Place(f"place{number}", "1", ("n",), (), (), (80,)) for number in range(count))
    ways = tuple(
        Way(one.name, other.name, ("n",), (Attempt(other.name, 80, "open"),))
        for one in places
        for other in places
        if one is not other
    )
    view = ReachView(Reach(places, ways), lang)
    root = ElementTree.fromstring(view.svg)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    for shape in root.iter(f"{SVG}rect"):
        assert float(shape.attrib["x"]) + float(shape.attrib["width"]) <= width
        assert float(shape.attrib["y"]) + float(shape.attrib["height"]) <= height
    assert len(view.text.splitlines()) >= 1 + len(ways)


def test_what_a_container_says_is_only_text() -> None:
    hostile = "<script>alert(1)</script>\x1b[2J"
    way = Way("a", "b", (), (Attempt("b", 80, "unknown", said=hostile),))
    view = show(Reach((Place("a", "1"), Place("b", "2")), (way,)), "en")
    root = ElementTree.fromstring(view.svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "\x1b" not in view.svg
    assert view.widget is not None
