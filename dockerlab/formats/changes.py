"""The few Dockerfile instructions that ``commit --change`` and ``import --change`` take.

Each changes the ``config`` section of an image: ``CMD ["sh"]``, ``ENV A=b``, ``EXPOSE 80`` …
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dockerlab.errors import FormatError

Section = dict[str, Any]

_SHELL = ["/bin/sh", "-c"]
_PORT = re.compile(r"(\d+)(?:-(\d+))?(?:/(tcp|udp|sctp))?", re.IGNORECASE)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)")
_UNITS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_TIMES = {"interval": "Interval", "timeout": "Timeout", "start-period": "StartPeriod"}


def apply(section: Mapping[str, Any], changes: Iterable[str]) -> Section:
    """A copy of an image's ``config`` section with some instructions applied.

    Raises FormatError in Docker's words.
    """
    result = dict(section)
    for line in _lines(changes):
        word, _, rest = line.partition(" ")
        change = _CHANGES.get(word.upper())
        if change is None:
            raise FormatError(
                f"{word.lower()} is not a valid change command",
                f"Possible are {', '.join(sorted(_CHANGES))}.",
            )
        change(result, _argument(word, rest.strip()))
    return result


def _lines(changes: Iterable[str]) -> Iterable[str]:
    for text in changes:
        for line in text.splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                yield line.strip()


def _argument(word: str, rest: str) -> str:
    if not rest:
        raise FormatError(f"{word.upper()} requires at least one argument")
    return rest


def command(text: str, shell: Iterable[str] = _SHELL) -> list[str]:
    """The words of a CMD or ENTRYPOINT: a JSON list as it is, other text through the shell."""
    if text.startswith("["):
        try:
            words = json.loads(text)
        except ValueError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return words
    return [*shell, text]


def _cmd(section: Section, text: str) -> None:
    section["Cmd"] = command(text, section.get("Shell") or _SHELL)


def _entrypoint(section: Section, text: str) -> None:
    section["Entrypoint"] = command(text, section.get("Shell") or _SHELL)
    section["Cmd"] = None  # it was meant for another program


def _pairs(word: str, text: str) -> dict[str, str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise FormatError(f"{word}: {error}") from None
    if "=" not in words[0]:  # the old form, "ENV name the rest"
        name, _, value = text.partition(" ")
        if not value:
            raise FormatError(f"{word} must have two arguments")
        return {name: value.strip()}
    pairs = {}
    for item in words:
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise FormatError(
                f"Syntax error - can't find = in {item!r}. Must be of the form: name=value"
            )
        pairs[name] = value
    return pairs


def _env(section: Section, text: str) -> None:
    new = _pairs("ENV", text)
    entries = {entry.partition("=")[0]: entry for entry in section.get("Env") or ()}
    entries.update({name: f"{name}={value}" for name, value in new.items()})
    section["Env"] = list(entries.values())


def _label(section: Section, text: str) -> None:
    section["Labels"] = {**(section.get("Labels") or {}), **_pairs("LABEL", text)}


def _expose(section: Section, text: str) -> None:
    ports = dict(section.get("ExposedPorts") or {})
    for word in text.split():
        match = _PORT.fullmatch(word)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not match or not 0 < first <= last < 65536:
            raise FormatError(f"Invalid containerPort: {word}")
        for port in range(first, last + 1):
            ports[f"{port}/{(match[3] or 'tcp').lower()}"] = {}
    section["ExposedPorts"] = ports


def _volume(section: Section, text: str) -> None:
    paths = command(text, ()) if text.startswith("[") else text.split()
    if not all(path.strip() for path in paths):
        raise FormatError("VOLUME specified can not be an empty string")
    section["Volumes"] = {**(section.get("Volumes") or {}), **{path: {} for path in paths}}


def _workdir(section: Section, text: str) -> None:
    before = section.get("WorkingDir") or "/"
    section["WorkingDir"] = text if text.startswith("/") else f"{before.rstrip('/')}/{text}"


def _onbuild(section: Section, text: str) -> None:
    if text.split()[0].upper() in ("ONBUILD", "FROM", "MAINTAINER"):
        raise FormatError(f"{text.split()[0].upper()} isn't allowed as an ONBUILD trigger")
    section["OnBuild"] = [*(section.get("OnBuild") or ()), text]


def _healthcheck(section: Section, text: str) -> None:
    health: dict[str, Any] = {}
    while text.startswith("--"):
        option, _, text = text.partition(" ")
        name, _, value = option[2:].partition("=")
        if name == "retries":
            health["Retries"] = _number(value)
        elif name in _TIMES:
            health[_TIMES[name]] = duration(value)
        else:
            raise FormatError(f"Unknown flag: {name}")
        text = text.strip()
    word, _, rest = text.partition(" ")
    if word.upper() == "NONE":
        section["Healthcheck"] = {"Test": ["NONE"]}
        return
    if word.upper() != "CMD" or not rest.strip():
        raise FormatError(f"Unknown type {word!r} in HEALTHCHECK (try CMD)")
    words = command(rest.strip(), ())
    test = ["CMD", *words] if rest.strip().startswith("[") else ["CMD-SHELL", rest.strip()]
    section["Healthcheck"] = {"Test": test, **health}


def _number(text: str) -> int:
    if not text.isdigit():
        raise FormatError(f"--retries must be a number, not {text!r}")
    return int(text)


def duration(text: str) -> int:
    """Nanoseconds of ``1m30s``. Raises FormatError."""
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text):
        raise FormatError(f'time: invalid duration "{text}"')
    return int(sum(float(number) * _UNITS[unit] for number, unit in parts))


def _user(section: Section, text: str) -> None:
    section["User"] = text


def _stopsignal(section: Section, text: str) -> None:
    section["StopSignal"] = text


def _shell(section: Section, text: str) -> None:
    if not text.startswith("["):
        raise FormatError("SHELL requires the arguments to be in JSON form")
    section["Shell"] = command(text, ())


_CHANGES: dict[str, Callable[[Section, str], None]] = {
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "ENV": _env,
    "EXPOSE": _expose,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _label,
    "ONBUILD": _onbuild,
    "SHELL": _shell,
    "STOPSIGNAL": _stopsignal,
    "USER": _user,
    "VOLUME": _volume,
    "WORKDIR": _workdir,
}
