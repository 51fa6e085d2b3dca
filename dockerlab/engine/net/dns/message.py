"""The wire format of DNS (RFC 1035), as much of it as a name server for containers needs.

An own codec of a few functions: a library for all of DNS would cost the idle engine megabytes.
Only headers and questions are ever read; what others answer is passed on as it is.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

A, PTR, OPT = 1, 12, 41
"""Types of records."""
IN = 1
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)
"""Codes of answers."""

SMALLEST = 512
"""Bytes of an answer that every asker can take by UDP."""
LARGEST = 65535
TTL = 600
"""Seconds for which an answer may be kept, as Docker's name server says."""

_HEADER = struct.Struct("!6H")
_IS_ANSWER, _TRUNCATED, _RECURSE, _RECURSES = 0x8000, 0x0200, 0x0100, 0x0080
_OPCODE, _CODE = 0x7800, 0x000F
_POINTER_TO_QUESTION = b"\xc0\x0c"
_LONGEST_LABEL, _LONGEST_NAME = 63, 255
_REVERSE = ".in-addr.arpa"


class Malformed(Exception):
    """Not a question that can be answered; ``answer`` says so to whoever asked (empty: nobody)."""

    def __init__(self, answer: bytes = b"") -> None:
        super().__init__("malformed DNS message")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Query:
    """One question."""

    id: int
    flags: int
    name: str
    """Labels joined by dots, in the asker's case; a dot within a label is written ``\\.``."""
    kind: int
    category: int
    """The class, nearly always IN."""
    question: bytes
    """As it came, to be repeated in the answer."""
    room: int
    """Bytes that the asker takes by UDP."""

    @property
    def reversed(self) -> str:
        """The IPv4 address that a question for a name (PTR) is about, else nothing."""
        name = self.name.lower().removesuffix(".")
        parts = name.removesuffix(_REVERSE).split(".")
        plain = len(parts) == 4 and all(p.isdigit() and len(p) <= 3 for p in parts)
        return ".".join(reversed(parts)) if plain and name.endswith(_REVERSE) else ""


def parse(data: bytes) -> Query:
    """The question of a message. Raises Malformed."""
    if len(data) < _HEADER.size:
        raise Malformed
    id, flags, questions, answers, authorities, more = _HEADER.unpack_from(data)
    if flags & _IS_ANSWER:
        raise Malformed  # two that answer each other's answers would never end
    if flags & _OPCODE:
        raise Malformed(_refusal(id, flags, NOTIMP))
    if questions != 1 or answers > 1 or authorities > 1 or more > 2:
        raise Malformed(_refusal(id, flags, FORMERR))
    try:
        name, end = _read_name(data, _HEADER.size)
        kind, category = struct.unpack_from("!HH", data, end)
    except (struct.error, IndexError, ValueError):
        raise Malformed(_refusal(id, flags, FORMERR)) from None
    end += 4
    room = _room(data, end, answers + authorities + more)
    return Query(id, flags, name, kind, category, data[_HEADER.size : end], room)


def addresses(found: Sequence[str]) -> list[bytes]:
    """Records that say: these IPv4 addresses."""
    return [_record(A, socket.inet_aton(address)) for address in found]


def pointer(name: str) -> list[bytes]:
    """A record that says: this name. Raises ValueError if it is none that DNS can carry."""
    return [_record(PTR, write_name(name))]


def reply(query: Query, records: Sequence[bytes] = (), code: int = NOERROR, room: int = 0) -> bytes:
    """The answer to a question. ``room``: bytes at most (0: any); what is left out is marked."""
    fitting = len(records)
    if room:
        space = max(room, SMALLEST) - _HEADER.size - len(query.question)
        fitting = _fitting(records, space)
    flags = _IS_ANSWER | query.flags & _RECURSE | _RECURSES | code
    if fitting < len(records):
        flags |= _TRUNCATED
    head = _HEADER.pack(query.id, flags, 1, fitting, 0, 0)
    return head + query.question + b"".join(records[:fitting])


# ---- passing questions on


def renumbered(data: bytes, id: int) -> bytes:
    """The message with another id."""
    return struct.pack("!H", id) + data[2:]


def answers(query: Query, data: bytes, id: int) -> bool:
    """Whether ``data`` is an answer to the question that was passed on with this id."""
    end = _HEADER.size + len(query.question)
    if len(data) < end:
        return False
    theirs, flags, questions = struct.unpack_from("!HHH", data)
    if theirs != id or not flags & _IS_ANSWER or questions != 1:
        return False
    return data[_HEADER.size : end].lower() == query.question.lower()


def code(data: bytes) -> int:
    return int(data[3]) & _CODE


def truncated(data: bytes) -> bool:
    return bool(data[2] & _TRUNCATED >> 8)


def relayed(query: Query, data: bytes, room: int = 0) -> bytes:
    """Somebody else's answer as ours; without its records, and marked, if there is no room."""
    (flags,) = struct.unpack_from("!H", data, 2)
    if not room or len(data) <= max(room, SMALLEST):
        return struct.pack("!H", query.id) + data[2:]
    return _HEADER.pack(query.id, flags | _TRUNCATED, 1, 0, 0, 0) + query.question


# ---- names


def write_name(name: str) -> bytes:
    """Raises ValueError for one that is too long."""
    labels = [label.encode() for label in name.removesuffix(".").split(".")] if name else []
    if any(not 0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise ValueError(f"not a name that DNS can carry: {name!r}")
    data = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(data) > _LONGEST_NAME:
        raise ValueError(f"too long for DNS: {name!r}")
    return data


def _read_name(data: bytes, start: int) -> tuple[str, int]:
    """A name and where it ends. Without pointers: before the question is nothing to point to."""
    labels, at = [], start
    while length := data[at]:
        label = data[at + 1 : at + 1 + length]
        at += 1 + length
        if length > _LONGEST_LABEL or len(label) < length or at - start >= _LONGEST_NAME:
            raise ValueError("not a name")
        labels.append(label.decode("ascii", "backslashreplace").replace(".", "\\."))
    return ".".join(labels), at + 1


def _room(data: bytes, at: int, records: int) -> int:
    """What the asker says it takes by UDP (EDNS), else 512 bytes."""
    try:
        for _ in range(records):
            _, at = _read_name(data, at)
            kind, size, _, length = struct.unpack_from("!HHIH", data, at)
            at += 10 + length
            if kind == OPT:
                return max(int(size), SMALLEST)
    except (struct.error, IndexError, ValueError):
        pass
    return SMALLEST


def _record(kind: int, content: bytes) -> bytes:
    return _POINTER_TO_QUESTION + struct.pack("!HHIH", kind, IN, TTL, len(content)) + content


def _fitting(records: Sequence[bytes], space: int) -> int:
    for count, record in enumerate(records):
        space -= len(record)
        if space < 0:
            return count
    return len(records)


def _refusal(id: int, flags: int, code: int) -> bytes:
    """Without the question, which may not be one."""
    return _HEADER.pack(id, _IS_ANSWER | flags & (_OPCODE | _RECURSE) | code, 0, 0, 0, 0)
