"""``%%dockerfile`` and ``%%file`` in a real kernel, on every engine."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient
from jupyter_client.manager import start_new_kernel
from kernels import Kernel


@pytest.fixture
def kernel(engine_url: str, client: DockerClient, tmp_path: Path) -> Iterator[Kernel]:
    environment = {
        **os.environ,
        "DOCKER_HOST": engine_url,
        "DOCKERLAB_STATE": str(tmp_path / "state"),
    }
    (tmp_path / "work").mkdir()
    manager, connection = start_new_kernel(
        kernel_name="python3", env=environment, cwd=str(tmp_path / "work")
    )
    kernel = Kernel(manager, connection)
    kernel.run("%load_ext dockerlab\nimport dockerlab\nlab = dockerlab.connect()")
    yield kernel
    connection.stop_channels()
    manager.shutdown_kernel(now=False)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def mark(client: DockerClient) -> Iterator[str]:
    mark = uuid.uuid4().hex
    yield mark
    for image in client.images.list(all=True, filters={"label": f"dltest={mark}"}):
        with contextlib.suppress(Exception):
            client.images.remove(image.id, force=True)


def test_a_cell_becomes_a_file(kernel: Kernel, work: Path) -> None:
    cell = "%%file app/lib/a.js\nlet x = '{braces} $stay'\n"
    assert kernel.run(cell).stdout == "app/lib/a.js is new\n"
    assert (work / "app/lib/a.js").read_text() == "let x = '{braces} $stay'\n"
    assert kernel.run(cell).stdout == "app/lib/a.js is the same as before\n"
    assert kernel.run("%%file app/lib/a.js\nother\n").stdout == "app/lib/a.js has changed\n"
    kernel.run("where = 'app'")
    assert kernel.run("%%file $where/b\nx\n").stdout == "app/b is new\n"


def test_files_stay_in_the_folder(kernel: Kernel, work: Path) -> None:
    for path in ("../x", str(work.parent / "y")):
        refused = kernel.run(f"%%file {path}\nno\n")
        assert "outside the notebook's folder" in refused.stderr
    assert not (work.parent / "x").exists()
    assert kernel.run("%%file --outside ../x\nyes\n").stdout == "../x is new\n"
    assert (work.parent / "x").read_text() == "yes\n"
    assert "takes one path" in kernel.run("%%file\nno\n").stderr


def test_a_cell_becomes_an_image(
    kernel: Kernel, client: DockerClient, work: Path, name: str, mark: str
) -> None:
    cell = kernel.run(
        f"%%dockerfile -t {name} -C app --build-arg V=7\n"
        f"FROM busybox\nLABEL dltest={mark}\nARG V\nENV V=$V\n"
    )
    assert cell.stdout.startswith("app/Dockerfile is new\n")
    assert cell.stderr == ""
    assert cell.displayed, "the build was not drawn"
    assert "V=7" in client.images.get(name).attrs["Config"]["Env"]
    assert kernel.run("print(len(_build.trace.steps), _exit_code)").stdout == "4 0\n"


def test_only_written(kernel: Kernel, work: Path) -> None:
    cell = kernel.run("%%dockerfile --no-build -f Dockerfile.dev\nFROM busybox\n")
    assert cell.stdout == "Dockerfile.dev is new\n"
    assert (work / "Dockerfile.dev").read_text() == "FROM busybox\n"


def test_a_build_that_fails(kernel: Kernel, mark: str) -> None:
    cell = kernel.run(f"%%dockerfile\nFROM busybox\nLABEL dltest={mark}\nRUN exit 4\n")
    assert "returned a non-zero code: 4" in cell.stderr
    assert kernel.run("print(_exit_code)").stdout == "4\n"
    assert "unknown flag: --nonsense" in kernel.run("%%dockerfile --nonsense\nFROM a\n").stderr


def test_flags_are_completed(kernel: Kernel) -> None:
    assert "--build-arg" in kernel.complete("%%dockerfile --bu")
    assert "--no-cache" in kernel.complete("%docker build --no")
