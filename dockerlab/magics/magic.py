"""``%docker`` and ``%%docker`` for IPython."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from dockerlab.client.connect import current
from dockerlab.errors import DockerlabError
from dockerlab.formats.command import Command, lines
from dockerlab.magics.composing import modern, remind
from dockerlab.magics.console import open_console
from dockerlab.magics.expansion import expand
from dockerlab.magics.output import Output
from dockerlab.magics.runner import Runner


@magics_class
class DockerMagics(Magics):
    """The docker command line. The exit code of the last command is kept in ``_exit_code``."""

    @no_var_expand
    @line_cell_magic
    def docker(self, line: str, cell: str | None = None) -> None:
        """Run docker commands.

            %docker run --rm alpine echo hello
            %docker ps -a
            %docker --trace images          shows the API requests behind it

        Several at once, one a line:

            %%docker
            pull alpine
            run --rm alpine ls

        The lines below an interactive command are typed into it, and then Ctrl-D:

            %%docker exec -it db redis-cli
            set key1 hello
            get key1

        ``%docker --help`` lists the commands, ``%docker COMMAND --help`` tells of one.
        """
        self._run(line, cell)

    def docker_compose(self, line: str, cell: str | None = None) -> None:
        """``%docker-compose up`` of older texts: the same as ``%docker compose up``."""
        self._run(f"docker-compose {line}", cell)

    def _run(self, line: str, cell: str | None) -> None:
        output = Output()
        # With lines to type no console is needed; without, one is opened where it can be shown.
        runner = Runner(lambda: current(), output, open_console)
        code = 0
        for text, typed in self._commands(runner, line, cell):
            code = runner.run(text, typed)
            self._names["_exit_code"] = code
            if code == 130:  # interrupted: the rest of the cell was not wanted either
                break

    def _commands(
        self, runner: Runner, line: str, cell: str | None
    ) -> list[tuple[str, list[str] | None]]:
        """The commands of the cell, each with the lines that are typed into it."""
        first = self._lines(line)
        if cell is None:
            return [(text, None) for text in first or [""]]
        if first and _takes_input(runner, first[0]):
            return [(first[0], cell.splitlines())]
        return [(text, None) for text in (*first, *self._lines(cell))]

    def _lines(self, text: str) -> list[str]:
        """The commands of a text, as they are typed today."""
        today = modern(text)
        if today != text:
            remind(Output())
        return [self._expanded(one) for one in lines(today)]

    def _expanded(self, text: str) -> str:
        return expand(text, self._names)

    @property
    def _names(self) -> dict[str, Any]:
        """What names mean in the notebook."""
        return self.shell.user_ns if self.shell is not None else {}


def _takes_input(runner: Runner, text: str) -> bool:
    """Whether lines may be typed into this command; one that cannot be read is told of later."""
    try:
        command, _ = runner.read(text)
    except DockerlabError:
        return False
    return isinstance(command, Command) and command.interactive
