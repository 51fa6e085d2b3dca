"""The shim's poll loop and streams, on real pipes and terminals."""

from __future__ import annotations

import os
import pty
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlab.engine.run.process import ProcessSpec
from dockerlab.engine.run.shim.logs import Log, LogWriter
from dockerlab.engine.run.shim.loop import READ, Loop
from dockerlab.engine.run.shim.stdio import Input, Output, close_stdio, open_stdio
from dockerlab.engine.run.shim.terminal import resize


class NoIsolation:
    def open_terminal(self) -> tuple[int, int]:
        return pty.openpty()


class Streams:
    """A loop, a log, and streams on it."""

    def __init__(self, folder: Path) -> None:
        self.loop = Loop()
        self.writer = LogWriter(str(folder / "log"))
        self.log = Log(folder / "log")
        self.pokes = 0

    def poke(self) -> None:
        self.pokes += 1

    def output(self, descriptor: int) -> Output:
        return Output(descriptor, "stdout", self.writer, self.loop, self.poke)

    def turn(self, count: int = 20) -> None:
        for _ in range(count):
            self.loop.once(0.01)

    def text(self) -> bytes:
        return b"".join(entry.data for entry in self.log.read())


@pytest.fixture
def streams(tmp_path: Path) -> Iterator[Streams]:
    streams = Streams(tmp_path)
    yield streams
    streams.writer.close()


def test_output_goes_to_the_log_until_its_end(streams: Streams) -> None:
    reader, writer = os.pipe()
    output = streams.output(reader)
    os.write(writer, b"hello\n")
    streams.turn()
    assert (streams.text(), streams.pokes, output.open) == (b"hello\n", 1, True)
    os.close(writer)
    streams.turn()
    assert not output.open
    os.close(reader)


def test_input_waits_for_its_reader(streams: Streams) -> None:
    reader, writer = os.pipe()
    free: list[bool] = []
    stdin = Input(writer, streams.loop, None)
    assert stdin.write(b"a", lambda: free.append(True))
    assert not stdin.write(b"x" * 200_000, lambda: free.append(True))
    stdin.close()
    received = b""
    while len(received) < 200_001:
        received += os.read(reader, 1 << 16)
        streams.turn(1)
    assert free == [True]
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_input_of_a_process_that_does_not_read_any_more(streams: Streams) -> None:
    reader, writer = os.pipe()
    stdin = Input(writer, streams.loop, None)
    os.close(reader)
    assert stdin.write(b"x", lambda: None)
    assert not stdin.open
    assert stdin.write(b"y", lambda: None)


def test_terminal_is_read_and_written_by_one_descriptor(streams: Streams) -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    output = streams.output(master)
    stdin = Input(master, streams.loop, output)
    assert stdin.write(b"in", lambda: None)
    assert os.read(slave, 10) == b"in"
    assert not stdin.write(b"z" * 100_000, lambda: None)  # nobody reads the slave
    os.write(slave, b"out")
    streams.turn()
    assert streams.text() == b"out"
    stdin.close()
    assert output.open
    os.close(slave)
    streams.turn()
    assert not output.open
    os.close(master)


def test_one_bad_handler_does_not_end_the_loop(
    streams: Streams, capsys: pytest.CaptureFixture[str]
) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"x")

    def fail(events: int) -> None:
        raise RuntimeError("bad client")

    streams.loop.watch(reader, READ, fail)
    assert streams.loop.once(1)
    assert "bad client" in capsys.readouterr().err
    assert not streams.loop.once(0)
    os.close(reader)
    os.close(writer)


def test_stdin_that_is_not_open_is_empty() -> None:
    ends, stdio = open_stdio(ProcessSpec(("true",)), NoIsolation())
    assert ends.stdin == -1
    assert os.read(stdio.stdin, 1) == b""
    close_stdio(stdio)
    assert os.read(ends.stdout, 1) == b""
    ends.close()


def test_terminal_has_its_size_before_the_program_starts() -> None:
    spec = ProcessSpec(("true",), tty=True, console=(33, 44))
    ends, stdio = open_stdio(spec, NoIsolation())
    assert os.get_terminal_size(stdio.stdin) == (44, 33)
    resize(ends.stdout, 10, 20)
    assert os.get_terminal_size(stdio.stdin) == (20, 10)
    close_stdio(stdio)
    ends.close()
