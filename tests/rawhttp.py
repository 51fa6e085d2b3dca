"""HTTP by hand, for requests that no client would send."""

from __future__ import annotations

import json
import socket


def raw(url: str, data: bytes, seconds: float = 5) -> bytes:
    """Send bytes as they are; give back what comes until the end (or the time is over)."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(url.removeprefix("unix://"))
        connection.sendall(data)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            pass
        return received


def post(url: str, path: str, body: bytes, kind: bytes = b"application/json") -> tuple[int, dict]:
    answer = raw(
        url,
        b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (path.encode(), kind, len(body), body),
    )
    head, _, rest = answer.partition(b"\r\n\r\n")
    start = rest.find(b"{")
    return int(head.split()[1]), json.loads(rest[start : rest.rfind(b"}") + 1] or b"{}")
