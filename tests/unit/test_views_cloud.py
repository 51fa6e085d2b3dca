"""The pictures of the cloud: an environment, still and live, its history, and a load sent to it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.errors import EngineUnavailable
from dockerlab.formats.cloud import Environment, Event, History, Instance, Load, Sample
from dockerlab.views import EnvironmentView, HistoryView, LoadView, following, show
from dockerlab.views.cloud import chart, reading, sentences
from dockerlab.views.cloud.environment import keep
from dockerlab.views.cloud.eventlist import MOST as EVENTS
from dockerlab.views.cloud.scene import MOST
from dockerlab.views.cloud.words import CLOUD
from dockerlab.views.words import Words

SVG = "{http://www.w3.org/2000/svg}"
AT = 1_800_000_000.0


def instance(number: int, version: str = "v4", **more: Any) -> Instance:
    facts = {"state": "InService", "health": "Green", **more}
    return Instance(f"i-{number:017x}", f"ch6-env-{number}", version, **facts)


EVENTS_SEEN = (
    Event(AT, "INFO", "createEnvironment is starting."),
    Event(AT + 60, "ERROR", "Failed to deploy application: nobody answers at port 80.", "v5"),
)
READY = Environment(
    "ch6-env", "e-abcdefghij", "ch6", "v4", "Ready", "Green", "http://127.0.0.1:8087",
    instances=(instance(1, requests=92.0), instance(2, requests=8.21)),
    events=EVENTS_SEEN, requests=100.2,
)  # fmt: skip
ROLLING = replace(
    READY, status="Updating", health="Yellow", version="v5", errors=1.2,
    instances=(
        instance(1), instance(3, "v5"), instance(4, "v5", state="Pending", health="Grey"),
        instance(5, "v5", state="OutOfService", health="Red", cause="nobody answers at port 80"),
    ),
)  # fmt: skip
LAUNCHING = replace(READY, status="Launching", health="Grey", url="", version="", instances=())
ENVIRONMENTS = [READY, ROLLING, LAUNCHING, replace(READY, status="Terminated", events=())]
HISTORY = History(
    "ch6-env",
    (
        Sample(AT, 0, 1, 1),
        Sample(AT + 5, 210, 1, 3, 2.0),
        Sample(AT + 9, 200, 3, 3),
        Sample(AT + 20, 4.25, 3, 3),
    ),
)
LOAD = Load(2000, 0, 10.0, 3.42, 81.2, (("i-1", 1500), ("i-2", 500)))


def texts(svg: str) -> list[str]:
    return ["".join(part.itertext()) for part in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def tips(svg: str) -> dict[str, str]:
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return {g.attrib["data-key"]: g.attrib["data-tip"] for g in groups if "data-key" in g.attrib}


def until(met: Any) -> None:
    end = time.monotonic() + 60
    while not met() and time.monotonic() < end:
        time.sleep(0.01)
    assert met()


def test_in_words() -> None:
    first, second = (reading.clock(event) for event in EVENTS_SEEN)
    assert EnvironmentView(READY, "en").text.splitlines() == [
        "The environment ch6-env",
        "Ready: nothing going on; ✓ Green: well",
        "All is well: 2 of 2 instances take requests.",
        "application ch6 · version v4",
        "Load balancer: http://127.0.0.1:8087; requests 100/s, errors (5xx) 0/s",
        "Instances: 2 now, 1 to 4 allowed",
        "  Instance i-00000000000000001: InService: takes requests; ✓ Green: well; version v4; "
        "container ch6-env-1; requests 92/s",
        "  Instance i-00000000000000002: InService: takes requests; ✓ Green: well; version v4; "
        "container ch6-env-2; requests 8.2/s",
        "What happened, newest first:",
        f"  {second} ERROR Failed to deploy application: nobody answers at port 80. (version v5)",
        f"  {first} INFO createEnvironment is starting.",
    ]


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_text_and_picture_tell_all(env: Environment, lang: Any) -> None:
    view = EnvironmentView(env, lang)
    drawn = "\n".join(texts(view.svg))
    for one in env.instances:
        assert one.id in view.text
        assert one.id in drawn
        assert one.cause in view.text
        assert view.words(f"cloud.is.{one.state}") in view.text
        assert reading.health(one.health)[0] in drawn
    for event in env.events:
        assert event.message in view.text
        assert event.severity in drawn
    assert view.words(f"cloud.is.{env.status}") in drawn
    assert view.words(f"cloud.is.{env.health}") in drawn
    assert env.url in drawn


def test_every_word_is_there_in_both_languages_with_the_same_fields() -> None:
    for key, (english, korean) in CLOUD.items():
        fields = [sorted(re.findall(r"{\w+}", text)) for text in (english, korean)]
        assert fields[0] == fields[1], key
        if re.sub(r"{\w+}", "", english).strip(" ()%"):
            assert any("가" <= char <= "힣" for char in korean), key


@pytest.mark.parametrize(
    ("env", "told"),
    [
        (READY, "All is well: 2 of 2"),
        (replace(READY, instances=READY.instances[:1]), "All is well: the one instance"),
        (ROLLING, "Two versions at once: v4 (1), v5 (3)."),
        (LAUNCHING, "being launched, and has no instance yet"),
        (replace(LAUNCHING, instances=(instance(1, state="Pending"),)), "launched: 0 of 1"),
        (replace(READY, status="Updating"), "being updated: 2 of 2"),
        (replace(READY, instances=(instance(1), instance(2, state="Pending"))), "It scales: 2"),
        (replace(READY, instances=(instance(1, state="OutOfService"),)), "No instance takes"),
        (replace(READY, health="Red"), "something is wrong"),
        (replace(READY, status="Terminating"), "being taken down"),
        (replace(READY, status="Terminated", instances=()), "It is gone."),
    ],
)
def test_the_summary_says_what_matters(env: Environment, told: str) -> None:
    assert told in reading.summary(env, Words("en"))
    assert any("가" <= char <= "힣" for char in reading.summary(env, Words("ko")))


def test_a_rolling_update_shows_both_versions_in_colours_of_their_own() -> None:
    assert reading.versions(ROLLING) == {"v5": "blue", "v4": "purple"}
    drawn = texts(EnvironmentView(ROLLING, "en").svg)
    assert drawn.count("v5") == 3
    assert drawn.count("v4") == 1
    assert "nobody answers at port 80" in drawn


def test_parts_explain_themselves_without_numbers_of_the_moment() -> None:
    told = tips(EnvironmentView(ROLLING, "en").svg)
    assert told["balancer"] == "Load balancer: http://127.0.0.1:8087"
    assert told["i-00000000000000005"].endswith("container ch6-env-5; nobody answers at port 80")
    assert "/s" not in "".join(told.values())


def test_of_many_instances_some_are_drawn_and_all_are_told() -> None:
    many = replace(READY, instances=tuple(instance(n) for n in range(MOST + 3)), maximum=20)
    view = EnvironmentView(many, "en")
    assert "and 3 more" in texts(view.svg)
    assert len(tips(view.svg)) == MOST + 1
    assert many.instances[-1].id in view.text


def test_the_newest_events_are_drawn() -> None:
    many = replace(READY, events=tuple(Event(AT + n, "INFO", f"event {n}") for n in range(40)))
    view = EnvironmentView(many, "en")
    drawn = [text for text in texts(view.svg) if text.startswith("event")]
    assert drawn == [f"event {n}" for n in range(39, 39 - EVENTS, -1)]
    assert "Older ones that are left out: 34." in texts(view.svg)
    assert f"  Older ones that are left out: {40 - sentences.TOLD}." in view.text.splitlines()


@pytest.mark.parametrize(
    ("url", "page", "link"),
    [
        ("http://127.0.0.1:8087", "", "http://127.0.0.1:8087"),
        ("http://127.0.0.1:8087", "/user/kim/proxy/8087/", "/user/kim/proxy/8087/"),
        ("javascript:alert(1)", "", ""),
        ("//evil.example", "", ""),
        ("", "", ""),
    ],
)
def test_a_link_leads_to_the_page_and_nowhere_else(url: str, page: str, link: str) -> None:
    env = replace(READY, url=url, page=page)
    assert reading.address(env) == link
    view: Any = EnvironmentView(env, "en")
    assert "<a " not in view.svg
    assert view.traits()["svg"].count("<a ") == bool(link)


def test_hostile_words_are_only_text() -> None:
    evil = """'"><script>alert(1)</script><image href=x onload=y />\x1b]0;x\x07\x00\ud800"""
    bad = Instance(evil, evil, evil, evil, evil, evil)
    env = Environment(evil, evil, evil, evil, evil, evil, evil, instances=(bad,),
                      events=(Event(AT, evil, evil, evil),))  # fmt: skip
    for picture in (
        EnvironmentView(env, "en"),
        LoadView(Load(1, 1, 1, 1, 1, ((evil, 1),)), "en"),
        HistoryView(History(evil, HISTORY.samples), "ko"),
    ):
        for part in ElementTree.fromstring(picture.svg).iter():
            assert part.tag.removeprefix(SVG) not in ("script", "image", "a", "foreignObject")
            assert not [name for name in part.attrib if name.startswith("on") or "href" in name]


