"""Who a process in a container runs as: ``--user`` looked up in the container's own files.

The files belong to the container and are not to be trusted: they are opened once the
container's root is the root directory, may be a pipe, and may be huge.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MAX_FILE = 4 << 20


class UnknownUser(ValueError):
    """The user or the group does not exist, in Docker's words."""


@dataclass(frozen=True, slots=True)
class User:
    """A user as the kernel and the environment need it."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    """Supplementary groups; the primary one is among them (else it could be shed by setgid)."""
    home: str = "/"


def find(user: str, groups: Iterable[str] = (), etc: str = "/etc") -> User:
    """The user that ``uid``, ``name``, ``uid:gid``, ``name:group`` … means in ``etc``/passwd.

    ``groups`` are further ones by name or number. Raises UnknownUser.
    """
    name, _, group = user.partition(":")
    entry = _passwd_entry(f"{etc}/passwd", name or "0")
    known = list(_group_entries(f"{etc}/group"))
    gid, others = _primary(entry, group, known)
    extra = [_group_id(text, known) for text in groups]
    every = sorted({gid, *others, *extra})
    return User(entry.uid, gid, tuple(every), entry.home)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    uid: int
    gid: int
    home: str


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    gid: int
    members: tuple[str, ...]


def _passwd_entry(path: str, name: str) -> _Entry:
    for fields in _records(path, 6):
        if fields[0] == name or (name.isdigit() and fields[2] == name):
            uid, gid = _number(fields[2]), _number(fields[3])
            if uid is not None:
                return _Entry(fields[0], uid, gid or 0, fields[5] or "/")
    number = _number(name)
    if number is None:
        raise UnknownUser(f"unable to find user {name}: no matching entries in passwd file")
    return _Entry("", number, 0, "/")


def _group_entries(path: str) -> Iterator[_Group]:
    for fields in _records(path, 3):
        gid = _number(fields[2])
        if gid is not None:
            members = fields[3].split(",") if len(fields) > 3 else []
            yield _Group(fields[0], gid, tuple(members))


def _primary(entry: _Entry, group: str, known: list[_Group]) -> tuple[int, list[int]]:
    if group:
        return _group_id(group, known), []
    return entry.gid, [g.gid for g in known if entry.name and entry.name in g.members]


def _group_id(text: str, known: list[_Group]) -> int:
    for group in known:
        if group.name == text:
            return group.gid
    number = _number(text)
    if number is None:
        raise UnknownUser(f"unable to find group {text}: no matching entries in group file")
    return number


def _records(path: str, least: int) -> Iterator[list[str]]:
    for line in _read(path).splitlines():
        fields = line.strip().split(":")
        if len(fields) >= least and not line.startswith("#"):
            yield fields


def _read(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return ""
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return file.read(_MAX_FILE).decode(errors="replace")


def _number(text: str) -> int | None:
    if text.isascii() and text.isdigit() and int(text) < 1 << 31:
        return int(text)
    return None
