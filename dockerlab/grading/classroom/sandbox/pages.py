"""Asking pages of the ports that a box publishes, on the box's own 127.0.0.1.

The holder makes the socket, as it belongs to the network it is made in; it is connected and used
here. Whoever answers is a submission's, so an answer counts up to a size and a moment only.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from typing import Any, cast

_MOST = 256 << 10
_AGAIN = 0.05
_ONE_TRY = 5.0


class Pages:
    """A ``Fetch``; for several threads."""

    def __init__(self, holder: socket.socket) -> None:
        self._holder = holder
        self._turn = threading.Lock()

    def __call__(self, port: int, path: str = "/", *, patience: float = 5.0) -> tuple[int, str]:
        end = time.monotonic() + patience
        while True:
            try:
                return self._ask(port, path)
            except OSError:
                if time.monotonic() + _AGAIN > end:
                    raise
            time.sleep(_AGAIN)

    def close(self) -> None:
        self._holder.close()

    def _ask(self, port: int, path: str) -> tuple[int, str]:
        end = time.monotonic() + _ONE_TRY
        with self._socket() as sock:
            sock.settimeout(_ONE_TRY)
            sock.connect(("127.0.0.1", port))
            host = f"127.0.0.1:{port}"
            words = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            sock.sendall(words.encode())
            return _parse(_receive(sock, end))

    def _socket(self) -> socket.socket:
        with self._turn:
            self._holder.send(b"s")
            descriptors = socket.recv_fds(self._holder, 1, 1)[1]
        if not descriptors:
            raise OSError("the box has ended")
        return socket.socket(fileno=descriptors[0])


def _receive(sock: socket.socket, end: float) -> bytes:
    data = b""
    while len(data) < _MOST and time.monotonic() < end:
        try:
            part = sock.recv(1 << 16)
        except TimeoutError:
            break
        if not part:
            break
        data += part
        if _complete(data):
            break
    return data


def _complete(data: bytes) -> bool:
    """Whether all that was announced is there: some servers keep the connection open anyway."""
    head, gap, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return bool(gap) and len(body) >= int(value)
    return False


class _Received:
    """What http.client needs of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _parse(data: bytes) -> tuple[int, str]:
    response = http.client.HTTPResponse(cast(Any, _Received(data)))
    try:
        response.begin()
        body = response.read()
    except http.client.IncompleteRead as error:
        body = error.partial
    except (http.client.HTTPException, ValueError) as error:
        raise OSError(f"no HTTP answer: {error!r}") from None
    return response.status, body.decode("utf-8", "replace")
