"""Where an engine is looked for, and what is said about it. Sockets are real, engines small."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dockerlab.client import connect, sockets
from dockerlab.client.connect import Place, find, look, places
from dockerlab.client.engine_process import EngineProcess, default_root
from dockerlab.errors import EngineUnavailable

PONG = b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/27\r\nContent-Length: 2\r\n\r\nOK"


@contextmanager
def server(path: Path, answer: bytes = PONG) -> Iterator[Path]:
    """Answers every connection with the same bytes."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield path
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(60)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKERLAB_ENGINE", "DOCKERLAB_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


def test_the_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://far:1")
    assert [place.source for place in places()] == [
        "DOCKER_HOST",
        "Docker's socket",
        "rootless Docker's socket",
        "Podman's socket",
        "Podman's system socket",
    ]


def test_the_current_context(tmp_path: Path) -> None:
    config = tmp_path / "config"
    meta = config / "contexts" / "meta" / hashlib.sha256(b"mine").hexdigest()
    meta.mkdir(parents=True)
    (config / "config.json").write_text(json.dumps({"currentContext": "mine"}))
    (meta / "meta.json").write_text(
        json.dumps({"Name": "mine", "Endpoints": {"docker": {"Host": "unix:///a/b.sock"}}})
    )
    first = next(places())
    assert (first.source, first.url) == ("the docker context 'mine'", "unix:///a/b.sock")


def test_a_context_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    finding = look(next(places()))
    assert not finding.ok
    assert "context is not there" in finding.reason


def test_ping_says_what_is_wrong(tmp_path: Path) -> None:
    assert not sockets.ping(tmp_path / "none").there
    with server(tmp_path / "a"):
        assert sockets.ping(tmp_path / "a").server == "Docker/27"
    assert "nothing listens" in sockets.ping(tmp_path / "a").reason
    with server(tmp_path / "b", b"HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n"):
        assert "status 500" in sockets.ping(tmp_path / "b").reason
    with server(tmp_path / "c", b"nonsense\r\n\r\n"):
        assert "does not answer as an engine" in sockets.ping(tmp_path / "c").reason
    with server(tmp_path / "d", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"):
        assert "some other server" in sockets.ping(tmp_path / "d").reason


def test_a_silent_socket_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PING_SECONDS", 0.1)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "silent"))
        listening.listen()
        assert "did not answer" in sockets.ping(tmp_path / "silent").reason


def test_long_paths_are_reached(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 90) / ("y" * 90)
    folder.mkdir(parents=True)
    here = os.getcwd()
    os.chdir(folder)
    try:
        with server(Path("docker.sock")):
            assert sockets.ping(folder / "docker.sock").ok
            url = sockets.reachable_url(folder / "docker.sock")
    finally:
        os.chdir(here)
    assert len(url.removeprefix("unix://")) < 108


def test_what_was_passed_over_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    (tmp_path / "run").mkdir()
    with server(tmp_path / "run" / "docker.sock"):
        kept = [place for place in places() if "/var/run" not in place.url]
        monkeypatch.setattr(connect, "places", lambda: iter(kept))
        found, seen = find()
    assert found is not None
    assert found.place.source == "rootless Docker's socket"
    because = connect._because(found, seen)
    assert because.startswith("rootless Docker's socket answers")
    assert "the docker context 'gone'" in because


def test_docker_host_is_binding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    (tmp_path / "run").mkdir()
    with (
        server(tmp_path / "run" / "docker.sock"),
        pytest.raises(EngineUnavailable, match="DOCKER_HOST .*none.sock.* is not there"),
    ):
        connect.connect()


def test_the_embedded_engines_own_socket_is_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKERLAB_ROOT", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    assert next(places()).ours
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/other.sock")
    assert not next(places()).ours


def test_it_is_not_started_where_that_is_forbidden(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKERLAB_ENGINE", "docker")
    monkeypatch.setenv("DOCKERLAB_ROOT", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    with pytest.raises(EngineUnavailable, match="DOCKER_HOST .* is not there"):
        connect.connect(quiet=True)


def test_an_unknown_wish_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERLAB_ENGINE", "pudding")
    with pytest.raises(EngineUnavailable, match="pudding"):
        connect.connect(quiet=True)


def test_docker_only_does_not_start_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERLAB_ENGINE", "docker")
    monkeypatch.setattr(connect, "places", lambda: iter([Place("nowhere", "unix:///none")]))
    with pytest.raises(EngineUnavailable, match=r"nowhere \(unix:///none\) is not there"):
        connect.connect(quiet=True)


def test_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_root() == Path("/data/dockerlab/engine")
    monkeypatch.setenv("DOCKERLAB_ROOT", "/own")
    assert default_root() == Path("/own")


def test_an_engine_that_cannot_start_says_why(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(EngineUnavailable, match="folder cannot be made"):
        EngineProcess(blocked / "engine").start()


def test_a_record_of_a_dead_engine_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "engine.json").write_text(json.dumps({"pid": os.getpid()}))
    engine = EngineProcess(tmp_path)
    assert not engine.status().running
    assert engine.stop() is False  # and this process, whose number stands there, lives on
