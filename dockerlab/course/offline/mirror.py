"""A teacher's machine, as a learner's sees it: what it offers, and its content by digests.

Whatever comes is what its digest says, and with the fingerprint that the teacher's machine shows,
all of it is what the teacher has.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3

from dockerlab.course.cache import file_digest
from dockerlab.errors import DockerlabError
from dockerlab.formats import manifest, offers
from dockerlab.formats.manifest import Descriptor, Manifest
from dockerlab.formats.offers import Offer, Offers
from dockerlab.formats.reference import parse

_PATIENCE = (8, 30)
"""Seconds for a connection, and for each word after it."""
_TRIES = 4
_PIECE = 256 << 10
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError)


class MirrorUnavailable(DockerlabError):
    """The teacher's machine does not answer, or not as itself."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A teacher's machine. ``fingerprint`` is the beginning of that of its offers; may be empty."""

    url: str
    fingerprint: str
    session: requests.Session

    @classmethod
    def at(cls, text: str) -> Mirror:
        """``http://teacher:5000`` or ``http://teacher:5000#1f2e3d4c5b6a7988``."""
        parts = urlsplit(text if "://" in text else f"http://{text}")
        right = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/")
        if not right or parts.query or parts.username is not None:
            raise DockerlabError(
                f"{text} is not the address of a teacher's machine.",
                "It is what `dockerlab images serve` shows there: http://192.168.1.20:5000.",
            )
        if 0 < len(parts.fragment) < offers.SHORT:
            raise DockerlabError(
                f"#{parts.fragment} is too short to tell one machine from another.",
                f"Give all {offers.SHORT} characters that `dockerlab images serve` shows.",
            )
        session = requests.Session()
        # It is in this room: no proxy leads there, and no login is meant for it.
        session.trust_env = False
        return cls(f"{parts.scheme}://{parts.netloc}", parts.fragment.lower(), session)

    def offers(self) -> Offers:
        """What it has. Raises MirrorUnavailable, FormatError."""
        raw = self._text(offers.PATH)
        if not offers.fingerprint(raw).startswith(self.fingerprint):
            raise MirrorUnavailable(
                f"What answers at {self.url} is not what #{self.fingerprint} stands for.",
                "Compare it with what the teacher's screen shows now. If that is the same, somebody"
                " else answers in its place: take nothing from it.",
            )
        return offers.read(raw)

    def manifest(self, offer: Offer) -> Manifest:
        """How an image is made up, checked against its digest."""
        raw = self._text(f"/v2/{_repository(offer)}/manifests/{offer.manifest}")
        found = manifest.parse(raw, manifest.DOCKER_MANIFEST)
        right = f"sha256:{hashlib.sha256(raw).hexdigest()}" == offer.manifest
        if not right or not isinstance(found, Manifest):
            raise self._wrong(f"the manifest of {offer.image.name}")
        return found

    def blob(self, offer: Offer, wanted: Descriptor, path: Path) -> Iterator[int]:
        """Fetch content to ``path``, going on where an earlier try ended; yields its bytes so far.

        Raises MirrorUnavailable when it breaks off again and again, or is not what it should be.
        """
        half = path.with_name(path.name + ".part")
        there = f"/v2/{_repository(offer)}/blobs/{wanted.digest}"
        for attempt in range(_TRIES):
            try:
                yield from self._rest(there, wanted.size, half)
                break
            except _BROKEN as error:
                if attempt == _TRIES - 1:
                    raise self._silent(error) from error
                time.sleep(attempt)
        if f"sha256:{file_digest(half)}" != wanted.digest:
            half.unlink()
            raise self._wrong(wanted.digest)
        half.rename(path)

    def _rest(self, path: str, size: int, half: Path) -> Iterator[int]:
        with half.open("ab") as file:
            if file.tell() > size:
                file.truncate(0)
            if file.tell() == size:
                return
            with self._get(path, file.tell()) as answer:
                if answer.status_code != 206:
                    file.truncate(0)
                for piece in answer.iter_content(_PIECE):
                    file.write(piece[: size + 1 - file.tell()])
                    yield file.tell()
                    if file.tell() > size:
                        break
            if file.tell() < size:
                raise requests.ConnectionError("it broke off in the middle")

    def _text(self, path: str) -> bytes:
        try:
            with self._get(path) as answer:
                raw: bytes = answer.raw.read(manifest.LARGEST_JSON + 1)
                return raw
        except _BROKEN as error:
            raise self._silent(error) from error

    def _get(self, path: str, start: int = 0) -> requests.Response:
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        answer = self.session.get(
            self.url + path, headers=headers, stream=True, allow_redirects=False, timeout=_PATIENCE
        )
        if answer.status_code not in (200, 206):
            answer.close()
            raise MirrorUnavailable(
                f"{self.url} answers {answer.status_code} to {path}.",
                "Is `dockerlab images serve` what runs there, and still the same one?",
            )
        return answer

    def _silent(self, error: Exception) -> MirrorUnavailable:
        reason = "no answer" if isinstance(error, requests.Timeout) else "no connection"
        if "broke off" in str(error):
            reason = "it broke off"
        return MirrorUnavailable(
            f"The teacher's machine at {self.url} cannot be reached: {reason}.",
            "There `dockerlab images serve --address ADDRESS` must run, with an address of that"
            " machine in this network, and no firewall before its port. Run this again; it goes on."
            " To go on without it: unset DOCKERLAB_MIRROR.",
        )

    def _wrong(self, what: str) -> MirrorUnavailable:
        return MirrorUnavailable(
            f"What came from {self.url} is not what was promised: {what}.",
            "Run it again. If it stays so, somebody changes it on the way: take nothing from it.",
        )


def _repository(offer: Offer) -> str:
    return parse(offer.image.tags[0]).repository
