"""Every notebook runs from top to bottom on every engine, and gives what is stored in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from books import ALL, NOTEBOOKS, START
from doors import doors, held
from engines import Engine, running, wanted

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module", params=wanted())
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "docker" and not os.environ.get("CI"):
        pytest.skip("the course removes all containers: only on an engine of its own")
    with running(request.param) as started:
        yield started


@pytest.mark.timeout(1200)  # another engine may be at the same chapter
@pytest.mark.parametrize("name", [START, *ALL])
def test_runs_and_gives_what_is_stored(engine: Engine, name: str) -> None:
    from dockerlab.course.prepare import prepare

    prepare(docker.DockerClient(base_url=engine.url, timeout=120, version="1.41"))
    # Containers write into the notebook's folder, and are not always root there as this test is.
    folder = engine.shared_folder()
    book = folder / name
    book.parent.mkdir(exist_ok=True)
    book.parent.chmod(0o777)
    shutil.copy(NOTEBOOKS / name, book)
    with held(doors(book)):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-cell-timeout=120"),
                *("--nbval-sanitize-with", str(HERE / "sanitize.cfg"), "-p", "no:cacheprovider"),
                *("--rootdir", str(folder), "-c", os.devnull, "--color=no", str(book)),
            ],
            capture_output=True,
            text=True,
            timeout=390,
            umask=0,
            env={
                **os.environ,
                "DOCKER_HOST": engine.url,
                "DOCKER_BUILDKIT": "0",
                "DOCKERLAB_QUIET": "1",
            },
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
