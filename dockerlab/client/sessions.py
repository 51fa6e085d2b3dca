"""A connection that was taken over for a process's input and output.

Attach and exec turn an HTTP connection into a plain stream. It is read through the very buffer
that read the answer's head, so bytes that came in the same packet are not lost.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from dockerlab.client.signalling import signal_exec

GRACE = 3.0
"""Seconds that an interrupted process gets to end by itself."""
STDOUT, STDERR = 1, 2
_UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}


class Frames:
    """Takes the engine's framing apart: 8 bytes of head (stream, length), then the payload."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        if self._tty:
            yield STDOUT, data
            return
        self._buffer += data
        while len(self._buffer) >= 8:
            stream, length = struct.unpack(">BxxxL", self._buffer[:8])
            if len(self._buffer) < 8 + length:
                return
            yield (STDERR if stream == STDERR else STDOUT), self._buffer[8 : 8 + length]
            self._buffer = self._buffer[8 + length :]


class Session:
    """A process that we are connected to: read ``output()``, ``send``, ask ``exit_code()``."""

    def __init__(
        self,
        response: Any,
        *,
        tty: bool,
        code: Callable[[], int],
        signal: Callable[[str], None],
        waiting: Any = None,
        ours: bool = True,
    ) -> None:
        self._responses = [response] if waiting is None else [response, waiting]
        self._reader = response.raw._fp.fp
        self._socket = _socket(response)
        self._socket.settimeout(None)
        self._code = code
        self.signal = signal
        self.tty = tty
        self.ours = ours
        """Whether it was started for this session, so that it ends when that is interrupted."""

    def output(self) -> Iterator[tuple[int, bytes]]:
        """Pieces of output as they come, with their stream, until the process has ended."""
        frames = Frames(tty=self.tty)
        while True:
            try:
                data = self._reader.read1(65536)
            except (OSError, ValueError):  # closed from this side, or the engine went away
                return
            if not data:
                return
            yield from frames.feed(data)

    def send(self, data: bytes) -> None:
        """Write to the process's standard input; nothing happens if it has ended."""
        with contextlib.suppress(OSError):
            self._socket.sendall(data)

    def end_input(self) -> None:
        """End of file on the process's input, while its output goes on."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def exit_code(self) -> int:
        """The process's exit code; waits until it has ended."""
        return self._code()

    def end(self, grace: float = GRACE) -> None:
        """End the process: as Ctrl-C does, and where that is no use within ``grace`` seconds, by
        force. What it still writes is lost."""
        reader = threading.Thread(target=lambda: deque(self.output(), 0), daemon=True)
        with contextlib.suppress(Exception):  # it may have ended just now
            self.signal("INT")
        reader.start()
        reader.join(grace)
        if reader.is_alive():
            with contextlib.suppress(Exception):
                self.signal("KILL")
            reader.join(grace)

    def close(self) -> None:
        """Let go of the process; a reader in another thread sees the end.

        Sockets are shut down before they are closed: closing waits for a reader, and the reader
        would wait for the process.
        """
        for response in self._responses:
            with contextlib.suppress(OSError, AttributeError):
                _socket(response).shutdown(socket.SHUT_RDWR)
        for response in self._responses:
            with contextlib.suppress(OSError):
                response.close()


def _socket(response: Any) -> Any:
    raw = response.raw._fp.fp.raw
    return getattr(raw, "_sock", raw)


def attach(
    api: Any,
    container: str,
    *,
    stdin: bool = False,
    tty: bool = False,
    removed: bool = False,
    ours: bool = True,
) -> Session:
    """Connect to a container, before it is started or (then it is not ``ours``) after.

    ``removed``: its exit code is that of a container that removes itself, which must be asked
    for before it starts.
    """
    query = {"stream": 1, "stdout": 1, "stderr": 1} | ({"stdin": 1} if stdin else {})
    response = request(
        api, "POST", "/containers/{0}/attach", container, params=query, headers=_UPGRADE
    )
    condition = {"condition": "removed" if removed else "next-exit"}
    waiting = request(api, "POST", "/containers/{0}/wait", container, params=condition)
    return Session(
        response,
        tty=tty,
        code=lambda: _status(waiting),
        signal=lambda name: api.kill(container, name),
        waiting=waiting,
        ours=ours,
    )


def execute(api: Any, container: str, body: dict[str, Any]) -> Session:
    """Start a command in a running container; ``body`` as the API's exec create takes it."""
    created = request(api, "POST", "/containers/{0}/exec", container, json=body).json()
    tty = bool(body.get("Tty"))
    try:
        response = request(
            api,
            "POST",
            "/exec/{0}/start",
            created["Id"],
            json={"Tty": tty, "Detach": False},
            headers=_UPGRADE,
        )
    except KeyboardInterrupt:  # nobody got hold of it, but it may have begun
        signal_exec(api, created["Id"], "KILL")
        raise
    if tty:
        with contextlib.suppress(Exception):  # it may have ended already
            api.exec_resize(created["Id"], height=ROWS, width=COLUMNS)
    return Session(
        response,
        tty=tty,
        code=lambda: int(api.exec_inspect(created["Id"])["ExitCode"] or 0),
        signal=lambda name: signal_exec(api, created["Id"], name),
    )


ROWS, COLUMNS = 30, 100
"""The size told to terminals, so that programs need not ask for it with control codes."""


def request(api: Any, method: str, path: str, *names: str, **options: Any) -> Any:
    """A request that docker-py has no call for; ``{0}`` in ``path`` is the first of ``names``.

    The answer's body is not read here, and there is no time limit: a process may be silent for
    hours.
    """
    response = api.request(method, api._url(path, *names), stream=True, timeout=None, **options)
    api._raise_for_status(response)
    return response


def _status(waiting: Any) -> int:
    """The exit code from a wait request that was begun before the container started."""
    with waiting:
        answer = json.loads(waiting.content or b"{}")
    return int(answer.get("StatusCode", -1))


def output_of(session: Session) -> tuple[str, str]:
    """All of standard output and standard error as text."""
    pieces: dict[int, list[bytes]] = {STDOUT: [], STDERR: []}
    for stream, data in session.output():
        pieces[stream].append(data)
    out, err = (b"".join(pieces[stream]).decode("utf-8", "replace") for stream in (STDOUT, STDERR))
    return out, err
