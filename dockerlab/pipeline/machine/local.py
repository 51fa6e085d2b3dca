"""This machine: a process of its own session for each shell."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from dockerlab.pipeline.machine.leftovers import end_descendants

END_SECONDS = 10.0


class LocalMachine:
    """Commands run with the variables of ``base``, those of a step laid over them."""

    def __init__(self, base: Mapping[str, str]) -> None:
        self._base = base
        path = base.get("PATH", os.defpath)
        self.shells = tuple(name for name in ("bash", "sh") if shutil.which(name, path=path))

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> LocalChannel:
        return LocalChannel(command, {**self._base, **environment}, folder)

    def stop_all(self) -> None:
        end_descendants()

    def close(self) -> None:
        end_descendants()


class LocalChannel:
    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()

    def read(self, seconds: float) -> bytes | None:
        if not select.select([self._out], [], [], seconds)[0]:
            # A process that it left in the background may hold the pipe open.
            return None if self._process.poll() is None or self._more() else b""
        return os.read(self._out, 65536)

    def _more(self) -> bool:
        return bool(select.select([self._out], [], [], 0)[0])

    def send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(data)

    def exit_code(self) -> int:
        code = self._process.wait(END_SECONDS)
        return code if code >= 0 else 128 - code

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
