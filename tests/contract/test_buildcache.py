"""The build cache: the same hits and misses on every engine, step by step."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from email.utils import formatdate

import pytest
from buildlab import Builder, Entry, as_entry
from buildseries import ALL, Series

SERVED: dict[str, Entry | bytes | str] = {}
"""Path → file of the server, as the turn under way has it."""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        entry = as_entry(SERVED[self.path])
        self.send_response(200)
        self.send_header("Content-Length", str(len(entry.content)))
        self.send_header("Last-Modified", formatdate(entry.mtime, usegmt=True))
        self.end_headers()
        self.wfile.write(entry.content)

    def log_message(self, *words: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name.replace(" ", "-"))
def test_hits_and_misses(build: Builder, server: str, one: Series) -> None:
    assert not build("FROM busybox\nLABEL dltest=@@", t="@@").error
    patterns = list(patterns_of(build, server, one))
    assert patterns == [turn.expect for turn in one.turns]


def patterns_of(build: Builder, server: str, one: Series) -> Iterator[str]:
    """Build turn after turn; the pattern of each, or the error."""
    dockerfile, files = "", dict[str, Entry | bytes | str | None]()
    for turn in one.turns:
        dockerfile = turn.dockerfile or dockerfile
        files |= turn.files
        if turn.remove:
            build.client.images.remove(build.marked(turn.remove).decode())
        sent = {path: content for path, content in files.items() if content is not None}
        SERVED.update({path[3:]: sent.pop(path) for path in list(sent) if path[:4] == "www/"})
        built = build(dockerfile.replace("%URL%", server), sent, **turn.query)
        yield built.error or built.pattern


def test_there_are_at_least_forty_series() -> None:
    assert len({one.name for one in ALL}) == len(ALL) >= 40
