"""Writing a bundle, so that an interruption costs nothing.

Everything in it is known beforehand, so what is to stand at each place is, too. Until the end the
file is called ``NAME.part``; one that is there already is compared with what would be written and
continued where it ends or differs.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from dockerlab.course.cache import file_digest
from dockerlab.course.progress import Progress, Step, megabytes, silent
from dockerlab.errors import DockerlabError
from dockerlab.formats import bundle
from dockerlab.formats.bundle import Contents, Entry, ImageInfo

_PIECE = 1 << 20
_BLOCK = tarfile.BLOCKSIZE
_EPOCH = 1735689600
_README = """\
A bundle of dockerlab, an interactive Docker course: {what}.

On a machine without internet, in a clone of the course:

    make lab OFFLINE=FILE

Or only the images, into the engine that runs there:  dockerlab images load FILE
Without dockerlab:  tar -xf FILE, sha256sum --check SHA256SUMS, docker load -i images/NAME.tar
"""


@dataclass(frozen=True, slots=True)
class Item:
    """One file to be taken along: its name in the bundle, and where it is or what it says."""

    name: str
    source: Path | bytes
    image: ImageInfo | None = None

    def entry(self) -> Entry:
        if isinstance(self.source, bytes):
            digest = hashlib.sha256(self.source).hexdigest()
            return Entry(self.name, len(self.source), digest, self.image)
        size = self.source.stat().st_size
        return Entry(self.name, size, file_digest(self.source), self.image)

    def pieces(self) -> Iterator[bytes]:
        if isinstance(self.source, bytes):
            yield self.source
            return
        with self.source.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


File = tuple[Item, Entry]


def write(
    path: Path,
    items: list[Item],
    *,
    version: str,
    platform: str,
    python: tuple[str, ...] = (),
    progress: Progress = silent,
) -> Contents:
    """Write a bundle of these items, and its index before them.

    Raises DockerlabError when there is no room or an item changes meanwhile; what was written
    stays as ``NAME.part``.
    """
    files = [(item, item.entry()) for item in items]
    files = [*_texts(files), *files]
    contents = Contents(version, platform, python, tuple(entry for _, entry in files))
    half = path.with_name(path.name + ".part")
    try:
        _check_room(half, contents.size)
        step = Step(f"Writing {path.name}", 0, contents.size)
        with half.open("r+b" if half.exists() else "w+b") as file:
            _write(file, _content(contents, files), step, progress)
        half.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from error
    return contents


def _texts(files: list[File]) -> list[File]:
    """What says what the others are."""
    count = sum(bool(entry.image) for _, entry in files)
    what = "1 image" if count == 1 else f"{count} images"
    if any(entry.name.startswith("wheels/") for _, entry in files):
        what += ", and the Python packages to set it up"
    sums = "".join(f"{entry.sha256}  {entry.name}\n" for _, entry in files)
    readme = Item("README.txt", _README.format(what=what).encode())
    return [(item, item.entry()) for item in (readme, Item("SHA256SUMS", sums.encode()))]


def _content(contents: Contents, files: list[File]) -> Iterator[bytes]:
    """All bytes of the bundle. Raises DockerlabError when an item is not what the index says."""
    index = Item(bundle.INDEX, bundle.write(contents))
    for item, entry in [(index, index.entry()), *files]:
        yield _header(entry)
        seen = hashlib.sha256()
        for piece in item.pieces():
            seen.update(piece)
            yield piece
        if seen.hexdigest() != entry.sha256:
            raise DockerlabError(
                f"{entry.name} changed while it was being written.", "Run the same command again."
            )
        yield bytes(-entry.size % _BLOCK)
    yield bytes(2 * _BLOCK)


def _header(entry: Entry) -> bytes:
    header = tarfile.TarInfo(entry.name)
    header.size, header.mtime, header.mode = entry.size, _EPOCH, 0o644
    return header.tobuf(tarfile.GNU_FORMAT)


def _write(file: IO[bytes], content: Iterator[bytes], step: Step, progress: Progress) -> None:
    """Pass over what is there and right, then write the rest."""
    kept, at = True, 0
    for piece in content:
        if kept and file.read(len(piece)) != piece:
            kept = False
            file.seek(at)
            file.truncate()
        if not kept:
            file.write(piece)
        at += len(piece)
        progress(replace(step, done=min(at, step.total)))
    file.truncate(at)
    file.flush()
    os.fsync(file.fileno())


def _check_room(path: Path, needed: int) -> None:
    have = path.stat().st_size if path.exists() else 0
    free = shutil.disk_usage(path.parent).free
    if free + have < needed:
        raise DockerlabError(
            f"There is no room for the bundle in {path.parent}: {megabytes(needed - have)} MB are"
            f" needed, {megabytes(free)} MB are free.",
            "Free some space there, or write it elsewhere.",
        )


def _unwritten(path: Path, error: OSError) -> DockerlabError:
    hints = {
        errno.ENOSPC: "Free some space there and run the same command again; it goes on.",
        errno.EDQUOT: "Free some space there and run the same command again; it goes on.",
        errno.EFBIG: "This disk takes no file of that size: FAT32 ends at 4 GB, exFAT does not.",
        errno.ENOENT: "Is the folder there, and the stick mounted?",
    }
    hint = hints.get(error.errno or 0, "Write it to a folder in which you may write.")
    return DockerlabError(f"{path} cannot be written: {error.strerror or error}.", hint)
