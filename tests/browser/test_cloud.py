"""A pipeline's run and a cloud's environment in a real JupyterLab: followed, by keyboard, dark.

What is followed is played by the notebook itself, step by step as the test asks for it: a cell of
its own could not run while another one is waited for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.jupyter import AUDIT, Lab

pytestmark = pytest.mark.timeout(180)

# A folder is the remote control: the file NUMBER lets the next record come.
BEGIN = """
import dataclasses, pathlib, time, dockerlab.views
from dockerlab.formats.cloud import *
from dockerlab.formats.pipeline.run import *
%load_ext dockerlab
def wait_for(name):
    while not pathlib.Path("{go}", name).exists():
        time.sleep(0.02)
"""
RUNS = """
began = time.time() - 8
build = StepRun("docker build -t app .", "before_install", Status.PASSED, began, began + 6, 0,
                log=("Step 1/2 : FROM node", "Step 2/2 : COPY . ."))
tests = StepRun("docker run app npm test", "script", Status.RUNNING, began + 6, log=("> jest",))
deploy = StepRun("elasticbeanstalk", "deploy")
def run(status, *steps, **more):
    return Run(3, ".travis.yml", "master", "1a2b3c4", "Break it", status, began,
               jobs=(JobRun("docker", (), status, steps),), **more)
def runs():
    yield run(Status.RUNNING, build, tests, deploy)
    wait_for("1")
    tests_now = dataclasses.replace(tests, log=("> jest", "one passed"))
    yield run(Status.RUNNING, build, tests_now, deploy)
    wait_for("2")
    said_no = dataclasses.replace(tests, status=Status.FAILED, ended=time.time(), exit_code=1,
                                  log=("> jest", "<b>words of woe</b>"), note="The script said no.")
    unsent = dataclasses.replace(deploy, status=Status.SKIPPED, note="the script failed.")
    yield run(Status.FAILED, build, said_no, unsent, ended=time.time(),
              findings=(Finding("AWS_SECRET_ACCESS_KEY", "deploy.sh", 3),))
dockerlab.views.PipelineView(runs(), "en")
"""
ENVIRONMENT = """
def instance(number, version="v4", **more):
    facts = dict(state="InService", health="Green") | more
    return Instance(f"i-{number:017x}", f"env-{number}", version, **facts)
one = instance(1, requests=40.0)
env = Environment("ch6-env", "e-1", "ch6", "v4", "Ready", "Green", "http://127.0.0.1:9",
                  page="{page}", instances=(one,), requests=40.0,
                  events=(Event(time.time(), "INFO", "Successfully launched environment."),))
def moments():
    yield env
    wait_for("3")
    for number in range(20):
        yield dataclasses.replace(env, requests=50.0 + number)
        time.sleep(0.05)
    wait_for("4")
    new = instance(2, "v5", health="Red", state="OutOfService", cause="nobody answers at port 80")
    ill = Event(time.time(), "ERROR", "Failed to deploy application.", "v5")
    yield dataclasses.replace(env, status="Updating", version="v5", health="Yellow",
                              instances=(one, new), events=(*env.events, ill))
