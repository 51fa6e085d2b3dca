"""The lines of a project: colours, hostile text, and bounds."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from dockerlab.formats.composed.lines import LogLine, ProjectLog
from dockerlab.views import LogsView, show
from dockerlab.views.compose.ansi import LONGEST, spans
from dockerlab.views.compose.logs import DRAWN, KEPT, LOOKS, TOLD

SVG = "{http://www.w3.org/2000/svg}"
LOG = ProjectLog(
    "app",
    ("db", "web"),
    (
        LogLine("db", "db-1", "* Ready to accept connections", at=1_800_000_000.0),
        LogLine("web", "web-2", "\x1b[32mGET\x1b[0m /", at=1_800_000_001.0),
        LogLine("web", "web-2", "boom", "err"),
    ),
)


def texts(svg: str) -> list[str]:
    return ["".join(part.itertext()) for part in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("plain", [("plain", "")]),
        ("\x1b[1;31merror\x1b[m ok", [("error", "red"), (" ok", "")]),
        ("\x1b[93mwarn\x1b[39m!", [("warn", "orange"), ("!", "")]),
        ("\x1b[38;5;31mmany\x1b[0m", [("many", "")]),
        ("10%\r50%\r100%\n", [("100%", "")]),
        ("\x1b]0;title\x07\x1b[2J\x1b[Hhome", [("home", "")]),
        ("\x1b[31", [("31", "")]),
        ("", []),
        ("\x1b[" + "9" * 5000 + "mx", [("x", "")]),
    ],
)
def test_colours_are_kept_and_other_codes_dropped(line: str, shown: list[tuple[str, str]]) -> None:
    assert spans(line) == shown


def test_an_endless_line_is_cut() -> None:
    cut = spans("\x1b[31m" + "a" * 5000 + "\x1b[0m" + "b" * 5000)
    assert sum(len(text) for text, _ in cut) == LONGEST
    assert cut[-1][0].endswith("…")


def test_in_words() -> None:
    assert LogsView(LOG, "en").text.splitlines() == [
        "What the project app writes",
        "db-1  | * Ready to accept connections",
        "web-2 | GET /",
        "web-2 | boom",
    ]
    assert LogsView(ProjectLog("app"), "ko").text.endswith("아직 출력이 없습니다.")


def test_each_service_has_a_colour_and_a_mark() -> None:
    view = LogsView(LOG, "en")
    assert (view.look("db"), view.look("web")) == (LOOKS[0], LOOKS[1])
    drawn = texts(view.svg)
    assert "● db-1" in drawn
    assert "■ web-2" in drawn
    assert "GET /" in drawn


def test_only_the_last_lines_are_kept() -> None:
    many = ProjectLog("app", (), tuple(LogLine("a", "a-1", f"n{n}") for n in range(KEPT + 50)))
    view = LogsView(many, "en")
    widget = view.widget
    assert widget is not None
    assert len(widget.lines) == KEPT
    assert widget.note == "50 older lines are left out."
    assert len(view.text.splitlines()) == TOLD + 2
    assert sum(text.startswith("● a-1") for text in texts(view.svg)) == DRAWN


def test_hostile_lines_are_only_text() -> None:
    hostile = '<img src=x onerror="alert(1)"></text><script>alert(1)</script>\x1b[31m\x00'
    view = show(ProjectLog("<b>", (), (LogLine("<i>", "<i>-1", hostile),)), "en")
    root = ElementTree.fromstring(view.svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "\x1b" not in view.svg + view.text
    assert "\x00" not in view.svg + view.text
    for shape in root.iter(f"{SVG}rect"):
        assert float(shape.attrib["x"]) + float(shape.attrib["width"]) <= 960
