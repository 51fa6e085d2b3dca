"""The start page without an engine: where one is, the map, the language, what comes next."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dockerlab.course.items import CHAPTERS
from dockerlab.engine.net.kernel import uplink
from dockerlab.engine.run import runtimes
from dockerlab.errors import EngineUnavailable
from dockerlab.formats.welcome import Here, Stop, following
from dockerlab.grading.bank import Bank
from dockerlab.grading.learner.records import Record, Records
from dockerlab.views.welcome.panel import Panel
from dockerlab.views.welcome.roadmap import Roadmap
from dockerlab.welcome import here, language, page, visits
from dockerlab.welcome.journey import journey

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
WAY = [Stop(n, f"Chapter {n}", f"en/{n}.ipynb", 4, f"x/{n}.ipynb", 2) for n in (1, 2, 3)]
SAYS = "Containers cannot reach the internet (each other they can): no pasta."


@pytest.fixture(autouse=True)
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERLAB_PROGRESS", str(tmp_path / "state" / "progress.json"))
    for name in ("DOCKERLAB_LANG", here.BINDER_VARIABLE, visits.NOTEBOOK_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ([], ("begin", 1)),
        ([{"opened": True}], ("practise", 1)),
        ([{"tried": True, "done": 1}], ("practise", 1)),
        ([{"done": 2}], ("read", 2)),
        ([{"opened": True}, {"done": 2}], ("read", 3)),
        ([{"opened": True}, {"done": 2}, {"done": 2}], ("practise", 1)),
        ([{"opened": True, "tasks": ""}], ("read", 2)),
        ([{"done": 2}] * 3, ("all", None)),
    ],
)
def test_what_comes_next(done: list[dict], expected: tuple[str, int | None]) -> None:
    way = [replace(stop, **more) for stop, more in zip(WAY, done, strict=False)]
    step = following([*way, *WAY[len(way) :]])
    assert (step.what, step.stop and step.stop.number) == expected


def test_the_map_leads_to_chapters_and_exercises_in_the_language() -> None:
    shown = Roadmap(journey("ko", NOTEBOOKS), "ko")._repr_html_()
    links = re.findall(r'href="([^"]+)"', shown)
    assert [link for link in links if not (NOTEBOOKS / link).is_file()] == []
    assert {f"ko/{chapter.notebook}" for chapter in CHAPTERS} < set(links)
    assert sum("-ko.ipynb" in link for link in links) == len(CHAPTERS)


def test_progress_is_on_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Bank().entries(2)[0]
    passed = Record("passed", entry.exercise.points, entry.exercise.points, 1)
    Records().change(entry.id, lambda _: passed)
    monkeypatch.setenv(visits.NOTEBOOK_VARIABLE, f"/course/ko/{CHAPTERS[0].notebook}")
    visits.note()
    first, second, third, *_ = journey("en", NOTEBOOKS)
    assert (first.state, second.state, third.state) == ("opened", "begun", "new")
    assert second.done == 1
    assert second.practised == len({*entry.exercise.items})
    told = repr(Roadmap([first, second, third], "en"))
    assert f"1 of {second.exercises} exercises done" in told
    assert "Next: Try the exercises of chapter 2" in told


def test_only_chapters_are_noted_and_a_broken_file_is_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(visits.NOTEBOOK_VARIABLE, "/course/index.ipynb")
    visits.note()
    assert not visits.visited()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "chapters.json").write_text("{")
    assert visits.visited() == frozenset()


def test_the_language_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert language.language() == "en"
    assert language.open_to_guess()
    language.keep("ko")
    assert language.language() == "ko"
    monkeypatch.setenv("DOCKERLAB_LANG", "en")
    assert language.language() == "ko"  # the learner's own choice goes before the class's
    assert not language.open_to_guess()


@pytest.mark.parametrize(
    ("name", "info", "mode", "cannot"),
    [
        ("Docker Engine 27.1", {}, "docker", ()),
        ("Podman Engine 4.3", {}, "other", ()),
        ("embedded engine (proot)", {}, "proot", here.PROOT),
        ("embedded engine (namespaces)", {"MemoryLimit": True}, "namespaces", ()),
        (
            "embedded engine (namespaces)",
            {"MemoryLimit": False, "Warnings": [SAYS]},
            "namespaces",
            ("limits", "offline"),
        ),
    ],
)
def test_where_one_is(name: str, info: dict, mode: str, cannot: tuple[str, ...]) -> None:
    found = here.here("Connected.", name, info)
    assert (found.mode, found.cannot) == (mode, cannot)
    for lang in ("en", "ko"):
        shown = Panel(found, lang=lang)
        assert shown.name in shown.text
        assert (name in shown.text) == (mode in ("docker", "other"))
        assert all(line in shown.text for line in shown.cannot)


def test_the_embedded_engine_still_says_what_is_put_in_plain_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uplink, "missing", lambda: "no way")
    said = [*uplink.limitations(), runtimes._ONE_USER]
    for begin in here.SENTENCES:
        assert any(sentence.startswith(begin) for sentence in said), begin


def test_without_an_engine_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(**_: object) -> None:
        raise EngineUnavailable("no engine answers", "start Docker")

    monkeypatch.setattr(here, "connect", nobody)
    shown = page.StartPage("en")
    shown.run()
    told = repr(shown)
    assert "no engine answers\nstart Docker\n" in told
    assert "dockerlab doctor" in told
    assert shown.panel.result == ""


def test_on_binder_it_says_that_nothing_is_kept() -> None:
    assert "Download" in Panel(Here("proot", binder=True), lang="en").text
    assert "Download" not in Panel(Here("proot"), lang="en").text


def test_what_is_stored_is_no_trace_of_the_machine_and_in_both_languages() -> None:
    stored = Panel(Here("docker", "Docker Engine 27.1"), lang="ko").html()
    assert "27.1" not in stored
    assert "Run this cell" in stored
    assert "이 셀을 실행하세요" in stored


def test_all_of_it_can_be_sent_to_a_browser() -> None:
    traits = Panel(Here("none", why="nobody", remedy="wait"), lang="ko", error="gone").traits()
    assert traits["failed"]
    json.dumps(traits)
