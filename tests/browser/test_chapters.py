"""The start page and every chapter as a learner meets them, in both languages.

Each is opened in JupyterLab and run from top to bottom, and every view is used once: on the engine
of this session, some on PRoot, as Binder has it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from books import EDITIONS, HANGUL, NOTEBOOKS, read
from doors import doors, held
from engines import running
from playwright.sync_api import expect

from dockerlab.course.items import CHAPTERS
from dockerlab.course.prepare import prepare
from dockerlab.views.words import Language
from tests.browser import jupyter, uses
from tests.browser.reading import Reading, file_name

STARTS = sorted(path.name for path in NOTEBOOKS.glob("index*.ipynb"))
PAGES = [f"{edition}/{chapter.notebook}" for chapter in CHAPTERS for edition in EDITIONS]
ON_PROOT = {f"ko/{chapter.notebook}" for chapter in CHAPTERS[:3]}
"""The others build with Node.js, which takes minutes there; test_runs has the patience."""
SCREEN = {"width": 1200, "height": 1500}


@pytest.fixture(scope="module")
def proot_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[jupyter.Server]:
    with running("proot-user") as engine:
        prepare(docker.DockerClient(base_url=engine.url, version="1.41", timeout=120))
        # Its containers write into the notebook's folder, and are not root there.
        folder, home = engine.shared_folder(), tmp_path_factory.mktemp("jupyter")
        with jupyter.serving(folder, home, engine.url, umask=0) as server:
            yield server


@pytest.fixture
def reading(page_name: str, chromium: Any, request: pytest.FixtureRequest) -> Iterator[Reading]:
    """This page, opened, while nobody else has the ports that it publishes."""
    name = "proot_server" if page_name in ON_PROOT else "jupyter_server"
    server = request.getfixturevalue(name)
    copy = server.folder / page_name
    copy.parent.mkdir(exist_ok=True)
    copy.parent.chmod(0o777)
    shutil.copy(NOTEBOOKS / page_name, copy)
    page = chromium.new_page(viewport=SCREEN)
    try:
        with held(doors(copy)):
            opened = Reading(jupyter.Lab(page, server), page_name)
            yield opened
            opened.shut_down()
    finally:
        page.close()


@pytest.mark.timeout(900)  # another engine may be at the same chapter
@pytest.mark.parametrize("page_name", [*STARTS, *PAGES])
def test_a_page_is_read_and_its_views_are_used(
    reading: Reading, page_name: str, shots: Path
) -> None:
    lang: Language = "ko" if page_name.startswith("ko/") else "en"
    *cells, tidy_up = reading.cells
    for at in cells:
        reading.run(at)
        for frame in reading.frames(at):
            uses.visit(frame)
    live, frames = stored(page_name)
    expect(reading.views.or_(reading.consoles)).to_have_count(live)
    expect(reading.all_frames).to_have_count(frames)
    for view in reading.views.all():
        if page_name in PAGES:  # the start page is in both
            assert bool(HANGUL.search(view.get_attribute("aria-label"))) == (lang == "ko")
        uses.use(view, lang)
    for console in reading.consoles.all():
        uses.type_into(console)
    reading.pictures(shots, file_name(page_name))
    reading.run(tidy_up)
    assert reading.lab.problems == []


def stored(page_name: str) -> tuple[int, int]:
    """How many live things (views, consoles) and frames there were when the page was made.

    A view is kept as its picture, what has none as a sentence that was displayed.
    """
    live = frames = 0
    for cell in read(page_name).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            html = data.get("text/html", "")
            frames += "<iframe" in html
            live += "image/svg+xml" in data or (bool(html) and output.output_type == "display_data")
    return live, frames
