"""Interrupting a cell stops what it started, in a real kernel."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient
from jupyter_client.manager import start_new_kernel
from kernels import Kernel

SERVER = """
import threading, http.server
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
"""  # noqa: E501


@pytest.fixture(scope="module")
def kernel(
    engine_url: str, images: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("kernel")
    environment = {**os.environ, "DOCKER_HOST": engine_url, "DOCKERLAB_STATE": str(folder / "s")}
    manager, connection = start_new_kernel(kernel_name="python3", env=environment, cwd=str(folder))
    kernel = Kernel(manager, connection)
    kernel.run("%load_ext dockerlab\nimport dockerlab\nlab = dockerlab.connect()")
    yield kernel
    connection.stop_channels()
    manager.shutdown_kernel(now=False)


def eventually(check: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not check() and time.monotonic() < end:
        time.sleep(0.1)
    return check()


def running(client: DockerClient, name: str) -> bool:
    return bool(
        client.containers.list(filters={"name": name, "status": "running"}, ignore_removed=True)
    )


def test_a_container_ends_even_if_it_takes_no_notice(
    kernel: Kernel, client: DockerClient, name: str
) -> None:
    run = f"lab.run('alpine', 'sleep 600', name='{name}')\nprint('went on')"
    assert kernel.run(run, interrupt_when=lambda: running(client, name)).stdout == ""
    assert client.containers.get(name).status == "exited"


@pytest.mark.parametrize(
    "typed", ["lab.exec('{box}', 'sleep 6{n}')", "%docker exec {box} sleep 6{n}"]
)
def test_a_command_in_a_container_ends_and_the_container_does_not(
    kernel: Kernel, client: DockerClient, name: str, typed: str
) -> None:
    box = client.containers.run("alpine", ["sleep", "600"], name=name, detach=True, init=True)
    number = f"{os.getpid() % 9000 + 1000}"

    def there() -> bool:
        return any(f"sleep 6{number}" in " ".join(row) for row in box.top()["Processes"])

    kernel.run(typed.format(box=name, n=number), interrupt_when=there)
    assert eventually(lambda: not there())
    box.reload()
    assert box.status == "running"


def test_a_build_leaves_no_container_running(
    kernel: Kernel, client: DockerClient, name: str, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM alpine\nRUN : {name} && sleep 600\n")

    def steps() -> list[object]:
        return [box for box in client.api.containers() if name in box["Command"]]

    kernel.run(f"lab.build({str(tmp_path)!r}, tag='{name}')", interrupt_when=steps)
    assert eventually(lambda: not steps())
    assert client.images.list(name) == []


def test_a_pull_is_given_up_by_the_engine_too(kernel: Kernel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as registry:
        registry.settimeout(0)
        calls: list[socket.socket] = []

        def asked() -> bool:
            try:
                calls.append(registry.accept()[0])
            except BlockingIOError:
                return bool(calls)
            return True

        port = registry.getsockname()[1]
        kernel.run(f"lab.pull('127.0.0.1:{port}/shop')", interrupt_when=asked)
        calls[0].settimeout(20)
        while calls[0].recv(4096):  # what it had asked; then it hangs up
            pass
        calls[0].close()


def test_a_load_sends_no_more(kernel: Kernel) -> None:
    kernel.run(SERVER)
    ran = kernel.run(
        "from dockerlab.client.cloud.load import load\n"
        "load(f'http://127.0.0.1:{server.server_port}/', rate=20, seconds=60)\n"
        "print('went on')",
        interrupt_after=1.5,
    )
    assert ran.stdout == ""
    told = kernel.run("print([one.name for one in threading.enumerate() if one.name == 'load'])")
    assert told.stdout == "[]\n"
