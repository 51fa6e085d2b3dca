"""Colours that a program wrote into its lines, as roles of our own palette.

Only colours are understood; every other escape code is dropped, and so is what a carriage return
has overwritten. Nothing of a line can be more than text afterwards.
"""

from __future__ import annotations

import re

from dockerlab.formats.text import plain

_COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
_ROLES = ("muted", "red", "green", "orange", "blue", "purple", "blue", "")
"""Of 30 to 37 (and 90 to 97): black … white, as far as they can be read on a panel."""
LONGEST = 2000
"""Characters of a line that are shown."""

Span = tuple[str, str]
"""A piece of text and the role of its colour, "" for the usual one."""


def spans(line: str) -> list[Span]:
    """The pieces of one line.

    >>> spans("\\x1b[32mGET\\x1b[0m /\\x1b[2J")
    [('GET', 'green'), (' /', '')]
    """
    shown = line.rstrip("\r\n").rpartition("\r")[2]
    found: list[Span] = []
    role, position, room = "", 0, LONGEST
    for match in [*_COLOUR.finditer(shown), None]:
        piece = plain(shown[position : match.start() if match else len(shown)])
        if piece and room > 0:
            cut = piece if len(piece) <= room else piece[: room - 1] + "…"
            found.append((cut, role))
            room -= len(cut)
        if match is None:
            break
        role, position = _role(match.group(1), role), match.end()
    return found


def _role(numbers: str, role: str) -> str:
    for text in numbers.split(";"):
        number = int(text[:4] or 0)
        if number in (0, 39):
            role = ""
        elif 30 <= number <= 37:
            role = _ROLES[number - 30]
        elif 90 <= number <= 97:
            role = _ROLES[number - 90]
        elif number in (38, 48):  # a colour of many follows: too many to tell apart
            break
    return role
