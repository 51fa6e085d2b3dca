"""The edition for reading in a browser: it draws, it switches, it searches, and asks nobody."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

HERE = Path(__file__).resolve().parents[2]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("made") / "site"
    command = [sys.executable, HERE / "notebooks" / "site" / "build.py", "--out", folder]
    subprocess.run(command, check=True, timeout=110)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    """A page that may load from the site only, and may complain of nothing."""
    opened = chromium.new_page(color_scheme="light")
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: asked.url.startswith(address) or wrong.append(asked.url))
    yield opened
    opened.close()
    assert wrong == []


def fill(page: Any, selector: str) -> str:
    return str(page.locator(selector).first.evaluate("shape => getComputedStyle(shape).fill"))


def test_pictures_and_diagrams_follow_the_switch_of_colours(page: Any, address: str) -> None:
    page.goto(f"{address}/en/notebooks/en/01_docker_basics.html")
    shapes = (".picture .f-panel", ".diagram .node rect")
    expect(page.locator(".diagram svg")).to_be_visible()
    light = [fill(page, shape) for shape in shapes]
    page.evaluate("document.body.dataset.theme = 'dark'")
    for shape, was in zip(shapes, light, strict=True):
        expect(page.locator(shape).first).not_to_have_css("fill", was)
    page.evaluate("document.body.dataset.theme = 'light'")
    for shape, was in zip(shapes, light, strict=True):
        expect(page.locator(shape).first).to_have_css("fill", was)


def test_the_other_language_is_one_click_away(page: Any, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="한국어").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.get_by_role("link", name="3. 도커 이미지 만들기").first.click()
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(f"{address}/en/notebooks/en/03_building_images.html")


def test_the_search_finds_korean(page: Any, address: str) -> None:
    page.goto(f"{address}/ko/notebooks/index.html")
    page.locator(".sidebar-search").fill("볼륨")
    page.keyboard.press("Enter")
    expect(page.locator(".search-summary")).to_contain_text("찾았습니다")
    expect(page.locator("ul.search")).to_contain_text("4. Node.js 앱 만들기")


def test_on_a_narrow_screen_a_page_is_no_wider_than_it(page: Any, address: str) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    for name in ("04_nodejs_app", "06_deploying"):
        page.goto(f"{address}/ko/notebooks/ko/{name}.html")
        expect(page.locator(".diagram svg").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 400


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(page: Any, address: str, theme: str) -> None:
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    names = ("notebooks/index", "notebooks/ko/05_docker_compose", "search")
    for name in names:
        page.goto(f"{address}/ko/{name}.html")
        expect(page.locator("body")).to_have_attribute("data-theme", theme)
        found = Axe().run(page).response
        assert found["passes"]
        rules = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
        assert [(each["id"], each["nodes"][0]["html"]) for each in rules] == [], name
