"""Cells in JupyterLab: a file's own colours, and names with Tab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import jupyter

CELLS = {
    "%load_ext dockerlab\nimport dockerlab\nlab = dockerlab.connect()": "text/x-ipython",
    "%%dockerfile -t shop\nFROM alpine": "text/x-dockerfile",
    "%%compose\nservices:\n  web: {image: nginx}": "text/x-yaml",
    "%%file app/compose.yaml\nservices: {}": "text/x-yaml",
    "%%file --outside Dockerfile.dev\nFROM alpine": "text/x-dockerfile",
    "%%file package.json\n{}": "application/json",
    "lab.run('alpi": "text/x-ipython",
}
LANGUAGES = (
    "() => window.jupyterapp.shell.currentWidget.content.widgets.map(one => one.model.mimeType)"
)
WRITE = """([number, text]) => {
  window.jupyterapp.shell.currentWidget.content.widgets[number].model.sharedModel.setSource(text);
}"""
RUN_FIRST = jupyter.when_ready("""
  panel.content.activeCellIndex = 0;
  await app.commands.execute('notebook:run-cell');
""")

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def opened(chromium: Any, jupyter_server: jupyter.Server) -> Iterator[jupyter.Lab]:
    jupyter.notebook(jupyter_server.folder / "cells.ipynb", list(CELLS))
    page = chromium.new_page(viewport={"width": 1280, "height": 1200})
    lab = jupyter.Lab(page, jupyter_server)
    lab.open("cells.ipynb")
    page.evaluate(RUN_FIRST)
    yield lab
    page.close()


def test_colours_of_the_file_that_a_cell_holds(opened: jupyter.Lab, shots: Path) -> None:
    page = opened.page
    assert page.evaluate(LANGUAGES) == [*CELLS.values()]
    page.locator(".cm-content", has_text="%%dockerfile").locator("span", has_text="FROM").wait_for()
    page.screenshot(path=shots / "cells.png")
    page.evaluate(WRITE, [1, "x = 1"])
    page.evaluate(WRITE, [6, "%%compose\n"])
    languages = page.evaluate(LANGUAGES)
    assert (languages[1], languages[6]) == ("text/x-ipython", "text/x-yaml")
    assert opened.problems == []


def test_tab_knows_the_images(opened: jupyter.Lab) -> None:
    page = opened.page
    page.locator(".cm-content", has_text="lab.run(").click()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.locator(".jp-Completer-item", has_text="alpine").wait_for()
    page.keyboard.press("Enter")
    page.locator(".cm-content", has_text="lab.run('alpine").wait_for()
