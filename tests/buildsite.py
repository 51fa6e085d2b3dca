"""A small server for ADD: files, and answers that no good server gives."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate

from buildlab import Entry, as_entry


@dataclass
class Site:
    """``files``: path → what is there now. ``asked``: the paths that were fetched."""

    url: str = ""
    files: dict[str, Entry | bytes | str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    waiting: threading.Event = field(default_factory=threading.Event)
    """Somebody waits for ``/silence``."""
    left: threading.Event = field(default_factory=threading.Event)
    """And has gone away."""


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    site = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            answer = ANSWERS.get(self.path, send_file)
            with contextlib.suppress(OSError):
                answer(self, site)

        def log_message(self, *words: object) -> None:
            """Nothing on the terminal."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield site
        finally:
            server.shutdown()


def send_file(handler: http.server.BaseHTTPRequestHandler, site: Site) -> None:
    if handler.path not in site.files:
        handler.send_error(404)
        return
    entry = as_entry(site.files[handler.path])
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(entry.content)))
    handler.send_header("Last-Modified", formatdate(entry.mtime, usegmt=True))
    handler.end_headers()
    handler.wfile.write(entry.content)


def circle(handler: http.server.BaseHTTPRequestHandler, site: Site) -> None:
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def silence(handler: http.server.BaseHTTPRequestHandler, site: Site) -> None:
    """Never an answer."""
    site.waiting.set()
    if handler.connection.recv(1) == b"":
        site.left.set()


def broken_off(handler: http.server.BaseHTTPRequestHandler, site: Site) -> None:
    """Less than was promised."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"not all")


def claims_too_much(handler: http.server.BaseHTTPRequestHandler, site: Site) -> None:
    """A file larger than any disk, of which little comes."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 60))
    handler.end_headers()
    handler.wfile.write(b"x" * 100_000)


ANSWERS = {
    "/circle": circle,
    "/silence": silence,
    "/broken": broken_off,
    "/huge": claims_too_much,
}
