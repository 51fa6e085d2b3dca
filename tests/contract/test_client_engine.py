"""Starting and stopping the embedded engine from the client and the command line."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlab.client.engine_process import EngineProcess, Status
from dockerlab.client.sockets import ping
from dockerlab.course.progress import silent
from dockerlab.errors import EngineUnavailable
from dockerlab.grading.classroom.sandbox.images import prepare_images


@pytest.fixture
def root() -> Iterator[Path]:
    # Not tmp_path: its long names would not fit into a socket's address.
    with tempfile.TemporaryDirectory(prefix="dltest-") as folder:
        path = Path(folder) / "engine"
        try:
            EngineProcess(path).start()
        except EngineUnavailable as error:
            pytest.skip(f"no embedded engine here: {error.message}")
        yield path
        EngineProcess(path).stop()


def processes_of(root: Path) -> list[str]:
    """Command lines that name this root."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if str(root) in words:
            found.append(" ".join(words))
    return found


def test_it_starts_once_and_ends_without_a_trace(root: Path) -> None:
    engine = EngineProcess(root)
    first = engine.status()
    assert first.running
    found: list[Status] = []
    starters = [threading.Thread(target=lambda: found.append(engine.start())) for _ in range(3)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert {status.pid for status in found} == {first.pid}
    assert engine.stop()
    assert not ping(engine.socket).ok
    assert processes_of(root) == []
    assert str(root) not in Path("/proc/mounts").read_text()
    assert not engine.stop()


def test_it_outlives_the_process_that_started_it(root: Path) -> None:
    EngineProcess(root).stop()
    code = f"from dockerlab.client.engine_process import *; EngineProcess({str(root)!r}).start()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert EngineProcess(root).status().running


def test_the_command_line(root: Path) -> None:
    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dockerlab", "engine", *words, "--root", str(root)]
        return subprocess.run(command, capture_output=True, text=True, timeout=90)

    assert typed("stop").returncode == 0
    assert typed("status").returncode == 3
    assert typed("start").stdout.splitlines()[-1] == f"DOCKER_HOST=unix://{root}/docker.sock"
    assert typed("status").returncode == 0
    assert typed("logs").stdout
    stopped = typed("stop")
    assert "has ended" in stopped.stdout
    assert processes_of(root) == []


def test_connect_starts_it_when_it_is_asked_for(root: Path) -> None:
    environment = {**os.environ, "DOCKERLAB_ENGINE": "embedded", "DOCKERLAB_ROOT": str(root)}
    code = "import dockerlab; print(dockerlab.connect(quiet=True).why)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    assert "embedded engine" in done.stdout
    assert "DOCKERLAB_ENGINE=embedded asks for it" in done.stdout


@pytest.mark.parametrize("named_by", ["DOCKER_HOST", "context"])
def test_connect_starts_it_again_where_its_socket_is_named(
    root: Path, tmp_path: Path, named_by: str
) -> None:
    engine = EngineProcess(root)
    engine.stop()
    environment = {**os.environ, "DOCKERLAB_ROOT": str(root), "DOCKER_CONFIG": str(tmp_path)}
    environment.pop("DOCKER_HOST", None)
    if named_by == "DOCKER_HOST":
        environment["DOCKER_HOST"] = engine.url
    else:
        environment["DOCKER_CONTEXT"] = "own"
        write_context(tmp_path, "own", engine.url)
    code = "import dockerlab; print(dockerlab.connect(quiet=True).why)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    assert "embedded engine" in done.stdout, done.stderr
    assert "names it" in done.stdout
    assert engine.status().running


def write_context(folder: Path, name: str, url: str) -> None:
    """As ``docker context create`` does."""
    meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    record = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": url}}}
    (meta / "meta.json").write_text(json.dumps(record))


def test_env_speaks_to_every_docker_command_line(root: Path) -> None:
    environment = {**os.environ, "DOCKERLAB_ROOT": str(root), "DOCKERLAB_ENGINE": "embedded"}
    command = [sys.executable, "-m", "dockerlab", "env"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    exports = [line for line in done.stdout.splitlines() if line.startswith("export ")]
    assert exports == [
        f"export DOCKER_HOST=unix://{root}/docker.sock",
        "export DOCKER_BUILDKIT=0",
        "export DOCKER_API_VERSION=1.41",
    ]


def test_the_users_engine_has_a_shared_folders_images(root: Path) -> None:
    prepare_images(root, ["hello-world"], runtime="auto", progress=silent)
    with tempfile.TemporaryDirectory(prefix="dltest-") as own:
        environment = {**os.environ, "DOCKERLAB_ENGINE": "embedded", "DOCKERLAB_ROOT": own}
        environment["DOCKERLAB_IMAGES"] = str(root)
        code = "import dockerlab; print(dockerlab.connect(quiet=True).run('hello-world'))"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=90)
        EngineProcess(own).stop()
        assert "Hello from" in done.stdout, done.stderr
        assert list((root / "layers").rglob("hello"))
        assert not list((Path(own) / "layers").rglob("hello"))
