"""DNS messages, compared with bytes that Docker Engine 20.10's name server sent and answered."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.engine.net.dns import message
from dockerlab.engine.net.dns.message import Malformed, parse

WEB = b"\x03web\x00\x00\x01\x00\x01"


def header(id: int = 0x1234, flags: int = 0x100, *counts: int) -> bytes:
    return struct.pack("!6H", id, flags, *(counts or (1, 0, 0, 0)))


def query(name: str, kind: int = 1, tail: bytes = b"", more: int = 0) -> bytes:
    head = header(0x1234, 0x100, 1, 0, 0, more)
    return head + message.write_name(name) + struct.pack("!HH", kind, 1) + tail


def test_a_question_and_its_answer() -> None:
    asked = parse(header() + WEB)
    assert (asked.id, asked.name, asked.kind, asked.category, asked.room) == (
        *(0x1234, "web", 1, 1),
        512,
    )
    answer = message.reply(asked, message.addresses(["192.168.160.2"]))
    assert answer == (
        b"\x12\x34\x81\x80\0\1\0\1\0\0\0\0"
        + WEB
        + b"\xc0\x0c\0\1\0\1\0\0\x02\x58\0\4\xc0\xa8\xa0\2"
    )


def test_the_case_of_the_question_is_kept() -> None:
    asked = parse(query("WeB"))
    assert asked.name == "WeB"
    assert b"\x03WeB\0" in message.reply(asked, code=message.NXDOMAIN)


def test_recursion_is_wished_for_or_not() -> None:
    asked = parse(header(1, 0) + WEB)
    assert message.reply(asked)[2:4] == b"\x80\x80"


def test_names_for_addresses() -> None:
    asked = parse(query("2.160.168.192.in-addr.ARPA", message.PTR))
    assert asked.reversed == "192.168.160.2"
    answer = message.reply(asked, message.pointer("dnsx-web.dnsx-n1"))
    assert answer.endswith(b"\0\x0c\0\1\0\0\x02X\0\x12\x08dnsx-web\x07dnsx-n1\0")


@pytest.mark.parametrize(
    "name", ["web", "160.168.192.in-addr.arpa", "1.0.0.0.ip6.arpa", "a.b.c.d.in-addr.arpa"]
)
def test_what_is_no_address(name: str) -> None:
    assert parse(query(name, message.PTR)).reversed == ""


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (header(7, 0x100, 0, 0, 0, 0), b"\0\7\x81\1" + bytes(8)),
        (header(7, 0x100, 2, 0, 0, 0) + WEB + WEB, b"\0\7\x81\1" + bytes(8)),
        (header(7) + b"\x03we", b"\0\7\x81\1" + bytes(8)),
        (header(7) + b"\xc0\x0c\0\1\0\1", b"\0\7\x81\1" + bytes(8)),
        (header(7) + b"\x40" + b"x" * 64 + b"\0\0\1\0\1", b"\0\7\x81\1" + bytes(8)),
        (header(7) + b"\x3f" + b"x" * 63 + b"\0\0\1", b"\0\7\x81\1" + bytes(8)),
        (header(7) + (b"\x3f" + b"x" * 63) * 5 + b"\0\0\1\0\1", b"\0\7\x81\1" + bytes(8)),
        (header(7, 0x100, 1, 2, 0, 0) + WEB, b"\0\7\x81\1" + bytes(8)),
        (header(7, 0x1100) + WEB, b"\0\7\x91\4" + bytes(8)),
        (header(7, 0x2900) + WEB, b"\0\7\xa9\4" + bytes(8)),
        (header(7, 0x8100) + WEB, b""),
        (b"abc", b""),
        (b"", b""),
    ],
)
def test_what_is_no_question(data: bytes, answer: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse(data)
    assert caught.value.answer == answer


def test_more_addresses_than_there_is_room_for() -> None:
    found = message.addresses([f"172.18.0.{n}" for n in range(2, 60)])
    asked = parse(query("multi"))
    answer = message.reply(asked, found, room=asked.room)
    (count,) = struct.unpack_from("!H", answer, 6)
    assert message.truncated(answer)
    assert len(answer) <= 512 < len(answer) + 16
    assert answer == (
        answer[:6] + struct.pack("!H", count) + bytes(4) + asked.question + b"".join(found[:count])
    )
    whole = message.reply(asked, found, room=message.LARGEST)
    assert not message.truncated(whole)
    assert len(whole) > 512


def test_an_asker_with_more_room_says_so() -> None:
    edns = b"\0" + struct.pack("!HHIH", message.OPT, 4096, 0, 0)
    assert parse(query("web", tail=edns, more=1)).room == 4096
    assert parse(query("web", tail=edns[:5], more=1)).room == 512
    assert parse(query("web", tail=b"zzzz")).room == 512


def test_a_dot_within_a_label_is_no_dot() -> None:
    assert parse(header() + b"\x03a.b\0\0\1\0\1").name == "a\\.b"
    assert parse(header() + b"\x01\xdf\0\0\1\0\1").name == "\\xdf"


@pytest.mark.parametrize("name", ["a..b", "x" * 64, ".".join(["x" * 60] * 5)])
def test_names_that_do_not_fit(name: str) -> None:
    with pytest.raises(ValueError, match="DNS"):
        message.write_name(name)


def test_an_answer_from_outside_is_told_from_others() -> None:
    asked = parse(query("Pypi.org"))
    good = header(99, 0x8180) + message.write_name("pypi.ORG") + b"\0\1\0\1"
    assert message.answers(asked, good, 99)
    assert not message.answers(asked, good, 98)
    assert not message.answers(asked, header(99, 0x100) + good[12:], 99)
    assert not message.answers(asked, good[:20], 99)
    assert not message.answers(asked, good.replace(b"pypi", b"evil"), 99)
    assert message.relayed(asked, good)[:2] == b"\x12\x34"
    cut = message.relayed(asked, good + bytes(600), 512)
    assert message.truncated(cut)
    assert cut[12:] == asked.question


@given(st.binary(max_size=600))
def test_any_bytes_are_a_question_or_malformed(data: bytes) -> None:
    try:
        asked = parse(data)
    except Malformed as malformed:
        assert len(malformed.answer) in (0, 12)  # never more than what came
        assert len(malformed.answer) <= len(data)
    else:
        assert data[12:].startswith(asked.question)
        assert message.reply(asked).endswith(asked.question)


labels = st.lists(st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True), min_size=1, max_size=6)


@given(labels, st.integers(0, 65535), st.lists(st.ip_addresses(v=4), max_size=5))
def test_what_is_written_is_read(parts: list[str], kind: int, found: list[object]) -> None:
    name = ".".join(parts)
    asked = parse(query(name, kind))
    assert (asked.name, asked.kind) == (name, kind)
    answer = message.reply(asked, message.addresses([str(address) for address in found]))
    records = answer[12 + len(asked.question) :]
    got = [socket.inet_ntoa(records[at + 12 : at + 16]) for at in range(0, len(records), 16)]
    assert got == [str(address) for address in found]
