"""Starting, finding and ending the cloud, a process of its own. There is one for an engine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from dockerlab.client import processes
from dockerlab.errors import CloudUnavailable
from dockerlab.formats.cloudprocess import FILE, Running, read

MODULE = "dockerlab.cloud"
START_SECONDS = 60.0
"""How long it may take to answer; it needs two seconds where nothing else runs."""
STOP_SECONDS = 90.0
"""How long it may take to remove its containers."""


def default_root(engine: str) -> Path:
    """Where the cloud of an engine keeps its state: in the user's data folder."""
    data = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser()
    name = hashlib.sha256(engine.encode()).hexdigest()[:8]
    return (data / "dockerlab" / "clouds" / name).absolute()


class CloudProcess:
    """The cloud that deploys to the engine at this address.

    >>> CloudProcess("unix:///var/run/docker.sock").find()  # doctest: +SKIP
    """

    def __init__(self, engine: str, root: Path | str | None = None) -> None:
        self.engine = engine
        self.root = Path(root).expanduser().absolute() if root else default_root(engine)

    @property
    def log(self) -> Path:
        return self.root / "cloud.log"

    def find(self) -> Running | None:
        """The one that runs, or None."""
        try:
            found = read((self.root / FILE).read_text())
        except OSError:
            return None
        return found if found and processes.runs(found.pid, MODULE) else None

    def start(self, *, port: int | None = None, region: str = "") -> Running:
        """Start it unless it runs; returns when it answers. CloudUnavailable has its log's end.

        ``port`` is the first one to try. What a cloud that was killed left behind is removed.
        """
        options = ["--port", str(port)] if port is not None else []
        options += ["--region", region] if region else []
        try:
            with processes.locked(self.root / "start.lock"):
                return self.find() or self._launch(options)
        except OSError as error:
            raise CloudUnavailable(
                f"the cloud's folder cannot be written: {error}",
                "set XDG_DATA_HOME to a folder of yours",
            ) from error

    def stop(self, *, timeout: float = STOP_SECONDS) -> bool:
        """End it; nothing of it stays: no container, image, network, file. False: it did not run.

        What one that was killed left behind is removed, too. CloudUnavailable when it does not end,
        or the engine does not answer.
        """
        running = self.find()
        if running is None:
            self._clear(timeout)
            return False
        if not processes.end(running.pid, MODULE, seconds=timeout):
            raise CloudUnavailable(
                f"the cloud (process {running.pid}) did not end within {timeout:g} seconds",
                f"its log says why: {self.log}",
            )
        if (self.root / FILE).exists():
            raise CloudUnavailable(
                "the cloud has ended, but what it made on the engine is still there: the engine "
                f"at {self.engine} does not answer",
                "start the engine, then stop the cloud again",
            )
        return True

    def log_lines(self, count: int = 20) -> list[str]:
        """The last lines of its log; none when it does not run."""
        try:
            return self.log.read_text(errors="replace").splitlines()[-count:]
        except OSError:
            return []

    def _launch(self, options: list[str]) -> Running:
        (self.root / FILE).unlink(missing_ok=True)
        process = self._run(options)
        processes.keep(process)
        end = time.monotonic() + START_SECONDS
        while (running := self.find()) is None:
            if process.poll() is not None:
                raise self._failed(f"it ended with {process.returncode}")
            if time.monotonic() > end:
                process.terminate()
                raise self._failed(f"no answer within {START_SECONDS:g} seconds")
            time.sleep(0.02)
        return running

    def _run(self, options: list[str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", MODULE, "--root", str(self.root), "--engine", self.engine]
        # Somebody's settings for AWS or moto are not meant for this one.
        foreign = ("AWS_", "MOTO_", "TEST_SERVER_MODE", "INITIAL_NO_AUTH")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        with self.log.open("ab") as log:
            # A session of its own, so that neither Ctrl-C in a terminal nor the end of a
            # notebook's kernel reaches the cloud.
            return subprocess.Popen(
                command + options,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    def _clear(self, timeout: float) -> None:
        """Remove what a cloud that was killed left on the engine and in its folder."""
        if not self.root.exists():
            return
        with processes.locked(self.root / "start.lock"):
            if (self.root / FILE).exists() and self.find() is None:
                try:
                    code = self._run(["--clear"]).wait(timeout)
                except subprocess.TimeoutExpired:
                    code = -1
                if code:
                    raise self._failed("what it left on the engine could not be removed")
            shutil.rmtree(self.root, ignore_errors=True)

    def _failed(self, what: str) -> CloudUnavailable:
        said = "\n".join(self.log_lines())[-1500:].strip()
        return CloudUnavailable(
            f"the cloud did not start: {what}" + (f"\n{said}" if said else ""),
            "is the engine there? dockerlab doctor shows what this machine allows",
        )
