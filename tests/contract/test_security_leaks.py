"""Whatever was started, failed or was cut off: nothing of it stays in the embedded engine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient
from docker.errors import APIError
from docker.models.containers import Container
from engines import Engine

IMAGE = "alpine"
ROUNDS = 10


@pytest.fixture(autouse=True)
def embedded_only(engine: Engine) -> None:
    if not engine.embedded:
        pytest.skip("about the embedded engine")


def left(engine: Engine) -> dict[str, int]:
    """What an engine could leave behind, counted."""
    assert engine.process is not None
    assert engine.root is not None
    home = Path(f"/proc/{engine.process.pid}")
    # Not by a pattern: groups of other tests' engines vanish meanwhile.
    groups = [f for f, _, _ in os.walk("/sys/fs/cgroup") if Path(f).parent.name == "dockerlab"]
    return {
        "descriptors": len(list(descriptors(home / "fd"))),
        "mounts": len((home / "mounts").read_text().splitlines()),
        "containers": len(os.listdir(engine.root / "containers")),
        "run": len(os.listdir(engine.root / "run")),
        "cgroups": len(groups),
        "shims": len(list(shims(engine))),
    }


def descriptors(folder: Path) -> Iterator[str]:
    """All but sockets: docker-py keeps connections open, and this is not about those."""
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            if not os.readlink(folder / name).startswith("socket:"):
                yield name


def shims(engine: Engine) -> Iterator[int]:
    home = f"HOME={engine.root.parent}\0".encode()  # type: ignore[union-attr]
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes()
            if words.startswith(b"dockerlab-shim") and home in (entry / "environ").read_bytes():
                yield int(entry.name)


@pytest.fixture
def nothing_stays(client: DockerClient, engine: Engine) -> Iterator[None]:
    client.containers.run(IMAGE, ["true"], remove=True)
    before = left(engine)
    yield
    end = time.monotonic() + 60
    while any(count > before[name] for name, count in left(engine).items()):
        assert time.monotonic() < end, (before, left(engine))
        time.sleep(0.1)


def test_runs_and_execs(client: DockerClient, nothing_stays: None) -> None:
    for _ in range(ROUNDS):
        container = client.containers.run(IMAGE, ["sleep", "60"], detach=True)
        assert container.exec_run(["echo", "hi"]).output == b"hi\n"
        container.remove(force=True)


def test_failing_starts(client: DockerClient, nothing_stays: None) -> None:
    for options in ({"command": ["nosuch"]}, {"user": "nosuch"}, {"working_dir": "/etc/passwd/x"}):
        for _ in range(ROUNDS):
            container = client.containers.create(IMAGE, **{"command": ["true"], **options})
            with pytest.raises(APIError):
                container.start()
            container.remove()


def test_clients_that_go_away(client: DockerClient, engine: Engine, nothing_stays: None) -> None:
    script = "while :; do echo x; sleep 0.01; done"
    container = client.containers.run(IMAGE, ["sh", "-c", script], detach=True)
    for path in ("archive?path=/", "export", "logs?follow=1&stdout=1", "stats"):
        for _ in range(ROUNDS):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(engine.url.removeprefix("unix://"))
                request = f"GET /containers/{container.id}/{path} HTTP/1.1\r\nHost: x\r\n\r\n"
                connection.sendall(request.encode())
                connection.recv(10)
    container.remove(force=True)


def test_shims_that_are_killed(client: DockerClient, engine: Engine, nothing_stays: None) -> None:
    for _ in range(ROUNDS):
        container = client.containers.run(IMAGE, ["sleep", "60"], detach=True)
        os.kill(shim_of(engine, container), signal.SIGKILL)
        assert container.wait(timeout=60)["StatusCode"] == 255
        container.remove()


def shim_of(engine: Engine, container: Container) -> int:
    note = engine.root / "containers" / container.id / "shim.json"  # type: ignore[operator]
    return int(json.loads(note.read_text())["pid"])
