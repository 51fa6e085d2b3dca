"""What services write: ``logs``, and the lines of ``up`` in the foreground."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator

from dockerlab.client.compose.compose import Compose
from dockerlab.client.system import moment
from dockerlab.errors import CommandError
from dockerlab.formats.composed.lines import LogLine
from dockerlab.formats.text import plain
from dockerlab.magics.commands.compose.project import number, opened
from dockerlab.magics.following import INTERRUPTED
from dockerlab.magics.invocation import Handler, Invocation

COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
"""Of the services, in turn; each line is named as well."""
_RESET = "\x1b[0m"
_COLOUR = re.compile(r"(\x1b\[[0-9;]{0,32}m)")
LONGEST = 10_000
"""Characters of one line that are printed."""


class Printer:
    """Prints lines under the name of their container, in the colour of their service."""

    def __init__(self, call: Invocation, project: Compose) -> None:
        command = call.command
        self._output = call.output
        self._coloured = not command.on("no-color") and command.text("ansi", "auto") != "never"
        self._named = not command.on("no-log-prefix")
        self._timed = command.on("timestamps")
        self._only = set(command.many("attach"))
        self._not = set(command.many("no-attach"))
        services = project.project.services
        self._services = {name: place for place, name in enumerate(services)}
        labels = [
            one.container_name or f"{name}-{max(one.replicas, 1)}" for name, one in services.items()
        ]
        self._wide = max(map(len, labels), default=0)

    def __call__(self, line: LogLine) -> None:
        if line.service in self._not or (self._only and line.service not in self._only):
            return
        stamp = f"{_stamp(line.at)} " if self._timed and line.at else ""
        self._output.line(f"{self._head(line)}{stamp}{_harmless(line.text)}")

    def _head(self, line: LogLine) -> str:
        if not self._named:
            return ""
        self._wide = max(self._wide, len(line.label))
        head = f"{line.label:<{self._wide}}  | "
        if not self._coloured:
            return head
        place = self._services.setdefault(line.service, len(self._services))
        return f"\x1b[{COLOURS[place % len(COLOURS)]}m{head}{_RESET}"


class Attached(Printer):
    """The lines of ``up`` in the foreground: whose they are going to be, and who has ended."""

    def __init__(self, call: Invocation, project: Compose) -> None:
        super().__init__(call, project)
        self._project = project
        self._wanted = call.words
        self._begun = False

    def __call__(self, line: LogLine) -> None:
        self._begin()
        super().__call__(line)

    def ended(self, name: str, code: int) -> None:
        self._begin()
        self._output.line(f"{self._label(name)} exited with code {code}")

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            there = [
                one.name
                for state in self._project.state()
                for one in state.containers
                if not self._wanted or state.service in self._wanted
            ]
            self._output.line(f"Attaching to {', '.join(map(self._label, there))}")

    def _label(self, name: str) -> str:
        return name.removeprefix(f"{self._project.name}-")


def _harmless(text: str) -> str:
    """A line without what moves the cursor or clears the screen; its colours end with it."""
    pieces = _COLOUR.split(text.rstrip("\r").rpartition("\r")[2][:LONGEST])
    if len(pieces) == 1:
        return plain(pieces[0])
    return "".join(one if number % 2 else plain(one) for number, one in enumerate(pieces)) + _RESET


def _stamp(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def logs(call: Invocation) -> int:
    """What was written so far; with ``-f`` also what comes, until all end or an interrupt."""
    command = call.command
    project = opened(call, quiet=True)
    tail = command.text("tail", "all")
    last = None if tail == "all" else number(tail, "--tail")
    printer = Printer(call, project)
    if not command.on("follow"):
        for line in _chosen(call, project.logs(*call.words, tail=last).lines):
            printer(line)
        return 0
    following = project.follow(*call.words, tail=last)
    try:
        for line in _chosen(call, following):
            printer(line)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        following.close()
    return 0


def _chosen(call: Invocation, lines: Iterable[LogLine]) -> Iterator[LogLine]:
    command = call.command
    since, until = (_moment(command.text(flag)) for flag in ("since", "until"))
    index = command.get("index")
    for line in lines:
        if index and not line.label.endswith(f"-{index}"):
            continue
        if line.at and ((since and line.at < since) or (until and line.at > until)):
            continue
        yield line


def _moment(text: str) -> float:
    if not text:
        return 0.0
    try:
        return moment(text)
    except ValueError as error:
        raise CommandError(str(error), "or a time as 2026-01-02T15:04:05Z") from None


def events(call: Invocation) -> int:
    """What happens to the project's containers, until the cell is interrupted."""
    project = opened(call, quiet=True)
    try:
        for event in project.events():
            told = dict(event.attributes)
            service = told.get("com.docker.compose.service", "")
            if call.words and service not in call.words:
                continue
            at = dt.datetime.fromtimestamp(event.time_ns / 1e9)
            facts = {"image": told.get("image", ""), "name": told.get("name", "")}
            if call.command.on("json"):
                fields = {"time": at.isoformat(), "type": event.kind, "action": event.action}
                more = {"id": event.id, "service": service, "attributes": facts}
                call.output.line(json.dumps(fields | more))
                continue
            shown = ", ".join(f"{name}={value}" for name, value in facts.items())
            call.output.line(f"{at} {event.kind} {event.action} {event.id} ({shown})")
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


COMMANDS: dict[str, Handler] = {"logs": logs, "events": events}
