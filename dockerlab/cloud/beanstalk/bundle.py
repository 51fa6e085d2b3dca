"""A source bundle: a zip from S3, checked before anything of it is believed, then unpacked.

Anybody with a key may put a zip into the bucket, so it is taken for hostile: names that lead out of
the folder, links, headers that promise little and unpack to gigabytes. ``BundleError`` says what is
wrong in a sentence for an event.
"""

from __future__ import annotations

import io
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from dockerlab.errors import FormatError

ZIPPED = 500 << 20
"""Bytes of a bundle: AWS's own limit."""
UNPACKED = 1 << 30
ENTRIES = 50_000
DIRECTORY = 16 << 20
"""Bytes of a zip's table of contents; reading it takes many times that in memory."""
RATIO, HARMLESS = 200, 50 << 20
"""More than so many times its zipped size is a bomb, unless it is small all the same."""
CHUNK = 1 << 20

ELSEWHERE = {
    "docker-compose.yml": "several services of a Compose file are not deployed here",
    "Dockerrun.aws.json": "a description of ready images is not deployed here",
}
UNUSED = (".ebextensions", ".platform", "buildspec.yml", "Procfile")


class BundleError(FormatError):
    """A bundle cannot be deployed; ``message`` is the event's sentence."""


def unpack(source: BinaryIO, folder: Path) -> tuple[str, ...]:
    """Unpack a bundle into an empty folder; what is worth a warning, one sentence each."""
    with tempfile.TemporaryFile() as kept:
        _fetch(source, kept)
        try:
            with zipfile.ZipFile(_Careful(kept)) as archive:
                _extract(archive, folder)
        except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeError, ValueError) as error:
            raise BundleError(
                f"The source bundle is not a zip file, or a broken one: {error}."
            ) from error
        except NotImplementedError as error:
            raise BundleError(
                f"The source bundle is packed in a way that is not read: {error}."
            ) from error
    return _looked_at(folder)


class _Careful(io.BufferedIOBase):
    """A file for ``zipfile``, which reads a table of contents of any length at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._file.read(
            DIRECTORY + 1 if size is None or size < 0 else min(size, DIRECTORY + 1)
        )
        if len(data) > DIRECTORY:
            raise BundleError("The source bundle's table of contents is too long.")
        return data

    def seek(self, at: int, whence: int = 0, /) -> int:
        return self._file.seek(at, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _fetch(source: BinaryIO, kept: BinaryIO) -> None:
    size = 0
    while data := source.read(CHUNK):
        size += len(data)
        if size > ZIPPED:
            raise BundleError(f"The source bundle is larger than {ZIPPED >> 20} MB.")
        kept.write(data)
    kept.seek(0)


def _extract(archive: zipfile.ZipFile, folder: Path) -> None:
    entries = archive.infolist()
    _measure(entries, folder)
    for entry in entries:
        _checked(entry)
    for entry in entries:
        _place(archive, entry, folder)


def _measure(entries: list[zipfile.ZipInfo], folder: Path) -> None:
    if len(entries) > ENTRIES:
        raise BundleError(f"The source bundle has {len(entries)} entries, more than {ENTRIES}.")
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    limit = min(UNPACKED, shutil.disk_usage(folder).free)
    if size > limit:
        raise BundleError(
            f"The source bundle unpacks to {size / 1e6:.0f} MB; at most {limit / 1e6:.0f} MB fit."
        )
    if size > HARMLESS and size > RATIO * packed:
        raise BundleError(
            f"The source bundle unpacks to {size // max(packed, 1)} times its size: that is no "
            "source code."
        )


def _checked(entry: zipfile.ZipInfo) -> None:
    """Refuse a name that leads elsewhere, and what is neither file, folder nor link."""
    name, shown = entry.filename, _shown(entry)
    path = PurePosixPath(name)
    if "\\" in name:
        raise BundleError(f"{shown}: a backslash separates no folders here; zip with / instead.")
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise BundleError(f"{shown} leads out of the source bundle.")
    if any(len(part.encode()) > 255 for part in path.parts) or len(name.encode()) > 2000:
        raise BundleError("The source bundle has a name that is too long for a file.")
    if entry.flag_bits & 1:
        raise BundleError(f"{shown} is encrypted.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
        raise BundleError(f"{shown} is neither a file nor a folder nor a link.")


def _shown(entry: zipfile.ZipInfo) -> str:
    """Its name, without anything that a terminal would obey."""
    return entry.filename if entry.filename.isprintable() else repr(entry.filename)


def _place(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    path = folder / entry.filename
    # A link made by an earlier entry must not carry a later one out of the folder.
    inside = path.parent.resolve().is_relative_to(folder.resolve())
    if not inside or path.is_symlink():
        raise BundleError(f"{_shown(entry)} leads out of the source bundle.")
    try:
        if entry.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        elif stat.S_ISLNK(entry.external_attr >> 16):
            _link(archive, entry, path, folder)
        else:
            _write(archive, entry, path)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise BundleError(f"{_shown(entry)}: another entry has the same place.") from None


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as packed, path.open("xb") as file:
        shutil.copyfileobj(packed, file, CHUNK)
    path.chmod(0o755 if entry.external_attr >> 16 & 0o111 else 0o644)


def _link(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, folder: Path) -> None:
    target = os.fsdecode(archive.read(entry)) if entry.file_size < 4096 else "/"
    led = Path(os.path.normpath(path.parent / target))
    if "\0" in target or Path(target).is_absolute() or not led.is_relative_to(folder):
        raise BundleError(f"{_shown(entry)} is a link that leads out of the source bundle.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def _looked_at(folder: Path) -> tuple[str, ...]:
    """Refuse a bundle without a Dockerfile at its top; say what in it is not used."""
    if not (folder / "Dockerfile").is_file():
        raise BundleError(_missing(folder))
    there = [name for name in (*ELSEWHERE, *UNUSED) if (folder / name).exists()]
    return tuple(f"{name} of the source bundle is not used here: {_why(name)}." for name in there)


def _why(name: str) -> str:
    if name == "docker-compose.yml":
        return "the Dockerfile is built. On AWS a platform of today would take the Compose file"
    return "only the Dockerfile is"


def _missing(folder: Path) -> str:
    message = "The source bundle has no Dockerfile at its top"
    for name, why in ELSEWHERE.items():
        if (folder / name).exists():
            return f"{message}, only {name}: {why}."
    if (folder / "Dockerfile.dev").exists():
        return f"{message}. Its Dockerfile.dev is for development and never built."
    deeper = sorted(path.parent.name for path in folder.glob("*/Dockerfile"))
    if deeper:
        return f"{message}, but one in {deeper[0]}/: zip what is in the folder, not the folder."
    return f"{message}."