view = dockerlab.views.EnvironmentView(moments(), "{lang}")
view
"""
LOAD = 'Load(2000, 3, 10.0, 3.4, 81.2, (("i-1", 1500), ("i-2", 497)))'
HISTORY = """
History("ch6-env", tuple(
    Sample(at, 200.0 if 5 < at < 40 else 0.0, min(1 + at // 5, 4), min(2 + at // 5, 4))
    for at in range(60)))
"""


@pytest.fixture
def go(tmp_path: Path) -> Callable[[int], None]:
    return lambda number: (tmp_path / str(number)).touch()


def first(tmp_path: Path) -> str:
    return BEGIN.replace("{go}", str(tmp_path))


def test_a_run_is_followed_and_opens_by_keyboard(
    lab: Callable[..., Lab], go: Callable[[int], None], tmp_path: Path, shots: Path
) -> None:
    opened = lab([first(tmp_path), RUNS], "pipeline")
    page = opened.page
    view = page.locator(".dl-view")
    view.wait_for()
    status = view.get_by_role("status")
    assert status.inner_text() == "Now running: docker run app npm test."
    assert view.locator(".dl-strip .stage.is-running").count() == 1
    view.screenshot(path=shots / "pipeline-running.png")
    go(1)
    view.locator(".running .dl-tail", has_text="one passed").wait_for()

    # A log that is open stays open, and the focus where it is, while the run goes on.
    steps = view.get_by_role("list", name="Steps of the run")
    steps.get_by_role("button", name="docker build").focus()
    page.keyboard.press("Enter")
    assert "Step 2/2" in view.locator("[data-step='1'] .dl-log").inner_text()
    go(2)
    failed = view.locator(".failed")
    failed.wait_for()
    assert "<b>words of woe</b>" in failed.locator(".dl-log").inner_text()
    assert "exit 1" in failed.inner_text()
    assert (
        "exit code 1. The script said no. Nothing was deployed: the script" in status.inner_text()
    )
    assert view.locator(".dl-warnings li", has_text="AWS_SECRET_ACCESS_KEY").count() == 1
    assert page.evaluate("document.activeElement.textContent") == "docker build -t app ."
    assert view.locator("[data-step='1'] .dl-panel").is_visible()
    page.keyboard.press("Escape")
    assert view.locator("[data-step='1'] .dl-panel").is_hidden()
    page.keyboard.press("End")
    page.keyboard.press("Space")
    assert "It was not run." in view.locator("[data-step='3']").inner_text()
    assert view.evaluate(AUDIT) == []
    view.screenshot(path=shots / "pipeline-failed.png")
    narrow(opened, view, shots / "pipeline-narrow.png")
    dark(opened, view, shots / "pipeline-dark.png")
    assert opened.problems == []


REAL = '''
%load_ext dockerlab
import dockerlab, pathlib
lab = dockerlab.connect()
ci = lab.ci("dltest-view", root="{root}")
app = pathlib.Path("{root}-app"); app.mkdir()
(app / ".travis.yml").write_text("""language: generic
script:
  - echo words of joy; sleep 0.5
  - test -e good
""")
None
'''


def test_a_real_ci_is_shown_while_it_runs(
    lab: Callable[..., Lab], tmp_path: Path, shots: Path
) -> None:
    cells = [REAL.replace("{root}", str(tmp_path / "ci")), "ci", "ci.run(app, quiet=True)"]
    opened = lab([*cells, '(app / "good").touch(); ci.run(app, quiet=True)'], "real-ci")
    views = opened.page.locator(".dl-view")
    live, first, second = views.nth(0), views.nth(1), views.nth(2)
    second.wait_for()
    live.locator(".dl-title", has_text="2").wait_for()
    live.locator(".dl-head .dl-mark.green").wait_for()
    assert "exit code 1" in first.get_by_role("status").inner_text()
    live.screenshot(path=shots / "pipeline-real.png")
    first.screenshot(path=shots / "pipeline-real-failed.png")
    live.get_by_role("button", name="echo words").focus()
    opened.page.keyboard.press("Enter")
    assert "words of joy" in live.locator(".dl-log").first.inner_text()
    assert opened.problems == []


def narrow(opened: Lab, view: Any, shot: Path) -> None:
    opened.page.set_viewport_size({"width": 600, "height": 1500})
    opened.page.wait_for_timeout(500)
    assert view.evaluate("view => view.scrollWidth - view.clientWidth") <= 0
    small = view.evaluate(
        "view => Math.min(...[...view.querySelectorAll('svg text')].map("
        "text => text.getBoundingClientRect().height))"
    )
    assert small > 8
    view.screenshot(path=shot)
    opened.page.set_viewport_size({"width": 1280, "height": 1500})


def dark(opened: Lab, view: Any, shot: Path) -> None:
    opened.dark()
    opened.page.wait_for_timeout(800)
    view.screenshot(path=shot)
    opened.dark(False)


def test_an_environment_moves_under_the_keyboard(
    lab: Callable[..., Lab], go: Callable[[int], None], tmp_path: Path, shots: Path
) -> None:
    page_of_app = "/lab/tree/here"
    cell = ENVIRONMENT.replace("{page}", page_of_app).replace("{lang}", "en")
    opened = lab([first(tmp_path), cell], "environment")
    page = opened.page
    view = page.locator(".dl-view")
    view.wait_for()
    status = view.get_by_role("status")
    assert view.locator(".traffic").count() == 2
    part = view.locator("[data-key='i-00000000000000001']")
    part.focus()
    told = status.inner_text()
    assert told.startswith("Instance i-00000000000000001: InService: takes requests; ✓ Green")

    # Numbers move; the focus stays, and a screen reader is left in peace.
    page.evaluate(
        "view => { window.heard = []; new MutationObserver(all => window.heard.push(...all.map("
        "one => one.target.textContent))).observe(view, { childList: true, subtree: true }); }",
        status.element_handle(),
    )
    go(3)
    view.locator("svg text", has_text="69/s").first.wait_for()
    assert page.evaluate("document.activeElement.dataset.key") == "i-00000000000000001"
    assert set(page.evaluate("window.heard")) <= {told}
    view.locator("svg text", has_text="requests a second").wait_for()

    go(4)
    view.locator("[data-key='i-00000000000000002']").wait_for()
    status.filter(has_text="Two versions at once: v4 (1), v5 (1).").wait_for()
    assert page.evaluate("document.activeElement.dataset.key") == "i-00000000000000001"
    page.keyboard.press("Tab")
    assert status.inner_text().endswith("nobody answers at port 80")
    link = view.locator(".dl-picture a")
    assert link.get_attribute("href") == page_of_app
    assert link.get_attribute("aria-label") == "Open the page: http://127.0.0.1:9"
    assert view.evaluate(AUDIT) == []
    view.screenshot(path=shots / "environment.png")
    narrow(opened, view, shots / "environment-narrow.png")
    dark(opened, view, shots / "environment-dark.png")
    assert opened.problems == []


def test_a_link_is_reached_though_the_picture_changes(
    lab: Callable[..., Lab], go: Callable[[int], None], tmp_path: Path
) -> None:
    cell = ENVIRONMENT.replace("{page}", "/lab/tree/here").replace("{lang}", "ko")
    opened = lab([first(tmp_path), cell], "link")
    page = opened.page
    link = page.locator(".dl-view .dl-picture a")
    link.wait_for()
    link.hover()
    page.mouse.down()
    go(3)
    time.sleep(0.5)
    with page.context.expect_page() as reached:
        page.mouse.up()
    assert reached.value.url.endswith("/lab/tree/here")
    reached.value.close()
    page.locator(".dl-view svg text", has_text="초당 69").first.wait_for()
    assert opened.problems == []


def test_a_load_and_a_history_follow_the_theme_and_are_kept(
    lab: Callable[..., Lab], tmp_path: Path, shots: Path
) -> None:
    opened = lab([first(tmp_path), LOAD, HISTORY], "load")
    views = opened.page.locator(".dl-view")
    views.nth(1).wait_for()
    bar = views.nth(0).locator("[data-tip]").nth(1)
    bar.focus()
    assert views.nth(0).get_by_role("status").inner_text() == "Instance i-2: 497 (25 %)"
    assert views.nth(1).get_by_role("status").count() == 0
    for number, called in enumerate(("load", "history")):
        views.nth(number).screenshot(path=shots / f"{called}.png")
        dark(opened, views.nth(number), shots / f"{called}-dark.png")
    opened.save()
    stored = json.loads((opened.server.folder / "load.ipynb").read_text())
    for cell in stored["cells"][1:]:
        assert set(cell["outputs"][0]["data"]) == {"text/plain", "image/svg+xml"}
    assert opened.problems == []