def test_nothing_sticks_out_of_the_picture() -> None:
    wide = instance(1, "v" * 99, health="Red", cause="why " * 99, requests=1e9)
    env = replace(READY, name="n" * 200, url="http://" + "h" * 200, instances=(wide,) * 12,
                  events=(Event(AT, "INFO", "so " * 400),))  # fmt: skip
    for picture in (EnvironmentView(env, "en"), LoadView(LOAD, "en"), HistoryView(HISTORY, "en")):
        root = ElementTree.fromstring(picture.svg)
        height = float(root.attrib["height"])
        for shape in root.iter(f"{SVG}rect"):
            assert float(shape.attrib["x"]) >= 0
            assert float(shape.attrib["x"]) + float(shape.attrib["width"]) <= 960
            assert float(shape.attrib["y"]) + float(shape.attrib["height"]) <= height


# --- history and load


def test_a_history_in_words() -> None:
    assert HistoryView(HISTORY, "en").text.splitlines() == [
        "How ch6-env went along",
        "Requests a second: 0 at first, 210 at most (after 5 s), 4.2 at last.",
        "Errors (5xx) a second: 2.0 at most.",
        "Instances in service: 1 at first, 3 after 9 s (allowed: 1 to 4).",
    ]
    assert HistoryView(History("x"), "ko").text.endswith("아직 본 것이 없습니다.")
    assert "No error was seen." in HistoryView(replace(HISTORY, samples=(Sample(AT, 1, 1, 1),)),
                                               "en").text  # fmt: skip


