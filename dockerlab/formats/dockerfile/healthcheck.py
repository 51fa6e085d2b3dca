"""The options of HEALTHCHECK: durations as Go writes them, and a number of retries."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dockerlab.errors import DockerfileError

TIMES = ("interval", "timeout", "start-period")

_SECOND = 10**9
_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([^\d.]*)", re.ASCII)
_LONGEST = 2**63 - 1


def duration(text: str) -> int:
    """Nanoseconds of ``1m30s``. Raises DockerfileError in Docker's words."""
    plain = text.removeprefix("+").removeprefix("-")
    if plain == "0":
        return 0
    total, position = 0, 0
    while match := _PART.match(plain, position):
        if not match[2]:
            raise _wrong(f'missing unit in duration "{text}"')
        if match[2] not in _UNITS:
            raise _wrong(f'unknown unit "{match[2]}" in duration "{text}"')
        total += _nanoseconds(match[1], _UNITS[match[2]])
        position = match.end()
    if position == 0 or position < len(plain) or total > _LONGEST:
        raise _wrong(f'invalid duration "{text}"')
    return -total if text.startswith("-") else total


def _nanoseconds(number: str, unit: int) -> int:
    whole, _, fraction = number[:40].partition(".")
    tens: int = 10 ** len(fraction)
    return int(whole or 0) * unit + int(fraction or 0) * unit // tens


def _wrong(words: str) -> DockerfileError:
    return DockerfileError(f"time: {words}", "Write a number and its unit: 30s, 1m30s, 500ms.")


def times(options: Mapping[str, str]) -> dict[str, int]:
    """Nanoseconds of each time that is given; at least a millisecond."""
    found = {name: duration(options[name]) for name in TIMES if options.get(name)}
    for name, value in found.items():
        if value < 10**6:
            raise DockerfileError(f'Interval "{name}" cannot be less than 1ms')
    return found


def retries(text: str) -> int:
    """How many failures in a row make it unhealthy; 0 for not given."""
    if not text:
        return 0
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise DockerfileError(
            f'strconv.ParseInt: parsing "{text}": invalid syntax', "--retries takes a number."
        )
    if int(text) < 1:
        raise DockerfileError(f"--retries must be at least 1 (not {int(text)})")
    return int(text)
