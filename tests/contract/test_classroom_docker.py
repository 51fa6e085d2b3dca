"""A small class graded with ``--engine docker``, each submission in a container of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nastyclass
import pytest
from classroomlab import IMAGES, make_course
from engines import wanted
from nastyclass import LIMITS, Student

from dockerlab.grading.classroom.sandbox.images import prepare_images

ROWS = [row for row in nastyclass.rows() if row.name in ("right", "wrong", "kills-its-kernel")]
pytestmark = pytest.mark.skipif("docker" not in wanted(), reason="is for Docker Engine")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dltest-class-") as made:
        folder = Path(made)
        prepare_images(folder / "images", IMAGES, runtime="auto")
        nastyclass.make_class(folder, make_course(folder / "exercises"), ROWS)
        yield folder


@pytest.fixture(scope="module")
def said(home: Path) -> str:
    words = ["grade", str(home / "submitted"), "--assignment", "chapter1", "--engine", "docker"]
    words += ["--out", str(home / "out"), "--course", str(home / "exercises")]
    words += ["--images", str(home / "images"), "--workers", "1"]
    words += [word for name, value in LIMITS.items() for word in (f"--{name}", str(value))]
    ended = subprocess.run(
        [sys.executable, "-m", "dockerlab", *words],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.timeout(240)
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_the_grade_is_that_of_other_sandboxes(home: Path, said: str, row: Student) -> None:
    found = json.loads((home / "out" / "results" / f"{row.name}.json").read_text())
    assert found["grade"]["points"] == row.points, found
    assert found["grade"]["ended"] in row.ended, found
    states = {exercise["state"] for exercise in found["grade"]["exercises"]}
    assert "unchecked" not in states, found


def test_where_no_engine_is_it_is_refused_plainly() -> None:
    environment = {**os.environ, "DOCKER_HOST": "tcp://127.0.0.1:1"}
    script = "\n".join(
        [
            "from dockerlab.grading.classroom.dockerbox import DockerSandboxes",
            "from dockerlab.grading.classroom.seam import SandboxDenied",
            "try: DockerSandboxes()",
            "except SandboxDenied as error: print('denied:', error.message, error.hint)",
        ]
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60
    )
    assert "denied: no Docker Engine answers on this machine" in ended.stdout, ended.stderr
    assert "Docker Engine 20.10" in ended.stdout


def test_a_killed_graders_box_ends_by_itself(home: Path) -> None:
    script = "\n".join(
        [
            "import sys, time",
            "from pathlib import Path",
            "from dockerlab.grading.classroom.dockerbox import DockerSandboxes",
            "from dockerlab.grading.classroom.seam import Limits",
            "sandboxes = DockerSandboxes(Path(sys.argv[1]), 'dltest-killed')",
            "box = sandboxes.open(Path(sys.argv[2]), Limits())",
            "print('open', flush=True)",
            "time.sleep(100)",
        ]
    )
    words = [sys.executable, "-c", script, str(home / "images"), str(home / "submitted")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == "open\n"
        assert boxes()
        grader.kill()
    end = time.monotonic() + 60
    while boxes():
        assert time.monotonic() < end
        time.sleep(0.05)


def boxes() -> list[str]:
    """The containers of the grader that is killed, running or not."""
    words = ["docker", "ps", "-aq", "--filter", "name=dltest-killed"]
    return subprocess.check_output(words, text=True, timeout=20).split()
