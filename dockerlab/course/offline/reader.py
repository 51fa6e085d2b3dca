"""Reading a bundle: first everything is checked, then anything is used.

A bundle is a file from somebody. Its members are those of its index, in that order, plain files
of the sizes and checksums given there; whatever differs makes it no bundle. Nothing is ever
unpacked by a name that the file gives a path in.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dockerlab.course.progress import Progress, Step, megabytes, silent
from dockerlab.errors import DockerlabError, FormatError
from dockerlab.formats import bundle
from dockerlab.formats.bundle import Contents, Entry

_PIECE = 1 << 20
_HEADER = 64 << 10
"""Bytes; a longer header of a member is an attack on the reader's memory."""
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)
_AGAIN = "Copy it again from where it came, and compare: sha256sum FILE on both sides."


@dataclass(frozen=True)
class Bundle:
    """A bundle that was checked: what is in it and where each file begins, in bytes."""

    path: Path
    contents: Contents
    places: dict[str, int]

    @contextmanager
    def open(self, entry: Entry) -> Iterator[Window]:
        """One of its files, for reading once from the beginning."""
        with self.path.open("rb") as file:
            file.seek(self.places[entry.name])
            yield Window(file, entry.size)

    def unpack(self, entries: Iterable[Entry], folder: Path) -> list[Path]:
        """Write these files into a folder, without their own folders.

        Raises FormatError, and DockerlabError when there is no room.
        """
        try:
            return [self._unpack(entry, folder / Path(entry.name).name) for entry in entries]
        except OSError as error:
            raise DockerlabError(
                f"{self.path.name} cannot be unpacked to {folder}: {error.strerror or error}.",
                "Free some space there, or set TMPDIR to a folder on another disk.",
            ) from error

    def _unpack(self, entry: Entry, path: Path) -> Path:
        # Checked once more: the stick may have been changed since.
        with self.open(entry) as source, path.open("xb") as target:
            if _copied(source, target) != entry.sha256:
                raise _damaged(self.path, entry)
        return path


class Window:
    """A part of a file, as a file that is read to its end."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def check(path: Path, progress: Progress = silent) -> Bundle:
    """Read a bundle to its end and compare every checksum.

    Raises FormatError when it is none, is cut off or damaged, DockerlabError when it cannot be
    read.
    """
    try:
        with path.open("rb") as file:
            return _checked(path, file, progress)
    except OSError as error:
        raise DockerlabError(
            f"The bundle {path} cannot be read: {error.strerror or error}.",
            "Is the path right, and the stick or the folder mounted?",
        ) from error
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise _no_bundle(path) from error


def _checked(path: Path, file: IO[bytes], progress: Progress) -> Bundle:
    with tarfile.open(fileobj=_Careful(file), mode="r:") as tar:  # type: ignore[call-overload]
        contents = _index(path, file, tar)
        _check_length(path, contents)
        step, places, done = f"Checking {path.name}", {}, 0
        for entry in contents.files:
            places[entry.name] = _next(path, tar, entry).offset_data
            file.seek(places[entry.name])
            seen = hashlib.sha256()
            for piece in _pieces(Window(file, entry.size)):
                seen.update(piece)
                done += len(piece)
                progress(Step(step, done, contents.size))
            if seen.hexdigest() != entry.sha256:
                raise _damaged(path, entry)
        if tar.next() is not None:
            raise FormatError(f"{path} holds files that its index does not list.", _AGAIN)
    return Bundle(path, contents, places)


def _index(path: Path, file: IO[bytes], tar: tarfile.TarFile) -> Contents:
    member = tar.next()
    if member is None or member.name != bundle.INDEX or not _is_plain(member):
        raise _no_bundle(path)
    if member.size > bundle.LARGEST_INDEX:
        raise FormatError(
            f"{path} has an index of {megabytes(member.size)} MB: no bundle has.", _AGAIN
        )
    file.seek(member.offset_data)
    return bundle.read(file.read(member.size))


def _check_length(path: Path, contents: Contents) -> None:
    size = path.stat().st_size
    if size < contents.size:
        unfinished = path.name.endswith(".part")
        raise FormatError(
            f"{path} is cut off: {megabytes(size)} of {megabytes(contents.size)} MB are here.",
            "Its writing was interrupted: run `dockerlab images bundle` again, it goes on."
            if unfinished
            else _AGAIN,
        )


def _next(path: Path, tar: tarfile.TarFile, entry: Entry) -> tarfile.TarInfo:
    member = tar.next()
    # All members' headers are not needed: tarfile keeps them for looking them up.
    tar.members = []  # type: ignore[attr-defined]
    if member is None or not _is_plain(member):
        raise _damaged(path, entry)
    if (member.name, member.size) != (entry.name, entry.size):
        raise FormatError(f"{path} holds {member.name!r} where {entry.name} should be.", _AGAIN)
    return member


def _is_plain(member: tarfile.TarInfo) -> bool:
    return member.type in _PLAIN and not member.issparse()


def _pieces(source: Window) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece


def _copied(source: Window, target: IO[bytes]) -> str:
    """Copy to the end; the SHA-256 of what was copied."""
    seen = hashlib.sha256()
    for piece in _pieces(source):
        seen.update(piece)
        target.write(piece)
    return seen.hexdigest()


def _damaged(path: Path, entry: Entry) -> FormatError:
    return FormatError(f"{path} is damaged: {entry.name} is not what the index says.", _AGAIN)


def _no_bundle(path: Path) -> FormatError:
    return FormatError(
        f"{path} is not a bundle of dockerlab.", "`dockerlab images bundle FILE` makes one."
    )


class _Careful:
    """The file as tarfile reads it: headers only."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.tell, self.seek = file.tell, file.seek

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _HEADER:
            raise FormatError(f"the bundle has a header of {size} bytes", _AGAIN)
        data: bytes = self._file.read(size)
        return data
