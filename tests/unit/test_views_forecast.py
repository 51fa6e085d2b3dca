"""The cache forecast: guesses and verdicts, picture, text, and what the browser may ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.errors import DockerfileError
from dockerlab.formats.buildtrace import BuildTrace, Cause, Reason, Status, Step
from dockerlab.views import ForecastView
from dockerlab.views.builds.forecast import MOST_FILES

SVG = "{http://www.w3.org/2000/svg}"
TEXT = "FROM node\nCOPY . .\nCMD node\n"


def _steps(text: str, misses: int) -> tuple[Step, ...]:
    """Steps of a Dockerfile, of which those from ``misses`` on (1 is the first) run."""
    made = []
    for number, line in enumerate(text.splitlines(), 1):
        reason = None
        if misses and number == misses:
            reason = Reason(cause=Cause.FILES, changed=("index.js",))
        elif misses and number > misses:
            reason = Reason(cause=Cause.PARENT, step=misses)
        status = Status.RAN if reason else Status.CACHED
        made.append(
            Step(number=number, instruction=line, line=number, status=status, reason=reason)
        )
    return tuple(made)


class Bench:
    """Forecasts and builds three lines: COPY misses when a file was marked as edited."""

    def __init__(self, files: tuple[str, ...] = ("index.js", "package.json")) -> None:
        self.dockerfile = TEXT
        self.files = files
        self.trace = self.again(TEXT, ())
        self.surprise = False
        """The build misses what was forecast to hit."""
        self.gate = threading.Event()
        self.gate.set()

    def again(self, dockerfile: str, touched: Collection[str] = ()) -> BuildTrace:
        if "RNU" in dockerfile:
            raise DockerfileError("unknown instruction: RNU", "Did you mean RUN?", line=1)
        return BuildTrace(steps=_steps(dockerfile, 2 if touched else 0), dockerfile=dockerfile)

    def build(
        self,
        dockerfile: str = "",
        touched: Collection[str] = (),
        progress: Callable[[BuildTrace], None] | None = None,
    ) -> BuildTrace:
        assert progress is not None
        steps = _steps(dockerfile, 2 if touched or self.surprise else 0)
        waiting = tuple(replace(s, status=Status.PENDING, reason=None) for s in steps)
        # As fast as an engine prints; the pace has its own thread show some of it.
        for number in range(300):
            running = replace(waiting[0], status=Status.RUNNING, log=f"{number}\n")
            progress(BuildTrace(steps=(running, *waiting[1:])))
            time.sleep(0.001)
        self.gate.wait(60)
        return BuildTrace(steps=steps, image="sha256:1", dockerfile=dockerfile)


def _settled(widget: Any) -> None:
    end = time.monotonic() + 60
    while widget.busy and time.monotonic() < end:
        time.sleep(0.01)
    assert not widget.busy


def _ask(widget: Any, action: str, touched: Collection[str] = (), text: str = TEXT) -> None:
    message = {"action": action, "dockerfile": text, "touched": list(touched)}
    widget._handle_custom_msg(message, [])
    _settled(widget)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def view(bench: Bench) -> ForecastView:
    pytest.importorskip("anywidget")
    return ForecastView(bench, "en")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_picture_and_text_say_what_is_guessed(bench: Bench, lang: Any) -> None:
    bench.trace = bench.again(TEXT, ["index.js"])
    view = ForecastView(bench, lang)
    root = ElementTree.fromstring(view.svg)
    texts = ["".join(part.itertext()) for part in root.iter(f"{SVG}text")]
    assert f"✓ {view.words('fc.hit')}" in texts
    assert texts.count(f"● {view.words('fc.miss')}") == 2
    assert "index.js" in view.summary
    assert f"2. COPY . . [● {view.words('fc.miss')}]" in view.text


def test_a_marked_file_changes_the_forecast(view: ForecastView) -> None:
    widget: Any = view.widget
    assert view.summary == "Nothing would run: every step would come from the cache."
    _ask(widget, "again", ["index.js", "/etc/passwd", 3])  # type: ignore[list-item]
    assert view.touched == {"index.js"}
    assert [row["mark"] for row in widget.rows] == ["✓ will hit", "● will run", "● will run"]
    assert widget.files == [["index.js", True], ["package.json", False]]
    assert "From step 2 on" in widget.head["summary"]
    _ask(widget, "reset")
    assert view.touched == frozenset()
    assert {row["mark"] for row in widget.rows} == {"✓ will hit"}


def test_a_bad_dockerfile_is_explained_and_the_last_forecast_stays(view: ForecastView) -> None:
    widget: Any = view.widget
    _ask(widget, "again", text="RNU x")
    assert "unknown instruction: RNU" in widget.error
    assert "Did you mean RUN?" in widget.error
    assert len(widget.rows) == 3
    _ask(widget, "again", text="FROM node\n")
    assert widget.error == ""
    assert len(widget.rows) == 1


def test_a_build_is_held_against_the_forecast(view: ForecastView) -> None:
    widget: Any = view.widget
    _ask(widget, "build", ["index.js"])
    assert view.summary == "Built: all 3 steps went as forecast."
    assert {row["verdict"] for row in widget.rows} == {"✓ as forecast"}
    assert "● will run, ● ran, ✓ as forecast" in view.text
    ElementTree.fromstring(view.svg)


def test_what_went_otherwise_is_said(view: ForecastView, bench: Bench) -> None:
    bench.surprise = True
    widget: Any = view.widget
    _ask(widget, "build")
    assert view.summary == "Built: 1 of 3 steps went as forecast."
    assert [row["verdict"][0] for row in widget.rows] == ["✓", "✗", "✗"]


def test_a_build_is_not_disturbed(view: ForecastView, bench: Bench) -> None:
    widget: Any = view.widget
    bench.gate.clear()
    widget._handle_custom_msg({"action": "build", "dockerfile": TEXT, "touched": []}, [])
    for message in ({"action": "reset"}, {"action": "again", "touched": ["index.js"]}, "nonsense"):
        widget._handle_custom_msg(message, [])
    assert view.touched == frozenset()
    assert widget.busy == "building"
    bench.gate.set()
    _settled(widget)
    assert "as forecast" in widget.head["summary"]


def test_other_messages_and_huge_texts_are_dropped(view: ForecastView) -> None:
    widget: Any = view.widget
    widget._handle_custom_msg({"action": "format disk"}, [])
    assert widget.busy == ""
    _ask(widget, "again", text="#" * 200_000)
    assert view.dockerfile == TEXT


def test_of_many_files_some_are_listed() -> None:
    pytest.importorskip("anywidget")
    widget: Any = ForecastView(Bench(tuple(f"f{n}" for n in range(500))), "en").widget
    assert len(widget.files) == MOST_FILES
    assert widget.more == 500 - MOST_FILES
