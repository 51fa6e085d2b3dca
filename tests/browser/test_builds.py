"""Builds in a real JupyterLab: followed while they run, opened by keyboard, forecast and built."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import APIError

from tests.browser.jupyter import AUDIT, READY, Lab, Server, notebook

pytestmark = pytest.mark.timeout(180)

# Two seconds with a hundred lines in each.
CHATTER = "for i in $(seq 20); do for j in $(seq 10); do echo line $i $j; done; sleep 0.1; done"
BEGIN = f'''
import pathlib, dockerlab
%load_ext dockerlab
lab = dockerlab.connect()
app = pathlib.Path("{{name}}"); app.mkdir()
(app / "Dockerfile").write_text("""FROM {{image}}
WORKDIR /usr/src/app
COPY package.json ./
RUN {CHATTER}
COPY ./ ./
CMD ["cat", "index.js"]
""")
(app / "package.json").write_text("{{name}}")
(app / "index.js").write_text("one")
None
'''
FOLLOW = 'build = dockerlab.follow(lab.build, "{name}", tag="{name}", lang="en")'
EDIT = '(app / "index.js").write_text("two"); '
SHOW = 'dockerlab.show(lab.build("{name}", tag="{name}"), "{lang}")'
SPOILED = """
(app / "Dockerfile").write_text("FROM {image}\\nRUN echo words of woe; exit 3\\nCMD true\\n")
try:
    dockerlab.follow(lab.build, "{name}", lang="en")
except dockerlab.BuildFailed as error:
    lab.docker.containers.get(error.step.container).remove(force=True)
