"""``dockerlab lab``: JupyterLab on the course's start page."""

from __future__ import annotations

import argparse
import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import webbrowser
from contextlib import suppress
from pathlib import Path

from dockerlab.cli import jupyter, terminal
from dockerlab.cli.trust import START_PAGE, sign
from dockerlab.errors import DockerlabError

START_SECONDS = 60.0


def run(options: argparse.Namespace) -> int:
    """Start JupyterLab, say its address, and stay until it ends or Ctrl-C."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise DockerlabError(
            "JupyterLab is not installed", "make lab brings it, or: pip install 'dockerlab[course]'"
        )
    folder = course_folder()
    page = START_PAGE if (folder / START_PAGE).is_file() else ""
    print("Starting JupyterLab …", flush=True)
    with tempfile.TemporaryDirectory(prefix="dockerlab-jupyter-") as settings:
        jupyter.write(Path(settings))
        server = Server(folder, settings)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: server.terminate())
        try:
            port, token = server.start(options.port)
            place = "/lab" + (f"/tree/{page}" if page else "")
            url = f"http://127.0.0.1:{port}{place}?token={token}"
            print(f"The course is open at\n    {url}\nCtrl-C ends it.", flush=True)
            if not options.headless:
                webbrowser.open(url)
            return server.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            server.end()


class Server:
    """JupyterLab as a process."""

    def __init__(self, folder: Path, settings: str) -> None:
        self._folder, self._settings = folder, settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, first: int) -> tuple[int, str]:
        """Start it at the first free port; that and its token, once it answers.

        In a class several start at the same moment and find the same port free: who comes late
        takes the next one. Raises DockerlabError.
        """
        port, variables = free_port(first), terminal.variables()
        while True:
            token = secrets.token_hex(16)  # whoever took the port was asked with the one before
            self.process = subprocess.Popen(
                command(self._folder, port), env=environment(token, self._settings) | variables
            )
            sign(self._folder)  # meanwhile
            try:
                wait_ready(self.process, port, token)
                return port, token
            except DockerlabError:
                taken, port = port, free_port(port)
                if self.process.poll() is None or taken == port:
                    raise
                print(f"Port {taken} was taken meanwhile; trying {port} …", flush=True)

    def wait(self) -> int:
        assert self.process is not None
        return self.process.wait()

    def terminate(self) -> None:
        """Let it end its kernels; SIGTERM makes it do so without a question."""
        if self.process is not None:
            self.process.terminate()

    def end(self) -> None:
        """Terminate it, by force where it does not end."""
        if self.process is None or self.process.poll() is not None:
            return
        self.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def course_folder() -> Path:
    """The folder with the course's notebooks: beside the package, else the current one."""
    beside = Path(__file__).resolve().parents[2]
    return beside if (beside / "notebooks").is_dir() else Path.cwd()


def command(folder: Path, port: int) -> list[str]:
    """JupyterLab's command line. The token is not on it, where others on the machine see it."""
    words = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    words += ["--ip=127.0.0.1", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    words += ["--log-level=WARN"]
    return words + (["--allow-root"] if os.getuid() == 0 else [])


def environment(token: str, settings: str) -> dict[str, str]:
    """With our programs first on PATH, so that ``!dockerlab`` in a cell is this one."""
    programs = str(Path(sys.executable).parent)
    path = [programs, os.environ.get("PATH", os.defpath), terminal.stand_in(Path(settings))]
    return {
        **os.environ,
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, [settings, os.environ.get("JUPYTER_CONFIG_PATH")])
        ),
        "DOCKER_BUILDKIT": os.environ.get("DOCKER_BUILDKIT", "0"),
        "PATH": os.pathsep.join(filter(None, path)),
    }


def free_port(first: int) -> int:
    """The first free port from ``first`` on."""
    for port in range(first, min(first + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DockerlabError(f"no port is free from {first} on", "choose another with --port")


def wait_ready(server: subprocess.Popen[bytes], port: int, token: str) -> None:
    """Return when it answers; DockerlabError if it ends or takes too long."""
    end_time = time.monotonic() + START_SECONDS
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/status", headers={"Authorization": f"token {token}"}
    )
    while time.monotonic() < end_time:
        if server.poll() is not None:
            raise DockerlabError(
                f"JupyterLab ended with {server.returncode}", "what it said stands above"
            )
        with suppress(OSError), urllib.request.urlopen(request, timeout=2):
            return
        time.sleep(0.1)
    raise DockerlabError(
        f"JupyterLab did not answer within {START_SECONDS:g} seconds",
        "what it said stands above; start it again, the second time it is quicker",
    )
