"""The flow: keep, pull, build, against a small engine that keeps images in a dict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from dockerlab.course import prepare as module
from dockerlab.course import transfer
from dockerlab.course.cache import Cache
from dockerlab.course.prepare import ImagesMissing, prepare
from dockerlab.course.progress import Step
from dockerlab.course.standins.workshop import Made, Standin
from dockerlab.errors import DockerlabError


class Answer:
    """An answer of requests: a status and lines of JSON."""

    def __init__(self, lines: list[dict[str, Any]], status: int = 200) -> None:
        self.status_code = status
        self.reason = "Error"
        self.lines = [json.dumps(line).encode() for line in lines]
        self.content = self.lines[0] if self.lines else b""

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def iter_lines(self) -> list[bytes]:
        return self.lines


class Api:
    """As much of docker-py's APIClient as is used here."""

    base_url, api_version = "http+docker://x", "1.41"

    def __init__(self, tags: list[str], registry: Any = None) -> None:
        self.tags = {tag: False for tag in tags}
        self.registry = registry
        self.asked: list[str] = []

    def images(self) -> list[dict[str, Any]]:
        self.asked.append("list")
        return [
            {
                "Id": f"sha256:{tag}",
                "RepoTags": [tag],
                "Size": 7,
                "Labels": {"dockerlab.standin": "true"} if standin else None,
            }
            for tag, standin in self.tags.items()
        ]

    def info(self) -> dict[str, Any]:
        return {}

    def post(self, url: str, params: dict[str, str], data: Any = None, **_: Any) -> Answer:
        if url.endswith("/images/load"):
            name = b"".join(iter(lambda: data.read(3), b"")).decode()
            self.asked.append(f"load {name}")
            self.tags[f"{name}:latest"] = True
            return Answer([{"stream": "Loaded image"}])
        tag = f"{params['fromImage']}:{params['tag']}"
        self.asked.append(f"pull {tag}")
        answer = self.registry(tag)
        if answer.status_code == 200 and b"error" not in answer.content:
            self.tags[tag] = False
        return answer


class Lab:
    """Holds a docker-py client, as the real one does."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.docker = self


def online(tag: str) -> Answer:
    return Answer(
        [
            {"status": "Pulling fs layer", "id": "a"},
            {
                "status": "Downloading",
                "id": "a",
                "progressDetail": {"current": 500_000, "total": 1_000_000},
            },
            {"status": "Pull complete", "id": "a"},
        ]
    )


def offline(tag: str) -> Answer:
    return Answer([{"message": "Get https://x/v2/: dial tcp: no such host"}], 500)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Names that the workshop was asked for; it makes a file with the name in it."""
    asked: list[str] = []

    class Workshop:
        def __init__(self, *_: Any) -> None:
            pass

        def make(self, names: Any) -> Made:
            result = Made()
            for name in names:
                asked.append(name)
                path = tmp_path / name
                path.write_text(name)
                note = "node:18 is older" if name == "node" else ""
                result.standins[name] = Standin(name, path, "sha256:1", (f"{name}:latest",), note)
            if "python" in result.standins:
                del result.standins["python"]
                result.failed["python"] = DockerlabError("no package python3", "look for it")
            return result

    monkeypatch.setattr(module, "Workshop", Workshop)
    return asked


def run(api: Api, names: list[str], **options: Any) -> tuple[list[Any], list[str]]:
    said: list[Step] = []
    found = prepare(Lab(api), names, progress=said.append, cache=Cache(Path("/x")), **options)  # type: ignore[arg-type]
    return found, [str(step) for step in said]


def test_what_is_there_is_kept_with_one_request(made: list[str]) -> None:
    api = Api(["alpine:latest", "redis:latest"])
    found, said = run(api, ["alpine", "redis"])
    assert [(each.name, each.source, each.bytes) for each in found] == [
        ("alpine", "already there", 7),
        ("redis", "already there", 7),
    ]
    assert (api.asked, said, made) == (["list"], [], [])


def test_podmans_names_count(made: list[str]) -> None:
    assert run(Api(["docker.io/library/alpine:latest"]), ["alpine"])[0][0].id


