"""Where the browser finds a page, and what is read out of an answer and of the kernel's table."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dockerlab.client.pages import answer as answers
from dockerlab.client.pages.address import NotebookServer, browser_url, notebook_server
from dockerlab.client.pages.answer import Answer, NoAnswer, NotHTTP, request
from dockerlab.client.pages.listening import Listener, listeners, parse


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where Jupyter servers say who they are."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "77")
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"base_url": "/", "hostname": "127.0.0.1"}, "http://127.0.0.1:8080/a"),
        ({"base_url": "/", "hostname": "localhost", "secure": False}, "http://127.0.0.1:8080/a"),
        ({"base_url": "/user/kim/", "hostname": "127.0.0.1"}, "/user/kim/proxy/8080/a"),
        ({"base_url": "/", "hostname": "0.0.0.0"}, "/proxy/8080/a"),
        ({"base_url": "/", "hostname": "127.0.0.1", "secure": True}, "/proxy/8080/a"),
        (["not what it should be"], "http://127.0.0.1:8080/a"),
    ],
)
def test_the_server_that_started_the_kernel_decides(
    runtime: Path, facts: object, expected: str
) -> None:
    (runtime / "jpserver-77.json").write_text(json.dumps(facts))
    assert browser_url(8080, path="/a") == expected


def test_without_a_server_the_address_is_direct(runtime: Path) -> None:
    assert browser_url(8080) == "http://127.0.0.1:8080/"
    assert browser_url(80, "::1", "x") == "http://[::1]:80/x"


def test_a_hub_goes_before_everything(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/kim/")
    assert browser_url(8080) == "/user/kim/proxy/8080/"
    # The proxy does not go to other machines.
    assert browser_url(8080, "192.168.1.5") == "http://192.168.1.5:8080/"


def test_a_prefix_is_written_with_both_slashes() -> None:
    assert notebook_server({"JUPYTERHUB_SERVICE_PREFIX": "user/kim"}) == NotebookServer(
        "/user/kim/", near=False
    )


PAGE = b"""<!doctype html><html><head><title>
 Caf\xc3\xa9 &amp; more </title><style>p {}</style></head>
<body><script>var x = 1</script><h1>Good <b>day</b></h1><p>rest</p></body></html>"""


def test_what_a_reader_sees_of_a_page() -> None:
    page = Answer("u", 200, "OK", PAGE, {"content-type": "text/html"})
    assert (page.title, page.first_line) == ("Café & more", "Good day")
    text = Answer("u", 200, "OK", b"\n one\ntwo", {"content-type": "text/plain"})
    assert (text.title, text.first_line) == ("", "one")


@pytest.mark.parametrize("part", ["<title", "<title>", "<!", "<a ", "<!--", "&#1"])
def test_a_page_that_is_hard_to_read_takes_no_time(part: str) -> None:
    begun = time.process_time()
    page = Answer("http://x/", 200, "OK", part.encode() * (answers.LIMIT // len(part)))
    assert page.title == ""
    assert len(page.first_line) <= 65_536
    assert time.process_time() - begun < 5


def test_text_in_another_or_an_unknown_encoding() -> None:
    latin = Answer("u", 200, "OK", b"\xe9", {"content-type": "text/plain; charset=latin-1"})
    assert latin.text == "é"
    odd = Answer("u", 200, "OK", b"e", {"content-type": "text/plain; charset=klingon"})
    assert odd.text == "e"


@contextmanager
def server(said: bytes, *, hang: bool = False) -> Iterator[int]:
    """A port that says this to the first who asks."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(said)
                if hang:
                    done.wait(60)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            done.set()
            thread.join()


def test_asking() -> None:
    with server(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-A: b\r\n\r\nno") as port:
        found = request("127.0.0.1", port, "/x")
    assert (found.status, found.reason, found.body) == (404, "Not Found", b"no")
    assert found.headers["x-a"] == "b"
    assert found.url == f"http://127.0.0.1:{port}/x"


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NoAnswer):
        request("127.0.0.1", port, "/")


def test_one_who_hangs_up_or_stays_silent() -> None:
    with server(b"") as port, pytest.raises(NoAnswer):
        request("127.0.0.1", port, "/")
    with server(b"", hang=True) as port, pytest.raises(NoAnswer):
        request("127.0.0.1", port, "/", patience=0.2)


def test_one_who_speaks_something_else() -> None:
    with server(b"-ERR unknown command\r\n") as port, pytest.raises(NotHTTP, match="-ERR unknown"):
        request("127.0.0.1", port, "/")


def test_a_page_without_an_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(b"HTTP/1.1 200 OK\r\n\r\nbegun", hang=True) as port:
        assert request("127.0.0.1", port, "/", patience=0.2).body == b"begun"
    monkeypatch.setattr(answers, "LIMIT", 3)
    with server(b"HTTP/1.1 200 OK\r\n\r\nbegun") as port:
        assert request("127.0.0.1", port, "/").body == b"beg"


def test_the_kernels_table() -> None:
    table = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1
   1: 0100007F:1F91 0100007F:8000 01 00000000:00000000 00:00000000 00000000 0 0 1 1
   2: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0 0
   3: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 0 0
"""
    assert parse(table) == [("127.0.0.1", 8080), ("::", 80), ("127.0.0.1", 81)]


class Table:
    """An engine whose container answers ``cat /proc/net/tcp`` with these rows."""

    def __init__(self, *rows: str) -> None:
        self.text = "  sl  local_address rem_address   st\n" + "".join(
            f"   {at}: {row} 00000000:0000 0A 00000000:00000000\n" for at, row in enumerate(rows)
        )

    def exec_create(self, *_: object) -> dict[str, str]:
        return {"Id": "x"}

    def exec_start(self, *_: object) -> bytes:
        return self.text.encode()

    def info(self) -> dict[str, list[str]]:
        return {"Labels": []}


def test_the_engine_s_name_server_is_no_program_of_the_container() -> None:
    table = Table("0B00007F:9DC5", "0B00007F:0035", "00000000:0050", "0100007F:1538")
    assert listeners(table, {"Id": "c"}) == [Listener(80), Listener(5432, local=True)]
