"""Keeping secrets out of logs, however they are cut into pieces or encoded."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from dockerlab.formats.pipeline.settings import SHORTEST_SECRET

SHORTEST_ENCODED = 6
"""Characters of an encoded form that is looked for; shorter ones are found in ordinary words."""


class Masks:
    """What must not be seen; ``word`` stands in its place."""

    def __init__(self, secrets: Iterable[str], word: str = "***") -> None:
        self.word = word.encode()
        self._patterns: set[bytes] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide this, too, from now on: whole, line by line, and encoded."""
        for text in {secret.strip(), *(line.strip() for line in secret.splitlines())}:
            if len(text) >= SHORTEST_SECRET:
                self._patterns |= set(_forms(text))

    @property
    def patterns(self) -> list[bytes]:
        return sorted(self._patterns, key=len, reverse=True)

    def text(self, text: str) -> str:
        """A whole text without secrets."""
        stream = Stream(self)
        return (stream.feed(text.encode(errors="replace")) + stream.end()).decode()


class Stream:
    """One output without secrets. What may be the beginning of one waits for what follows."""

    def __init__(self, masks: Masks) -> None:
        self._word = masks.word
        self._patterns = masks.patterns
        self._longest = max(map(len, self._patterns), default=0)
        self._held = b""
        self._hidden = 0
        """How many bytes at the beginning of what is held belong to a secret already hidden."""

    def feed(self, data: bytes) -> bytes:
        self._held += data
        return self._release(self._unsure())

    def end(self) -> bytes:
        """What was held back, as nothing follows."""
        return self._release(len(self._held))

    def _unsure(self) -> int:
        """From where on the bytes held may be the beginning of a secret."""
        held = self._held
        for at in range(max(0, len(held) - self._longest + 1), len(held)):
            tail = held[at:]
            if any(pattern.startswith(tail) for pattern in self._patterns):
                return at
        return len(held)

    def _release(self, until: int) -> bytes:
        made, at = bytearray(), self._hidden
        for begin, end in self._spans():
            if begin >= until:
                break
            if end > at:
                made += self._held[at:begin] if begin > at else b""
                # A secret that goes on from one hidden before needs no second word.
                made += self._word if begin >= at and not (begin == at == self._hidden > 0) else b""
                at = end
        if at < until:
            made += self._held[at:until]
            at = until
        self._hidden = at - until
        self._held = self._held[until:]
        return bytes(made)

    def _spans(self) -> list[tuple[int, int]]:
        """Where secrets stand in what is held; those that overlap are one."""
        found = sorted(span for pattern in self._patterns for span in _found(pattern, self._held))
        merged: list[tuple[int, int]] = []
        for begin, end in found:
            if merged and begin <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((begin, end))
        return merged


def _found(pattern: bytes, data: bytes) -> Iterator[tuple[int, int]]:
    at = data.find(pattern)
    while at >= 0:
        yield at, at + len(pattern)
        at = data.find(pattern, at + 1)


def _forms(text: str) -> Iterator[bytes]:
    """A text as it is, and as the usual encodings write it."""
    yield text.encode()
    encoded = {quote(text), quote(text, safe=""), quote_plus(text)}
    encoded |= {json.dumps(text)[1:-1], shlex.quote(text), text.encode().hex()}
    for shift in range(3):
        encoded |= set(_base64(text.encode(), shift))
    for one in encoded:
        if len(one) >= SHORTEST_ENCODED:
            yield one.encode()


def _base64(data: bytes, shift: int) -> Iterator[str]:
    """What of base64 depends on ``data`` alone, when ``shift`` bytes (mod 3) stand before it."""
    first = (0, 2, 3)[shift]
    last = (shift + len(data)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(b"\0" * shift + data).decode()[first:last]
