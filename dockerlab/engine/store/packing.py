"""Packing trees that may change meanwhile, and archives as streams of pieces."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

_CHUNK = 1 << 20

Item = tuple[tarfile.TarInfo, int]
"""A member to write and the descriptor of its content, or -1."""


def pack(items: Iterable[Item]) -> Iterator[bytes]:
    """A tar of some members, in pieces. Descriptors are closed.

    A file that shrinks meanwhile is filled up with zeros, one that grows is cut: the archive
    stays whole.
    """
    for member, descriptor in items:
        try:
            yield member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
            if member.isreg() and member.size:
                yield from _content(descriptor, member.size)
        finally:
            if descriptor >= 0:
                os.close(descriptor)
    yield b"\0" * 1024


def _content(descriptor: int, size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = os.read(descriptor, min(_CHUNK, left)) if descriptor >= 0 else b""
        piece = piece or bytes(min(_CHUNK, left))
        left -= len(piece)
        yield piece
    yield b"\0" * (-size % 512)


class Chunks:
    """An iterator of pieces as a file to read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest = iter(pieces), b""

    def read(self, size: int = -1) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while size < 0 or have < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            parts.append(piece)
            have += len(piece)
        data = b"".join(parts)
        cut = len(data) if size < 0 else size
        self._rest = data[cut:]
        return data[:cut]


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """A file in pieces."""
    while piece := stream.read(_CHUNK):
        yield piece
