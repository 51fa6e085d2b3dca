"""What ``docker save`` gives, read while it streams by: an image's settings and layers' files.

The contents of files are passed over, never held, so an image of any size needs little memory.
Three forms occur: ``ID/layer.tar`` (classic), ``blobs/sha256/…`` (OCI, since Docker 25), and
links from one layer to an equal one. ``manifest.json`` says which is which, and comes last.

An image may come from anybody, so there are limits; what is beyond them raises FormatError.
"""

from __future__ import annotations

import json
import posixpath
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats import filetree
from dockerlab.formats.filetree import LayerTree
from dockerlab.formats.manifest import LARGEST_JSON

MOST_ENTRIES = 1_000_000
"""Files of all layers together; the largest images in use have a third of that."""
MOST_BYTES = 64 << 30
"""Bytes of one layer, unpacked: an archive of zeros packs a thousand to one."""
_MOST_JSON = 64 << 20
_HEADER = 1 << 20
"""Longer names or attributes than this are no header but an attack on the reader's memory."""
_PIECE = 1 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BLOBS = "/blobs/sha256/"
_BROKEN = (tarfile.TarError, zlib.error, ValueError, OverflowError, RecursionError, EOFError)


@dataclass(frozen=True, slots=True)
class SavedImage:
    """``config`` is the image's own JSON; ``trees`` are its layers, lowest first.

    None stands for a layer packed in a way that is not known here (zstd).
    """

    config: dict[str, Any]
    trees: tuple[LayerTree | None, ...]


class Forward:
    """Chunks of bytes as a file that only goes forward; ``seek`` drops what it passes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._piece = memoryview(b"")
        self._at = 0

    def tell(self) -> int:
        return self._at

    def take(self, most: int) -> bytes | memoryview:
        """Between 1 and ``most`` bytes; none at the end."""
        while not self._piece:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._piece = memoryview(chunk)
        taken, self._piece = self._piece[:most], self._piece[most:]
        self._at += len(taken)
        return taken

    def seek(self, position: int) -> int:
        while self._at < position and self.take(position - self._at):
            pass
        return self._at

    def read(self, size: int) -> bytes:
        """``size`` bytes, fewer at the end. Only headers are read, so it is never much."""
        if not 0 <= size <= _HEADER:
            raise FormatError(f"the archive has a header of {size} bytes")
        return b"".join(self.pieces(size))

    def pieces(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes, as they come."""
        while size > 0 and (taken := self.take(min(size, _PIECE))):
            size -= len(taken)
            yield bytes(taken)


@dataclass
class _Found:
    """What has passed by so far, by the name in the archive."""

    texts: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, LayerTree | None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    entries: int = 0

    def count(self, more: int) -> None:
        self.entries += more
        if self.entries > MOST_ENTRIES:
            raise FormatError(f"the image holds more than {MOST_ENTRIES} files")


def read(chunks: Iterable[bytes]) -> SavedImage:
    """Read the archive of one image; of several, the first that its manifest names."""
    stream, found = Forward(chunks), _Found()
    try:
        for member in members(stream):
            _take(member, stream, found)
    except _BROKEN as error:
        raise FormatError(f"the image's archive is damaged: {error}") from error
    return _assembled(found)


def members(stream: Any) -> Iterator[tarfile.TarInfo]:
    """The members of an archive, forgetting each one that has passed."""
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        while (member := archive.next()) is not None:
            yield member
            # tarfile keeps a list of all for looking them up by name.
            archive.members = []  # type: ignore[attr-defined]


def _take(member: tarfile.TarInfo, stream: Forward, found: _Found) -> None:
    name = filetree.clean(member.name)
    found.count(1)
    if member.issym() or member.islnk():
        here = posixpath.dirname(name) if member.issym() else "/"
        found.links[name] = filetree.clean(posixpath.join(here, member.linkname))
        return
    if not member.isreg() or (not name.endswith((".json", "/layer.tar")) and _BLOBS not in name):
        return
    stream.seek(member.offset_data)
    head = stream.read(min(member.size, 512))
    rest = stream.pieces(member.size - len(head))
    # A blob's name does not say what it is; its first byte does.
    if name.endswith(".json") or head[:1] == b"{":
        found.texts[name] = _text(member, found, head, rest)
    else:
        found.trees[name] = _layer(head, rest, found)


def _text(member: tarfile.TarInfo, found: _Found, head: bytes, rest: Iterator[bytes]) -> bytes:
    known = sum(map(len, found.texts.values()))
    if member.size > LARGEST_JSON or known + member.size > _MOST_JSON:
        raise FormatError(f"{member.name} has {member.size} bytes: too many for a manifest")
    return b"".join((head, *rest))


def _layer(head: bytes, rest: Iterator[bytes], found: _Found) -> LayerTree | None:
    if head.startswith(_ZSTD):
        return None
    whole: Iterator[bytes] = chain([head], rest)
    if head.startswith(_GZIP):
        whole = _unpacked(whole)
    tree = filetree.read(members(Forward(whole)), MOST_ENTRIES - found.entries)
    found.count(len(tree.entries) + len(tree.removed))
    return tree


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    unpacker, seen = zlib.decompressobj(wbits=31), 0
    for chunk in chunks:
        while chunk and not unpacker.eof:
            piece = unpacker.decompress(chunk, _PIECE)
            seen += len(piece)
            if seen > MOST_BYTES:
                raise FormatError(f"a layer unpacks to more than {MOST_BYTES} bytes")
            yield piece
            chunk = unpacker.unconsumed_tail


def _assembled(found: _Found) -> SavedImage:
    manifest = _json(found, "/manifest.json")
    first = manifest[0] if isinstance(manifest, list) and manifest else None
    if not isinstance(first, dict):
        raise FormatError("the archive holds no image")
    config = _json(found, filetree.clean(str(first.get("Config"))))
    names = first.get("Layers") or []
    if not isinstance(config, dict) or not isinstance(names, list):
        raise FormatError("the archive's manifest is not one")
    return SavedImage(config, tuple(_tree(found, filetree.clean(str(name))) for name in names))


def _json(found: _Found, name: str) -> Any:
    try:
        return json.loads(found.texts[name])
    except KeyError:
        raise FormatError(f"the archive lacks {name.lstrip('/')}") from None
    except (ValueError, RecursionError):
        raise FormatError(f"{name.lstrip('/')} in the archive is not JSON") from None


def _tree(found: _Found, name: str) -> LayerTree | None:
    # A link may only lead to a layer, so one step is enough.
    name = found.links.get(name, name)
    if name not in found.trees:
        raise FormatError(f"the archive lacks the layer {name.lstrip('/')}")
    return found.trees[name]