"""
FORECAST = 'dockerlab.show(lab.forecast("{name}"), "en")'
RUN = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
# Short instructions that are cut, though there is room for them.
CUT = """view => [...view.querySelectorAll('button.dl-code')]
  .filter(code => code.textContent.length < 40 && code.scrollWidth > code.clientWidth)
  .map(code => code.textContent)"""
# How many pixels the page's own parts stick out of their view.
OVERFLOW = "view => view.querySelector('.dl-build').scrollWidth - view.querySelector('.dl-build').clientWidth"  # noqa: E501


@pytest.fixture
def name(engine_url: str) -> Iterator[str]:
    made = f"dltest-{uuid.uuid4().hex[:8]}"
    yield made
    client = docker.DockerClient(base_url=engine_url, version="1.41")
    with contextlib.suppress(APIError):
        client.images.remove(made, force=True)
    client.close()


@pytest.fixture
def cells(name: str, small_image: str) -> Callable[..., list[str]]:
    """The cells, with names put in and an app to build before them."""

    def made(*sources: str) -> list[str]:
        facts = {"{name}": name, "{image}": small_image, "{lang}": "ko"}
        filled = []
        for source in (BEGIN, *sources):
            for field, value in facts.items():
                source = source.replace(field, value)
            filled.append(source)
        return filled

    return made


@pytest.fixture
def started(chromium: Any, jupyter_server: Server) -> Iterator[Callable[..., Lab]]:
    """``started(cells, name)`` has a notebook run and does not wait for its end."""
    pages = []

    def run(cells: list[str], name: str) -> Lab:
        notebook(jupyter_server.folder / f"{name}.ipynb", cells)
        page = chromium.new_page(viewport={"width": 1280, "height": 1500})
        pages.append(page)
        opened = Lab(page, jupyter_server)
        opened.open(f"{name}.ipynb")
        page.wait_for_function(READY, polling=100, timeout=60_000)
        page.evaluate(
            "async () => { const panel = window.jupyterapp.shell.currentWidget; "
            "await panel.context.ready; await panel.sessionContext.ready; "
            "await panel.sessionContext.session.kernel.info; }"
        )
        page.evaluate(RUN)
        return opened

    yield run
    for page in pages:
        page.close()


def test_a_build_is_followed_while_it_runs(
    started: Callable[..., Lab], cells: Callable[..., list[str]], name: str, shots: Path
) -> None:
    opened = started(cells(FOLLOW), "follow")
    page = opened.page
    view = page.locator(".dl-view")
    running = view.locator("[data-step='4'].running")
    running.wait_for(timeout=60_000)
    assert view.locator("[data-step='6'].pending .dl-mark").inner_text() == "○ waiting"
    assert view.get_by_role("status").inner_text().startswith("Step 4 of 6 is running.")
    running.locator(".dl-tail", has_text="line").wait_for(timeout=15_000)
    page.screenshot(path=shots / "build-running.png")
    button = running.locator("button")
    button.focus()
    page.keyboard.press("Enter")
    # What was opened stays open, with the focus where it was, whatever comes.
    view.locator("[data-step='6'].ran").wait_for(timeout=60_000)
    view.locator("strong", has_text=f"Build of {name}").wait_for()
    page.screenshot(path=shots / "build-done.png")
    opened.save()
    stored = json.loads((opened.server.folder / "follow.ipynb").read_text())
    bundle = stored["cells"][1]["outputs"][0]["data"]
    assert set(bundle) == {"text/plain", "image/svg+xml"}
    told = "".join(bundle["text/plain"])
    assert told.startswith(f"Build of {name}")
    assert "● ran" in "".join(bundle["image/svg+xml"])
    assert opened.problems == []


def test_steps_open_by_keyboard_and_say_what_they_are(
    lab: Callable[..., Lab], cells: Callable[..., list[str]], shots: Path
) -> None:
    opened = lab(cells('lab.build("{name}", tag="{name}")\n' + EDIT + SHOW), "keys")
    page = opened.page
    view = page.locator(".dl-view")
    view.wait_for()
    assert view.get_by_role("list", name="빌드 단계").get_by_role("listitem").count() == 6
    roots = view.locator(".root")
    assert roots.get_attribute("data-step") == "5"
    assert "index.js 바뀜" in roots.inner_text()
    assert "위의 5단계" in view.locator(".consequence").inner_text()
    first = view.get_by_role("button", name="FROM")
    first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    step = view.locator("[data-step='4']")
    button = step.get_by_role("button")
    assert button.get_attribute("aria-expanded") == "true"
    assert step.locator(".dl-source-line").count() == 1
    assert view.evaluate(AUDIT) == []
    assert view.evaluate(OVERFLOW) <= 0
    page.screenshot(path=shots / "build-open.png")
    page.keyboard.press("Escape")
    assert button.get_attribute("aria-expanded") == "false"
    assert step.locator(".dl-panel").is_hidden()
    opened.dark()
    page.wait_for_timeout(800)
    view.screenshot(path=shots / "build-dark.png")
    opened.dark(False)
    page.set_viewport_size({"width": 600, "height": 1500})
    page.wait_for_timeout(500)
    assert view.evaluate(OVERFLOW) <= 0
    view.screenshot(path=shots / "build-narrow.png")
    assert opened.problems == []


def test_a_failed_step_shows_its_log_by_itself(
    lab: Callable[..., Lab], cells: Callable[..., list[str]], shots: Path
) -> None:
    opened = lab(cells(SPOILED), "spoiled")
    view = opened.page.locator(".dl-view")
    failed = view.locator(".failed")
    failed.wait_for()
    assert "words of woe" in failed.locator(".dl-log").inner_text()
    assert failed.locator(".dl-source-line").inner_text().startswith("2")
    assert "line 2 of the Dockerfile" in view.get_by_role("status").inner_text()
    view.screenshot(path=shots / "build-failed.png")
    assert opened.problems == []


def test_two_builds_stand_side_by_side(
    lab: Callable[..., Lab], cells: Callable[..., list[str]], shots: Path
) -> None:
    both = 'one = lab.build("{name}", tag="{name}")\n' + EDIT
    both += 'two = lab.build("{name}", tag="{name}")\ndockerlab.compare(one, two, lang="en")'
    opened = lab(cells(both), "both")
    page = opened.page
    view = page.locator(".dl-view")
    view.wait_for()
    assert view.get_by_role("list", name="Steps of both builds").locator("> li").count() == 6
    assert "RUN for i" in view.locator(".dl-summary").inner_text()
    view.get_by_role("button", name="RUN").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert view.get_by_role("button", expanded=True).count() == 1
    assert view.evaluate(AUDIT) == []
    view.screenshot(path=shots / "build-both.png")
    page.set_viewport_size({"width": 600, "height": 1500})
    page.wait_for_timeout(500)
    assert view.evaluate(OVERFLOW) <= 0
    view.screenshot(path=shots / "build-both-narrow.png")
    assert opened.problems == []


def test_a_forecast_is_tried_out_and_then_built(
    lab: Callable[..., Lab], cells: Callable[..., list[str]], shots: Path
) -> None:
    opened = lab(cells('lab.build("{name}", tag="{name}")\n' + FORECAST), "forecast")
    page = opened.page
    view = page.locator(".dl-view")
    view.wait_for()
    status = view.get_by_role("status")
    assert status.inner_text() == "Nothing would run: every step would come from the cache."
    assert view.evaluate(AUDIT) == []
    assert view.evaluate(CUT) == []
    view.get_by_role("checkbox", name="index.js").check()
    view.locator("[data-step='5'] .dl-mark", has_text="will run").wait_for()
    assert "index.js changed" in view.locator("[data-step='5']").inner_text()
    from playwright.sync_api import expect  # only where a browser is there

    text = view.get_by_label("Dockerfile", exact=True).first
    before = text.input_value()
    text.fill(before.replace("CMD", "CMDD"))
    view.get_by_role("alert").filter(has_text="CMDD").wait_for()
    text.fill(before.replace("index.js", "package.json"))
    view.locator("[data-step='6'] .dl-code", has_text="package.json").wait_for()
    view.screenshot(path=shots / "forecast.png")
    view.get_by_role("button", name="Build it").click()
    view.get_by_role("status").filter(has_text="all 6 steps went as forecast").wait_for(
        timeout=60_000
    )
    assert view.locator("[data-step='5'].ran").count() == 1
    view.screenshot(path=shots / "forecast-built.png")
    view.get_by_role("button", name="As it was").click()
    view.locator("[data-step='6'] .dl-code", has_text="index.js").wait_for()
    expect(text).to_have_value(before)
    assert opened.problems == []