def test_a_count_jumps_and_does_not_slope() -> None:
    assert chart.stairs([(0, 5), (1, 5), (2, 9)]) == [(0, 5), (1, 5), (2, 5), (2, 9)]


@pytest.mark.parametrize("value", [0.03, 0.5, 1.0, 7.0, 99.9, 100.0, 12345.0])
def test_a_scale_ends_at_a_round_number_above(value: float) -> None:
    assert value <= chart.rounded(value) <= value * 2.5 + 1e-9


def test_a_history_of_one_moment_or_without_time_is_drawn() -> None:
    for samples in ((), HISTORY.samples[:1], HISTORY.samples[:1] * 2):
        ElementTree.fromstring(HistoryView(History("x", samples), "en").svg)


def test_a_load_in_words() -> None:
    assert LoadView(LOAD, "en").text.splitlines() == [
        "2000 requests in 10.0 s",
        "2000 sent, 0 failed, 200 a second; median 3.4 ms, slowest 81 ms",
        "Each request was answered.",
        "who answered:",
        "  Instance i-1: 1500 (75 %)",
        "  Instance i-2: 500 (25 %)",
    ]


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize(
    "load", [LOAD, replace(LOAD, failed=30, instances=()), Load(0, 0, 0, 0, 0)]
)
def test_a_load_is_drawn(load: Load, lang: Any) -> None:
    view = LoadView(load, lang)
    drawn = texts(view.svg)
    assert f"{load.failed:,}" in drawn
    assert ("✗ " if load.failed else "✓ ") + view.verdict in drawn
    assert [name for name, _ in load.instances if name not in drawn] == []
    if not load.instances:
        assert view.words("cloud.load.nobody") in drawn


