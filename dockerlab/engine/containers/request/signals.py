"""Signals by name or number, as ``docker kill -s`` takes them."""

from __future__ import annotations

import signal

from dockerlab.engine.errors import BadParameter


def parse(text: str) -> int:
    """The number of ``KILL``, ``SIGKILL``, ``sigkill`` or ``9``."""
    if text.isdecimal():
        number = int(text)
        if 0 < number <= signal.SIGRTMAX:
            return number
        raise BadParameter(f"Invalid signal: {text}")
    name = text.upper()
    name = name if name.startswith("SIG") else "SIG" + name
    base, plus, offset = name.partition("+")
    if plus and base == "SIGRTMIN" and offset.isdecimal():
        return parse(str(signal.SIGRTMIN + int(offset)))
    try:
        return int(signal.Signals[name])
    except KeyError:
        raise BadParameter(f"Invalid signal: {text}") from None
