"""What a grader makes of what comes out of a sandbox, without one."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator

import pytest

from dockerlab.grading.classroom.sandbox import pages, running
from dockerlab.grading.classroom.sandbox.inside import namespaces
from dockerlab.grading.classroom.sandbox.running import Output, Over
from dockerlab.grading.classroom.seam import Limits


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


def test_output_is_kept_up_to_the_limit(pipe: tuple[int, int]) -> None:
    output = Output(pipe[0], Limits(output=5))
    os.write(pipe[1], "한글".encode())
    output.drain()
    assert output.text() == "한\N{REPLACEMENT CHARACTER}"
    assert output.cut
    output.begin()
    os.write(pipe[1], b"next")
    output.drain()
    assert output.text() == "next"
    assert not output.cut


def test_endless_output_ends_a_submission(pipe: tuple[int, int]) -> None:
    output = Output(pipe[0], Limits(output=10))
    os.write(pipe[1], b"x" * 1000)
    with pytest.raises(Over) as caught:
        output.drain()
    assert caught.value.ended == "output"


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_nonsense_is_no_answer(line: bytes) -> None:
    with pytest.raises(Over) as caught:
        running._error(line)
    assert caught.value.ended == "died"


def test_how_a_process_ended_is_said() -> None:
    assert running._death(3) == "its process ended with exit code 3"
    assert running._death(-9) == "its process was ended by SIGKILL"
    assert running._death(-63) == "its process was ended by signal 63"


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", (200, "hi")),
        (b"HTTP/1.0 404 No\r\n\r\n", (404, "")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", (200, "hi")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", (200, "hi")),
    ],
)
def test_a_page_is_read_as_far_as_it_came(data: bytes, answer: tuple[int, str]) -> None:
    assert pages._parse(data) == answer


@pytest.mark.parametrize("data", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 99])
def test_what_is_no_page_is_an_error_of_the_network(data: bytes) -> None:
    with pytest.raises(OSError):
        pages._parse(data)


def test_a_box_that_has_ended_has_no_pages() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.close()
    asked = pages.Pages(ours)
    with pytest.raises(OSError):
        asked(80, patience=0)
    asked.close()


def test_boxes_that_are_open_at_a_time_share_no_id() -> None:
    lots = [namespaces.ids(grader, turn) for grader in (100, 101) for turn in range(2)]
    if lots[0].count == 1:
        pytest.skip("needs a root that may lend ids")
    firsts = sorted(lot.uid for lot in lots)
    assert all(b - a >= lots[0].count for a, b in itertools.pairwise(firsts))
    assert namespaces.ids(100, 0) == lots[0]
