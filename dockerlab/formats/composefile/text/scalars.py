"""What a plain YAML word means, as the YAML library of Compose takes it: YAML 1.2, mostly.

So ``yes`` and ``on`` are texts, ``22:22`` is a text and not a number to the base of 60, but
``0640`` is still octal and a bare date is a time.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INTEGERS = (
    (re.compile(r"([-+]?)0[xX]([0-9a-fA-F]+)\Z"), 16),
    (re.compile(r"([-+]?)0[bB]([01]+)\Z"), 2),
    (re.compile(r"([-+]?)0[oO]?([0-7]+)\Z"), 8),
    (re.compile(r"([-+]?)([1-9][0-9]*|0)\Z"), 10),
)
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)?)?\Z",
    re.ASCII,
)
_LONGEST = 400
"""Digits of a number: more are a text, as no program of Compose's could take them."""


def meaning(word: str) -> Any:
    """The value of a plain word: None, a bool, a number or a text."""
    if word in _WORDS:
        return _WORDS[word]
    if len(word) > _LONGEST or not word[0].isascii() or word[0] not in "0123456789+-.":
        return word
    if word[0] == ".":
        return float(word) if _FLOAT.match(word) else word
    moment = _moment(word)
    return moment if moment is not None else _number(word)


def _number(word: str) -> Any:
    plain = word.replace("_", "")
    for pattern, base in _INTEGERS:
        if found := pattern.match(plain):
            value = int(found[1] + found[2], base)
            return value if -(2**63) <= value < 2**64 else float(value)
    return float(plain) if _FLOAT.match(plain) else word


def _moment(word: str) -> str | None:
    """A date as Go prints it, which is how it arrives in labels and variables."""
    found = _DATE.match(word)
    if not found:
        return None
    year, month, day, between, hour, minute, second, fraction, zone = found.groups()
    if between and (between == " ") == bool(zone):
        return None
    numbers = [int(part or 0) for part in (year, month, day, hour, minute, second)]
    try:
        moment = datetime(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return None
    parts = (fraction or "")[:9].rstrip("0")
    offset = zone.replace(":", "") if zone and zone != "Z" else ""
    seconds = f"{moment:%Y-%m-%d %H:%M:%S}".rjust(19, "0") + (f".{parts}" if parts else "")
    return f"{seconds} {offset} {offset}" if offset else f"{seconds} +0000 UTC"
