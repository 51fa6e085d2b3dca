"""Files in a folder or in a zip, behind one small protocol; both are hostile."""

from __future__ import annotations

import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol

from dockerlab.errors import DockerlabError

DEEPEST = 24
"""Folders in folders that are looked into."""
MOST_ENTRIES = 20_000
"""Of a zip that a student made: each costs memory, and is looked at several times."""
_ENTRY = b"PK\x01\x02"
_IGNORED = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", ".git", "__pycache__"}
_DRIVE = re.compile(r"[A-Za-z]:")
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, EOFError, OSError, ValueError, OverflowError, MemoryError),
)
"""What reading a broken zip ends in; a packer may ask for any amount of memory."""


class Refused(Exception):
    """A file that is not read; ``key`` says why, in the catalogue's words."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Tree(Protocol):
    """Names are relative, parted by ``/``; what ``walk`` gives is not sorted and may not end soon.

    ``read`` raises Refused for what is no regular file, or longer than ``most`` bytes.
    """

    def top(self) -> list[str]: ...
    def is_folder(self, name: str) -> bool: ...
    def walk(self, under: str) -> Iterator[str]: ...
    def read(self, name: str, most: int) -> bytes: ...


class Folder:
    """A folder on disk. Links in it are named, and never followed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def top(self) -> list[str]:
        return sorted(name for name in os.listdir(self.path) if name not in _IGNORED)

    def is_folder(self, name: str) -> bool:
        place = self.path / name
        return place.is_dir() and not place.is_symlink()

    def walk(self, under: str) -> Iterator[str]:
        waiting = [(under, 0)]
        while waiting:
            place, depth = waiting.pop()
            for name, folder in _entries(self.path / place):
                below = f"{place}/{name}"
                if not folder:
                    yield below
                elif depth < DEEPEST:
                    waiting.append((below, depth + 1))

    def read(self, name: str, most: int) -> bytes:
        # O_NONBLOCK: opening a pipe that nobody writes to must not wait.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            file = os.open(self.path / name, flags)
        except OSError as error:
            raise Refused(
                "intake.link" if (self.path / name).is_symlink() else "intake.unreadable"
            ) from error
        with os.fdopen(file, "rb") as opened:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise Refused("intake.unreadable")
            return _read(opened, most)


def _entries(folder: Path) -> Iterator[tuple[str, bool]]:
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if entry.name not in _IGNORED:
                    yield entry.name, entry.is_dir(follow_symlinks=False)
    except OSError:
        return


class Archive:
    """A zip, read in memory or from disk. Names that lead out of it are told by ``strays``.

    Raises Refused when it is none.
    """

    def __init__(self, file: Path | bytes) -> None:
        if isinstance(file, bytes) and file.count(_ENTRY) > MOST_ENTRIES:
            raise Refused("intake.bad_zip")
        try:
            self._zip = zipfile.ZipFile(BytesIO(file) if isinstance(file, bytes) else file)
        except _BROKEN as error:
            raise Refused("intake.bad_zip") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        self.strays: list[str] = []
        for info in self._zip.infolist():
            self._add(info)

    def _add(self, info: zipfile.ZipInfo) -> None:
        name = _decoded(info)
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.endswith("/") or not parts or not _IGNORED.isdisjoint(parts):
            return
        if ".." in parts or name.startswith("/") or _DRIVE.match(name) or "\0" in name:
            self.strays.append(name)
        elif len(parts) <= DEEPEST:
            self._members.setdefault("/".join(parts), info)

    def top(self) -> list[str]:
        return sorted({name.partition("/")[0] for name in self._members})

    def is_folder(self, name: str) -> bool:
        return next(self.walk(name), None) is not None

    def walk(self, under: str) -> Iterator[str]:
        return (name for name in self._members if name.startswith(f"{under}/"))

    def read(self, name: str, most: int) -> bytes:
        info = self._members[name]
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Refused("intake.link")
        try:
            with self._zip.open(info) as opened:
                # Not what the archive says of the size: that is the sender's word.
                return _read(opened, most)
        except _BROKEN as error:
            raise Refused("intake.bad_zip") from error


def _read(opened: IO[bytes], most: int) -> bytes:
    data = opened.read(most + 1)
    if len(data) > most:
        raise Refused("intake.too_big")
    return data


def _decoded(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: older programs write Korean names without saying how."""
    name = info.filename.replace("\\", "/")
    if info.flag_bits & 0x800:
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def tree(place: Path) -> Tree:
    """What was handed in as a folder or a zip. Raises DockerlabError when it is neither."""
    if place.is_dir():
        return Folder(place)
    if not place.exists():
        raise DockerlabError(f"there are no submissions at {place}", "is the path right?")
    try:
        return Archive(place)
    except Refused:
        raise DockerlabError(
            f"{place} is no folder and no zip",
            "give nbgrader's submitted/, a folder of notebooks, or the zip of a platform",
        ) from None
