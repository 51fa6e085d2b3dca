"""The start page's button on a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.client import connect
from dockerlab.welcome import page


@pytest.fixture
def start_page(
    engine_url: str, images: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> page.StartPage:
    monkeypatch.setenv("DOCKERLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("DOCKER_HOST", engine_url)
    monkeypatch.setattr(connect, "_default", None)
    return page.StartPage("en")


def test_one_press_runs_a_container_and_tells_its_story(start_page: page.StartPage) -> None:
    assert start_page.here.mode in ("docker", "namespaces", "proot")
    start_page.run()
    assert "Hello from" in start_page.story.output
    assert start_page.panel.result.startswith("Done: it ran, ended with exit code 0")
    titles = [step["title"] for step in start_page.panel.steps]
    assert titles[0] == "Client asks"
    assert titles[-1] == "Command ends"
    start_page.choose("ko")
    assert start_page.panel.steps[0]["title"] == "클라이언트의 요청"


def test_an_engine_that_is_gone_is_told_of(
    start_page: page.StartPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    start_page.search()
    assert start_page.here.mode == "none"
    assert "unset DOCKER_HOST" in repr(start_page)
