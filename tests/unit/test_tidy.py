"""Only a chapter's own things are removed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import NotFound

from dockerlab.client.lab import Lab
from dockerlab.course.tidy import end_services, tidy


class Api:
    """Lists these things and notes what is removed."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def containers(self, **_: Any) -> list[dict[str, Any]]:
        names = ("/ch2-web", "/batch2-job", "/ch21-web", "/ch2_run_1")
        return [{"Id": name[1:], "Names": [name]} for name in names]

    def images(self) -> list[dict[str, Any]]:
        tags: list[list[str] | None]
        tags = [
            ["alpine:latest", "ch2/note:latest"],
            ["ch2web:latest"],
            ["ch2-web:latest"],
            ["localhost/ch2/x:1"],
            None,
        ]
        return [{"RepoTags": each} for each in tags]

    def volumes(self) -> dict[str, Any]:
        return {"Volumes": [{"Name": "ch2-data"}, {"Name": "mine"}, {"Name": "ch2_data"}]}

    def networks(self) -> list[dict[str, str]]:
        names = {"bridge": "b", "ch2-net": "n", "ch2_default": "d"}
        return [{"Name": name, "Id": short} for name, short in names.items()]

    def prune_images(self, filters: dict[str, Any]) -> None:
        assert filters == {"dangling": True, "label": ["ch2"]}

    def remove(self, name: str, **_: Any) -> None:
        self.removed.append(name)

    remove_container = remove_image = remove_volume = remove_network = remove


def test_only_what_bears_the_chapters_name_goes() -> None:
    api = Api()
    tidy(SimpleNamespace(docker=SimpleNamespace(api=api)), "ch2")
    assert api.removed == [
        *("ch2-web", "ch2_run_1"),
        *("ch2/note:latest", "ch2-web:latest", "localhost/ch2/x:1"),
        *("ch2-data", "ch2_data"),
        *("n", "d"),
    ]


def test_what_is_gone_already_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()

    def gone(name: str, **_: Any) -> None:
        raise NotFound("gone")

    monkeypatch.setattr(api, "remove_container", gone)
    tidy(SimpleNamespace(docker=SimpleNamespace(api=api)), "ch2")
    assert api.removed[0] == "ch2/note:latest"


def test_only_a_chapter_s_own_cis_are_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKERLAB_CI_ROOT", str(tmp_path / "ci"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    lab = Lab(SimpleNamespace(api=None), "unix:///nobody.sock", "")  # type: ignore[arg-type]
    end_services(lab, "ch6")  # there is nothing yet
    for name in ("ch6-react", "ch61-other", "mine"):
        lab.ci(name)
    end_services(lab, "ch6")
    assert {path.name for path in (tmp_path / "ci").iterdir()} == {"ch61-other", "mine"}
