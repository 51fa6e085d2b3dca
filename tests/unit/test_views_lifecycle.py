"""The life cycle: moves told by events, what is possible when, picture, text and clicks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.formats.story import ACTIONS, TRANSITIONS, Life, State, Step, life_of
from dockerlab.views import LifeView
from dockerlab.views.lifecycle import reason
from dockerlab.views.lifemap import EDGES, edge_of
from dockerlab.views.words import CATALOGUE

SVG = "{http://www.w3.org/2000/svg}"


def _event(action: str, at: float, **attributes: str) -> dict[str, Any]:
    return {
        "Action": action,
        "timeNano": int((1000 + at) * 1e6),
        "Actor": {"Attributes": attributes},
    }


def _actions(*events: dict[str, Any], began: State = "absent") -> list[tuple[str, str, str]]:
    return [(step.action, step.before, step.after) for step in life_of(events, began)]


def test_create_start_and_an_end_by_itself() -> None:
    told = life_of([_event("create", 0), _event("start", 40), _event("die", 90, exitCode="3")])
    assert [step.action for step in told] == ["create", "start", "end"]
    assert told[-1].exit_code == 3
    assert told[-1].at == pytest.approx(90)


def test_a_stop_is_one_move_even_when_it_had_to_kill() -> None:
    events = [
        _event("kill", 0, signal="15"),
        _event("kill", 10, signal="9"),
        _event("die", 11, exitCode="137"),
        _event("stop", 12),
    ]
    assert _actions(*events, began="running") == [("stop", "running", "exited")]


def test_a_kill_is_told_from_a_stop() -> None:
    events = [_event("kill", 0, signal="9"), _event("die", 1, exitCode="137")]
    assert _actions(*events, began="paused") == [("kill", "paused", "exited")]


def test_a_restart_is_one_move() -> None:
    events = [
        _event("kill", 0, signal="15"),
        _event("die", 1, exitCode="0"),
        _event("stop", 2),
        _event("start", 3),
        _event("restart", 4),
    ]
    assert _actions(*events, began="running") == [("restart", "running", "running")]


def test_a_restart_of_a_stopped_one_starts_it() -> None:
    events = [_event("start", 3), _event("restart", 4)]
    assert _actions(*events, began="exited") == [("restart", "exited", "running")]


def test_exec_and_other_events_are_no_moves() -> None:
    assert _actions(_event("exec_create: sh", 0), _event("attach", 1), began="running") == []


def test_every_refusal_has_a_reason_and_every_possible_action_none() -> None:
    for state, possible in TRANSITIONS.items():
        for action in ACTIONS:
            why = reason(action, state)  # type: ignore[arg-type]
            assert (why == "") == (action in possible), (state, action)
            assert why == "" or why in CATALOGUE
    assert reason("create", "absent", can_create=False) == "life.why.image"


def test_every_possible_move_has_an_arrow() -> None:
    for state, possible in TRANSITIONS.items():
        for action, after in possible.items():
            step = Step(action, state, after, 0)  # type: ignore[arg-type]
            if (state, action) != ("exited", "restart"):
                assert edge_of(step) in EDGES or state == "restarting", (state, action)


HISTORY = (
    Step("create", "absent", "created", 0),
    Step("start", "created", "running", 40),
    Step("pause", "running", "paused", 900),
)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_picture_marks_where_it_is_and_the_way_it_came(lang: Any) -> None:
    view = LifeView(Life("web", "paused", HISTORY), lang)
    root = ElementTree.fromstring(view.svg)
    here = [g.get("data-state") for g in root.iter(f"{SVG}g") if "here" in (g.get("class") or "")]
    assert here == ["paused"]
    texts = ["".join(part.itertext()) for part in root.iter(f"{SVG}text")]
    assert "+900 ms" in texts
    assert "web" in (root.findtext(f"{SVG}title") or "")
    assert view.words("life.paused") in (root.findtext(f"{SVG}desc") or "")


def test_text_tells_the_way() -> None:
    lines = repr(LifeView(Life("web", "paused", HISTORY))).splitlines()
    assert lines[0] == "The life of the container web: paused"
    assert lines[3] == "3. pause: running → paused (+900 ms)"


@pytest.mark.parametrize("state", [*TRANSITIONS])
def test_every_state_can_be_drawn_without_a_past(state: State) -> None:
    ElementTree.fromstring(LifeView(Life("x", state)).svg)


def test_a_long_life_shows_its_last_moves() -> None:
    steps = tuple(
        Step("pause" if n % 2 else "unpause", "running", "paused" if n % 2 else "running", n * 10.0)
        for n in range(40)
    )
    svg = LifeView(Life("x", "paused", steps)).svg
    texts = ["".join(part.itertext()) for part in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert "+390 ms" in texts
    assert "+100 ms" not in texts


class Engine:
    """A watch with an engine of three lines behind it."""

    name, can_create = "web", True

    def __init__(self) -> None:
        self.history: tuple[Step, ...] = ()
        self._listeners: list[Callable[[Any], None]] = []

    @property
    def state(self) -> State:
        return self.history[-1].after if self.history else "absent"

    def listen(self, listener: Callable[[Any], None]) -> None:
        self._listeners.append(listener)

    def do(self, action: str) -> None:
        if action == "start" and self.state != "created":
            raise OSError("refused")
        step = Step(action, self.state, TRANSITIONS[self.state][action], 0)
        self.history = (*self.history, step)
        for listener in self._listeners:
            listener(self)


def _settled(widget: Any) -> None:
    end = time.monotonic() + 60
    while widget.busy and time.monotonic() < end:
        time.sleep(0.01)
    assert not widget.busy


def test_a_click_acts_and_the_view_follows() -> None:
    pytest.importorskip("anywidget")
    engine = Engine()
    view = LifeView(engine)
    widget = view.widget
    assert widget is not None
    assert [b["action"] for b in widget.buttons if b["enabled"]] == ["create"]
    widget._handle_custom_msg({"action": "create"}, [])
    _settled(widget)
    assert (widget.state, len(widget.history)) == ("created", 1)
    assert {b["action"] for b in widget.buttons if b["enabled"]} == {"start", "restart", "rm"}
    assert 'data-state="created" class="place here"' in widget.svg


def test_a_refusal_is_shown_and_an_unknown_click_is_dropped() -> None:
    pytest.importorskip("anywidget")
    widget = LifeView(Engine()).widget
    assert widget is not None
    widget._handle_custom_msg({"action": "start"}, [])
    _settled(widget)
    assert widget.error == "refused"
    widget._handle_custom_msg({"action": "format disk"}, [])
    widget._handle_custom_msg("nonsense", [])
    assert widget.state == "absent"


def test_a_plain_moment_has_no_buttons() -> None:
    pytest.importorskip("anywidget")
    widget = LifeView(Life("web", "paused", HISTORY)).widget
    assert widget is not None
    assert widget.buttons == []
