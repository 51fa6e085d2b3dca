"""A teacher's machine opens no more than it says, and stands more learners than it has places."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlab.course.offline import serve
from dockerlab.course.shelf import Blob


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def server(
    told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[serve._Counter]:
    """It gives to one at a time."""
    monkeypatch.setattr(serve, "_MOST_CLIENTS", 1)
    running = serve._Counter(("127.0.0.1", 0), told.append)
    (tmp_path / "manifest").write_bytes(b"{}")
    blob = Blob(tmp_path / "manifest", 2, "sha256:" + "0" * 64)
    running.shelf.manifests["alpine", "latest"] = blob
    threading.Thread(target=running.serve_forever, args=(0.01,)).start()
    yield running
    running.shutdown()
    running.server_close()


def learner(server: serve._Counter) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=30)


def ask(connection: http.client.HTTPConnection, path: str, method: str = "GET") -> int:
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_one_too_many_waits_for_a_place(server: serve._Counter) -> None:
    first, second = learner(server), learner(server)
    assert ask(first, "/v2/") == 200
    waiting = threading.Thread(target=lambda: statuses.append(ask(second, "/v2/")))
    statuses: list[int] = []
    waiting.start()
    waiting.join(0.3)
    assert statuses == []
    first.close()
    waiting.join(60)
    assert statuses == [200]
    second.close()


def test_it_only_gives(server: serve._Counter) -> None:
    for method, path, status in (
        ("POST", "/v2/alpine/blobs/uploads/", 501),
        ("PUT", "/v2/alpine/manifests/latest", 501),
        ("DELETE", "/v2/alpine/manifests/latest", 501),
        ("GET", "/etc/passwd", 404),
        ("GET", "/v2/alpine/blobs/../../manifest", 404),
        ("GET", "//v2//alpine/manifests/latest/..", 404),
    ):
        connection = learner(server)
        assert (path, ask(connection, path, method)) == (path, status)
        connection.close()


def test_the_teacher_hears_of_images_and_of_nothing_else(
    server: serve._Counter, told: list[str]
) -> None:
    connection = learner(server)
    ask(connection, "/v2/alpine/manifests/latest", "HEAD")
    ask(connection, "/v2/%1b[2Jalpine/manifests/latest")
    assert told == []
    ask(connection, "/v2/library/alpine/manifests/latest")
    assert told == ["127.0.0.1 takes alpine"]
    connection.close()
    assert server.asked == []


def test_an_address_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert serve._seen_from_outside("192.0.2.7") == "192.0.2.7"
    assert serve._seen_from_outside("::1") == "::1"
    assert serve._seen_from_outside("0.0.0.0") not in ("", "0.0.0.0")
