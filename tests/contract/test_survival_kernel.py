"""A kernel is killed, a tab closed, Lab stopped while things go on: what stays, what is cleared.

As CONTRIBUTING's table has it: the engine, its containers and a CI's run do not hang on a kernel;
a build does, as the one that asked for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.client import DockerClient
from docker.models.containers import Container
from engines import Engine
from jupyter_client.manager import start_new_kernel
from kernels import Kernel
from projects import cleared
from traces import until

import dockerlab
from dockerlab.client.ci.ci import Ci
from dockerlab.client.engine_process import EngineProcess
from dockerlab.client.lab import Lab
from dockerlab.course.prepare import prepare
from dockerlab.engine.run import proctree
from dockerlab.formats.pipeline.run import Status

WORK = """
import threading, dockerlab
from IPython.display import display
lab = dockerlab.connect(quiet=True)
life = lab.watch("{name}-kept")
display(dockerlab.show(life))
lab.run("alpine", "sleep 300", name="{name}-kept", detach=True)
jobs = [
    lambda: lab.run("alpine", "sleep 300", name="{name}-waited"),
    lambda: lab.build("{folder}/app", tag="{name}"),
    lambda: lab.compose("{folder}/compose.yaml", name="{name}").up(),
    lambda: lab.ci("{name}").run("{folder}/pushed", quiet=True),
]
for job in jobs:
    threading.Thread(target=job, daemon=True).start()
"""
COMPOSE = """
services:
  first:
    image: alpine
    command: sleep 300
    healthcheck: {test: test -f /ready, interval: 1s, retries: 300}
    stop_grace_period: 0s
  second:
    image: alpine
    command: sleep 300
    stop_grace_period: 0s
    depends_on: {first: {condition: service_healthy}}
"""


@pytest.fixture
def folder(name: str) -> Iterator[Path]:
    """A project to build, one to bring up, one whose CI takes its time until it is let go."""
    with tempfile.TemporaryDirectory(prefix="dltest-") as made:
        path = Path(made)
        (path / "app").mkdir()
        text = f"FROM alpine\nLABEL dltest={name}\nRUN echo one > /one\nRUN sleep 97\n"
        (path / "app" / "Dockerfile").write_text(text)
        (path / "compose.yaml").write_text(COMPOSE)
        (path / "pushed").mkdir()
        script = f"until [ -e {path}/go ]; do sleep 0.1; done"
        (path / "pushed" / ".travis.yml").write_text(f"language: generic\nscript: '{script}'\n")
        yield path


@pytest.fixture
def ci(folder: Path, engine_url: str, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ci]:
    monkeypatch.setenv("DOCKERLAB_CI_ROOT", str(folder / "ci"))
    made = Ci(name, engine_url)
    yield made
    made.remove()


def test_a_tab_is_closed_and_a_kernel_killed_in_the_middle_of_everything(
    engine: Engine, client: DockerClient, lab: Lab, ci: Ci, folder: Path, name: str
) -> None:
    with cleared(client, name):
        before = connections(engine, client, lab)
        with at_work(engine, WORK.format(name=name, folder=folder)) as pid:
            until(lambda: all(going_on(client, ci, name)), seconds=60)
            os.kill(pid, signal.SIGKILL)
        until(lambda: not built_by(client, name, running=True), seconds=30)
        # What was started goes on, whether somebody waited for it or not.
        assert client.containers.get(f"{name}-kept").status == "running"
        assert client.containers.get(f"{name}-waited").status == "running"
        with pytest.raises(docker.errors.ImageNotFound):
            client.images.get(name)
        # The CI is a process of its own.
        assert ci.last.status is Status.RUNNING
        (folder / "go").touch()
        until(lambda: ci.last.status.over, seconds=30)
        assert ci.last.passed
        # A project that was half up is brought up by the next one, with what is there.
        first = client.containers.get(f"{name}-first-1")
        assert first.exec_run("touch /ready").exit_code == 0
        project = lab.compose(folder / "compose.yaml", name=name)
        project.up()
        assert [len(one.containers) for one in project.state()] == [1, 1]
        assert client.containers.get(f"{name}-first-1").id == first.id
        # And the engine holds nothing for a kernel that is gone.
        mine = client.containers.list(all=True, filters={"name": name}, ignore_removed=True)
        for container in [*mine, *built_by(client, name)]:
            container.remove(force=True)
        until(lambda: not left_of_the_build(client, name))
        until(lambda: connections(engine, client, lab) <= before)


@contextlib.contextmanager
def at_work(engine: Engine, code: str) -> Iterator[int]:
    """The pid of a kernel that has run this, and goes on with it in threads."""
    environment = {**os.environ, "DOCKER_HOST": engine.url}
    manager, connection = start_new_kernel(kernel_name="python3", env=environment)
    kernel = Kernel(manager, connection)
    kernel.run(code)
    pid = int(kernel.run("import os; print(os.getpid())").stdout)
    connection.stop_channels()  # as a closed tab does: from here on nobody is connected
    yield pid
    manager.shutdown_kernel(now=True)


def going_on(client: DockerClient, ci: Ci, name: str) -> Iterator[object]:
    names = {
        one.name for one in client.containers.list(filters={"name": name}, ignore_removed=True)
    }
    yield names >= {f"{name}-{part}" for part in ("kept", "waited", "first-1")}
    yield len(built_by(client, name, running=True)) == 1
    yield ci.last and ci.last.status is Status.RUNNING


def left_of_the_build(client: DockerClient, name: str) -> list[object]:
    """What is left of its images when those that have no child are removed."""
    filters = {"label": f"dltest={name}"}
    for image in client.images.list(all=True, filters=filters):
        # It went with its child, or its child's turn comes first.
        with contextlib.suppress(docker.errors.APIError):
            client.images.remove(image.id)
    return list(client.images.list(all=True, filters=filters))


def built_by(client: DockerClient, name: str, *, running: bool = False) -> list[Container]:
    """The containers of the build's steps."""
    return list(
        client.containers.list(
            all=not running, filters={"label": f"dltest={name}"}, ignore_removed=True
        )
    )


