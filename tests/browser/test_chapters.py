"""The start page and the chapters as a learner meets them: opened in JupyterLab, run, looked at."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browser import jupyter

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PAGES = {
    "index.ipynb": 0,
    "en/01_docker_basics.ipynb": 6,
    "ko/01_docker_basics.ipynb": 6,
    "en/02_client_commands.ipynb": 4,
    "ko/02_client_commands.ipynb": 4,
    "en/03_building_images.ipynb": 2,
    "ko/03_building_images.ipynb": 2,
    "en/04_nodejs_app.ipynb": 6,
    "ko/04_nodejs_app.ipynb": 6,
}
"""Each page, and how many live views it shows."""

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("page_name", PAGES)
def test_a_page_runs_and_shows_its_views(
    page_name: str, chromium: Any, jupyter_server: jupyter.Server, small_image: str, shots: Path
) -> None:
    copy = jupyter_server.folder / page_name
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(NOTEBOOKS / page_name, copy)
    # A tall window, since JupyterLab draws only the cells that are in sight.
    page = chromium.new_page(viewport={"width": 1200, "height": 16_000})
    try:
        opened = jupyter.Lab(page, jupyter_server)
        opened.open(page_name)
        opened.run_all()
        page.wait_for_timeout(1500)
        page.screenshot(path=shots / f"{page_name.replace('/', '-')}.png")
        assert page.locator(".dl-view").count() == PAGES[page_name]
        assert page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
        assert opened.problems == []
    finally:
        page.close()
