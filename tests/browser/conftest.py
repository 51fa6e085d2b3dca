"""A JupyterLab server and a browser for a whole session of tests; an engine where there is one.

The engine is the one that ``DOCKER_HOST`` names, else the local Docker Engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import jupyter

SMALL = ("busybox", "alpine")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if jupyter.CHROMIUM is None:
        _missing("no chromium here: apt-get install chromium")
    with jupyter.browser() as started:
        yield started


@pytest.fixture(scope="session")
def jupyter_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[jupyter.Server]:
    root = tmp_path_factory.mktemp("jupyter")
    folder = root / "notebooks"
    folder.mkdir()
    server = jupyter.Server(folder, root)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


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
def small_image() -> str:
    """The name of a small image with a shell on the engine that is to be driven."""
    import docker  # only where an engine is needed
    from docker.errors import DockerException

    try:
        client = docker.from_env(version="1.41")
        tags = {tag for image in client.images.list() for tag in image.tags}
    except DockerException as error:
        _missing(f"no engine answers: {error}")
    for name in SMALL:
        if f"{name}:latest" in tags:
            return name
    _missing("the engine has neither busybox nor alpine: dockerlab images prepare")


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where screenshots go; ``DOCKERLAB_SHOTS`` keeps them for looking at."""
    kept = os.environ.get("DOCKERLAB_SHOTS")
    folder = Path(kept) if kept else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _missing(why: str) -> Any:
    """On a laptop a skip, in CI a failure."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
