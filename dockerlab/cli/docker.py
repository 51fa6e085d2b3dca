"""``dockerlab docker …``: the docker commands of ``%docker`` in a shell, without Docker's own.

A CI's jobs call it where no docker command line is installed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from dockerlab.client.connect import connect
from dockerlab.errors import CommandError, DockerlabError
from dockerlab.formats.command import Command, parse
from dockerlab.magics.output import Output
from dockerlab.magics.runner import Runner


def run(options: argparse.Namespace) -> int:
    """Run one command on the engine that DOCKER_HOST names, or that is found; its exit code."""
    words: Sequence[str] = options.words
    command = _read(words)
    if command is not None and _wants_terminal(command):
        print("the input device is not a TTY", file=sys.stderr)
        return 1
    runner = Runner(lambda: connect(quiet=True), Output())
    return runner.run_words(words, _typed(command))


def _read(words: Sequence[str]) -> Command | None:
    try:
        command = parse(words)
    except DockerlabError:
        return None  # the runner tells of it, as docker does
    return command if isinstance(command, Command) else None


def _wants_terminal(command: Command) -> bool:
    """Whether docker itself would refuse, as there is none to type into."""
    asked = command.name in ("run", "exec") and command.on("tty") and command.interactive
    return asked and not (sys.stdin is not None and sys.stdin.isatty())


def _typed(command: Command | None) -> list[str] | None:
    """The lines that are to be typed into the command: what was piped into this process."""
    if command is None or not command.interactive:
        return None
    if sys.stdin is None or sys.stdin.isatty():
        raise CommandError(
            "dockerlab docker cannot type into a container from a terminal",
            "pipe the lines into it: echo … | dockerlab docker …; or use %docker in a notebook",
        )
    return sys.stdin.read().splitlines()
