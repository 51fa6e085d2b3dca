"""One request to a published port, and what came back."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from types import MappingProxyType

from dockerlab.client.pages.address import direct_url

LIMIT = 10_000_000
"""Bytes of a body that are kept."""
_HEAD = 16_384
"""Characters in which a title is looked for."""
_LOOKED_AT = 65_536
"""Characters in which the first line is. What a page can make of more takes too long to read."""
_PATIENCE = 5.0
"""Seconds for one request; an endless stream is cut off then."""


class NoAnswer(Exception):
    """Nobody there, or whoever is there hung up; it may be otherwise in a moment."""


class NotHTTP(Exception):
    """Something answers, but it is no web server."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: ``status`` 200 is success, ``body`` in bytes, ``text`` decoded.

    >>> lab.fetch("web", 8080).text  # doctest: +SKIP
    'Hello\\n'
    """

    url: str
    status: int
    reason: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By name in small letters."""

    @property
    def text(self) -> str:
        charset = re.search(r"charset=[\"']?([\w-]+)", self.headers.get("content-type", ""))
        try:
            return self.body.decode(charset.group(1) if charset else "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    @property
    def is_html(self) -> bool:
        kind = self.headers.get("content-type", "")
        return "html" in kind or (not kind and self.body.lstrip()[:1] == b"<")

    @property
    def title(self) -> str:
        """What stands in the page's ``<title>``; empty without one."""
        start = self.text[:_HEAD] if self.is_html else ""
        found = re.search(r"(?is)<title[^>]*>(.*?)</title>", start)
        return " ".join(unescape(found.group(1)).split()) if found else ""

    @property
    def rooted(self) -> str:
        """The first part that a page loads from the root of its server, as ``/src/main.jsx``."""
        start = self.text[:_HEAD] if self.is_html else ""
        found = _ROOTED.search(start)
        return unescape(found[1]) if found else ""

    @property
    def first_line(self) -> str:
        """The first words that a reader sees."""
        text = self.text[:_LOOKED_AT]
        text = _visible(text) if self.is_html else text
        return next((line.strip() for line in text.splitlines() if line.strip()), "")

    @property
    def ending(self) -> str:
        return f"{self.status} {self.reason}".strip()

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"{self.ending}\n{self.text}".rstrip("\n")

    def _repr_html_(self) -> str:
        # The page's source, as text: it is to be read here, not to be shown.
        return f"<p>{escape(self.ending)}</p><pre>{escape(self.text)}</pre>"


def request(host: str, port: int, path: str, *, patience: float = _PATIENCE) -> Answer:
    """``GET path``. Raises NoAnswer or NotHTTP; no redirect is followed."""
    connection = http.client.HTTPConnection(host, port, timeout=patience)
    try:
        connection.request("GET", path, headers={"Accept": "*/*", "User-Agent": "dockerlab"})
        response = connection.getresponse()
        return Answer(
            direct_url(port, host, path),
            response.status,
            response.reason,
            _body(response, patience),
            MappingProxyType({key.lower(): value for key, value in response.getheaders()}),
        )
    except (http.client.RemoteDisconnected, OSError) as error:
        raise NoAnswer(str(error)) from None
    except http.client.HTTPException as error:
        raise NotHTTP(str(error).strip()) from None
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse, patience: float) -> bytes:
    """What comes in time; a page that never ends is known by its beginning."""
    end, body = time.monotonic() + patience, bytearray()
    try:
        while len(body) < LIMIT and time.monotonic() < end:
            piece = response.read1(1 << 16)
            if not piece:
                break
            body += piece
    except (OSError, http.client.HTTPException):
        pass  # it hung up in the middle, or has no more for now
    return bytes(body[:LIMIT])


_ROOTED = re.compile(r"""(?i)<(?:script|link|img)\s[^<>]*?\b(?:src|href)=["'](/(?!/)[^"'<>]*)""")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*+)[^<>]*+>|<[!?/][^<>]*+>")
_HIDDEN = ("head", "script", "style", "template", "noscript")
_INLINE = ("a", "abbr", "b", "code", "em", "i", "kbd", "mark", "small", "span", "strong", "u")


def _visible(html: str) -> str:
    """The text that a browser would show.

    Read roughly, but once from start to end: Python's own parser goes back at each ``<`` that
    nothing closes, and takes minutes for a page that is made of them.
    """
    first, *rest = html.split("<!--")
    html = first + "".join(part.partition("-->")[2] for part in rest)
    found, hidden, position = list[str](), 0, 0
    for tag in _TAG.finditer(html):
        if not hidden:
            found.append(_words(html[position : tag.start()]))
        position, name = tag.end(), (tag[2] or "").lower()
        if name in _HIDDEN:
            hidden = max(hidden - 1, 0) if tag[1] else hidden + 1
        if name not in _INLINE:
            found.append("\n")
    return "".join([*found, "" if hidden else _words(html[position:])])


def _words(text: str) -> str:
    plain = unescape(text)
    return " ".join(plain.split()) + (" " if plain[-1:].isspace() else "")
