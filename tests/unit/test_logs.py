"""The log: what is written comes back, by lines and raw, whatever the container writes."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlab.engine.run.shim.logs import LONGEST_LINE, Entry, Log, LogWriter, Stream


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


def write(path: Path, *chunks: tuple[Stream, bytes]) -> Log:
    writer = LogWriter(str(path))
    for stream, data in chunks:
        writer.write(stream, data)
    writer.close()
    return Log(path)


def data(log: Log, **choice: object) -> list[bytes]:
    return [entry.data for entry in log.read(**choice)]


def test_no_log_yet(path: Path) -> None:
    assert data(Log(path)) == []
    assert data(Log(path), tail=3) == []
    assert Log(path).size() == 0


def test_lines_are_put_together_from_writes(path: Path) -> None:
    log = write(path, ("stdout", b"a"), ("stderr", b"E1\nE"), ("stdout", b"b\nc\nd"))
    assert data(log, stderr=False) == [b"ab\n", b"c\n", b"d"]
    assert data(log, stdout=False) == [b"E1\n", b"E"]


def test_a_line_has_the_time_of_its_first_byte(path: Path) -> None:
    log = write(path, ("stdout", b"a"), ("stdout", b"b\nc"), ("stdout", b"\n"))
    times = [json.loads(line)["t"] for line in path.read_text().splitlines()]
    assert [entry.time_ns for entry in log.read()] == times[:2]
    assert times == sorted(set(times))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50, 99, 100, 101, 5000])
def test_tail(path: Path, count: int) -> None:
    lines = [b"line %d\n" % n for n in range(100)]
    log = write(path, *(("stdout", line) for line in lines))
    assert data(log, tail=count) == lines[len(lines) - min(count, 100) :]


def test_tail_of_lines_across_writes(path: Path) -> None:
    log = write(path, ("stdout", b"1\n2\n3"), ("stderr", b"x"), ("stdout", b"\n4\n5"))
    assert data(log, tail=2) == [b"x", b"5"]
    assert data(log, tail=4) == [b"3\n", b"4\n", b"x", b"5"]


def test_tail_reads_only_the_end_of_a_long_log(path: Path) -> None:
    log = write(path, *(("stdout", b"x" * 1000 + b"\n") for _ in range(5000)))
    start, skip = log._tail(3)
    assert path.stat().st_size - start < 100_000
    assert 0 <= skip < 10


def test_since_and_until(path: Path) -> None:
    log = write(path, *(("stdout", b"%d\n" % n) for n in range(5)))
    times = [entry.time_ns for entry in log.read()]
    assert data(log, since=times[3]) == [b"3\n", b"4\n"]
    assert data(log, until=times[1]) == [b"0\n", b"1\n"]
    assert data(log, tail=2, since=times[4]) == [b"4\n"]


def test_long_lines_come_in_pieces(path: Path) -> None:
    line = b"y" * (2 * LONGEST_LINE + 5) + b"\n"
    chunks = [line[n : n + 1000] for n in range(0, len(line), 1000)]
    log = write(path, *(("stdout", chunk) for chunk in chunks), ("stdout", b"next\n"))
    found = list(log.read())
    assert [len(entry.data) for entry in found] == [LONGEST_LINE, LONGEST_LINE, 6, 5]
    assert [entry.continued for entry in found] == [False, True, True, False]


def test_terminal_output_keeps_its_line_ends(path: Path) -> None:
    log = write(path, ("stdout", b"10%\r20%\r\ndone\r\n"))
    assert data(log) == [b"10%\r20%\r\n", b"done\r\n"]


@settings(max_examples=50, deadline=None)
@given(chunks=st.lists(st.binary(min_size=1, max_size=300), max_size=8))
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]) -> None:
    log = write(tmp_path_factory.mktemp("log") / "l", *(("stdout", chunk) for chunk in chunks))
    assert b"".join(data(log)) == b"".join(chunks)


def test_characters_are_readable_in_the_file(path: Path) -> None:
    log = write(path, ("stdout", "안녕 ☃\n".encode()))
    assert "안녕 ☃" in path.read_text()
    assert data(log) == ["안녕 ☃\n".encode()]


def test_cut_off_record_is_skipped_and_written_past(path: Path) -> None:
    write(path, ("stdout", b"one\n"))
    with path.open("ab") as file:
        file.write(b'{"t":1,"s":"stdout","d":"hal')
    assert data(Log(path)) == [b"one\n"]
    log = write(path, ("stdout", b"two\n"))
    assert data(log) == [b"one\n", b"two\n"]
    assert data(log, tail=1) == [b"two\n"]


def test_full_disk_loses_output_but_nothing_else(path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        writer = LogWriter(str(path))
        for number in range(40):
            writer.write("stdout", b"line %d\n" % number)
        lost = writer.lost
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        writer.write("stdout", b"again\n")
        os._exit(0 if lost else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    lines = data(Log(path))
    assert lines[-1] == b"again\n"
    assert lines[:-1] == [b"line %d\n" % n for n in range(len(lines) - 1)]


class Followed:
    """A log being written while it is followed."""

    def __init__(self, path: Path) -> None:
        self.writer = LogWriter(str(path))
        self.log = Log(path)
        self.ended = False

    async def write(self, *chunks: bytes) -> None:
        for chunk in chunks:
            await asyncio.sleep(0.03)
            self.writer.write("stdout", chunk)
        self.ended = True

    async def follow(self, **options: object) -> list[Entry]:
        return [entry async for entry in self.log.follow(lambda: self.ended, **options)]


def follow(path: Path, before: list[bytes], after: list[bytes], **options: object) -> list[bytes]:
    async def work() -> list[bytes]:
        followed = Followed(path)
        for chunk in before:
            followed.writer.write("stdout", chunk)
        if options.get("start") == "now":
            options["start"] = followed.log.size()
        writing = asyncio.create_task(followed.write(*after))
        found = await asyncio.wait_for(followed.follow(**options), 10)
        await writing
        followed.writer.close()
        return [entry.data for entry in found]

    return asyncio.run(work())


def test_follow(path: Path) -> None:
    assert follow(path, [b"a\nb\n"], [b"c", b"d\n", b"e"]) == [b"a\n", b"b\n", b"cd\n", b"e"]


def test_follow_from_the_tail(path: Path) -> None:
    assert follow(path, [b"a\nb\nc\n"], [b"d\n"], tail=1) == [b"c\n", b"d\n"]
    path.unlink()
    assert follow(path, [b"a\nb\nc\n"], [b"d\n"], tail=0) == [b"d\n"]


def test_follow_raw_shows_half_lines_at_once(path: Path) -> None:
    found = follow(path, [b"old\n"], [b"prompt> ", b"x"], raw=True, start="now")
    assert found == [b"prompt> ", b"x"]


def test_follow_until(path: Path) -> None:
    async def work() -> list[Entry]:
        followed = Followed(path)
        followed.writer.write("stdout", b"now\n")
        until = time.time_ns() + 10**8
        found = await asyncio.wait_for(followed.follow(until=until), 5)
        followed.writer.close()
        return found

    assert [entry.data for entry in asyncio.run(work())] == [b"now\n"]


def test_follow_a_log_that_is_not_there_yet(path: Path) -> None:
    async def work() -> list[bytes]:
        ended = False
        reading = asyncio.create_task(collect(Log(path), lambda: ended))
        await asyncio.sleep(0.05)
        write(path, ("stdout", b"late\n"))
        ended = True
        return await asyncio.wait_for(reading, 60)

    async def collect(log: Log, ended: object) -> list[bytes]:
        return [entry.data async for entry in log.follow(ended)]

    assert asyncio.run(work()) == [b"late\n"]
