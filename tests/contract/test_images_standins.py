"""The course's images do what the catalogue says, whether pulled or stand-ins; and a stand-in is
really built from this system's packages, with the same id for everybody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.client import DockerClient
from docker.models.containers import Container
from engines import HERE, ORDINARY

from dockerlab.client.trace import recording
from dockerlab.course.cache import Cache
from dockerlab.course.catalog import CATALOG
from dockerlab.course.prepare import prepare
from dockerlab.course.progress import Step, silent
from dockerlab.course.standins.apt import AptUnavailable
from dockerlab.course.standins.workshop import Workshop

SHELLS = [name for name in CATALOG if name != "hello-world"]


def said(client: DockerClient, name: str, image: str, *command: str) -> str:
    """What a run writes to both streams."""
    output = client.containers.run(image, list(command), name=name, remove=True, stderr=True)
    return str(output.decode())


def without_npm(client: DockerClient) -> bool:
    """Whether node is the distribution's own: the stand-in of a machine that has no npm."""
    return "node:22" not in client.images.get("node").tags and shutil.which("npm") is None


@pytest.mark.parametrize("image", CATALOG)
def test_every_tag_is_there(client: DockerClient, image: str) -> None:
    if image == "node" and without_npm(client):
        assert "node:18" in client.images.get("node").tags
        return
    for tag in CATALOG[image].tags:
        assert tag in client.images.get(tag).tags


@pytest.mark.parametrize("image", SHELLS)
def test_commands_of_the_catalogue(client: DockerClient, name: str, image: str) -> None:
    commands = set(CATALOG[image].commands)
    if image == "node" and without_npm(client):
        commands -= {"npm", "npx"}
    script = (
        f"for c in {' '.join(sorted(commands))}; do command -v $c > /dev/null || echo no $c; done"
    )
    assert said(client, name, image, "sh", "-c", script) == ""


def test_hello_world_greets(client: DockerClient, name: str) -> None:
    assert "Hello from" in client.containers.run("hello-world", name=name, remove=True).decode()


def test_hello_world_has_no_ls(client: DockerClient, name: str) -> None:
    with pytest.raises(docker.errors.APIError, match='"ls": executable file not found'):
        said(client, name, "hello-world", "ls")


def test_python_and_node_compute(client: DockerClient, name: str) -> None:
    script = "import ssl, sqlite3, json, zlib, ctypes; print(6 * 7)"
    assert said(client, name, "python", "python", "-c", script) == "42\n"
    assert said(client, name, "node", "-e", "console.log(6 * 7)") == "42\n"
    if not without_npm(client):
        assert said(client, name, "node", "npm", "--version").strip().replace(".", "").isdigit()


@pytest.fixture
def server(client: DockerClient, name: str) -> Iterator[Callable[[str, int], Container]]:
    def start(image: str, port: int) -> Container:
        ports = {f"{port}/tcp": ("127.0.0.1", None)}
        return client.containers.run(image, name=name, ports=ports, detach=True)

    yield start
    client.containers.get(name).remove(force=True, v=True)


def until(check: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_redis_keeps_and_stops(server: Callable[[str, int], Container]) -> None:
    redis = server("redis", 6379)
    until(lambda: redis.exec_run(["redis-cli", "ping"]).output == b"PONG\n")
    assert redis.exec_run(["redis-cli", "set", "key1", "hello"]).output == b"OK\n"
    assert redis.exec_run(["redis-cli", "save"]).output == b"OK\n"
    assert redis.exec_run(["redis-cli", "get", "key1"]).output == b"hello\n"
    assert redis.exec_run(["ls", "/data"]).output == b"dump.rdb\n"
    redis.stop(timeout=10)
    redis.reload()
    assert redis.attrs["State"]["ExitCode"] == 0


@pytest.mark.parametrize(
    ("words", "survives"),
    [((), False), (("--appendonly", "yes"), True), (("redis-server", "--appendonly", "yes"), True)],
    ids=["as it is", "--appendonly", "with the program's name"],
)
def test_redis_survives_a_kill_if_it_writes_every_change(
    client: DockerClient, name: str, words: tuple[str, ...], survives: bool
) -> None:
    def start(number: int) -> Container:
        box = client.containers.run(
            "redis", list(words), name=f"{name}-{number}", volumes=[f"{name}:/data"], detach=True
        )
        until(lambda: box.exec_run(["redis-cli", "ping"]).output == b"PONG\n")
        return box

    first = start(1)
    assert first.exec_run(["redis-cli", "set", "key1", "hello"]).output == b"OK\n"
    if survives:
        # Once a second what was written reaches the disk; a kill leaves that to the kernel.
        assert first.exec_run(["ls", "/data/appendonlydir"]).output.startswith(b"appendonly")
    first.kill()
    expected = b"hello\n" if survives else b"\n"
    assert start(2).exec_run(["redis-cli", "get", "key1"]).output == expected


def test_redis_takes_flags_and_other_programs(client: DockerClient, name: str) -> None:
    assert said(client, name, "redis", "redis-cli", "--version").startswith("redis-cli ")
    assert "server v=" in said(client, name, "redis", "--version")
    assert said(client, name, "redis", "sh", "-c", "pwd") == "/data\n"


def test_nginx_serves_and_logs(server: Callable[[str, int], Container]) -> None:
    nginx = server("nginx", 80)
    nginx.reload()
    port = nginx.ports["80/tcp"][0]["HostPort"]

    def page() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                return b"nginx" in answer.read()
        except OSError:
            return False

    until(page)
    until(lambda: b"GET / HTTP" in nginx.logs())
    nginx.stop(timeout=10)
    nginx.reload()
    assert nginx.attrs["State"]["ExitCode"] == 0


def test_a_second_preparation_is_one_request(session_client: DockerClient, images: None) -> None:
    steps: list[Step] = []
    with recording(session_client.api) as requests:
        found = prepare(session_client, progress=steps.append)
    assert len(requests) == 1
    assert {each.name: each.source for each in found} == dict.fromkeys(CATALOG, "already there")
    assert all(each.id and each.bytes for each in found)
    assert steps == []


BUILD = """
import sys
from pathlib import Path
from dockerlab.course.cache import Cache
from dockerlab.course.progress import silent
from dockerlab.course.standins.workshop import Workshop
made = Workshop(Cache(Path(sys.argv[1])), silent).make(["busybox"])
print(made.standins["busybox"].id)
"""


@pytest.fixture(scope="module")
def built() -> Iterator[str]:
    """The id of a BusyBox stand-in, really made of packages that are downloaded now."""
    with tempfile.TemporaryDirectory() as folder:
        made = Workshop(Cache(Path(folder)), silent).make(["busybox"])
        for error in made.failed.values():
            if isinstance(error, AptUnavailable):
                pytest.skip(f"no package archive here: {error.message}")
            raise error
        yield made.standins["busybox"].id


def test_busybox_is_built_from_packages(built: str) -> None:
    assert built.startswith("sha256:")


def test_an_ordinary_user_builds_the_same(built: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("another user can only be tried as root")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, ORDINARY, ORDINARY)
        done = subprocess.run(
            [sys.executable, "-c", BUILD, folder],
            env={"PATH": os.environ["PATH"], "HOME": folder, "PYTHONPATH": str(HERE)},
            cwd=folder,
            user=ORDINARY,
            group=ORDINARY,
            extra_groups=[],
            umask=0o077,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.stdout.strip() == built, done.stderr