# --- live


def test_an_environment_is_followed_and_its_history_kept() -> None:
    pytest.importorskip("anywidget")
    go = threading.Event()

    def moments() -> Iterator[Environment]:
        yield LAUNCHING
        go.wait(60)
        yield READY
        yield ROLLING

    view: Any = EnvironmentView(moments(), "en")
    widget = view.widget
    assert widget.news == "It is being launched, and has no instance yet."
    assert "Requests a second" not in widget.text
    go.set()
    until(lambda: "Two versions at once" in widget.news and "v5" in widget.svg)
    assert [one.serving for one in view.history.samples] == [0, 2, 2]
    assert "Instances in service: 0 at first, 2 after 0 s" in widget.text
    assert "requests a second" in texts(widget.svg)
    assert isinstance(show(view.history, "ko"), HistoryView)


def test_a_history_is_neither_crowded_nor_smoothed() -> None:
    samples: list[Sample] = []
    for number in range(50):
        keep(samples, Sample(AT + number / 10, float(number), 1, 1))
    assert len(samples) < 16
    assert samples[-1].requests == 49
    keep(samples, Sample(AT + 5, 49.0, 2, 2))
    keep(samples, Sample(AT + 5.1, 49.0, 3, 3))
    assert [one.serving for one in samples[-3:]] == [1, 2, 3]
    keep(samples, Sample(AT + 60, 0.0, 3, 3))
    assert [(one.at - AT, one.requests) for one in samples[-2:]] == [(59.5, 49.0), (60, 0.0)]


def test_news_stay_the_same_while_only_numbers_change() -> None:
    pytest.importorskip("anywidget")
    view: Any = EnvironmentView(READY, "en")
    widget = view.widget
    before = (widget.news, widget.svg)
    view.update(replace(READY, requests=55.0))
    view.finish()
    assert widget.news == before[0]
    assert widget.svg != before[1]


def test_a_cloud_that_is_gone_says_so() -> None:
    pytest.importorskip("anywidget")

    def moments() -> Iterator[Environment]:
        yield READY
        raise EngineUnavailable("the cloud was stopped", "start it with lab.cloud()")

    view: Any = EnvironmentView(moments(), "en")
    widget = view.widget
    until(lambda: "no longer followed: the cloud was stopped" in widget.news)
    assert "lab.cloud()" in view.text


def test_a_cloud_that_was_stopped_leaves_its_last_picture() -> None:
    pytest.importorskip("anywidget")
    view: Any = EnvironmentView(iter([READY]), "en")
    widget = view.widget
    until(lambda: widget.news.endswith("Its cloud has been stopped: this is how it was at last."))
    gone: Any = EnvironmentView(iter([replace(READY, status="Terminated")]), "en")
    assert gone.news == "It is gone."


def test_what_was_closed_follows_no_more() -> None:
    go, left = threading.Event(), threading.Event()

    def moments() -> Iterator[Environment]:
        try:
            yield READY
            go.wait(60)
            yield ROLLING
        finally:
            left.set()

    view = EnvironmentView(moments(), "en")
    view.close()
    go.set()
    assert left.wait(60)
    assert view.record is READY


def test_a_load_is_shown_while_it_is_sent_and_its_end_is_what_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("anywidget")
    shown: list[Any] = []

    class Place:
        def update(self, view: Any) -> None:
            shown.append(view.text)

    def place(view: Any) -> Place:
        shown.append(view.widget)
        return Place()

    def load(url: str, progress: Any) -> Load:
        progress(replace(LOAD, sent=10))
        progress(replace(LOAD, sent=900))
        return LOAD

    monkeypatch.setattr(following, "_place", lambda: place)
    assert following.follow(load, "http://127.0.0.1:9", lang="en") is LOAD
    widget, last = shown
    assert last.splitlines()[1].startswith("2000 sent, 0 failed")
    assert widget.text == last


def test_nothing_known_yet_is_a_picture_too() -> None:
    view = EnvironmentView(iter(()), "ko")
    assert "환경을 아직 알 수 없습니다." in view.text
    ElementTree.fromstring(view.svg)