def test_pulls_all_tags_where_there_is_a_registry(made: list[str]) -> None:
    api = Api(["node:latest"], online)
    found, said = run(api, ["node", "alpine"])
    assert [each.source for each in found] == ["pulled", "pulled"]
    pulls = ["pull node:latest", "pull node:22", "pull alpine:latest"]
    assert api.asked == ["list", *pulls, "list"]
    assert "Pulling alpine:latest: 0.5 of 1.0 MB" in said
    assert made == []


def test_builds_after_one_failed_pull(made: list[str]) -> None:
    api = Api(["busybox:latest"], offline)
    found, said = run(api, ["hello-world", "busybox", "alpine", "node"])
    assert [each.source for each in found] == ["stand-in", "already there", "stand-in", "stand-in"]
    assert api.asked[:2] == ["list", "pull hello-world:latest"]
    assert api.asked[2:5] == ["load hello-world", "load alpine", "load node"]
    assert said[-1] == (
        "No registry can be reached (no such host), so these are stand-ins made of this system's"
        " own packages, labelled dockerlab.standin=true: hello-world, alpine, node;"
        " node:18 is older"
    )


def test_a_stand_in_needs_only_the_tags_that_are_true(made: list[str]) -> None:
    api = Api([])
    api.tags["node:latest"] = True
    assert run(api, ["node"])[0][0].source == "already there"


def test_an_error_in_the_middle_of_a_pull(made: list[str]) -> None:
    api = Api([], lambda tag: Answer([{"error": "toomanyrequests: slow down"}]))
    _, said = run(api, ["alpine"])
    assert "(slow down)" in said[-1]


def test_a_registry_that_says_nothing(made: list[str]) -> None:
    def silent(tag: str) -> Answer:
        raise requests.ReadTimeout

    api = Api([], silent)
    _, said = run(api, ["alpine"])
    assert api.asked.count("pull alpine:latest") == 1
    assert "no answer within 8 s" in said[-1]


def test_a_slow_pull_is_given_more_time(made: list[str]) -> None:
    class Slow(Answer):
        def iter_lines(self) -> Any:
            yield b'{"status": "Pulling fs layer", "id": "a"}'
            raise requests.ConnectionError("Read timed out.")

    answers = iter([Slow([{}]), online("")])
    api = Api([], lambda tag: next(answers))
    assert run(api, ["alpine"])[0][0].source == "pulled"
    assert api.asked.count("pull alpine:latest") == 2


def test_offline_never_asks_a_registry(made: list[str]) -> None:
    api = Api([])
    run(api, ["alpine"], offline=True)
    assert api.asked == ["list", "load alpine", "list"]


def test_online_never_builds(made: list[str]) -> None:
    with pytest.raises(ImagesMissing, match=r"missing: alpine\. .*no such host"):
        run(Api([], offline), ["alpine"], offline=False)
    assert made == []


def test_what_cannot_be_had_is_named_and_the_rest_is_there(made: list[str]) -> None:
    with pytest.raises(ImagesMissing, match=r"missing: python\. no package python3") as error:
        run(Api([], offline), ["alpine", "python"])
    assert [each.name for each in error.value.prepared] == ["alpine"]
    assert list(error.value.missing) == ["python"]
    assert error.value.hint == "look for it"


def test_unknown_names(made: list[str]) -> None:
    with pytest.raises(DockerlabError, match="ubuntu is not an image of the course"):
        run(Api([]), ["ubuntu"])


def test_an_engine_of_another_kind(made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api([])
    monkeypatch.setattr(api, "info", lambda: {"Architecture": "s390x"})
    with pytest.raises(DockerlabError, match="runs s390x programs"):
        run(api, ["alpine"], offline=True)


def test_a_load_that_is_refused(made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api([])
    refuse = Answer([{"message": "no space left on device"}], 500)
    monkeypatch.setattr(api, "post", lambda *_, **__: refuse)
    with pytest.raises(DockerlabError, match="no space left on device"):
        run(api, ["alpine"], offline=True)


def test_sizes_of_a_pull_are_added_up() -> None:
    sizes: dict[str, tuple[int, int]] = {}
    for event in (
        {"status": "Downloading", "id": "a", "progressDetail": {"current": 1, "total": 10}},
        {"status": "Downloading", "id": "b", "progressDetail": {"current": 2, "total": 20}},
        {"status": "Download complete", "id": "a"},
        {"status": "Digest: x"},
    ):
        transfer._count_layers(event, sizes)
    step = transfer._sum("x", sizes)
    assert (step.done, step.total) == (12, 30)
