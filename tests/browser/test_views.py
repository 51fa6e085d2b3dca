"""The live views in a real JupyterLab: they appear, they move, they complain about nothing."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import NotFound

from tests.browser.jupyter import Lab

pytestmark = pytest.mark.timeout(180)

BEGIN = """
import docker
from types import SimpleNamespace
lab = SimpleNamespace(docker=docker.from_env(version="1.41"))
"""
RUN = """
from dockerlab.client.record import record
from dockerlab.views import RunView
RunView(record(lab, "{image}", "echo hello"))
"""
LIFE = """
from dockerlab.client.watch import watch
from dockerlab.views import LifeView
seen = watch(lab, "{name}", "{image}", ["sleep", "600"], grace=1)
view = LifeView(seen)
view
"""
STILLS = [
    """
from dockerlab.client.isolation import isolation
from dockerlab.client.reports import footprint, open_image
from dockerlab.views import ImageView, IsolationView, VmView
box = lab.docker.containers.run("{image}", ["sleep", "600"], detach=True, mem_limit="64m")
report = isolation(lab, box)
box.remove(force=True)
IsolationView(report)
""",
    'ImageView(open_image(lab, "{image}"), lang="ko")',
    'VmView(footprint(lab, "{image}", times=2), lang="ko")',
]


@pytest.fixture
def engine(engine_url: str) -> Iterator[docker.DockerClient]:
    client = docker.DockerClient(base_url=engine_url, version="1.41")
    yield client
    client.close()


@pytest.fixture
def name(engine: docker.DockerClient) -> Iterator[str]:
    made = f"views-{uuid.uuid4().hex[:8]}"
    yield made
    with contextlib.suppress(NotFound):
        engine.containers.get(made).remove(force=True)


def test_a_run_is_stepped_through(lab: Callable[..., Lab], small_image: str, shots: Path) -> None:
    opened = lab([BEGIN, RUN.format(image=small_image)], "run")
    view = opened.page.locator(".dl-view")
    view.wait_for()
    opened.page.screenshot(path=shots / "run.png")
    view.get_by_role("button", name="Next step").click()
    assert view.locator("[role=status]").inner_text().startswith("1. Client asks")
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("ArrowRight")
    assert view.locator("[role=status]").inner_text().startswith("3. ")
    assert view.locator("[data-step='3'].now").count() > 0
    opened.page.wait_for_timeout(400)
    opened.page.screenshot(path=shots / "run-step.png")
    opened.dark()
    opened.page.wait_for_timeout(800)
    opened.page.screenshot(path=shots / "run-dark.png")
    opened.dark(False)
    assert opened.problems == []


def test_the_life_cycle_acts_and_follows(
    lab: Callable[..., Lab],
    engine: docker.DockerClient,
    small_image: str,
    name: str,
    shots: Path,
) -> None:
    opened = lab([BEGIN, LIFE.format(image=small_image, name=name)], "life")
    page = opened.page
    view = page.locator(".dl-view")
    view.wait_for()
    refused = view.get_by_role("button", name="rm", exact=True)
    assert refused.get_attribute("aria-disabled") == "true"
    assert "create it first" in (refused.get_attribute("title") or "")
    for action, state in (
        ("create", "created"),
        ("start", "running"),
        ("pause", "paused"),
        ("unpause", "running"),
        ("stop", "exited"),
        ("start", "running"),
    ):
        button = view.locator(f"button[data-action={action}][aria-disabled=false]")
        button.click(timeout=15_000)
        view.locator(f"[data-state={state}].here").wait_for(timeout=20_000)
        page.screenshot(path=shots / f"life-{action}.png")
    opened.dark()
    page.wait_for_timeout(800)
    page.screenshot(path=shots / "life-dark.png")
    opened.dark(False)
    assert engine.containers.get(name).status == "running"
    # What is done elsewhere, the view sees all the same.
    engine.containers.get(name).kill()
    view.locator("[data-state=exited].here").wait_for(timeout=10_000)
    view.locator("button[data-action=rm][aria-disabled=false]").click()
    view.locator("[data-state=removed].here").wait_for(timeout=10_000)
    assert opened.problems == []


def test_the_still_views_explain_their_parts(
    lab: Callable[..., Lab], small_image: str, shots: Path
) -> None:
    opened = lab([BEGIN, *(cell.format(image=small_image) for cell in STILLS)], "stills")
    page = opened.page
    views = page.locator(".dl-view")
    for number, called in enumerate(("isolation", "image", "vm")):
        view = views.nth(number)
        view.wait_for()
        view.scroll_into_view_if_needed()
        view.screenshot(path=shots / f"{called}.png")
    part = views.nth(0).locator("[data-tip]").first
    part.focus()
    assert views.nth(0).locator("[role=status]").inner_text().startswith("mnt: ")
    slider = views.nth(2).get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    views.nth(2).locator("output", has_text="4").wait_for()
    assert "5" in views.nth(2).locator("[role=status]").inner_text()
    opened.dark()
    page.wait_for_timeout(800)
    for number, called in enumerate(("isolation", "image", "vm")):
        views.nth(number).scroll_into_view_if_needed()
        views.nth(number).screenshot(path=shots / f"{called}-dark.png")
    opened.dark(False)
    assert opened.problems == []


def test_a_saved_notebook_keeps_the_picture(
    lab: Callable[..., Lab], small_image: str, name: str
) -> None:
    opened = lab([BEGIN, LIFE.format(image=small_image, name=name)], "saved")
    opened.page.locator(".dl-view").wait_for()
    opened.save()
    stored = json.loads((opened.server.folder / "saved.ipynb").read_text())
    bundle = stored["cells"][1]["outputs"][0]["data"]
    assert set(bundle) == {"text/plain", "image/svg+xml"}
    # Another browser page, the kernel gone: the picture stands where the widget was.
    opened.page.evaluate(
        "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }"
    )
    opened.open("saved.ipynb")
    picture = opened.page.locator(".jp-RenderedSVG img")
    picture.wait_for()
    assert picture.evaluate("img => img.naturalWidth") == 960
