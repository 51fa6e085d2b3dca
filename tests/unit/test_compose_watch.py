"""Following a project's events: who is told, of what, and for how long."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dockerlab.client.compose.looking import watch
from dockerlab.client.compose.looking.watch import MOST, Watcher, watcher


class Events:
    """An engine's events, as the test gives them; None breaks the stream."""

    def __init__(self) -> None:
        self.queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.asked: list[dict[str, Any]] = []

    def events(self, **options: Any) -> Events:
        self.asked.append(options)
        return self

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while (event := self.queue.get(timeout=10)) is not None:
            yield event

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SETTLE", 0.01)
    monkeypatch.setattr(watch, "AGAIN", 0.01)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def following(events: Events) -> Iterator[Watcher]:
    made = Watcher(events, "app")
    yield made
    made.close()
    events.queue.put(None)


class Listener:
    def __init__(self) -> None:
        self.told: list[object] = []
        self.heard = threading.Event()

    def __call__(self, subject: object) -> None:
        self.told.append(subject)
        self.heard.set()

    def waited(self, seconds: float = 60) -> bool:
        heard = self.heard.wait(seconds)
        self.heard.clear()
        return heard


def test_a_move_is_told(events: Events, following: Watcher) -> None:
    listener = Listener()
    following.listen(listener, "graph")
    events.queue.put({"Action": "start", "timeNano": 5})
    assert listener.waited()
    assert listener.told == ["graph"]
    assert events.asked[0]["filters"]["label"] == ["com.docker.compose.project=app"]
    events.queue.put({"Action": "exec_start: true", "timeNano": 6})
    assert not listener.waited(0.2)
    events.queue.put({"Action": "health_status: healthy", "timeNano": 7})
    assert listener.waited()


def test_a_broken_stream_is_opened_again_from_where_it_broke(
    events: Events, following: Watcher
) -> None:
    listener = Listener()
    following.listen(listener, 1)
    events.queue.put({"Action": "start", "timeNano": 7_000_000_000})
    assert listener.waited()
    events.queue.put(None)
    events.queue.put({"Action": "die", "timeNano": 8_000_000_000})
    assert listener.waited()
    assert events.asked[1]["since"] == "7.000000"


def test_one_bad_picture_does_not_silence_the_others(events: Events, following: Watcher) -> None:
    def broken(subject: object) -> None:
        raise OSError("the engine is away")

    listener = Listener()
    following.listen(broken, 1)
    following.listen(listener, 2)
    events.queue.put({"Action": "start", "timeNano": 1})
    assert listener.waited()


def test_only_the_newest_pictures_follow(events: Events, following: Watcher) -> None:
    listeners = [Listener() for _ in range(MOST + 2)]
    for number, listener in enumerate(listeners):
        following.listen(listener, number)
    events.queue.put({"Action": "start", "timeNano": 1})
    assert listeners[-1].waited()
    assert [bool(one.told) for one in listeners] == [False, False, *[True] * MOST]


def test_one_stream_a_project_and_engine(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_watchers", {})
    first = watcher(events, "unix:///a", "app")
    assert watcher(events, "unix:///a", "app") is first
    second = watcher(events, "unix:///b", "app")
    assert second is not first
    for one in (first, second):
        one.close()
        events.queue.put(None)
