"""The story of a run: what the picture and the text say, in both languages, also of failures."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.formats.story import Request, RunStory, story_from
from dockerlab.views import RunView
from dockerlab.views.words import CATALOGUE, Words

ID = "a" * 64
IMAGE = {
    "Size": 7_800_000,
    "Config": {"Cmd": ["/bin/sh"]},
    "RootFS": {"Layers": ["sha256:1", "sha256:2"]},
}
SVG = "{http://www.w3.org/2000/svg}"


def _requests(*, start: int = 204, pulled: bool = False) -> list[Request]:
    create = Request("POST", "/containers/create", 201, 5, 9)
    first = [Request("GET", "/_ping", 200, 0, 1)]
    if pulled:
        first.append(Request("POST", "/containers/create", 404, 1, 1))
        first.append(Request("POST", "/images/create?fromImage=alpine&tag=latest", 200, 2, 3))
    return [
        *first,
        create,
        Request("POST", f"/containers/{ID}/attach?stdout=1&stream=1", 101, 15, 1),
        Request("POST", f"/containers/{ID}/start", start, 17, 200),
        Request("POST", f"/containers/{ID}/wait", 200, 220, 20),
        Request("DELETE", f"/containers/{ID}?v=True", 204, 241, 5),
    ]


def _event(action: str, at: int) -> dict[str, Any]:
    actor = {"ID": ID, "Attributes": {"name": "brave_name"}}
    return {"Type": "container", "Action": action, "Actor": actor, "timeNano": 10**18 + at * 10**6}


def _story(**changes: Any) -> RunStory:
    story = story_from(
        "alpine",
        _requests(),
        [_event("create", 9), _event("start", 150), _event("die", 230), _event("destroy", 245)],
        began_ns=10**18,
        inspected_image=IMAGE,
        inspected_container={"Id": ID, "Config": {"Cmd": ["echo", "hi"]}},
        command=["echo", "hi"],
        engine="Docker Engine 20.10.24",
        files=("bin", "etc", "usr"),
        output="hi\n",
        exit_code=0,
        removed=True,
    )
    return replace(story, **changes)


def _texts(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return " ".join("".join(part.itertext()) for part in root.iter(f"{SVG}text"))


def test_the_record_is_put_together_from_the_engines_own_json() -> None:
    story = _story()
    assert story.command == ("echo", "hi")
    assert story.own == ("/bin/sh",)
    assert story.typed == ("echo", "hi")
    assert story.layers == 2
    assert story.container == "a" * 12
    assert story.cached
    assert story.events[1].at == pytest.approx(150)
    assert story.total == pytest.approx(246)


def test_a_pull_makes_a_cache_miss_and_names_its_layers() -> None:
    progress = [
        {"status": "Pulling fs layer", "id": "l1"},
        {"status": "Pull complete", "id": "l1"},
        {"status": "Download complete", "id": "l2"},
        {"status": "Pull complete", "id": "l2"},
    ]
    story = story_from("x", _requests(pulled=True), [], began_ns=0, progress=progress)
    assert not story.cached
    assert story.pulled == ("l1", "l2")


def test_text_tells_every_step_and_nothing_random() -> None:
    text = repr(RunView(_story()))
    assert "docker run --rm alpine echo hi" in text
    assert [line[:2] for line in text.splitlines() if line[0].isdigit()] == [
        f"{number}." for number in range(1, 7)
    ]
    assert "found (2 layers, 7.8MB)" in text
    assert "brave_name" not in text
    assert not re.search(r"\d+\.\d+ ms", text), "a checker masks whole milliseconds only"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_picture_is_well_formed_and_carries_its_own_description(lang: Any) -> None:
    view = RunView(_story(), lang)
    root = ElementTree.fromstring(view.svg)
    assert root.get("role") == "img"
    assert "docker run --rm alpine echo hi" in (root.findtext(f"{SVG}title") or "")
    described = root.findtext(f"{SVG}desc") or ""
    assert all(chapter.why in described for chapter in view.chapters)
    assert "prefers-color-scheme:dark" in (root.findtext(f"{SVG}style") or "")


def test_korean_picture_speaks_korean() -> None:
    assert "이미지가 이미 있음" in _texts(RunView(_story(), "ko").svg)
    assert "클라이언트" in repr(RunView(_story(), "ko"))


def test_pull_is_a_step_of_its_own() -> None:
    story = _story(requests=tuple(_requests(pulled=True)), cached=False, pulled=("l1", "l2"))
    keys = [chapter.key for chapter in RunView(story).chapters]
    assert keys == ["send", "look", "pull", "snapshot", "start", "output", "end"]


def test_a_failing_start_ends_the_story_with_dockers_words() -> None:
    message = 'exec: "nosuch": executable file not found in $PATH'
    story = _story(requests=tuple(_requests(start=400)), exit_code=None, output="", error=message)
    last = RunView(story).chapters[-1]
    assert (last.key, last.failed) == ("start", True)
    assert message in last.proof
    assert "does not hold such a program" in last.why


def test_an_unknown_image_ends_at_the_registry() -> None:
    requests = (
        Request("POST", "/containers/create", 404, 1, 1),
        Request("POST", "/images/create?fromImage=nope", 404, 2, 3),
    )
    story = RunStory("nope", (), (), None, "E", requests, cached=False, error="not found")
    view = RunView(story)
    assert [chapter.key for chapter in view.chapters] == ["send", "look", "pull"]
    assert view.chapters[-1].failed
    ElementTree.fromstring(view.svg)


def test_a_refused_create_is_not_blamed_on_the_registry() -> None:
    requests = (
        Request("POST", "/containers/create", 404, 1, 1),
        Request("POST", "/images/create?fromImage=x", 200, 2, 3),
        Request("POST", "/containers/create", 500, 5, 1),
    )
    story = story_from("x", requests, [], began_ns=0, error="no space left on device")
    told = RunView(story).chapters
    assert [(c.key, c.failed) for c in told[-2:]] == [("pull", False), ("snapshot", True)]
    assert "no space left on device" in told[-1].proof


def test_without_a_pull_a_missing_image_is_missing() -> None:
    requests = (Request("POST", "/containers/create", 404, 1, 1),)
    story = story_from("x", requests, [], began_ns=0, error="No such image: x:latest")
    assert not story.cached
    assert RunView(story).chapters[1].proof == ("x: not here",)


def test_of_an_entrypoint_only_the_command_behind_it_is_replaced() -> None:
    image = {"Config": {"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["redis-server"]}}
    box = {"Id": ID, "Config": {"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["sh"]}}
    story = story_from(
        "redis",
        _requests(),
        [],
        began_ns=0,
        inspected_image=image,
        inspected_container=box,
        command=["sh"],
    )
    assert story.command == ("docker-entrypoint.sh", "sh")
    assert story.own == ("redis-server",)
    assert RunView(story).typed == "docker run redis sh"


def test_hostile_output_cannot_break_out_of_the_picture() -> None:
    nasty = '</text><script>alert(1)</script>\x1b[31m\x00 & "quotes" ]]>'
    svg = RunView(_story(output=nasty, command=(nasty,))).svg
    root = ElementTree.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))


def test_live_form_has_the_same_steps() -> None:
    pytest.importorskip("anywidget")
    view = RunView(_story())
    bundle, about = view._repr_mimebundle_()
    assert about["image/svg+xml"]["alt"] == repr(view)
    assert set(bundle) == {
        "text/plain",
        "image/svg+xml",
        "application/vnd.jupyter.widget-view+json",
    }
    assert view.widget is not None
    assert [step["key"] for step in view.widget.steps] == [c.key for c in view.chapters]
    assert "<style>" not in view.widget.svg, "the page around it gives the colours"


def test_every_word_exists_in_both_languages_with_the_same_fields() -> None:
    for key, (english, korean) in CATALOGUE.items():
        assert english.strip(), key
        assert korean.strip(), key
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", korean)), key


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="no such language"):
        Words("de")  # type: ignore[arg-type]
