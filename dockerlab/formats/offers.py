"""What a teacher's machine offers a class: its images, each with the digest of its manifest.

It is one JSON text beside the registry that holds the images. All else follows from it by digests,
so that whoever knows the text's own can trust what comes over an open network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.bundle import ImageInfo, read_image
from dockerlab.formats.manifest import parse_json
from dockerlab.formats.reference import check_digest

PATH = "/dockerlab.json"
FORMAT = 1
MOST = 1_000
SHORT = 16
"""Characters of the fingerprint that people type: 64 bits, too many to find another text for."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An image, the digest of its manifest in the registry, and the bytes to be fetched for it."""

    image: ImageInfo
    manifest: str
    size: int


@dataclass(frozen=True, slots=True)
class Offers:
    """All of them, for one platform (``linux/amd64``)."""

    platform: str
    images: tuple[Offer, ...]

    def named(self, name: str) -> Offer | None:
        """The image that the course calls so."""
        return next((offer for offer in self.images if offer.image.name == name), None)


def fingerprint(raw: bytes) -> str:
    """What tells this text from every other: hexadecimal, 64 characters."""
    return hashlib.sha256(raw).hexdigest()


def write(offers: Offers) -> bytes:
    """The text; the same offers give the same."""
    return json.dumps({"format": FORMAT, **asdict(offers)}, indent=1, sort_keys=True).encode()


def read(raw: bytes) -> Offers:
    """Read it. Raises FormatError."""
    data = parse_json(raw, "list of offered images")
    images = data.get("images")
    if data.get("format") != FORMAT or not isinstance(images, list) or len(images) > MOST:
        raise FormatError("the list of offered images has a form that is not known here")
    return Offers(str(data.get("platform")), tuple(map(_offer, images)))


def _offer(data: Any) -> Offer:
    row: Mapping[str, Any] = data if isinstance(data, dict) else {}
    image, size = row.get("image"), row.get("size")
    if not isinstance(image, dict) or type(size) is not int or size < 0:
        raise FormatError("the list of offered images is not one")
    return Offer(read_image(image), check_digest(str(row.get("manifest"))), size)
