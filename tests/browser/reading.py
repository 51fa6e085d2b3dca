"""A notebook read as a learner reads it: cell by cell, looking at what each one shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.browser.jupyter import Lab, when_ready

CELLS = when_ready(
    "return panel.content.widgets.flatMap((cell, at) => cell.model.type === 'code' ? [at] : []);"
)
RUN = """async at => {
  const app = window.jupyterapp;
  const notebook = app.shell.currentWidget.content;
  notebook.activeCellIndex = at;
  await app.commands.execute('notebook:run-cell');
  const cell = notebook.widgets[at].model;
  const outputs = cell.outputs.toJSON();
  const errors = outputs.filter(out => out.output_type === 'error');
  return {
    id: cell.id,
    count: cell.executionCount,
    tags: cell.getMetadata('tags') ?? [],
    errors: errors.map(out => `${out.ename}: ${out.evalue}`),
    text: outputs.map(out => [out.text ?? ''].flat().join('')).join(''),
  };
}"""
SHUT_DOWN = "async () => { await window.jupyterapp.shell.currentWidget.sessionContext.shutdown(); }"
TALL = 8_000
"""Pixels of a picture, of which a notebook has several."""
SCROLL = "at => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, at)"
LENGTH = """() => Math.max(...window.jupyterapp.shell.currentWidget.content.widgets.map(
  cell => cell.node.offsetTop + cell.node.offsetHeight))"""
# Chromium breaks off what it loads when Docker makes an interface of the host, and tries again.
HARMLESS = ("net::ERR_NETWORK_CHANGED", "net::ERR_ABORTED")


class Reading:
    """A notebook that was just opened; ``cells`` are the places of its code cells."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.page = lab, lab.page
        self.page.on("response", self._answered)
        self.page.on("requestfailed", self._failed)
        lab.open(name)
        self.cells: list[int] = self.page.evaluate(CELLS)
        self.views = self.page.locator(".dl-view")
        self.all_frames = self.page.locator(".jp-OutputArea iframe")
        self.consoles = self.page.locator(".dockerlab-console")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.lab.problems.append(f"{response.status} at {response.url}")

    def _failed(self, request: Any) -> None:
        if request.failure not in HARMLESS:
            self.lab.problems.append(f"{request.failure} at {request.url}")

    def run(self, at: int) -> None:
        """Run one cell to its end; fails when it did and was not meant to."""
        ran = self.page.evaluate(RUN, at)
        assert ran["count"], f"{ran['id']} was not run"
        assert bool(ran["errors"]) == ("raises-exception" in ran["tags"]), ran
        assert "Traceback (most recent call last)" not in ran["text"], ran

    def frames(self, at: int) -> list[Any]:
        """The containers' pages that a cell shows."""
        cell = self.page.locator(f".jp-Cell[data-windowed-list-index='{at}']")
        frames: list[Any] = cell.locator(".jp-OutputArea iframe").all()
        return frames

    def pictures(self, folder: Path, name: str) -> None:
        """The whole notebook, in as few pictures as it takes."""
        self.page.set_viewport_size({"width": 1200, "height": TALL})
        top = number = 0
        while not number or top < self.page.evaluate(LENGTH):
            number += 1
            self.page.evaluate(SCROLL, top)
            self.page.wait_for_timeout(300)
            self.page.screenshot(path=folder / f"{name}-{number}.png")
            top += TALL - 200

    def shut_down(self) -> None:
        """End the kernel, and with it what it has started."""
        self.page.evaluate(SHUT_DOWN)


def file_name(page: str) -> str:
    """``en/01_docker_basics.ipynb`` as the beginning of its pictures' names."""
    return re.sub(r"\W+", "-", page.removesuffix(".ipynb"))
