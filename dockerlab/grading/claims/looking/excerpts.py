"""What a learner's programs and the engine wrote, made fit to be quoted in a sentence."""

from __future__ import annotations

from dockerlab.formats.text import ellipsis, plain

WIDTH = 160
"""Characters that are quoted."""
NOTHING = "—"


def excerpt(text: str, width: int = WIDTH) -> str:
    """One line without control characters.

    >>> excerpt("\\x1b[31mred\\x1b[0m\\n text"), excerpt("")
    ('red text', '—')
    """
    return ellipsis(" ".join(plain(text[: width * 10]).split()), width) or NOTHING
