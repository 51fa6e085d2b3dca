"""``docker`` in a terminal of JupyterLab, with Docker's command line on the machine and without."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import websocket

import dockerlab
from dockerlab.cli import jupyter, lab
from dockerlab.client.engine_process import EngineProcess
from dockerlab.course.prepare import prepare


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A learner's, with an engine of their own and the image alpine."""
    with tempfile.TemporaryDirectory(prefix="dltest-") as made:
        for variable, value in (
            ("DOCKERLAB_ENGINE", "embedded"),
            ("DOCKERLAB_ROOT", f"{made}/engine"),
            ("JUPYTER_RUNTIME_DIR", f"{made}/runtime"),
            ("JUPYTER_DATA_DIR", f"{made}/data"),
            ("SHELL", "/bin/sh"),
        ):
            monkeypatch.setenv(variable, value)
        monkeypatch.delenv("DOCKER_HOST", raising=False)
        engine = EngineProcess()
        try:
            with dockerlab.connect(quiet=True) as connected:
                prepare(connected, ["alpine"])
            yield Path(made)
        finally:
            engine.purge()


@contextmanager
def terminal() -> Iterator[websocket.WebSocket]:
    """A new terminal in a JupyterLab that ``dockerlab lab`` has started."""
    command = [sys.executable, "-m", "dockerlab", "lab", "--headless"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = next((line.strip() for line in server.stdout if "token=" in line), "")
            assert address, "it ended; what it said stands on standard error"
            base, _, rest = address.partition("/lab")
            allowed = {"Authorization": f"token {rest.partition('token=')[2]}"}
            request = urllib.request.Request(f"{base}/api/terminals", data=b"", headers=allowed)
            with urllib.request.urlopen(request, timeout=60) as answer:
                name = json.load(answer)["name"]
            place = f"{base.replace('http', 'ws')}/terminals/websocket/{name}"
            opened = websocket.create_connection(place, timeout=60, header=allowed)
            yield opened
            opened.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


def says(opened: websocket.WebSocket, typed: str, awaited: str) -> str:
    """What a terminal shows after a line was typed, up to what is awaited."""
    opened.send(json.dumps(["stdin", f"{typed}\r"]))
    shown, end = "", time.monotonic() + 60
    while awaited not in shown and time.monotonic() < end:
        kind, *content = json.loads(opened.recv())
        shown += content[0] if kind == "stdout" else ""
    return shown


def without_docker(folder: Path) -> str:
    """PATH as it is, but for Docker's command line."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for name in os.listdir(place) if os.path.isdir(place) else ():
            if not name.startswith("docker") and not (folder / name).is_symlink():
                (folder / name).symlink_to(f"{place}/{name}")
    return str(folder)


def test_a_port_that_somebody_else_takes_meanwhile(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    jupyter.write(home)
    server = lab.Server(home, str(home))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        seen, free = iter([taken]), lab.free_port
        monkeypatch.setattr(lab, "free_port", lambda first: next(seen, 0) or free(first))
        try:
            port, token = server.start(taken)
            asked = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/status", headers={"Authorization": f"token {token}"}
            )
            with urllib.request.urlopen(asked, timeout=60) as answer:
                assert "started" in json.load(answer)
        finally:
            server.end()
    assert port != taken
    assert f"Port {taken} was taken meanwhile; trying {port}" in capfd.readouterr().out


@pytest.mark.parametrize("installed", [True, False])
def test_docker_in_a_terminal(home: Path, monkeypatch: pytest.MonkeyPatch, installed: bool) -> None:
    if installed and shutil.which("docker") is None:
        pytest.skip("Docker's command line is not here")
    if not installed:
        monkeypatch.setenv("PATH", without_docker(home / "programs"))
        assert shutil.which("docker") is None
    with terminal() as opened:
        ran = says(opened, "docker run --rm alpine echo hello-$((40+2))", "hello-42")
        assert "hello-42" in ran
        told = says(opened, "docker version; echo end-$((1+1))", "end-2")
        assert "dockerlab embedded engine" in told
