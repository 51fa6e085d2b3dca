"""What a bundle holds: the course's images, Python packages and tools, in one file for a stick.

A bundle is an uncompressed tar. Its first member is ``index.json``; then come the files that the
index lists, in its order and nothing else::

    README.txt                what this is, for whoever finds the stick
    SHA256SUMS                for ``sha256sum --check``, once it is unpacked
    images/alpine.tar         ready for ``docker load``
    wheels/aiohttp-….whl      ready for ``pip install --no-index --find-links wheels``
    tools/proot_….deb         what the embedded engine may need

A bundle comes from anybody, so what is not as it should be raises FormatError. Only the standard
library is used: the set-up reads a bundle before any package is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dockerlab.errors import FormatError

INDEX = "index.json"
FORMAT = 1
LARGEST_INDEX = 4 << 20
MOST_FILES = 5_000
MOST_BYTES = 64 << 30
"""Bytes of all files together; the course with everything has a third of one gigabyte."""
_NAME = re.compile(r"(?:(?:images|wheels|tools)/)?[A-Za-z0-9][A-Za-z0-9._+~%!-]{0,199}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What an archive of an image holds: the course's name for it, its id, its references."""

    name: str
    id: str
    tags: tuple[str, ...]
    standin: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its name in the bundle, bytes, SHA-256 in hexadecimal, its image if it is one."""

    name: str
    size: int
    sha256: str
    image: ImageInfo | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """The index. ``dockerlab`` is the version that wrote it, ``platform`` as in ``linux/amd64``.

    ``python`` are the versions (``3.11``) that its wheels are for; none without wheels.
    """

    dockerlab: str
    platform: str
    python: tuple[str, ...]
    files: tuple[Entry, ...]

    @property
    def images(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.files if entry.image)

    def under(self, folder: str) -> tuple[Entry, ...]:
        """The files of one folder: ``wheels`` or ``tools``."""
        return tuple(entry for entry in self.files if entry.name.startswith(f"{folder}/"))

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files)


def write(contents: Contents) -> bytes:
    """The index as it stands in a bundle; the same contents give the same bytes."""
    data = {"format": FORMAT, **asdict(contents)}
    for file in data["files"]:
        if file["image"] is None:
            del file["image"]
    return json.dumps(data, indent=1, sort_keys=True).encode() + b"\n"


def read(raw: bytes) -> Contents:
    """The index out of a bundle. Raises FormatError."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise FormatError("the bundle's index is not JSON") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise FormatError(
            "the bundle is of a form that is not known here",
            "Update dockerlab here, or make the bundle again with this version.",
        )
    files = tuple(_entry(each) for each in _list(data, "files"))
    _check_together(files)
    return Contents(
        _text(data, "dockerlab"), _text(data, "platform"), _texts(data, "python"), files
    )


def _check_together(files: Sequence[Entry]) -> None:
    if len(files) > MOST_FILES or sum(file.size for file in files) > MOST_BYTES:
        raise FormatError("the bundle's index lists more than any bundle of the course holds")
    if len({file.name for file in files} | {INDEX}) <= len(files):
        raise FormatError("the bundle's index lists a name twice")


def _entry(data: Any) -> Entry:
    row = data if isinstance(data, dict) else {}
    name, size, sha256 = _text(row, "name"), row.get("size"), _text(row, "sha256")
    if not _NAME.fullmatch(name):
        raise FormatError(f"the bundle's index lists a file with a name that may not be: {name!r}")
    if type(size) is not int or not 0 <= size <= MOST_BYTES or not _SHA256.fullmatch(sha256):
        raise FormatError(f"the bundle's index lists {name} without a right size or checksum")
    image = row.get("image")
    return Entry(name, size, sha256, read_image(image) if isinstance(image, dict) else None)


def read_image(data: Mapping[str, Any]) -> ImageInfo:
    """What is said of an image. Raises FormatError."""
    return ImageInfo(
        _text(data, "name"), _text(data, "id"), _texts(data, "tags"), data.get("standin") is True
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or len(value) > 300:
        raise FormatError(f"what is said of the files lacks a right “{key}”")
    return value


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = _list(data, key)
    return tuple(_text({key: value}, key) for value in values)


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    if not isinstance(value, list):
        raise FormatError(f"what is said of the files lacks a right “{key}”")
    return value
