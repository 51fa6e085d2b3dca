"""One of the clients: it does things by chance until its time is over."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from beliefs import GONE, Beliefs, differences, remove, said
from docker.client import DockerClient
from outages import Outages

PATIENCE = 120
"""Seconds for one command. Most take a fraction of a second."""
GLANCE = 60
"""Seconds for the beginning of one that goes on: some never end when the engine was killed."""
MANY = 4
"""How many containers a client has, at most, before it removes some."""


class Failed(Exception):
    """The engine did something else than it should have."""


class Client(threading.Thread):
    """A learner: containers, networks and volumes of its own, docker-py and a command line."""

    def __init__(self, number: int, seed: int, url: str, outages: Outages, folder: Path) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self.random = random.Random(f"{seed}-{number}")
        self.prefix = f"soak{number}-"
        self.url = url
        self.outages = outages
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        self.beliefs = Beliefs()
        self.done: Counter[str] = Counter()
        self.cut_off = 0
        self.failures: list[str] = []
        self.docker = self._connected()
        self._numbers = iter(range(1_000_000))
        self._end = 0.0
        self._life = 0

    def go(self, actions: dict[str, Action], seconds: float) -> None:
        self.actions = actions
        self._end = time.monotonic() + seconds
        self.start()

    def run(self) -> None:
        while time.monotonic() < self._end:
            name = self.random.choice(list(self.actions))
            self.attempt(name, self.actions[name])
        self.docker.close()

    def attempt(self, name: str, action: Action) -> None:
        """Do one thing. What goes wrong is a failure, unless the engine was killed meanwhile."""
        self._reconnect()
        try:
            while len(mine := list(self.beliefs.present("container"))) >= MANY:
                self.remove("container", self.random.choice(mine))
            action(self)
            self.done[name] += 1
        except Exception:
            self._excuse(name, traceback.format_exc(limit=-4))
        if self.beliefs.uncertain():
            self._look(name)

    def _reconnect(self) -> None:
        life = self.outages.wait()
        if life != self._life:
            self._life = life
            self.docker.close()
            self.docker = self._connected()

    def _excuse(self, name: str, trace: str) -> None:
        if self.outages.over(self._life):
            self.cut_off += 1
        else:
            self.failures.append(f"{time.strftime('%X')} {self.prefix} {name}: {trace}")

    def _look(self, after: str) -> None:
        """See in which state it was left what was cut off; then it is removed."""
        try:
            self._reconnect()
            wrong = list(differences(self.beliefs, self.docker, self.prefix))
            self.failures += [f"{time.strftime('%X')} after {after}: {each}" for each in wrong]
            for kind, name in self.beliefs.uncertain():
                self.remove(kind, name)
        except Exception:
            self._excuse(f"looking after {after}", traceback.format_exc(limit=-4))

    def _connected(self) -> DockerClient:
        return docker.DockerClient(base_url=self.url, timeout=PATIENCE, version="1.41")

    # ---- what actions are made of

    def new(self) -> str:
        return f"{self.prefix}{next(self._numbers)}"

    def running(self) -> str:
        """One of its running containers; a new one where there is none."""
        found = self.beliefs.named("container", "running")
        return self.random.choice(found) if found else self.started()

    def started(self, *options: str, image: str = "alpine", command: str = "") -> str:
        """A new container, by ``docker run -d``."""
        name = self.new()
        self.beliefs.may_be("container", name, GONE, "created", "running")
        words = ("sh", "-c", command) if command else ("sleep", "3600")
        self.cli("run", "-d", "--name", name, *options, image, *words)
        self.beliefs.may_be("container", name, "running")
        return name

    def remove(self, kind: str, name: str) -> None:
        ended = "exited" if kind == "container" else GONE  # first it is killed
        with self.beliefs.changing(kind, name, GONE, by_way_of=ended):
            remove(self.docker, kind, name)

    def has(self, kind: str, name: str) -> bool:
        return name in said(self.docker, kind, name)

    def cli(self, *words: str, given: str = "", code: int = 0) -> str:
        """What the docker command line says; it must end with this exit code."""
        done = subprocess.run(
            self._command(*words), input=given, capture_output=True, text=True, timeout=PATIENCE
        )
        if done.returncode != code:
            raise Failed(f"docker {' '.join(words)}: {done.returncode}: {done.stderr[-500:]}")
        return done.stdout

    @contextmanager
    def open(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A command that goes on, like ``logs -f``: it is killed at the end of the block."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
        with subprocess.Popen(
            self._command(*words), text=True, stderr=subprocess.DEVNULL, **pipes
        ) as process:
            watch = threading.Timer(GLANCE, process.kill)
            watch.start()
            try:
                yield process
            finally:
                watch.cancel()
                process.kill()

    def _command(self, *words: str) -> list[str]:
        return ["env", "DOCKER_BUILDKIT=0", _docker(), "--host", self.url, *words]

    def clear(self) -> None:
        """Remove all that is left: not part of the time."""
        for kind in ("container", "image", "network", "volume"):
            for name in list(self.beliefs.present(kind)):
                self.remove(kind, name)
        self.docker.close()
        shutil.rmtree(self.folder)


Action = Callable[[Client], None]


def _docker() -> str:
    found = shutil.which("docker")
    if not found:
        raise SystemExit("the docker command line is not installed:  apt-get install docker.io")
    return found


def expect(got: object, wanted: object) -> None:
    if got != wanted:
        raise Failed(f"{wanted!r} was to come, and it was {got!r}")
