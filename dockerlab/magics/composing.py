"""``%docker-compose`` as it was once typed, and ``%%compose``: a cell becomes a running project."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand

from dockerlab.client.connect import current
from dockerlab.client.explain import explained
from dockerlab.errors import CommandError, DockerlabError
from dockerlab.formats.command import Command, Help, parse, words
from dockerlab.magics.cells import guarded, write
from dockerlab.magics.commands.compose.bringing import brought_up, creation
from dockerlab.magics.commands.compose.project import failed, rehearsed
from dockerlab.magics.expansion import expand
from dockerlab.magics.invocation import Invocation
from dockerlab.magics.output import Output

FILE = "compose.yaml"
CHANGED = (
    "docker-compose is written docker compose now: the Python program with the hyphen ended in "
    "2023,\nits successor is a plugin of the docker command. Same files, same commands.\n"
)
_OLD = re.compile(r"^([!%$]\s*)?docker-compose(?=\s|$)", re.MULTILINE)


def modern(text: str) -> str:
    """``docker-compose up`` as it is typed today, in each line of a text.

    >>> modern("docker-compose up -d")
    'docker compose up -d'
    """
    return _OLD.sub(lambda match: f"{match.group(1) or ''}docker compose", text)


class Reminder:
    """Says once what became of the old command."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self, output: Output) -> None:
        if not self._said:
            self._said = True
            output.line(CHANGED)


remind = Reminder()


@magics_class
class ComposeMagics(Magics):
    """Cells that are compose files. The exit code is kept in ``_exit_code``."""

    @no_var_expand
    @cell_magic
    def compose(self, line: str, cell: str) -> None:
        """Write the cell to a compose file and bring the project up in the background.

            %%compose
            services:
              db:
                image: redis

        After ``%%compose`` may stand the file's name (``compose.yaml`` without one), ``-C FOLDER``
        for the project's folder, ``-p NAME`` for its name, ``--no-up`` to write and check only,
        ``--attach`` to follow its output, and all flags of ``docker compose up``. The project is
        kept in ``_compose``; ``lab.compose(…)`` at the end of a cell draws it.
        """
        self._names["_exit_code"] = guarded(lambda: self._compose(line, cell))

    def _compose(self, line: str, cell: str) -> int:
        own, rest = _own(words(expand(line, self._names)))
        command = parse(["compose", *own.leading, "up", *rest])
        if isinstance(command, Help):
            Output().line(command.text)
            return 0
        path = Path(own.folder) / own.file
        Output().line(write(path, cell, outside=own.outside))
        output = Output()
        try:
            with explained():
                return self._checked(command, path, own, output)
        except CommandError:
            raise
        except DockerlabError as error:
            return failed(output, error)

    def _checked(self, command: Command, path: Path, own: Own, output: Output) -> int:
        lab = current()
        flags = dict(command.flags) if own.attach else {**command.flags, "detach": True}
        up = Command(command.name, command.words, flags, command.typed)
        call = Invocation(lab, up, output)
        project = lab.compose(path, name=command.text("project-name"), profiles=own.profiles)
        for finding in project.project.warnings:
            output.error(f"WARN[0000] {finding.text}", finding.hint)
        self._names["_compose"] = project
        if own.only_write:
            return 0
        if command.on("dry-run"):
            return rehearsed(call, project.plan("up", command.words, **creation(call)))
        return brought_up(call, project, creation(call))

    @property
    def _names(self) -> dict[str, Any]:
        """What names mean in the notebook."""
        return self.shell.user_ns if self.shell is not None else {}


class Own:
    """The flags of ``%%compose`` itself, and those that stand before ``up``."""

    def __init__(self) -> None:
        self.file = FILE
        self.folder = "."
        self.outside = self.only_write = self.attach = False
        self.profiles: list[str] = []
        self.leading: list[str] = []


_SWITCHES = {"--no-up": "only_write", "--outside": "outside", "--attach": "attach"}
_VALUES = ("-C", "--folder", "-p", "--project-name", "--profile")


def _own(typed: Sequence[str]) -> tuple[Own, list[str]]:
    """The flags of ``%%compose`` itself, and the words that are for ``up``."""
    own, rest = Own(), list[str]()
    waiting = iter(typed)
    for word in waiting:
        name, equals, value = word.partition("=")
        if word in _SWITCHES:
            setattr(own, _SWITCHES[word], True)
        elif name in _VALUES:
            value = value if equals else next(waiting, "")
            if not value:
                raise CommandError(f"flag needs an argument: {name}", "as in -C app or -p shop")
            _keep(own, name, value)
        elif word.endswith((".yaml", ".yml")):
            own.file = word
        else:
            rest.append(word)
    return own, rest


def _keep(own: Own, name: str, value: str) -> None:
    if name in ("-C", "--folder"):
        own.folder = value
    elif name == "--profile":
        own.profiles.append(value)
    else:
        own.leading += ["-p", value]
