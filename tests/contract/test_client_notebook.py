"""``%docker`` in a real kernel: output, expansion, lines, console, Ctrl-C, completion."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from docker.client import DockerClient
from jupyter_client.manager import start_new_kernel
from kernels import Kernel


@pytest.fixture
def kernel(engine_url: str, client: DockerClient) -> Iterator[Kernel]:
    environment = {**os.environ, "DOCKER_HOST": engine_url}
    manager, connection = start_new_kernel(kernel_name="python3", env=environment)
    kernel = Kernel(manager, connection)
    kernel.run("%load_ext dockerlab\nimport dockerlab\nlab = dockerlab.connect()")
    yield kernel
    connection.stop_channels()
    manager.shutdown_kernel(now=False)


def test_commands_in_cells(kernel: Kernel, name: str) -> None:
    assert kernel.run("%docker run --rm alpine echo hi").stdout == "hi\n"
    told = kernel.run(
        f"box = '{name}'\n"
        "%docker run --name {box} alpine sh -c 'echo $HOME {box}; exit 3'\nprint(_exit_code)"
    )
    assert told.stdout == "/root {box}\n3\n"
    several = kernel.run("%%docker\nps -q --filter name=$box\n# a note\nrm \\\n  $box\nimags")
    assert several.stdout == f"{name}\n"
    assert "did you mean images" in several.stderr


def test_lines_are_typed_in(kernel: Kernel, name: str) -> None:
    kernel.run(f"%docker run -d --name {name} redis\nlab.container('{name}').wait_for_log('Ready')")
    told = kernel.run(f"%%docker exec -it {name} redis-cli\nset key1 hello\nget key1").stdout
    assert "> set key1 hello\nOK\n" in told
    assert '> get key1\n"hello"\n' in told


def test_a_console_is_a_real_terminal(kernel: Kernel, name: str) -> None:
    kernel.run(f"%docker run -d --name {name} alpine sleep 600")
    shown = kernel.run(f"%docker exec -it {name} sh").displayed[0]
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert f"nteractive console of {name}" in shown["text/plain"]
    typed = kernel.run(
        "from dockerlab.magics.console import _open\n"
        "[console] = _open\n"
        "console.type('echo $((40+2))\\r')\n"
        "dockerlab.wait_until(lambda: '\\n42\\n' in console.text, timeout=20)\n"
        "console.type('\\x04')\n"
        "dockerlab.wait_until(lambda: not console._widget.running, timeout=20)\n"
        "print(console._widget.status)"
    )
    assert typed.stdout == "ended with exit code 0\n"


def test_interrupting_a_cell_is_ctrl_c(kernel: Kernel, client: DockerClient, name: str) -> None:
    script = "trap 'echo bye; exit 0' INT; echo up; while true; do sleep 0.1; done"

    def up() -> bool:
        found = client.containers.list(filters={"name": name}, ignore_removed=True)
        return bool(found and found[0].logs())

    told = kernel.run(f'%docker run --name {name} alpine sh -c "{script}"', interrupt_when=up)
    assert told.stdout == "up\nbye\n"
    assert kernel.run("print(_exit_code)").stdout == "130\n"


def test_completion_knows_commands_flags_and_names(kernel: Kernel, name: str) -> None:
    kernel.run(f"%docker create --name {name} alpine")
    assert "run" in kernel.complete("%docker ru")
    assert "--name" in kernel.complete("%docker run --na")
    assert name in kernel.complete(f"%docker rm {name[:9]}")
    assert name in kernel.complete(f"%%docker\nps\nrm {name[:9]}")
    assert name in kernel.complete(f"lab.logs('{name[:9]}")
    assert "alpine" in kernel.complete("lab.run('alp")
    assert kernel.complete("%docker run node:2") == ["node:22"]
