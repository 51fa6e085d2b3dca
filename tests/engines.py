"""Engines for the tests: the one that runs here, and private embedded ones."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docker
import pytest
from runtimes import end_shims

KINDS = ("docker", "namespaces-root", "namespaces-user", "proot-user")
ORDINARY = 12345
"""A user id without a name, a password or a home."""
HERE = Path(__file__).resolve().parent.parent


class Unavailable(Exception):
    """This engine cannot run here; ``elsewhere``: another run of the suite covers it."""

    def __init__(self, reason: str, *, elsewhere: bool = False) -> None:
        super().__init__(reason)
        self.elsewhere = elsewhere


@dataclass
class Engine:
    kind: str
    url: str
    root: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    command: list[str] = field(default_factory=list)
    options: dict[str, object] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)

    @property
    def embedded(self) -> bool:
        return self.kind != "docker"

    def shared_folder(self) -> Path:
        """A new folder of the host's that containers of this engine can read and write."""
        folder = Path(tempfile.mkdtemp(dir=self.root.parent if self.root else None))
        folder.chmod(0o777)
        self.folders.append(folder)
        return folder

    def launch(self, seconds: float = 60) -> None:
        """Start (again) and wait until it answers."""
        assert self.root is not None
        with (self.root.parent / "engine.out").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self.options
            )
        end = time.monotonic() + seconds
        while not answers(self.url):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the engine does not answer:\n" + self.output())
            time.sleep(0.01)

    def output(self) -> str:
        assert self.root is not None
        return (self.root.parent / "engine.out").read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            # Of an engine that was killed: its containers go on, and hold ports of the machine.
            end_shims(self.root / "containers")  # type: ignore[operator]
            shutil.rmtree(self.root.parent, ignore_errors=True)  # type: ignore[union-attr]


def answers(url: str) -> bool:
    try:
        client = docker.DockerClient(base_url=url, timeout=3, version="1.41")
        try:
            return bool(client.ping())
        finally:
            client.close()
    except Exception:
        return False


def wanted(*, embedded: bool = False) -> list[str]:
    """The kinds to test on; DOCKERLAB_TEST_ENGINES=docker,proot-user picks some."""
    asked = os.environ.get("DOCKERLAB_TEST_ENGINES", "")
    kinds = [kind for kind in KINDS if not asked or kind in asked.split(",")]
    return [kind for kind in kinds if kind != "docker"] if embedded else kinds


@contextlib.contextmanager
def running(kind: str, *arguments: str) -> Iterator[Engine]:
    """An engine of this kind; a missing one is a skip on a laptop and a failure in CI.

    An embedded one may be started with more ``arguments``.
    """
    try:
        engine = start(kind, *arguments)
    except Unavailable as reason:
        if os.environ.get("CI") and not reason.elsewhere:
            pytest.fail(f"{kind}: {reason}")
        pytest.skip(f"{kind}: {reason}")
    try:
        yield engine
    finally:
        engine.stop()


def start(kind: str, *arguments: str) -> Engine:
    """Start (or find) an engine of this kind; Unavailable says why not."""
    if kind == "docker":
        return _docker()
    as_user = kind.endswith("-user")
    if not as_user and os.getuid() != 0:
        raise Unavailable("needs root", elsewhere=True)
    runtime = kind.split("-")[0]
    engine = _embedded(kind, runtime, ORDINARY if as_user and os.getuid() == 0 else None)
    reason = _denied(engine, runtime)
    if reason:
        shutil.rmtree(engine.root.parent, ignore_errors=True)  # type: ignore[union-attr]
        raise Unavailable(reason)
    engine.command += arguments
    engine.launch()
    return engine


def _docker() -> Engine:
    url = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not answers(url):
        raise Unavailable(f"no Docker Engine answers at {url}", elsewhere=os.getuid() != 0)
    return Engine("docker", url)


def _embedded(kind: str, runtime: str, uid: int | None) -> Engine:
    home = Path(tempfile.mkdtemp(prefix="dltest-"))
    root = home / "engine"
    # The umask of a careful machine: containers must not notice it.
    options: dict[str, object] = {"start_new_session": True, "cwd": "/", "umask": 0o077}
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER", "XDG"))}
    environment |= {"HOME": str(home), "PYTHONPATH": str(HERE)}
    if uid is not None:
        os.chown(home, uid, uid)
        options |= {"user": uid, "group": uid, "extra_groups": []}
    options["env"] = environment
    command = [sys.executable, "-m", "dockerlab.engine", "--root", str(root), "--runtime", runtime]
    return Engine(kind, f"unix://{root}/docker.sock", root, None, command, options)


def _denied(engine: Engine, runtime: str) -> str:
    """Why this runtime cannot work here, or nothing."""
    probe = [*engine.command[:3], "--probe"]
    options = {k: v for k, v in engine.options.items() if k != "start_new_session"}
    done = subprocess.run(probe, capture_output=True, text=True, timeout=60, **options)
    if done.returncode:
        return f"the probe failed: {done.stderr[-1000:]}"
    tried = {t["name"]: t for t in json.loads(done.stdout)["tried"]}
    one = tried.get(runtime)
    return "" if one is None or one["ok"] else one["reason"]
