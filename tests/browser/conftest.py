"""A JupyterLab server, a browser and an engine for a whole session of tests.

The engine is the one that ``DOCKER_HOST`` names, else an embedded one of the tests' own.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from engines import Engine, Unavailable, start

from dockerlab.course.prepare import prepare
from tests.browser import jupyter

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if jupyter.CHROMIUM is None:
        _missing("no chromium here: apt-get install chromium")
    with jupyter.browser() as started:
        yield started


@pytest.fixture(scope="session")
def engine_url() -> Iterator[str]:
    """An engine with the course's images."""
    with contextlib.ExitStack() as stack:
        url = os.environ.get("DOCKER_HOST")
        if not url:
            engine = _own_engine()
            stack.callback(engine.stop)
            url = engine.url
        prepare(docker.DockerClient(base_url=url, version="1.41", timeout=120))
        yield url


def _own_engine() -> Engine:
    reasons = []
    for kind in ("namespaces-root", "namespaces-user", "proot-user"):
        try:
            return start(kind)
        except Unavailable as reason:
            reasons.append(f"{kind}: {reason}")
    return _missing("; ".join(reasons))


@pytest.fixture(scope="session")
def jupyter_server(
    tmp_path_factory: pytest.TempPathFactory, engine_url: str
) -> Iterator[jupyter.Server]:
    root = tmp_path_factory.mktemp("jupyter")
    folder = root / "notebooks"
    folder.mkdir()
    with jupyter.serving(folder, root, engine_url) as server:
        yield server


@pytest.fixture
def lab(chromium: Any, jupyter_server: jupyter.Server) -> Iterator[Callable[..., jupyter.Lab]]:
    """``lab(["code", …], name="x")`` opens a fresh notebook with these cells and runs it."""
    pages = []

    def run(cells: list[str], name: str) -> jupyter.Lab:
        jupyter.notebook(jupyter_server.folder / f"{name}.ipynb", cells)
        page = chromium.new_page(viewport={"width": 1280, "height": 1500})
        pages.append(page)
        opened = jupyter.Lab(page, jupyter_server)
        opened.open(f"{name}.ipynb")
        opened.run_all()
        return opened

    yield run
    for page in pages:
        page.close()


@pytest.fixture(scope="session")
def small_image(engine_url: str) -> str:
    """The name of a small image with a shell on the engine that is to be driven."""
    return "alpine"


@pytest.fixture
def shots() -> Path:
    """Where screenshots go, to be looked at: ``build/screenshots``, or ``DOCKERLAB_SHOTS``."""
    folder = Path(os.environ.get("DOCKERLAB_SHOTS") or HERE / "build" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _missing(why: str) -> Any:
    """On a laptop a skip, in CI a failure."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
