"""Time as Docker writes it: stamps with nanoseconds, and "3 seconds ago"."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone

from dockerlab.engine.errors import BadParameter

NEVER = "0001-01-01T00:00:00Z"
"""Go's zero time, which Docker shows for "not yet"."""

_SECOND = 1_000_000_000
_STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?"
)
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_UNIT = {
    "ns": 1,
    "us": 1000,
    "µs": 1000,
    "ms": 1_000_000,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}


def now() -> int:
    """Unix time in nanoseconds."""
    return time.time_ns()


def stamp(ns: int) -> str:
    """RFC 3339 with as many decimals as needed: ``2026-11-24T07:01:28.391581542Z``."""
    seconds, rest = divmod(ns, _SECOND)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    decimals = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{text}{decimals}Z"


def unix(text: str) -> int:
    """The inverse of ``stamp``, in ns; 0 for ``NEVER`` and for an empty text."""
    return 0 if text in ("", NEVER) else parse(text)


def parse(text: str) -> int:
    """A point in time as clients send it, in Unix ns.

    Accepts Unix seconds (``1795503688.5``), RFC 3339 (also date only, without zone) and a Go
    duration (``10m``), which counts back from now.
    """
    if match := re.fullmatch(r"(-?\d+)(?:\.(\d{1,9})\d*)?", text):
        return int(match[1]) * _SECOND + int((match[2] or "").ljust(9, "0"))
    if _DURATION.fullmatch(text):
        parts = _DURATION_PART.findall(text)
        return now() - int(sum(float(number) * _UNIT[unit] for number, unit in parts))
    if match := _STAMP.fullmatch(text):
        return _from_parts(match)
    raise BadParameter(f'invalid value for a time: "{text}"')


def _from_parts(match: re.Match[str]) -> int:
    day, minutes, seconds, decimals, zone = match.groups()
    offset = timedelta()
    if zone and zone != "Z":
        sign = -1 if zone[0] == "-" else 1
        offset = sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    text = f"{day}T{minutes or '00:00'}:{seconds or '00'}"
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=timezone(offset) if zone else UTC)
    except ValueError:
        raise BadParameter(f'invalid value for a time: "{match[0]}"') from None
    return int(moment.timestamp()) * _SECOND + int((decimals or "").ljust(9, "0"))


def human(seconds: float) -> str:
    """A span in Docker's words: ``Less than a second``, ``About a minute``, ``3 hours`` …"""
    whole = int(seconds)
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < 60:
        return f"{whole} seconds"
    minutes = whole // 60
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    hours = int(seconds / 3600 + 0.5)
    if hours == 1:
        return "About an hour"
    return _longer(hours)


def _longer(hours: int) -> str:
    if hours < 48:
        return f"{hours} hours"
    if hours < 24 * 7 * 2:
        return f"{hours // 24} days"
    if hours < 24 * 30 * 2:
        return f"{hours // 24 // 7} weeks"
    if hours < 24 * 365 * 2:
        return f"{hours // 24 // 30} months"
    return f"{hours // 24 // 365} years"
