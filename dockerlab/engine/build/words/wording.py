"""Steps as ``docker history`` shows them (``created_by``), in Docker's exact words.

They are more than looks: Docker compares them, in the configuration of a step's container, to
find out whether the step is cached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dockerlab.formats.dockerfile.instructions import (
    Arg,
    Cmd,
    Entrypoint,
    Env,
    Expose,
    HealthCheck,
    Instruction,
    Label,
    Maintainer,
    OnBuild,
    Shell,
    StopSignal,
    User,
    Volume,
)

Section = Mapping[str, Any]

SHELL = ("/bin/sh", "-c")
_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
}


def shell(section: Section) -> list[str]:
    """The words in front of a command in shell form."""
    return list(section.get("Shell") or SHELL)


def comment(section: Section, text: str) -> list[str]:
    """The command of a container that never runs: what its step was."""
    return [*shell(section), "#(nop) ", text]


def file_comment(section: Section, text: str) -> list[str]:
    """The same for COPY, ADD and WORKDIR, which Docker writes as one word less."""
    return [*shell(section), f"#(nop) {text}"]


def describe(instruction: Instruction, section: Section) -> str:
    """An instruction that changed the configuration to ``section``."""
    return _WORDINGS[type(instruction)](instruction, section)


def run_words(arguments: Mapping[str, str], words: Iterable[str]) -> list[str]:
    """The command of RUN with the build arguments that it can see, ``|1 a=b`` in front."""
    if not arguments:
        return list(words)
    return [f"|{len(arguments)}", *(f"{k}={v}" for k, v in arguments.items()), *words]


def quoted(text: str, mark: str = '"') -> str:
    """As Go's ``%q`` writes a string."""
    letters = (
        f"\\{letter}" if letter == mark else _ESCAPES.get(letter) or _printable(letter)
        for letter in text
    )
    return mark + "".join(letters) + mark


def _printable(letter: str) -> str:
    if letter.isprintable():
        return letter
    number = ord(letter)
    if number < 0x80:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _list(words: Iterable[str] | None) -> str:
    return "[" + " ".join(map(quoted, words or ())) + "]"


def duration(nanoseconds: int) -> str:
    """As Go writes one: ``1m30s``, ``500ms``, ``0s``."""
    if nanoseconds < 10**9:
        for unit, size in (("ms", 10**6), ("µs", 10**3), ("ns", 1)):
            if nanoseconds >= size:
                return f"{_decimal(nanoseconds, size)}{unit}"
        return "0s"
    seconds, rest = divmod(nanoseconds, 10**9)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(seconds * 10**9 + rest, 10**9)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


def _pairs(instruction: Env | Label, _: Section) -> str:
    pairs = (f"{name}={value}" for name, value in instruction.values.items())
    return " ".join([instruction.keyword, *pairs])


def _arg(instruction: Arg, _: Section) -> str:
    parts = [name if v is None else f"{name}={v}" for name, v in instruction.values.items()]
    return " ".join(["ARG", *parts])


def _health(instruction: HealthCheck, section: Section) -> str:
    health = section["Healthcheck"]
    times = [quoted(duration(health.get(k, 0))) for k in ("Interval", "Timeout", "StartPeriod")]
    retries = quoted(chr(health.get("Retries", 0)), "'")
    return f"HEALTHCHECK &{{{_list(health['Test'])} {' '.join(times)} {retries}}}"


_WORDINGS: dict[type[Instruction], Callable[[Any, Section], str]] = {
    Arg: _arg,
    Cmd: lambda _, section: f"CMD {_list(section['Cmd'])}",
    Entrypoint: lambda _, section: f"ENTRYPOINT {_list(section['Entrypoint'])}",
    Env: _pairs,
    Expose: lambda i, _: " ".join(["EXPOSE", *sorted(i.ports)]),
    HealthCheck: _health,
    Label: _pairs,
    Maintainer: lambda i, _: f"MAINTAINER {i.name}",
    OnBuild: lambda i, _: f"ONBUILD {i.trigger}",
    Shell: lambda i, _: f"SHELL [{' '.join(i.words)}]",
    StopSignal: lambda i, _: f"STOPSIGNAL {i.signal}",
    User: lambda i, _: f"USER {i.user}",
    Volume: lambda i, _: f"VOLUME [{' '.join(i.paths)}]",
}
