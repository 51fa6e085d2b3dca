"""The server: a thread a request, on the loopback address only."""

from __future__ import annotations

import logging
import socket
import threading
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from dockerlab.cloud.api import bodies
from dockerlab.errors import DockerlabError

log = logging.getLogger("dockerlab.cloud")

HOST = "127.0.0.1"
PORT = 4560
TRIED = 50
"""Ports after a taken one."""


class Handler(MotoRequestHandler):  # type: ignore[misc]  # moto is not followed by mypy
    """Reads a request. moto's, as S3's names may hold what werkzeug would leave out."""

    timeout = 30
    """Seconds that nothing may come, and nothing be taken."""

    def run_wsgi(self) -> None:
        # Who asks first whether to send too much is told no, and sends nothing.
        length = self.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > bodies.LARGEST:
            del self.headers["Expect"]
        super().run_wsgi()

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        log.debug("%s %s", self.requestline, code)

    def log(self, type: str, message: str, *args: Any) -> None:
        log.debug(message, *args)


class Server:
    """Answers at ``endpoint`` from ``start`` to ``stop``."""

    def __init__(self, port: int = PORT) -> None:
        """Take the port, or the next free one. DockerlabError if none is."""
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self.endpoint = f"http://{HOST}:{self.port}"
        self._server: BaseWSGIServer | None = None
        if port and self.port != port:
            log.warning("port %d is taken by another process: this is %s", port, self.endpoint)

    def start(self, application: Any) -> None:
        self._server = make_server(
            HOST,
            self.port,
            application,
            threaded=True,
            request_handler=Handler,
            fd=self._socket.fileno(),
        )
        threading.Thread(
            target=self._server.serve_forever, args=(0.1,), daemon=True, name="http"
        ).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._socket.close()


def _listen(first: int) -> socket.socket:
    """On ``first`` or a later port; 0: any."""
    for port in range(first, first + TRIED if first else 1):
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((HOST, port))
            taken.listen(128)
            return taken
        except OSError:
            taken.close()
    raise DockerlabError(
        f"no port from {first} to {first + TRIED - 1} is free", "lab.cloud(port=…) takes another"
    )
