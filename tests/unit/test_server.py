"""The HTTP server on a real socket: hijacked connections, half-close, clients that go away."""

from __future__ import annotations

import asyncio
import socket
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from dockerlab.engine.api import router
from dockerlab.engine.api.router import JSONStream, Route
from dockerlab.engine.api.server import Hijack, Server, frame, listen
from dockerlab.engine.errors import BadParameter, Conflict

UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n"


async def echo(request: web.Request, daemon: object) -> web.StreamResponse:
    hijack = Hijack(request)
    async with hijack as stream:
        while data := await stream.read():
            await stream.write(frame("stdout", data))
        await stream.write(frame("stderr", b"end"))
    return hijack.response


async def flood(request: web.Request, daemon: object) -> web.StreamResponse:
    hijack = Hijack(request)
    try:
        async with hijack as stream:
            while True:
                await stream.write(b"x" * 65536)
    except ConnectionError:
        GONE.append(True)
    return hijack.response


async def slowly_wrong(request: web.Request, daemon: object) -> web.StreamResponse:
    async with JSONStream(request) as stream:
        await stream.send({"status": "working"})
        raise BadParameter("it broke")
    return stream.response


async def size(request: web.Request, daemon: object) -> web.Response:
    return router.json({"size": len(await router.json_body(request))})


GONE: list[bool] = []
ROUTES = [
    Route("POST", "/echo", echo),
    Route("POST", "/flood", flood),
    Route("POST", "/wrong", slowly_wrong),
    Route("POST", "/size", size),
]


def serve(path: Path, work: Callable[[], object | Awaitable[object]]) -> object:
    """Run blocking client code beside a server."""

    async def run() -> object:
        server = Server(ROUTES, None, path)  # type: ignore[arg-type]
        await server.start()
        try:
            return await asyncio.wait_for(asyncio.to_thread(work), 20)
        finally:
            await server.stop()

    return asyncio.run(run())


def connect(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(60)
    sock.connect(str(path))
    return sock


def read_until(sock: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data and (part := sock.recv(65536)):
        data += part
    return data


def read_all(sock: socket.socket) -> bytes:
    return read_until(sock, b"\0never\0")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "docker.sock"


def test_the_socket_is_private_and_goes_away(path: Path) -> None:
    assert serve(path, lambda: stat.S_IMODE(path.stat().st_mode)) == 0o600
    assert not path.exists()


def test_a_stale_socket_is_replaced_and_a_live_one_is_not(path: Path) -> None:
    listen(path).close()
    with listen(path), pytest.raises(Conflict, match="another engine"):
        listen(path)


def test_a_path_longer_than_sockaddr_allows(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    with listen(folder / "docker.sock"):
        assert (folder / "docker.sock").is_socket()


def test_an_upgraded_connection_is_a_pipe_with_half_close(path: Path) -> None:
    def client() -> tuple[bytes, bytes]:
        with connect(path) as sock:
            head = f"POST /v1.41/echo HTTP/1.1\r\nHost: d\r\n{UPGRADE}Content-Length: 2\r\n\r\n{{}}"
            sock.sendall(head.encode())
            answer = read_until(sock, b"\r\n\r\n")
            sock.sendall(b"hello")
            sock.shutdown(socket.SHUT_WR)
            return answer, read_all(sock)

    answer, rest = serve(path, client)  # type: ignore[misc]
    assert answer.startswith(b"HTTP/1.1 101 UPGRADED\r\n")
    assert b"Content-Type: application/vnd.docker.raw-stream\r\n" in answer
    assert b"Upgrade: tcp\r\n" in answer
    assert rest == b"\1\0\0\0\0\0\0\5hello" + b"\2\0\0\0\0\0\0\3end"


def test_without_upgrade_the_answer_is_200(path: Path) -> None:
    def client() -> bytes:
        with connect(path) as sock:
            sock.sendall(b"POST /echo HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n")
            head = read_until(sock, b"\r\n\r\n")
            sock.shutdown(socket.SHUT_WR)
            return head + read_all(sock)

    answer = serve(path, client)
    assert isinstance(answer, bytes)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"end")
    assert b"chunked" not in answer


def test_a_client_that_goes_away_ends_the_writer(path: Path) -> None:
    GONE.clear()

    def client() -> None:
        with connect(path) as sock:
            sock.sendall(f"POST /flood HTTP/1.1\r\nHost: d\r\n{UPGRADE}\r\n".encode())
            sock.recv(1000)
        for _ in range(200):
            if GONE:
                return
            time.sleep(0.01)

    serve(path, client)
    assert GONE == [True]


def test_an_error_in_a_stream_becomes_an_object_of_it(path: Path) -> None:
    def client() -> bytes:
        with connect(path) as sock:
            sock.sendall(b"POST /wrong HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n")
            return read_until(sock, b"0\r\n\r\n")

    answer = serve(path, client)
    assert isinstance(answer, bytes)
    assert b'{"status":"working"}\r\n' in answer
    assert b'{"errorDetail":{"code":400,"message":"it broke"},"error":"it broke"}' in answer


def test_headers_docker_clients_look_for_and_bad_requests(path: Path) -> None:
    def client() -> tuple[bytes, bytes, bytes]:
        answers = []
        for body in (b"{}", b"{bad", b"[1]"):
            with connect(path) as sock:
                head = b"POST /size HTTP/1.1\r\nHost: d\r\nContent-Length: %d\r\n\r\n" % len(body)
                sock.sendall(head + body)
                answers.append(read_until(sock, b"}\n"))
        return tuple(answers)  # type: ignore[return-value]

    good, broken, no_object = serve(path, client)  # type: ignore[misc]
    assert b"Api-Version: 1.41\r\n" in good
    assert b"Ostype: linux\r\n" in good
    assert broken.startswith(b"HTTP/1.1 400")
    assert no_object.startswith(b"HTTP/1.1 400")
