"""Fresh embedded engines within a moment, forked from a template that has everything loaded.

For whoever needs many engines, each for a short time and perhaps in namespaces of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from dockerlab.errors import EngineUnavailable

START_SECONDS = 30.0
_STOP_SECONDS = 60.0
_ANSWER = 64 << 10
_LOOK = "dockerlab doctor shows what this machine allows"


@dataclass(frozen=True, slots=True)
class Forked:
    """An engine of a template's; it ends when this object is closed (or lost)."""

    url: str
    process: int
    """Its pidfd: for signals, and readable when it has ended."""
    line: socket.socket
    """Its end is the engine's."""

    def close(self, seconds: float = _STOP_SECONDS) -> None:
        """End it in order, its containers first; when that takes too long, at once."""
        self.line.close()
        if not select.select([self.process], [], [], seconds)[0]:
            self._kill()
        os.close(self.process)

    def kill(self) -> None:
        """End it at once, leaving its containers to whoever ends their namespaces."""
        self.line.close()
        self._kill()
        os.close(self.process)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGKILL)


class Engines:
    """A way to a template, which may be another process's; may be used by several threads.

    Engines live until they are closed.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def fileno(self) -> int:
        """For processes that inherit it, and have a way of their own by it."""
        return self._control.fileno()

    def start(
        self,
        arguments: Sequence[str],
        *,
        namespaces: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        folder: str = "/",
        log: int | None = None,
        seconds: float = START_SECONDS,
    ) -> Forked:
        """An engine that answers. Raises EngineUnavailable.

        ``arguments`` are those of ``python -m dockerlab.engine``; ``namespaces`` descriptors by
        kind (user, pid, mnt, net, ipc, uts); ``log`` takes what it prints.
        """
        entered = dict(namespaces or {})
        request: dict[str, Any] = {"arguments": list(arguments), "folder": folder}
        request |= {"namespaces": list(entered), "log": log is not None}
        if environment is not None:
            request["environment"] = dict(environment)
        line = self._line()
        try:
            descriptors = [*entered.values(), *([] if log is None else [log])]
            socket.send_fds(line, [json.dumps(request).encode()], descriptors)
            return _answer(line, seconds)
        except OSError as error:
            line.close()
            raise EngineUnavailable(
                f"the engines' template does not answer: {error}", _LOOK
            ) from error
        except BaseException:
            line.close()
            raise

    def close(self) -> None:
        """The template ends with the last way to it."""
        self._control.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _line(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [b"e"], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise EngineUnavailable(
                    f"the engines' template has ended: {error}", _LOOK
                ) from error
        return ours


class Template(Engines):
    """The template's process; a context that ends it."""

    def __init__(self, *, environment: Mapping[str, str] | None = None) -> None:
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        super().__init__(control)
        words = ["-m", "dockerlab.engine.template", str(theirs.fileno()), " " * 32]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *words],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        """End the template, whoever else has a way to it; its engines stay."""
        super().close()
        self._process.terminate()
        self._process.wait()


def _answer(line: socket.socket, seconds: float) -> Forked:
    line.settimeout(seconds)
    data, descriptors, _, _ = socket.recv_fds(line, _ANSWER, 1)
    line.settimeout(None)
    if not data:
        raise EngineUnavailable("the engine ended before it answered", _LOOK)
    answer = json.loads(data)
    if "error" in answer:
        raise EngineUnavailable(f"the engine did not start: {answer['error']}", _LOOK)
    return Forked(f"unix://{answer['ready']}", descriptors[0], line)
