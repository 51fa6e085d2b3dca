"""The graph, the reach matrix and the log view of a Compose project in a real JupyterLab."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.browser.jupyter import Lab

pytestmark = pytest.mark.timeout(240)

SERVE = "trap 'exit 0' TERM; mkdir -p /tmp/w; echo '<h1>counted</h1>' > /tmp/w/index.html; httpd -f -p 8080 -h /tmp/w & while :; do sleep 0.2; done"  # noqa: E501
FILE = f"""
name: {{name}}
services:
  web:
    image: busybox
    command: ["sh", "-c", "{SERVE}"]
    ports: ["127.0.0.1::8080"]
    depends_on:
      db: {{{{condition: service_healthy}}}}
    networks: [front, back]
  db:
    image: busybox
    command: ["sh", "-c", "printf '\\\\033[32mready\\\\033[0m <b>bold</b>\\\\n'; echo oops >&2; {SERVE}"]
    healthcheck: {{{{test: ["CMD", "true"], interval: 1s}}}}
    networks: [back]
    volumes: [data:/data]
  lone:
    image: busybox
    command: ["sh", "-c", "{SERVE}"]
    networks: [front]
networks: {{{{front: {{{{}}}}, back: {{{{}}}}}}}}
volumes: {{{{data: {{{{}}}}}}}}
"""  # noqa: E501
BEGIN = "import dockerlab\nlab = dockerlab.connect()\nshop = lab.compose('''{file}''')"


@pytest.fixture
def begin(engine_url: str) -> Iterator[str]:
    """A first cell that knows the project; nothing of it is left afterwards."""
    name = f"dltest-{uuid.uuid4().hex[:8]}"
    yield BEGIN.format(file=FILE.format(name=name).replace("\\", "\\\\"))
    client = docker.DockerClient(base_url=engine_url, version="1.41")
    mine = {"label": f"com.docker.compose.project={name}"}
    # A down may still be on its way.
    for box in client.containers.list(all=True, filters=mine, ignore_removed=True):
        with contextlib.suppress(docker.errors.NotFound):
            box.remove(force=True, v=True)
    for network in client.networks.list(filters=mine):
        with contextlib.suppress(docker.errors.NotFound):
            network.remove()
    for volume in client.volumes.list(filters=mine):
        volume.remove()
    client.close()


def test_the_graph_lives(lab: Callable[..., Lab], begin: str, shots: Path) -> None:
    opened = lab([begin, 'dockerlab.show(shop, "en")', 'dockerlab.show(shop, "ko")'], "graph")
    page = opened.page
    view, korean = page.locator(".dl-view").nth(0), page.locator(".dl-view").nth(1)
    korean.wait_for()
    card = view.locator('[data-key="service-web"]')
    assert "not created" in (card.get_attribute("data-tip") or "")
    view.screenshot(path=shots / "compose-graph-plan.png")

    # By keyboard: a part tells itself, and a button that is of no use says why.
    card.focus()
    status = view.locator("[role=status]")
    assert "web starts after db has become healthy" in status.inner_text()
    stop = view.get_by_role("button", name="stop", exact=True)
    stop.focus()
    page.keyboard.press("Enter")
    assert "There is no container yet" in status.inner_text()

    # Up: the picture follows, and keeps the place of the keyboard.
    view.get_by_role("button", name="up", exact=True).focus()
    page.keyboard.press("Enter")
    card.focus()
    healthy = view.locator('[data-key="service-db"][data-tip*="healthy"]')
    healthy.wait_for(timeout=60_000)
    view.locator('[data-key="service-web"][data-tip*="): running"]').wait_for(timeout=60_000)
    assert page.evaluate("document.activeElement.dataset.key") == "service-web"
    korean.locator('[data-key="service-web"][data-tip*="실행 중"]').wait_for(timeout=20_000)
    page.wait_for_timeout(1200)
    view.screenshot(path=shots / "compose-graph-en.png")
    with page.context.expect_page() as reached:
        view.locator("svg a").first.click()
    reached.value.get_by_role("heading", name="counted").wait_for(timeout=15_000)
    reached.value.close()
    opened.dark()
    page.wait_for_timeout(800)
    korean.screenshot(path=shots / "compose-graph-ko-dark.png")
    opened.dark(False)

    view.get_by_role("button", name="down", exact=True).click()
    view.locator('[data-key="service-web"][data-tip*="not created"]').wait_for(timeout=60_000)
    assert opened.problems == []


def test_the_matrix_is_read_by_keyboard(lab: Callable[..., Lab], begin: str, shots: Path) -> None:
    look = (
        "shop.up(wait=True)\nimport time\n"
        "for _ in range(40):\n"
        "    found = lab.reach(shop, timeout=1)\n"
        "    if found.reaches('web', 'db', 8080): break\n"
        "    time.sleep(0.25)\n"
    )
    opened = lab([begin, f'{look}dockerlab.show(found, "ko")', 'dockerlab.show(found, "en")'], "r")
    page = opened.page
    korean, view = page.locator(".dl-view").nth(0), page.locator(".dl-view").nth(1)
    view.wait_for()
    page.wait_for_timeout(500)
    view.screenshot(path=shots / "compose-reach-en.png")
    opened.dark()
    page.wait_for_timeout(800)
    korean.screenshot(path=shots / "compose-reach-ko-dark.png")
    opened.dark(False)
    told = [part.get_attribute("data-tip") or "" for part in view.locator("[data-tip]").all()]
    assert any(tip.startswith("web reaches db as db") for tip in told)
    assert any(tip.startswith("lone does not reach db") for tip in told)
    view.locator('[data-tip^="web reaches db"]').focus()
    assert "open ports: 8080" in view.locator("[role=status]").inner_text()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.tip").startswith("web ")
    assert opened.problems == []


def test_the_lines_are_filtered(lab: Callable[..., Lab], begin: str, shots: Path) -> None:
    cells = [
        begin,
        "shop.up(wait=True)\nlog = shop.logs()",
        'dockerlab.show(log, "en")',
        'dockerlab.show(log, "ko")',
    ]
    opened = lab(cells, "logs")
    page = opened.page
    view, korean = page.locator(".dl-view").nth(0), page.locator(".dl-view").nth(1)
    korean.wait_for()
    lines = view.locator(".dl-log-line")
    lines.filter(has_text="ready <b>bold</b>").wait_for()
    assert lines.locator("b").count() == 0
    assert lines.locator(".dl-ink-green").inner_text() == "ready"
    assert lines.filter(has_text="oops").get_attribute("title") == "written to standard error"
    view.screenshot(path=shots / "compose-logs-en.png")
    opened.dark()
    page.wait_for_timeout(800)
    korean.screenshot(path=shots / "compose-logs-ko-dark.png")
    opened.dark(False)

    view.get_by_role("searchbox").fill("OOPS")
    status = view.locator("[role=status]")
    assert status.inner_text() == "1 of 2 lines"
    view.get_by_role("searchbox").fill("")
    button: Any = view.get_by_role("button", name="db")
    button.focus()
    page.keyboard.press("Space")
    assert button.get_attribute("aria-pressed") == "false"
    assert status.inner_text() == "0 of 2 lines"
    page.keyboard.press("Space")
    view.get_by_role("button", name="Times").click()
    assert view.locator(".dl-log-at").first.is_visible()
    assert opened.problems == []
