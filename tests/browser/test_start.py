"""The start page in JupyterLab: one click, another language by the keyboard, on to a chapter."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import jupyter

COURSE = Path(__file__).resolve().parents[2]
OPEN = "() => window.jupyterapp.shell.currentWidget.context.path"
NEXT = "ko/02_client_commands.ipynb"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def start(chromium: Any, engine_url: str, tmp_path: Path) -> Iterator[jupyter.Lab]:
    """The start page as it comes, nothing run yet, to somebody who has chosen no language."""
    folder = tmp_path / "course"
    (folder / "start" / "ko").mkdir(parents=True)
    shutil.copy(COURSE / "notebooks/index.ipynb", folder / "start")
    shutil.copy(COURSE / "notebooks" / NEXT, folder / "start" / NEXT)
    page = chromium.new_page(viewport={"width": 1280, "height": 2400})
    with jupyter.serving(folder, tmp_path, engine_url) as server:
        opened = jupyter.Lab(page, server)
        opened.open("start/index.ipynb")
        yield opened
        page.close()


def test_a_newcomers_first_minutes(start: jupyter.Lab, shots: Path) -> None:
    page = start.page
    start.run_all()
    panel, roadmap = page.locator(".dl-welcome"), page.locator(".dl-roadmap")
    panel.get_by_role("button", name="Run my first container").click()
    panel.locator(".dl-screen", has_text="Hello from").wait_for(timeout=30_000)
    assert "exit code 0" in panel.get_by_role("status").inner_text()
    page.screenshot(path=shots / "start-en.png")

    korean = panel.get_by_role("button", name="한국어")
    korean.focus()
    page.keyboard.press("Enter")
    panel.get_by_role("heading", name="여기는 어디인가요?").wait_for()
    roadmap.get_by_role("link", name="도커 클라이언트 명령어").wait_for()
    assert korean.evaluate("button => button === document.activeElement")
    assert korean.get_attribute("aria-pressed") == "true"
    assert panel.evaluate(jupyter.AUDIT) == []
    page.screenshot(path=shots / "start-ko.png")

    # Run again it is in the language that was chosen.
    start.run_all()
    panel.get_by_role("heading", name="여기는 어디인가요?").wait_for()

    roadmap.get_by_role("link", name="도커 클라이언트 명령어").click()
    page.wait_for_function(f"path => ({OPEN})() === path", arg=f"start/{NEXT}")
    assert start.problems == []