def connections(engine: Engine, *ours: DockerClient | Lab) -> int:
    """How many there are at an engine whose descriptors we may count, but for our own idle ones."""
    if engine.process is None:
        return 0
    for each in ours:
        each.close()  # it opens new ones when it needs them
    folder = f"/proc/{engine.process.pid}/fd"
    return sum(_is_socket(f"{folder}/{one}") for one in os.listdir(folder))


def _is_socket(descriptor: str) -> bool:
    try:
        return os.readlink(descriptor).startswith("socket:")
    except FileNotFoundError:  # closed meanwhile
        return False


def opened_and_stopped(done: Callable[[], object]) -> None:
    """Open Lab, start a kernel in it as a notebook does, wait for its work, press Ctrl-C."""
    command = [sys.executable, "-m", "dockerlab", "lab", "--headless"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        address = next(line.strip() for line in server.stdout if "token=" in line)
        base, _, token = address.partition("/lab")
        request = urllib.request.Request(f"{base}/api/kernels", data=b"{}")
        request.add_header("Authorization", f"token {token.partition('token=')[2]}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            kernel = json.load(answer)["id"]
        until(lambda: has(done), seconds=60)
        (pid,) = [pid for pid in map(int, pids()) if f"kernel-{kernel}.json" in words(pid)]
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
    until(lambda: not proctree.alive(pid))


def has(done: Callable[[], object]) -> bool:
    try:
        return bool(done())
    except dockerlab.NotFoundHere:
        return False


def pids() -> Iterator[str]:
    return (name for name in os.listdir("/proc") if name.isdigit())


def words(pid: int) -> str:
    return proctree.read(f"/proc/{pid}/cmdline").decode(errors="replace")


STARTUP = """
import dockerlab
lab = dockerlab.connect(quiet=True)
lab.run("alpine", "sleep 300", name="kept", detach=True)
"""


def test_lab_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the terminal of ``make lab``: kernels end; the engine and its containers go on."""
    with tempfile.TemporaryDirectory(prefix="dltest-") as made:
        home = Path(made)
        startup = home / "ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "learner.py").write_text(STARTUP)
        for variable, value in (
            ("DOCKERLAB_ENGINE", "embedded"),
            ("DOCKERLAB_ROOT", f"{home}/engine"),
            ("IPYTHONDIR", f"{home}/ipython"),
            ("JUPYTER_RUNTIME_DIR", f"{home}/runtime"),
        ):
            monkeypatch.setenv(variable, value)
        engine = EngineProcess()
        try:
            lab = dockerlab.connect(quiet=True)
            prepare(lab, ["alpine"])
            opened_and_stopped(lambda: lab.container("kept"))
            assert engine.status().running
            kept = lab.docker.containers.get("kept")
            assert kept.status == "running"
            kept.kill()
        finally:
            engine.purge()
