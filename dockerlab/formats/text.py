"""Docker's own way of writing ages, sizes, ids and columns, as pure functions.

The rounding and the words are those of the docker command line, so that what a learner reads
in a notebook is what a terminal shows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

SHORT = 12
"""How many characters of an id docker shows."""


def duration(seconds: float) -> str:
    """A stretch of time as docker words it.

    >>> duration(3), duration(75), duration(7300)
    ('3 seconds', 'About a minute', '2 hours')
    """
    whole = int(seconds)
    minutes, hours = whole // 60, int(seconds / 3600 + 0.5)
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < 60:
        return f"{whole} seconds"
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    return _long_duration(seconds, hours)


def _long_duration(seconds: float, hours: int) -> str:
    if hours == 1:
        return "About an hour"
    if hours < 48:
        return f"{hours} hours"
    for limit, unit_hours, unit in (
        (14, 24, "days"),
        (60, 24 * 7, "weeks"),
        (730, 24 * 30, "months"),
    ):
        if hours < limit * 24:
            return f"{hours // unit_hours} {unit}"
    return f"{int(seconds // 3600) // 24 // 365} years"


def age(created: float, now: float) -> str:
    """How long ago a Unix time was; an unknown one (0 or less) is ``N/A``, as docker has it."""
    if created <= 0:
        return "N/A"
    return f"{duration(max(0.0, now - created))} ago"


def size(number: float, precision: int = 3) -> str:
    """Bytes in decimal units. Lists use 3 digits, ``system df`` and prune use 4.

    >>> size(753), size(5_584_000), size(5_584_500, 4)
    ('753B', '5.58MB', '5.585MB')
    """
    return _scaled(number, 1000.0, ("B", "kB", "MB", "GB", "TB", "PB"), precision)


def binary_size(number: float) -> str:
    """Bytes in units of 1024, as ``docker stats`` shows memory.

    >>> binary_size(64 * 1024 * 1024)
    '64MiB'
    """
    return _scaled(number, 1024.0, ("B", "KiB", "MiB", "GiB", "TiB", "PiB"), 4)


def _scaled(number: float, base: float, units: Sequence[str], precision: int) -> str:
    value, unit = float(number), 0
    while abs(value) >= base and unit < len(units) - 1:
        value, unit = value / base, unit + 1
    return f"{value:.{precision}g}{units[unit]}"


_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$", re.IGNORECASE)


def parse_size(text: str) -> int:
    """``64m`` or ``1.5g`` in bytes, by 1024 as ``--memory`` counts; ValueError if it is neither."""
    match = _SIZE.match(text.strip())
    if match is None:
        raise ValueError(f"invalid size: '{text}'")
    power = " kmgtp".index(match.group(2).lower() or " ")
    return int(float(match.group(1)) * 1024**power)


_DURATION_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")


def parse_duration(text: str) -> float:
    """``1m30s`` or ``500ms`` in seconds; ValueError if it is not one."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f'invalid duration "{text}": write it as 10s, 1m30s or 500ms')
    return sum(float(number) * _DURATION_UNITS[unit] for number, unit in parts)


_TIME = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$")


def parse_time(text: str) -> float:
    """An RFC 3339 time as Unix seconds; Docker's zero time and nonsense give 0.0."""
    match = _TIME.match(text)
    if match is None or text.startswith("0001-"):
        return 0.0
    zone = match.group(3) or "Z"
    moment = dt.datetime.fromisoformat(match.group(1) + zone.replace("Z", "+00:00"))
    return moment.timestamp() + float(match.group(2) or 0)


def short_id(identifier: str) -> str:
    """An id without its algorithm, cut to twelve characters.

    >>> short_id("sha256:0123456789abcdef0123")
    '0123456789ab'
    """
    return identifier.rpartition(":")[2][:SHORT]


def ellipsis(text: str, width: int) -> str:
    """``text`` cut to ``width`` characters, the last being ``…`` if something was cut."""
    return text if len(text) <= width else text[: width - 1] + "…"


def quoted(text: str) -> str:
    """In double quotes, with control characters escaped, as docker shows a command."""
    escapes = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    plain = "".join(
        escapes.get(char) or (char if char.isprintable() else f"\\x{ord(char):02x}")
        for char in text
    )
    return f'"{plain}"'


def columns(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, minimum: int = 10, gap: int = 3
) -> str:
    """A table as docker prints it: each column at least ``minimum`` wide, ``gap`` blanks between.

    ``top`` uses a minimum of 20. Without ``header`` only the rows are written.
    """
    table = [list(row) for row in ([header] if header else [])] + [list(row) for row in rows]
    if not table:
        return ""
    count = max(len(row) for row in table)
    widths = [
        max([minimum, *(len(row[index]) + gap for row in table if index < len(row))])
        for index in range(count)
    ]
    lines = [
        "".join(cell.ljust(widths[index]) for index, cell in enumerate(row[:-1])) + row[-1]
        for row in table
        if row
    ]
    return "\n".join(lines)


_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[@-_]"
    r"|[\x00-\x08\x0b-\x1f\x7f]"
)


def plain(text: str) -> str:
    """Text without terminal control sequences; line ends and tabs stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))
