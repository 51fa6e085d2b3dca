"""Users and paths in a box's container."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

TMP = "/home/tmp"
"""What /tmp leads to, as all that is written is to be in one file system."""
ENGINE = "/home/engine"
RUN = "/run"
SOCKETS = f"{RUN}/engine"
SOCKET = f"{SOCKETS}/docker.sock"
PRIVATE = "/private"
"""Only who may read any file goes through it, as the engine: the images behind are none of the
student's."""
IMAGES = f"{PRIVATE}/images"
MEETING = "/meeting"
PACKAGES = "/packages"
"""The folder with this package alone: beside its own may be answers."""

RESERVE = 64 << 20
"""Bytes that are there beside what a submission may fill: its engine still has to answer then."""
RESERVED_FILES = 4096

_HIGH = 0x6E000000, 0x6F000000
_LOW = 20_000, 60_000
"""Where Docker maps 65,536 ids only."""


@dataclass(frozen=True)
class Users:
    """Ids of nobody on this machine, each box's others: the kernel counts some things of all that
    belongs to one id together, in whichever container (processes, watched files, descriptors on
    their way)."""

    first: int

    @property
    def student(self) -> int:
        return self.first

    @property
    def engine(self) -> int:
        return self.first + 1

    @property
    def guard(self) -> int:
        return self.first + 2


def new_users() -> Users:
    """By chance, as boxes know nothing of each other."""
    low, high = _HIGH if _is_mapped(_HIGH[1]) else _LOW
    return Users(random.SystemRandom().randrange(low, high - 2))


def _is_mapped(id: int) -> bool:
    rows = [row.split() for row in Path("/proc/self/uid_map").read_text().splitlines()]
    return any(int(first) <= id < int(first) + int(count) for first, _, count in rows)
