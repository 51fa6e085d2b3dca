"""The little Markdown of hints and questions: `code`, **strong**, blocks of code, paragraphs."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator
from html import escape

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```\s*?$", re.DOTALL | re.MULTILINE)
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"(`[^`]+`)")
WIDTH = 92
"""Columns of a terminal that a paragraph may take."""


def html(text: str) -> str:
    """As HTML; whatever else is in the text is only text.

    >>> html("Use `-p` **first**.")
    '<p>Use <code>-p</code> <strong>first</strong>.</p>'
    """
    return "".join(
        f"<pre><code>{escape(piece)}</code></pre>" if code else f"<p>{inline(piece)}</p>"
        for code, piece in _blocks(text)
    )


def inline(text: str) -> str:
    """One paragraph as HTML, without an element around it."""
    parts = _CODE.split(text)
    return "".join(
        f"<code>{escape(part[1:-1])}</code>"
        if part.startswith("`") and len(part) > 2
        else _STRONG.sub(r"<strong>\1</strong>", escape(part))
        for part in parts
    )


def lines(text: str, indent: str = "") -> list[str]:
    """For a terminal: paragraphs filled, code as it is, all of it indented."""
    found: list[str] = []
    for code, piece in _blocks(text):
        if code:
            found += textwrap.indent(piece, f"{indent}    ").splitlines()
        else:
            found += [indent + line for line in filled(_STRONG.sub(r"\1", piece), len(indent))]
    return found


def filled(text: str, taken: int = 0) -> list[str]:
    """Lines of at most ``WIDTH`` columns; letters of Korean take two."""
    made = [""]
    for word in text.split():
        if made[-1] and columns(f"{made[-1]} {word}") > WIDTH - taken:
            made.append("")
        made[-1] = f"{made[-1]} {word}".lstrip()
    return made


def columns(text: str) -> int:
    """
    >>> columns("ab가")
    4
    """
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _blocks(text: str) -> Iterator[tuple[bool, str]]:
    """Code (True) and paragraphs."""
    for number, piece in enumerate(_FENCE.split(text)):
        if number % 2:
            yield True, piece.rstrip("\n")
            continue
        for paragraph in re.split(r"\n\s*\n", piece):
            if paragraph.strip():
                yield False, " ".join(paragraph.split())
