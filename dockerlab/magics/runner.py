"""Runs typed docker commands: text in, docker's output and exit code out. No notebook needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from dockerlab.client.explain import explained
from dockerlab.client.lab import Lab
from dockerlab.client.trace import exchanges_text
from dockerlab.errors import CommandError, DockerlabError, EngineRefused, EngineUnavailable
from dockerlab.formats.command import Command, Help, parse, substitute, words
from dockerlab.formats.resources import Exchange
from dockerlab.magics.commands import COMMANDS
from dockerlab.magics.invocation import Invocation, OpenConsole, no_console
from dockerlab.magics.output import Captured, Output

INTERRUPTED = 130
USAGE = 125
"""docker's exit code for a command that it could not read or run."""


class Runner:
    """Holds on to an engine and an output; ``run`` takes one command's text.

    ``connect`` is asked for the engine only when a command needs one, so that ``--help`` works
    without any.
    """

    def __init__(
        self, connect: Callable[[], Lab], output: Output, console: OpenConsole = no_console
    ) -> None:
        self._connect = connect
        self._output = output
        self._console = console

    def run(self, text: str, lines: Sequence[str] | None = None) -> int:
        """Run a command as typed after ``docker``; its exit code."""
        return self._guarded(lambda: self.read(text), lines)

    def run_words(self, typed: Sequence[str], lines: Sequence[str] | None = None) -> int:
        """The same for words that a shell has made already."""
        return self._guarded(lambda: _read(typed), lines)

    def _guarded(
        self, read: Callable[[], tuple[Command | Help, bool]], lines: Sequence[str] | None
    ) -> int:
        try:
            command, trace = read()
            if isinstance(command, Help):
                self._output.line(command.text)
                return 0
            return self._run(command, lines, self._output, trace=trace)
        except DockerlabError as error:
            return self._failed(error)
        except KeyboardInterrupt:
            return INTERRUPTED

    def read(self, text: str) -> tuple[Command | Help, bool]:
        """The command in ``text``, with ``$(…)`` filled in, and whether to trace it."""
        return _read(words(substitute(text, self._answer)))

    def _answer(self, text: str) -> str:
        """What ``$(text)`` stands for: a docker command's output, or the current folder."""
        if text == "pwd":
            return os.getcwd()
        name, _, rest = text.partition(" ")
        if name != "docker":
            raise CommandError(
                f"$({text}) cannot be run here",
                "docker commands and pwd can stand in $( … ); anything else as {python}",
            )
        captured = Captured(self._output)
        command, _ = self.read(rest)
        if isinstance(command, Help):
            return command.text
        self._run(command, None, captured)
        return captured.buffer.getvalue()

    def _run(
        self,
        command: Command,
        lines: Sequence[str] | None,
        output: Output,
        *,
        trace: bool = False,
    ) -> int:
        lab = self._connect()
        invocation = Invocation(lab, command, output, lines, self._console)
        handler = COMMANDS[command.name]
        if not trace:
            with explained():
                return handler(invocation)
        with lab.trace() as exchanges:
            try:
                with explained():
                    return handler(invocation)
            finally:
                output.line("\nAPI requests:\n" + exchanges_text(_typed(command, exchanges)))

    def _failed(self, error: DockerlabError) -> int:
        if isinstance(error, EngineRefused):
            self._output.error(f"Error response from daemon: {error.message}", error.hint)
            return 1
        prefix = "" if isinstance(error, EngineUnavailable) else "docker: "
        self._output.error(prefix + error.message, error.hint)
        return 1 if isinstance(error, EngineUnavailable) else USAGE


def _read(typed: Sequence[str]) -> tuple[Command | Help, bool]:
    trace = list(typed[:1]) == ["--trace"]
    return parse(typed[1:] if trace else typed), trace


def _typed(command: Command, exchanges: list[Exchange]) -> list[Exchange]:
    """The requests that docker's own client would send for this command.

    For its record of a build, ``lab.build`` also asks about images and the engine.
    """
    if command.name != "build":
        return exchanges
    return [one for one in exchanges if one.method == "POST"]
