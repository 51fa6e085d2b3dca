"""The engine's side of the spawner: a process of the engine's own, or a template's warm one."""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import dockerlab
from dockerlab.engine.run.shim.spawner import LOG, SHIM

_PACKAGES = Path(dockerlab.__file__).parents[1]
_PADDING = "-" * 96
"""An unused argument: room in the command line for the title that a shim shows in ps."""
_END_SECONDS = 1.0


class Spawner:
    """A spawner, by the way to it; ``process`` is None where it is not the engine's child."""

    def __init__(
        self, control: socket.socket, process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self._control = control
        self.process = process

    @property
    def lives(self) -> bool:
        if self.process is not None:
            return self.process.poll() is None
        return not select.select([self._control], [], [], 0)[0]  # it says nothing until it ends

    def fork(self, channel: socket.socket) -> None:
        """Have a shim that listens on ``channel``. Raises OSError."""
        socket.send_fds(self._control, [SHIM], [channel.fileno()])

    def write_to(self, log: Path) -> None:
        with contextlib.suppress(OSError), log.open("ab") as file:
            socket.send_fds(self._control, [LOG], [file.fileno()])

    def end(self) -> None:
        self._control.close()  # which tells it to
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def start(
    interpreter: str,
    needed: Sequence[int],
    factory: str,
    environment: Mapping[str, str],
    log: Path,
) -> Spawner:
    """A new Python; ``needed``: the descriptors that the path of its interpreter leads through."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # -S: the spawner needs the standard library only, and site-packages may have hooks that
    # cost each container a megabyte.
    words = [sys.executable, "-S", "-m", "dockerlab.engine.run.shim.spawner"]
    words += [str(theirs.fileno()), factory, _PADDING]
    with theirs, log.open("ab") as file:
        process = subprocess.Popen(
            words,
            executable=interpreter,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            pass_fds=[theirs.fileno(), *needed],
            start_new_session=True,
            env={**environment, "PYTHONPATH": str(_PACKAGES)},
        )
    return Spawner(ours, process)
