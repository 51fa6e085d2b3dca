"""What can be claimed of what must not be in an image.

    secret("k-4711-sesame").stays_out_of("ex6/quiet")

An image is given away whole: its settings, its history, and each layer, also what a later layer
takes away again.
"""

from __future__ import annotations

import json
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from dockerlab.client.images import saved
from dockerlab.formats.savedimage import Forward
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import Facts, image_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unknown, unmet

LONGEST_FILE = 1 << 20
"""Bytes of a file that are searched: nobody hides a key behind a megabyte by mistake."""
MOST_FILES = 50_000
MOST_BYTES = 500 << 20
"""Bytes of an image's archive that are read."""
_BROKEN = (tarfile.TarError, zlib.error, ValueError, EOFError, OSError)


class TooMuch(Exception):
    """The image is larger than what is searched."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a secret was found: ``kind`` is ``settings``, ``history`` or ``layer``."""

    kind: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that only its owner is to know."""

    text: str

    def stays_out_of(self, image: str) -> Claim:
        return Claim(say("secret.says", image=image), lambda bench: self._look(bench, image))

    def traces(self, bench: Bench, image: str) -> Iterator[Trace]:
        """Everywhere in the image where it stands. Raises NotFound where there is no image."""
        facts = bench.api.inspect_image(image)
        yield from self._settings(facts)
        for step in bench.api.history(facts["Id"]):
            if self.text in str(step.get("CreatedBy")):
                yield Trace("history", excerpt(str(step["CreatedBy"])))
        yield from self._layers(bench, str(facts["Id"]))

    def _look(self, bench: Bench, image: str) -> Finding:
        if image_facts(bench, image) is None:
            return absent("image.absent", image=image)
        try:
            found = next(self.traces(bench, image), None)
        except TooMuch:
            return unknown("secret.large", image=image)
        if found is None:
            return met()
        return unmet(f"secret.in_{found.kind}", image=image, where=excerpt(found.where))

    def _settings(self, facts: Facts) -> Iterator[Trace]:
        config = facts.get("Config") or {}
        for entry in ("Env", "Cmd", "Entrypoint", "Labels", "OnBuild"):
            if self.text in json.dumps(config.get(entry), ensure_ascii=False):
                yield Trace("settings", entry)

    def _layers(self, bench: Bench, id: str) -> Iterator[Trace]:
        wanted = self.text.encode()
        archive: Any = Limited(saved(bench.api, [id]))
        for name, content in files(archive):
            if wanted in content:
                yield Trace("layer", name)


class Limited(Forward):
    """An archive that ends in ``TooMuch`` where it is larger than it may be."""

    def take(self, most: int) -> bytes | memoryview:
        if self.tell() > MOST_BYTES:
            raise TooMuch
        return super().take(most)


def files(archive: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """The files of all layers of a saved image, by their paths; what is no archive is passed over.

    Raises TooMuch.
    """
    left = MOST_FILES
    with tarfile.open(fileobj=archive, mode="r|") as outer:
        for member in outer:
            layer = outer.extractfile(member) if member.isfile() else None
            if layer is None or not is_layer(member):
                continue
            for name, content in packed(layer):
                left -= 1
                if left < 0:
                    raise TooMuch
                yield name, content


def is_layer(member: tarfile.TarInfo) -> bool:
    """``ID/layer.tar``, or a blob; of those, settings are told by not being archives."""
    return member.name.endswith("/layer.tar") or "blobs/sha256/" in member.name


def packed(layer: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    left = MOST_BYTES
    try:
        with tarfile.open(fileobj=layer, mode="r|*") as inner:
            for member in inner:
                left -= member.size  # a layer of zeros is packed a thousand to one
                if left < 0:
                    raise TooMuch
                file = inner.extractfile(member) if member.isreg() else None
                if file is not None:
                    yield posixpath.normpath("/" + member.name), file.read(LONGEST_FILE)
    except _BROKEN:
        return


def secret(text: str) -> Secret:
    return Secret(text)
