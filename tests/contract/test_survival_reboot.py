"""The machine goes down and comes up again, as far as that can be imitated.

All processes of the engine and its containers end at once, what was in memory only is gone, and
process numbers mean nothing any more. On disk all is as it was.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import urllib.request
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker.client import DockerClient
from engines import Engine, running, wanted
from traces import cgroups_of, memory_of, processes_of, same, until

from dockerlab.course.prepare import prepare


@pytest.fixture(params=wanted(embedded=True))
def mine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running(request.param) as engine:
        prepare(connect(engine), ["alpine", "nginx"])
        yield engine


def connect(engine: Engine) -> DockerClient:
    return docker.DockerClient(base_url=engine.url, timeout=30, version="1.41")


def test_the_machine_is_restarted(mine: Engine) -> None:
    client = connect(mine)
    client.networks.create("shop")
    port = free_port()
    plain = client.containers.run(
        *("alpine", ["sh", "-c", "echo kept > /v/file; echo inside > /mine; exec sleep 300"]),
        name="plain",
        detach=True,
        volumes={"data": {"bind": "/v"}},
    )
    again = client.containers.run(
        "nginx",
        name="always",
        detach=True,
        network="shop",
        ports={"80/tcp": port},
        restart_policy={"Name": "always"},
    )
    until(lambda: plain.exec_run("cat /mine").output == b"inside\n")
    go_down(mine, client, [plain.id, again.id])
    mine.launch()
    client = connect(mine)
    state = client.api.inspect_container("plain")["State"]
    assert (state["Status"], state["Running"]) == ("exited", False)
    assert state["ExitCode"] != 0
    until(lambda: client.containers.get("always").status == "running")
    until(lambda: page(port) == 200)
    assert {network.name for network in client.networks.list()} >= {"shop", "bridge"}
    # What it had written is there, in the volume and in the container.
    plain = client.containers.get("plain")
    plain.start()
    seen: dict[str, Any] = {"volumes": {"data": {"bind": "/v"}}, "remove": True}
    assert client.containers.run("alpine", "cat /v/file", **seen) == b"kept\n"
    assert plain.exec_run("cat /mine").output == b"inside\n"
    for container in client.containers.list(ignore_removed=True):
        container.remove(force=True)
    client.close()


def go_down(engine: Engine, client: DockerClient, containers: list[str]) -> None:
    """No process is left, nothing of what was in memory, and the kernel is another one."""
    assert engine.root is not None
    all_of_it = processes_of(engine, client)
    client.close()
    for pid in all_of_it:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    engine.kill()
    until(lambda: not any(same(pid, since) for pid, since in all_of_it.items()))
    for container in containers:
        for path in memory_of(container):
            shutil.rmtree(path)
        for group in list(cgroups_of(container)):
            until(lambda group=group: removed(group))  # type: ignore[misc]
        note = engine.root / "containers" / container / "shim.json"
        shim = json.loads(note.read_text())
        # These numbers are others' now: whoever believed in them would end this very test.
        strangers = {"pid": os.getpid(), "first": os.getpid(), "boot": "of another boot"}
        note.write_text(json.dumps(shim | strangers))


def removed(group: Any) -> bool:
    with contextlib.suppress(OSError):
        for inner in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            inner.rmdir()
        group.rmdir()
    return not group.exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def page(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return int(answer.status)
    except OSError:
        return 0
