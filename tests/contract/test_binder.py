"""The image for Binder and JupyterHub, as far as a test without a second machine can go.

repo2docker runs ``postBuild`` once and ``start`` at each session; here both run as they are, in
folders of the test's own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from engines import HERE

from dockerlab.client.engine_process import EngineProcess
from dockerlab.course.cache import location
from dockerlab.course.catalog import CATALOG


@dataclass(frozen=True)
class Image:
    """What would be the image: its environment's folder and a home."""

    prefix: Path
    home: Path

    @property
    def engine(self) -> EngineProcess:
        return EngineProcess(self.home / ".local" / "share" / "dockerlab" / "engine")

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        settings = {
            "HOME": str(self.home),
            "NB_PYTHON_PREFIX": str(self.prefix),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DOCKERLAB_CACHE": str(location()),  # what was downloaded once is not again
        }
        return subprocess.run(
            words, cwd=HERE, env=settings | more, capture_output=True, text=True, timeout=600
        )

    def session(self, script: str, **more: str) -> str:
        """What a shell prints that was begun as the Jupyter server is."""
        done = self.run("./start", "bash", "-ec", script, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with tempfile.TemporaryDirectory(prefix="dltest-") as folder:
        made = Image(Path(folder, "env"), Path(folder, "home"))
        for path in (made.prefix, made.home):
            path.mkdir()
        done = made.run("./postBuild")
        if "containers cannot run here" in done.stderr:
            pytest.skip("no embedded engine here")
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
        made.engine.stop()


@pytest.mark.timeout(600)
def test_all_that_a_session_needs_is_outside_of_its_home(image: Image) -> None:
    assert list(image.home.iterdir()) == []
    assert not EngineProcess(image.prefix / "share" / "dockerlab" / "images").status().running
    page = image.prefix / "etc" / "jupyter" / "labconfig" / "page_config.json"
    assert json.loads(page.read_text())["disabledExtensions"]


def test_a_terminals_docker_and_a_notebook_find_the_same_engine(image: Image) -> None:
    script = "import dockerlab; print(dockerlab.connect(quiet=True).url)"
    url, *found = image.session(f"echo $DOCKER_HOST; python -c '{script}'").split()
    assert found == [url] == [image.engine.url]


def test_it_has_the_courses_images_without_a_pull(image: Image) -> None:
    names = image.session("dockerlab images list")
    assert "missing" not in names
    assert names.count("stand-in") == len(CATALOG)
    script = "import dockerlab; print(dockerlab.connect(quiet=True).run('alpine', 'echo hi'))"
    assert "hi" in image.session(f'python -c "{script}"')


def test_dockers_own_command_line_works_at_once(image: Image) -> None:
    if shutil.which("docker") is None:
        pytest.skip("the docker command line is not installed")
    assert "Hello from" in image.session("docker run --rm hello-world")


def test_an_engine_that_ended_is_started_by_the_next_notebook(image: Image) -> None:
    script = "dockerlab engine stop; python -c 'import dockerlab; dockerlab.connect()'"
    assert "because DOCKER_HOST names it" in image.session(script)


def test_a_session_without_an_engine_is_still_one(image: Image, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    said = image.session("echo here $DOCKER_HOST", DOCKERLAB_ROOT=str(blocked / "engine"))
    assert said.split() == ["here"]


def test_another_engine_that_a_hub_names_is_left_alone(image: Image) -> None:
    assert image.session("echo $DOCKER_HOST", DOCKER_HOST="unix:///none.sock") == (
        "unix:///none.sock\n"
    )
