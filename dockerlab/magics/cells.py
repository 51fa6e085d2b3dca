"""``%%dockerfile`` and ``%%file``: a cell becomes a file, and a Dockerfile an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand

from dockerlab.client.builds.build import Build
from dockerlab.client.connect import current
from dockerlab.client.explain import explained
from dockerlab.errors import BuildFailed, CommandError, DockerlabError
from dockerlab.formats.command import Command, Help, parse, words
from dockerlab.magics.commands.build import failed, options
from dockerlab.magics.expansion import expand
from dockerlab.magics.invocation import Invocation
from dockerlab.magics.output import Output
from dockerlab.magics.runner import INTERRUPTED, USAGE


@magics_class
class FileMagics(Magics):
    """Cells that are files. The exit code of a build is kept in ``_exit_code``."""

    @no_var_expand
    @cell_magic
    def dockerfile(self, line: str, cell: str) -> None:
        """Write the cell to a Dockerfile and build it, drawing the build while it runs.

            %%dockerfile -t hello -C app
            FROM alpine
            CMD ["echo", "hello"]

        ``-C FOLDER`` is the folder to build (the notebook's own without it), ``-f NAME`` another
        name for the file, ``--no-build`` only writes it. All other flags are those of
        ``%docker build``. The build is kept in ``_build``.
        """
        self._names["_exit_code"] = guarded(lambda: self._dockerfile(line, cell))

    @no_var_expand
    @cell_magic
    def file(self, line: str, cell: str) -> None:
        """Write the cell to a file, making its folders, and say what became of it.

            %%file app/server.js
            console.log("hello")

        ``--outside`` allows a file outside the notebook's folder.
        """
        self._names["_exit_code"] = guarded(lambda: self._file(line, cell))

    def _dockerfile(self, line: str, cell: str) -> int:
        own, rest = _own(self._words(line))
        command = parse(["build", *rest, own["-C"]])
        if isinstance(command, Help):
            Output().line(command.text)
            return 0
        path = Path(own["-C"]) / (command.text("file") or "Dockerfile")
        Output().line(write(path, cell, outside="--outside" in own))
        return 0 if "--no-build" in own else self._build(command, own["-C"], path)

    def _build(self, command: Command, folder: str, path: Path) -> int:
        # The pictures take a moment to import, and a plain %docker needs none.
        from dockerlab.views.following import follow

        with explained():
            lab = current()
            wanted = options(Invocation(lab, command, Output()))
        wanted["dockerfile"] = path.absolute()
        try:
            built: Build = follow(lab.build, folder, **wanted)
        except BuildFailed as error:
            return failed(Output(), error)
        self._names["_build"] = built
        if getattr(self.shell, "kernel", None) is None:
            Output().line(repr(built))
        for note in built.notes:
            Output().line(note)
        return 0

    def _file(self, line: str, cell: str) -> int:
        typed = self._words(line)
        outside = "--outside" in typed
        paths = [word for word in typed if word != "--outside"]
        if len(paths) != 1 or paths[0].startswith("-"):
            raise CommandError("%%file takes one path", "as in %%file app/server.js")
        Output().line(write(Path(paths[0]), cell, outside=outside))
        return 0

    def _words(self, line: str) -> list[str]:
        return words(expand(line, self._names))

    @property
    def _names(self) -> dict[str, Any]:
        """What names mean in the notebook."""
        return self.shell.user_ns if self.shell is not None else {}


def write(path: Path, text: str, *, outside: bool = False) -> str:
    """Write a file if it is not so already; a sentence says which.

    CommandError for a path outside the working folder, unless ``outside``.
    """
    path = path.expanduser()
    try:
        real, here = path.resolve(), Path.cwd().resolve()
    except (OSError, RuntimeError) as error:  # a link that leads to itself
        raise CommandError(f"{path} cannot be written: {error}", "choose another path") from None
    if real.exists() and not real.is_file():  # to read a pipe would wait for ever
        raise CommandError(f"{path} cannot be written: it is no file", "choose another path")
    if not outside and not real.is_relative_to(here):
        raise CommandError(
            f"{path} is outside the notebook's folder", "give a path in it, or add --outside"
        )
    try:
        before = real.read_text() if real.exists() else None
        if before == text:
            return f"{path} is the same as before"
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_text(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise CommandError(f"{path} cannot be written: {reason}", "choose another path") from None
    return f"{path} is new" if before is None else f"{path} has changed"


def _own(typed: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The flags of ``%%dockerfile`` itself, and those of ``docker build``."""
    own, rest = {"-C": "."}, list[str]()
    waiting = iter(typed)
    for word in waiting:
        if word in ("--no-build", "--outside"):
            own[word] = ""
        elif word in ("-C", "--folder"):
            own["-C"] = next(waiting, "")
        elif word.startswith("--folder="):
            own["-C"] = word.partition("=")[2]
        else:
            rest.append(word)
    if not own["-C"]:
        raise CommandError("flag needs an argument: -C", "the folder to build, as in -C app")
    return own, rest


def guarded(action: Callable[[], int]) -> int:
    """An action's exit code; its errors are printed, an interrupt ends it quietly."""
    try:
        return action()
    except DockerlabError as error:
        Output().error(error.message, error.hint)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
