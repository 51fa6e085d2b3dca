"""Starting and stopping the embedded engine, a process of its own.

The only place in the client that knows there is one: everything else meets it at its socket.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dockerlab.client import processes
from dockerlab.client.sockets import ping
from dockerlab.errors import EngineUnavailable

START_SECONDS = 30.0
"""How long an engine may take to answer; it needs half a second where nothing else runs."""
STOP_SECONDS = 60.0
"""How long an orderly stop may take: containers get their 10 seconds, several at once."""

PURGE_SECONDS = 600.0
"""How long removing may take: a full engine has some 100,000 files."""

MODULE = "dockerlab.engine"


def default_root() -> Path:
    """Where the embedded engine keeps its state: $DOCKERLAB_ROOT, else the user's data folder."""
    chosen = os.environ.get("DOCKERLAB_ROOT")
    if chosen:
        return Path(chosen).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    try:
        return (Path(data).expanduser() / "dockerlab" / "engine").absolute()
    except RuntimeError:
        raise EngineUnavailable(
            "this account has no home folder, in which the embedded engine would keep its state",
            "export HOME=/a/folder/of/yours, or DOCKERLAB_ROOT for the engine alone",
        ) from None


def default_images() -> Path | None:
    """Another engine's folder whose images the user's engine has, too: $DOCKERLAB_IMAGES.

    A class shares one so, and a home that is kept need not hold a copy of it.
    """
    chosen = os.environ.get("DOCKERLAB_IMAGES")
    return Path(chosen).expanduser().absolute() if chosen else None


@dataclass(frozen=True, slots=True)
class Status:
    """Whether an engine answers at its root; ``pid`` 0 and ``info`` empty when none does."""

    root: Path
    running: bool
    pid: int = 0
    info: tuple[tuple[str, Any], ...] = ()
    reason: str = ""


class EngineProcess:
    """The embedded engine of one root folder.

    >>> EngineProcess(default_root()).status().running  # doctest: +SKIP
    False
    """

    def __init__(self, root: Path | str | None = None) -> None:
        """The user's own engine, unless ``root`` says another."""
        self.root = Path(root).expanduser().absolute() if root else default_root()
        self.images = None if root else default_images()

    @property
    def socket(self) -> Path:
        return self.root / "docker.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def log(self) -> Path:
        return self.root / "engine.log"

    def status(self) -> Status:
        """Look whether it answers."""
        answer = ping(self.socket)
        pid = self._pid()
        if answer.ok:
            return Status(self.root, True, pid, tuple(self._record().items()))
        return Status(self.root, False, pid, (), answer.reason)

    def start(self, runtime: str = "auto") -> Status:
        """Start it unless it runs; returns when it answers.

        A lock keeps two notebooks that start at once from starting two. EngineUnavailable says
        what the engine's log says.
        """
        self._make_root()
        try:
            with processes.locked(self.root / "start.lock"):
                status = self.status()
                if not status.running:
                    self._launch(runtime)
                    status = self.status()
        except OSError as error:
            raise EngineUnavailable(
                f"the engine's folder cannot be written: {error}",
                "set DOCKERLAB_ROOT to a folder of yours",
            ) from error
        return status

    def stop(self, *, timeout: float = STOP_SECONDS) -> bool:
        """End it in order: its containers are stopped first. False if it did not run."""
        pid = self._pid()
        if not pid:
            return False
        if not processes.end(pid, MODULE, seconds=timeout):
            raise EngineUnavailable(
                f"the engine (process {pid}) did not end within {timeout:g} seconds",
                f"its log says why: {self.log}; dockerlab engine stop --purge ends it by force",
            )
        return True

    @property
    def exists(self) -> bool:
        """Whether an engine has ever run here, or runs though its folder was taken away."""
        # os.path's is False, where Path's raises: the folder may be one that we cannot enter.
        return os.path.exists(self.root / "engine.lock") or bool(self._pid())

    def purge(self, *, timeout: float = STOP_SECONDS) -> dict[str, Any]:
        """Stop it, by force if need be, and remove all that it has: images, volumes, its folder.

        Returns its ``id``, and whether the folder itself is ``gone``. EngineUnavailable says what
        could not be removed.
        """
        with processes.locked(self.root / "start.lock"):
            pid = self._pid()
            if pid and not processes.end(pid, MODULE, seconds=timeout):
                processes.end(pid, MODULE, seconds=timeout, number=signal.SIGKILL)
            return self._run_purge()

    def _run_purge(self) -> dict[str, Any]:
        command = [sys.executable, "-m", MODULE, "--root", str(self.root), "--purge"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PURGE_SECONDS)
        except subprocess.TimeoutExpired:
            raise EngineUnavailable(
                f"{self.root} was not removed within {PURGE_SECONDS:g} seconds",
                "is its disk at work? Try it again: it goes on where it was",
            ) from None
        if done.returncode:
            said = done.stderr.strip().removeprefix("dockerlab engine: ")
            message, _, hint = said.partition("\n→ ")
            raise EngineUnavailable(message or "it said nothing", hint)
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def log_lines(self, count: int = 20) -> list[str]:
        """The last lines of its log."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 200 * count))
                return file.read().decode("utf-8", "replace").splitlines()[-count:]
        except OSError:
            return []

    def _make_root(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise EngineUnavailable(
                f"the engine's folder cannot be made: {error}",
                "set DOCKERLAB_ROOT to a folder of yours",
            ) from error

    def _launch(self, runtime: str) -> None:
        command = [sys.executable, "-m", MODULE]
        command += ["--root", str(self.root), "--runtime", runtime]
        command += ["--images", str(self.images)] if self.images else []
        with self.log.open("ab") as log:
            begun = log.tell()
            # A session of its own, so that neither Ctrl-C in a terminal nor the end of a
            # notebook's kernel reaches the engine.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        processes.keep(process)
        end = time.monotonic() + START_SECONDS
        while not ping(self.socket).ok:
            if process.poll() is not None:
                raise self._failed(f"the embedded engine ended with {process.returncode}", begun)
            if time.monotonic() > end:
                process.terminate()
                raise self._failed(f"no answer within {START_SECONDS:g} seconds", begun)
            time.sleep(0.01)

    def _failed(self, what: str, begun: int) -> EngineUnavailable:
        with self.log.open("rb") as log:
            log.seek(begun)
            said = log.read()[-1500:].decode("utf-8", "replace").strip()
        return EngineUnavailable(
            f"the embedded engine did not start: {what}" + (f"\n{said}" if said else ""),
            "dockerlab doctor shows what this machine allows",
        )

    def _pid(self) -> int:
        """Its process, also where its note is lost; 0 if there is none."""
        noted = self._record().get("pid")
        if isinstance(noted, int) and processes.runs(noted, MODULE):
            return noted
        for pid, words in processes.find(MODULE, "--root", str(self.root)):
            if not {"--probe", "--purge"} & set(words):
                return pid
        return 0

    def _record(self) -> dict[str, Any]:
        try:
            found = json.loads((self.root / "engine.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
