"""Layers and images as files: one archive that ``docker load`` takes.

The same content gives the same bytes, hence the same image id, on every
machine and for every user: times, owners and order are fixed, and nothing of
the building machine gets in.
"""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

# 2025-01-01: the time of every file and image.
EPOCH = 1735689600
CREATED = "2025-01-01T00:00:00Z"

# A layer larger than this waits on disk, not in memory, until it is copied.
_IN_MEMORY = 8 << 20


@dataclass(frozen=True)
class _Entry:
    kind: bytes
    mode: int
    owner: int = 0
    data: bytes = b""
    target: str = ""


class Layer:
    """One layer while it is being filled. ``why`` is what ``docker history`` shows."""

    def __init__(self, why: str) -> None:
        self.why = why
        self.packages: set[str] = set()
        self._entries: dict[str, _Entry] = {}

    def file(self, path: str, data: bytes | str, mode: int = 0o644, owner: int = 0) -> None:
        """Put a file; ``owner`` is both user and group."""
        content = data.encode() if isinstance(data, str) else data
        self._entries[path] = _Entry(tarfile.REGTYPE, mode, owner, content)

    def folder(self, path: str, mode: int = 0o755, owner: int = 0) -> None:
        """Put a folder. Parents that nobody put are made, owned by root, mode 0755."""
        self._entries[path] = _Entry(tarfile.DIRTYPE, mode, owner)

    def link(self, path: str, target: str) -> None:
        """Put a symbolic link."""
        self._entries[path] = _Entry(tarfile.SYMTYPE, 0o777, target=target)

    def write(self, stream: IO[bytes]) -> None:
        """Write the layer as a tar."""
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for path, entry in sorted(self._with_parents().items()):
                archive.addfile(_header(path, entry), io.BytesIO(entry.data))

    def parents(self) -> set[str]:
        """All folders above what was put so far, without the root."""
        found: set[str] = set()
        for path in self._entries:
            parent = posixpath.dirname(path)
            while parent != "/":
                found.add(parent)
                parent = posixpath.dirname(parent)
        return found

    def _with_parents(self) -> dict[str, _Entry]:
        made = dict.fromkeys(self.parents(), _Entry(tarfile.DIRTYPE, 0o755))
        return made | self._entries


@dataclass
class Image:
    """An image to be written. ``settings`` is Docker's ``config`` section."""

    tags: list[str]
    layers: list[Layer]
    architecture: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """What an archive holds: the image's id and its size uncompressed, in bytes."""

    id: str
    size: int


def write(image: Image, stream: IO[bytes], scratch: str | None = None) -> Written:
    """Write one image in the form of ``docker save`` (manifest.json, config, layers).

    Large layers wait in the folder ``scratch`` until they are copied.
    """
    digests: list[str] = []
    total = 0
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for layer in image.layers:
            with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=scratch) as held:
                layer.write(held)
                size = held.tell()
                digest = _digest(held)
                _add(archive, f"{digest}/layer.tar", held, size)
            digests.append(digest)
            total += size
        config = _json(_config(image, digests))
        image_id = hashlib.sha256(config).hexdigest()
        manifest = {
            "Config": f"{image_id}.json",
            "RepoTags": image.tags,
            "Layers": [f"{digest}/layer.tar" for digest in digests],
        }
        for name, content in ((f"{image_id}.json", config), ("manifest.json", _json([manifest]))):
            _add(archive, name, io.BytesIO(content), len(content))
    return Written(f"sha256:{image_id}", total)


def _digest(file: Any) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _config(image: Image, digests: list[str]) -> Mapping[str, Any]:
    return {
        "architecture": image.architecture,
        "os": "linux",
        "created": CREATED,
        "config": image.settings,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
        "history": [{"created": CREATED, "created_by": layer.why} for layer in image.layers],
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _add(archive: tarfile.TarFile, name: str, content: Any, size: int) -> None:
    header = tarfile.TarInfo(name)
    header.size, header.mtime, header.mode = size, EPOCH, 0o644
    content.seek(0)
    archive.addfile(header, content)


def _header(path: str, entry: _Entry) -> tarfile.TarInfo:
    header = tarfile.TarInfo(path.lstrip("/"))
    header.type, header.mode, header.mtime = entry.kind, entry.mode, EPOCH
    header.uid = header.gid = entry.owner
    header.size, header.linkname = len(entry.data), entry.target
    return header
