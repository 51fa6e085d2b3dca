"""One typed command on its way: what a command's function gets to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dockerlab.client.explain import explained
from dockerlab.client.lab import Lab
from dockerlab.errors import CommandError, EngineRefused
from dockerlab.formats.command import Command
from dockerlab.magics.output import Output

OpenConsole = Callable[[Any, str], bool]
"""Shows a console for a session (and its title); False when there is nowhere to show one."""


def no_console(session: Any, title: str) -> bool:
    return False


@dataclass(frozen=True)
class Invocation:
    """A command, the engine it is for, where it writes and what is typed into it.

    ``lines`` is None when nothing was given to type; an empty list is an input that ends at once.
    """

    lab: Lab
    command: Command
    output: Output
    lines: Sequence[str] | None = None
    console: OpenConsole = field(default=no_console)

    @property
    def api(self) -> Any:
        return self.lab.api

    @property
    def words(self) -> tuple[str, ...]:
        return self.command.words

    def refused(self, error: EngineRefused, prefix: str = "") -> None:
        """Write the engine's error as docker words it."""
        self.output.error(f"{prefix}Error response from daemon: {error.message}", error.hint)

    def each(self, names: Iterable[str], action: Callable[[str], Any]) -> int:
        """Do something with every name, printing it; go on after an error, as docker does."""
        code = 0
        for name in names:
            try:
                with explained():
                    action(name)
            except EngineRefused as error:
                self.refused(error)
                code = 1
            else:
                self.output.line(name)
        return code

    def filters(self) -> dict[str, list[str]]:
        """``--filter key=value``, repeated, as the API takes it."""
        found: dict[str, list[str]] = {}
        for text in self.command.many("filter"):
            key, equals, value = text.partition("=")
            if not equals:
                raise CommandError(
                    f'invalid argument "{text}" for "-f, --filter" flag: bad format of filter'
                    " (expected name=value)",
                    "as in --filter status=exited",
                )
            found.setdefault(key.strip().lower(), []).append(value.strip())
        return found


Handler = Callable[[Invocation], int]
"""Runs one command; the number is its exit code."""
Commands = Mapping[str, Handler]
