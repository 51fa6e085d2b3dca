"""What an instruction changes in the ``config`` section of an image.

One implementation for a build's steps and for ``commit --change``. How to use it::

    section = apply(section, expanded(instruction, env))     # a changed copy
    own_cmd = own_cmd or isinstance(instruction, Cmd)        # since the last FROM
    section = apply(section, entrypoint, own_cmd=own_cmd)    # ENTRYPOINT drops an inherited Cmd
    argv(run.command, section)                               # the words that RUN runs

Variables must have been put in before (``expansion.expanded``). Instructions that change nothing
in the section (RUN, COPY, ARG, FROM, MAINTAINER) give it back as it is.
"""

from __future__ import annotations

import posixpath
import re
import signal
from collections.abc import Callable, Mapping
from typing import Any

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile.instructions import (
    Cmd,
    Command,
    Entrypoint,
    Env,
    Expose,
    HealthCheck,
    Instruction,
    Label,
    OnBuild,
    Shell,
    StopSignal,
    User,
    Volume,
    Workdir,
)

Section = dict[str, Any]

SHELL = ("/bin/sh", "-c")

_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
_LIVE = re.compile(r"RT(MIN(\+\d{1,2})?|MAX(-\d{1,2})?)", re.ASCII)


def apply(
    section: Mapping[str, Any], instruction: Instruction, *, own_cmd: bool = False
) -> Section:
    """A copy of the section as the instruction leaves it.

    ``own_cmd``: the same stage has a CMD already, so that an ENTRYPOINT does not take it away.
    Raises DockerfileError, in Docker's words, with the instruction's line.
    """
    result = dict(section)
    try:
        if isinstance(instruction, Entrypoint):
            _entrypoint(result, instruction, own_cmd)
        elif change := _CHANGES.get(type(instruction)):
            change(result, instruction)
    except DockerfileError as error:
        raise DockerfileError(error.message, error.hint, line=instruction.line) from None
    return result


def argv(command: Command, section: Mapping[str, Any]) -> list[str]:
    """The words of a command; the shell form goes through the section's ``Shell``."""
    shell = (section.get("Shell") or SHELL) if command.shell else ()
    return [*shell, *command.words]


def _entrypoint(section: Section, instruction: Entrypoint, own_cmd: bool) -> None:
    section["Entrypoint"] = argv(instruction.command, section) or None
    if not own_cmd:
        section["Cmd"] = None  # it was meant for another program


def _cmd(section: Section, instruction: Cmd) -> None:
    section["Cmd"] = argv(instruction.command, section)


def _env(section: Section, instruction: Env) -> None:
    entries = {entry.partition("=")[0]: entry for entry in section.get("Env") or ()}
    entries.update({name: f"{name}={value}" for name, value in instruction.values.items()})
    section["Env"] = list(entries.values())


def _label(section: Section, instruction: Label) -> None:
    section["Labels"] = {**(section.get("Labels") or {}), **instruction.values}


def _expose(section: Section, instruction: Expose) -> None:
    found: Section = {port: {} for word in instruction.ports for port in ports(word)}
    section["ExposedPorts"] = {**(section.get("ExposedPorts") or {}), **found}


def ports(word: str) -> list[str]:
    """``80/tcp`` … of a word of EXPOSE, which may be a range; what is before a colon is left out.

    >>> ports("8080-8081/UDP"), ports("127.0.0.1:80:443")
    (['8080/udp', '8081/udp'], ['443/tcp'])
    """
    text, _, protocol = word.partition("/")
    protocol = protocol.lower() or "tcp"
    outside, _, inside = text.rpartition(":")
    if not inside:
        raise DockerfileError(f"No port specified: {word}<empty>")
    first, last = _range(inside, "containerPort")
    if protocol not in ("tcp", "udp", "sctp"):
        raise DockerfileError(f"Invalid proto: {protocol}", "Write tcp, udp or sctp.")
    _check_outside(outside.rpartition(":")[2], first, last, inside)
    return [f"{number}/{protocol}" for number in range(first, last + 1)]


def _check_outside(outside: str, first: int, last: int, inside: str) -> None:
    if not outside:
        return
    low, high = _range(outside, "hostPort")
    if first != last and high - low != last - first:
        raise DockerfileError(
            f"Invalid ranges specified for container and host Ports: {inside} and {outside}"
        )


def _range(text: str, what: str) -> tuple[int, int]:
    match = _PORT.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not first <= last < 65536:
        raise DockerfileError(f"Invalid {what}: {text}", "A port is a number from 1 to 65535.")
    return first, last


def _volume(section: Section, instruction: Volume) -> None:
    if "" in instruction.paths:
        raise DockerfileError("VOLUME specified can not be an empty string")
    new: Section = {path: {} for path in instruction.paths}
    section["Volumes"] = {**(section.get("Volumes") or {}), **new}


def _workdir(section: Section, instruction: Workdir) -> None:
    section["WorkingDir"] = workdir(section.get("WorkingDir") or "/", instruction.path)


def workdir(before: str, path: str) -> str:
    """The new working directory; a relative path goes on from the one before."""
    if not path:
        raise DockerfileError("cannot normalize nothing", "WORKDIR needs a path; is it $EMPTY?")
    if path.startswith("/"):
        return path
    return posixpath.normpath(f"/{before}/{path}").replace("//", "/")


def _user(section: Section, instruction: User) -> None:
    section["User"] = instruction.user


def _stopsignal(section: Section, instruction: StopSignal) -> None:
    name = instruction.signal.upper().removeprefix("SIG")
    known = name in {one.name.removeprefix("SIG") for one in signal.Signals}
    number = int(name) if re.fullmatch(r"-?[0-9]{1,4}", name) else 0
    if not (known or number or _LIVE.fullmatch(name)):
        raise DockerfileError(
            f"Invalid signal: {instruction.signal}", "Write a name such as SIGTERM, or a number."
        )
    section["StopSignal"] = instruction.signal


def _shell(section: Section, instruction: Shell) -> None:
    section["Shell"] = list(instruction.words)


def _healthcheck(section: Section, instruction: HealthCheck) -> None:
    if instruction.check is None:
        section["Healthcheck"] = {"Test": ["NONE"]}
        return
    form = "CMD-SHELL" if instruction.check.shell else "CMD"
    times = {
        "Interval": instruction.interval,
        "Timeout": instruction.timeout,
        "StartPeriod": instruction.start_period,
        "Retries": instruction.retries,
    }
    given = {name: value for name, value in times.items() if value}
    section["Healthcheck"] = {"Test": [form, *instruction.check.words], **given}


def _onbuild(section: Section, instruction: OnBuild) -> None:
    section["OnBuild"] = [*(section.get("OnBuild") or ()), instruction.trigger]


_CHANGES: dict[type[Instruction], Callable[[Section, Any], None]] = {
    Cmd: _cmd,
    Env: _env,
    Expose: _expose,
    HealthCheck: _healthcheck,
    Label: _label,
    OnBuild: _onbuild,
    Shell: _shell,
    StopSignal: _stopsignal,
    User: _user,
    Volume: _volume,
    Workdir: _workdir,
}
