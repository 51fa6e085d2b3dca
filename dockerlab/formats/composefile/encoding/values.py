"""Single values as Go reads and prints them."""

from __future__ import annotations

import math
import re
import struct
from decimal import Decimal
from typing import Any

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6}
_UNITS |= {"s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_DURATION = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)*) ?([kKmMgGtTpP])?(?:[iI])?[bB]?\Z")
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_MOST = 2**63
_LONGEST = 200


class ValueProblem(ValueError):
    """A value that is no duration, no size, no number …; the words say which."""


def printed(value: Any) -> str:
    """A value as Go's ``fmt.Sprint`` prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return printed_float(value)
    if isinstance(value, list):
        return f"[{' '.join(printed(one) for one in value)}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{printed(value[key])}' for key in sorted(value))}]"
    return str(value)


def printed_float(value: float) -> str:
    """The shortest digits that are this float, with an exponent from 1e21 and below 1e-4."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return _digits(value, repr(value), -4)


def json_float(value: float) -> str:
    """A single-precision float as Go writes it to JSON."""
    return _digits(value, repr(value), -6).replace("e-0", "e-")


def _digits(value: float, shortest: str, smallest: int) -> str:
    number = Decimal(shortest)
    exponent = number.adjusted() if number else 0
    if smallest <= exponent < 21:
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    sign, digits, _ = number.as_tuple()
    mantissa = "".join(map(str, digits)).rstrip("0") or "0"
    point = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    minus = "-" if sign else ""
    return f"{minus}{mantissa[0]}{point}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def float32(value: float) -> float:
    """The value as a single-precision float, given as the float with its shortest digits."""
    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        raise ValueProblem(f"{value} is too large a number") from None
    for digits in range(1, 10):
        shortest = float(f"{single:.{digits}g}")
        if struct.pack("f", shortest) == struct.pack("f", single):
            return shortest
    return float(single)


def nanoseconds(text: str) -> int:
    """A duration like ``1m30s``, as Go's time.ParseDuration reads it."""
    sign, rest = (-1 if text.startswith("-") else 1), text.removeprefix("-")
    rest = rest.removeprefix("+") if rest == text else rest
    if rest == "0":
        return 0
    if len(rest) > _LONGEST:
        raise ValueProblem(f'time: invalid duration "{text[:40]}…"')
    total = at = 0
    while at < len(rest):
        found = _DURATION.match(rest, at)
        if not found or not (found[1] or found[2]):
            unit = re.fullmatch(r"[0-9]*\.?[0-9]*", rest[at:])
            what = "missing unit in duration" if unit else "invalid duration"
            raise ValueProblem(f'time: {what} "{text}"')
        scale = _UNITS[found[3]]
        total += int(found[1] or 0) * scale
        fraction = (found[2] or "")[:18]
        total += int(fraction or 0) * scale // 10 ** len(fraction)
        at = found.end()
    if not rest or total >= _MOST:
        raise ValueProblem(f'time: invalid duration "{text}"')
    return sign * total


def duration(nanos: int) -> str:
    """A duration as Go prints it: ``1m30s``, ``1.5s``, ``200ms``."""
    sign, nanos = ("-" if nanos < 0 else ""), abs(nanos)
    if nanos == 0:
        return "0s"
    if nanos < 10**9:
        unit = "ns" if nanos < 10**3 else "µs" if nanos < 10**6 else "ms"
        scale = _UNITS[unit]
        return f"{sign}{_fraction(nanos, scale)}{unit}"
    seconds, below = divmod(nanos, 10**9)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{_fraction(seconds * 10**9 + below, 10**9)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{sign}{hours}h{text}" if hours else f"{sign}{text}"


def _fraction(value: int, scale: int) -> str:
    whole, rest = divmod(value, scale)
    digits = f"{rest:0{len(str(scale)) - 1}}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


def size(value: Any) -> int:
    """Bytes: a number, or a text like ``64m`` or ``1.5gb``; the units are powers of 1024."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return 0
    found = _SIZE.match(value) if len(value) <= _LONGEST else None
    if not found or found[1].count(".") > 1:
        raise ValueProblem(f"invalid size: '{value}'")
    number = float(found[1]) * 1024 ** _POWERS.get((found[2] or "").lower(), 0)
    if number >= _MOST:
        raise ValueProblem(f"invalid size: '{value}'")
    return int(number)
