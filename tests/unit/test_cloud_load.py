"""Requests at a steady rate, against a server of the test's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dockerlab.client.cloud.load import load
from dockerlab.errors import CommandError
from dockerlab.formats.cloud import Load


class Page(BaseHTTPRequestHandler):
    """``/500`` is an error, ``/slow`` takes a second, ``/away`` leads elsewhere."""

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(1)
        self.send_response({"/500": 500, "/404": 404, "/away": 302}.get(self.path, 200))
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("X-Instance-Id", "i-1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_are_answered(url: str) -> None:
    found = load(url, rate=50, seconds=1)
    assert found.failed == 0
    assert 45 <= found.sent <= 51
    assert found.instances == (("i-1", found.sent),)
    assert 0 < found.median <= found.slowest


def test_a_slow_server_is_asked_all_the_same(url: str) -> None:
    """Each second brings as many requests, however long the answers take."""
    found = load(f"{url}/slow", rate=20, seconds=1.5)
    assert found.sent >= 25
    assert found.median > 900
    assert found.failed == 0


@pytest.mark.parametrize(("path", "failing"), [("/500", True), ("/404", False), ("/away", False)])
def test_what_counts_as_failed(url: str, path: str, failing: bool) -> None:
    found = load(url + path, rate=20, seconds=0.5)
    assert found.failed == (found.sent if failing else 0)


def test_nobody_answers() -> None:
    found = load("http://127.0.0.1:1/", rate=20, seconds=0.5)
    assert found.sent == found.failed > 5
    assert (found.median, found.slowest, found.instances) == (0, 0, ())


def test_it_tells_how_far_it_is(url: str) -> None:
    told: list[Load] = []
    load(url, rate=20, seconds=1.3, progress=told.append)
    assert len(told) == 2
    assert 5 < told[0].sent < told[1].sent


@pytest.mark.parametrize(
    ("url", "rate", "seconds"),
    [("web", 1, 1), ("http://x", 0, 1), ("http://x", 1e9, 1), ("http://x", 1, -1)],
)
def test_what_cannot_be_sent(url: str, rate: float, seconds: float) -> None:
    with pytest.raises(CommandError):
        load(url, rate, seconds)
