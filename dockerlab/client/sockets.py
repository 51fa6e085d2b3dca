"""Asking a unix socket whether an engine is behind it, quickly and without docker-py."""

from __future__ import annotations

import http.client
import os
import socket
from dataclasses import dataclass
from pathlib import Path

PING_SECONDS = 3.0
_LONGEST = 107
"""Bytes that fit into a unix address; longer paths go through a descriptor of their folder."""


@dataclass(frozen=True, slots=True)
class Ping:
    """What a socket answered; ``reason`` in plain words when it is no engine to use."""

    ok: bool
    reason: str = ""
    server: str = ""
    there: bool = True
    """False when there is no such file at all."""


def ping(path: Path | str) -> Ping:
    """Ask for ``/_ping`` and say plainly what is wrong if there is no proper answer."""
    connection = _UnixConnection(Path(path))
    try:
        connection.request("GET", "/_ping")
        response = connection.getresponse()
        response.read(64)
    except FileNotFoundError:
        return Ping(False, "is not there", there=False)
    except PermissionError:
        return Ping(False, "may not be opened by this user (permission denied)")
    except ConnectionRefusedError:
        return Ping(False, "is there, but nothing listens (left over from a stopped engine)")
    except TimeoutError:
        return Ping(False, f"did not answer within {PING_SECONDS:g} seconds")
    except (OSError, http.client.HTTPException) as error:
        return Ping(False, f"does not answer as an engine ({error or type(error).__name__})")
    finally:
        connection.close()
    if response.status != 200:
        return Ping(False, f"answers with status {response.status}")
    if not response.getheader("Api-Version"):
        return Ping(False, "is some other server, not an engine")
    return Ping(True, server=response.getheader("Server") or "")


def reachable_url(path: Path) -> str:
    """An address for docker-py, also where the path is too long for one.

    The descriptor in it stays open as long as the process lives.
    """
    if len(os.fsencode(path)) <= _LONGEST:
        return f"unix://{path}"
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    return f"unix:///proc/self/fd/{folder}/{path.name}"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PING_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PING_SECONDS)
        if len(os.fsencode(self._path)) <= _LONGEST:
            self.sock.connect(str(self._path))
            return
        folder = os.open(self._path.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock.connect(f"/proc/self/fd/{folder}/{self._path.name}")
        finally:
            os.close(folder)
