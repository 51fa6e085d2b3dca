"""How much a request may bring.

A body goes to a file first, whatever its length: memory holds one large body at a time, when moto
takes it, and however slowly it came.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from dockerlab.cloud.errors import AwsError

LARGEST = 128 << 20
"""Bytes of one object. AWS takes 5 GB in one piece, and bundles of up to 500 MB."""
FORM = 1 << 20
"""Bytes of the parameters of an action."""
IN_ALL = 512 << 20
"""Bytes of all objects together."""
SECONDS = 120.0
"""How long a body may take to come."""

_PIECE = 256 << 10


class TooLarge(AwsError):
    code = "EntityTooLarge"


class TooSlow(AwsError):
    code = "RequestTimeout"


class Incomplete(AwsError):
    """Less came than was announced, or not in the form that was."""

    code = "IncompleteBody"


def limit(service: str) -> int:
    """For the body of one request."""
    return LARGEST if service == "s3" else FORM


def announced(environ: dict[str, Any]) -> int:
    """The length that a request says its body has; 0 when it says nothing of the kind."""
    text = str(environ.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isdecimal() else 0


def check_length(length: int, most: int) -> None:
    """TooLarge, in words that say what the limit is here."""
    if length > most:
        raise TooLarge(
            "Your proposed upload exceeds the maximum allowed object size: this cloud takes "
            f"{most >> 20} MB"
        )


def check_room(length: int) -> None:
    """TooLarge when all objects together would have this many bytes, and that is too many."""
    if length > IN_ALL:
        raise TooLarge(f"All objects of this cloud together may have {IN_ALL >> 20} MB")


@contextlib.contextmanager
def spooled(environ: dict[str, Any], most: int, folder: Path) -> Iterator[int]:
    """Within, the request's body is a file; its length. TooLarge before more is read than that."""
    check_length(announced(environ), most)
    with tempfile.TemporaryFile(dir=folder) as file:
        length = _copy(environ, file, most)
        file.seek(0)
        environ["wsgi.input"] = file
        environ["wsgi.input_terminated"] = True
        environ["CONTENT_LENGTH"] = str(length)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        yield length


def _copy(environ: dict[str, Any], file: IO[bytes], most: int) -> int:
    source = environ["wsgi.input"]
    # Without an end of its own (chunks), a body ends where it was said to.
    left = most + 1 if environ.get("wsgi.input_terminated") else announced(environ)
    end = time.monotonic() + SECONDS
    length = 0
    while left and (piece := _piece(source, min(left, _PIECE))):
        left -= len(piece)
        length += len(piece)
        check_length(length, most)
        file.write(piece)
        if time.monotonic() > end:
            raise TooSlow("Your socket connection to the server was not written to in time.")
    if length < announced(environ):
        raise Incomplete("You did not provide the number of bytes of the Content-Length header.")
    return length


def _piece(source: IO[bytes], length: int) -> bytes:
    try:
        return source.read(length)
    except OSError as error:  # chunks without their form, or nobody there any more
        raise Incomplete(f"The request's body broke off: {error}") from error
