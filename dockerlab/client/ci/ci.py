"""``lab.ci(name)``: a CI of one's own, which runs what is pushed to it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from dockerlab.client.ci.folder import JOB_SECONDS, STEP_SECONDS, Folder
from dockerlab.client.ci.following import Following
from dockerlab.client.ci.hook import branch_of, command, install
from dockerlab.client.ci.process import CiProcess
from dockerlab.client.ci.removal import remove
from dockerlab.client.ci.settings import CiSettings
from dockerlab.client.engine_process import default_root
from dockerlab.errors import DockerlabError
from dockerlab.formats.pipeline.run import Run

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def default_folder(name: str) -> Path:
    """Where a CI keeps its state: $DOCKERLAB_CI_ROOT, else beside the embedded engine's."""
    chosen = os.environ.get("DOCKERLAB_CI_ROOT")
    base = Path(chosen).expanduser().absolute() if chosen else default_root().with_name("ci")
    return base / name


class Ci:
    """A repository to push to, settings, and the runs that came of it.

    ``remote`` is what ``git remote add origin`` takes. A push is answered by a run for each CI's
    file in the commit, its log as ``remote: …``; runs of a repository go one after the other.

    >>> ci = lab.ci("ch6-react")  # doctest: +SKIP
    >>> ci.settings["AWS_SECRET_ACCESS_KEY"] = secret  # doctest: +SKIP
    >>> ci.run(".").passed  # doctest: +SKIP
    True
    """

    def __init__(
        self,
        name: str,
        engine: str,
        *,
        root: Path | str | None = None,
        step_seconds: float = STEP_SECONDS,
        job_seconds: float = JOB_SECONDS,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise DockerlabError(
                f"{name!r} cannot be the name of a CI", "letters, digits, . _ and -, as ch6-react"
            )
        self.name = name
        self.folder = Folder(Path(root).expanduser().absolute() if root else default_folder(name))
        self._command = command(
            self.folder,
            name,
            engine,
            ["--step-seconds", f"{step_seconds:g}", "--job-seconds", f"{job_seconds:g}"],
        )
        self._make()
        self.settings = CiSettings(self.folder)

    def _make(self) -> None:
        try:
            self.folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            install(self.folder, self._command)
        except OSError as error:
            raise DockerlabError(
                f"the CI's folder cannot be made: {error}",
                "set DOCKERLAB_CI_ROOT to a folder of yours",
            ) from error

    @property
    def remote(self) -> str:
        """The address of its repository, for ``git remote add origin``."""
        return str(self.folder.repository)

    @property
    def runs(self) -> list[Run]:
        """All runs so far, the first first."""
        found = (self.folder.read(number) for number in self.folder.numbers())
        return [run for run in found if run is not None]

    @property
    def newest(self) -> int:
        """The number of the last run, 0 before the first."""
        return max(self.folder.numbers(), default=0)

    @property
    def last(self) -> Run | None:
        """The last run; None before the first."""
        for number in reversed(self.folder.numbers()):
            if (run := self.folder.read(number)) is not None:
                return run
        return None

    def log(self, number: int | None = None) -> str:
        """All that a run has written, the last one's by default; secrets are masked in it."""
        numbers = self.folder.numbers()
        chosen = number if number is not None else (numbers or [0])[-1]
        try:
            return (self.folder.run(chosen) / "log.txt").read_text(errors="replace")
        except OSError:
            raise DockerlabError(
                f"there is no run {chosen}", "ci.runs lists them; ci.run('.') makes one"
            ) from None

    def run(
        self,
        source: str | Path = ".",
        *,
        branch: str = "",
        file: str = "",
        event: str = "push",
        progress: Callable[[Run], object] | None = None,
        quiet: bool = False,
    ) -> Run:
        """Run the pipeline of a folder as it is, and print its log as it comes.

        It is as if all its files had been committed, but for those that its ``.gitignore`` names,
        and pushed to ``branch`` (the one that it is on). ``file`` is the CI's file, where there
        are several; ``event`` may be pull_request or workflow_dispatch. ``progress`` is told each
        new record in place of what is printed. An interrupt cancels it.
        """
        folder = Path(source).expanduser().absolute()
        if not folder.is_dir():
            raise DockerlabError(
                f"there is no folder {source}", "ci.run takes the project's folder"
            )
        chosen = file or _file(folder)
        words = ["--source", str(folder), "--branch", branch or branch_of(folder)]
        words += ["--file", chosen, "--event", event]
        process = CiProcess(self.folder, [*self._command, *words])
        with process.telling(progress):
            said = process.listen(quiet=quiet or progress is not None)
        run = self.folder.read(process.number)
        if run is None:
            said = said[-1500:].strip() or "it said nothing"
            raise DockerlabError(
                f"the CI did not begin: {said}",
                f"if that does not say it: ci.remove(), lab.ci({self.name!r}) makes the CI anew",
            )
        return run

    def follow(self, number: int | None = None) -> Following:
        """The records of a run, the last one's by default, each time that it changes.

        In a notebook, at the end of a cell, it is a picture that moves.

        >>> for run in ci.follow():  # doctest: +SKIP
        ...     print(run.status)
        """
        chosen = number or self.newest
        return Following(self.folder, lambda: chosen)

    def remove(self) -> None:
        """Cancel what runs, and remove repository, settings and runs: nothing is left."""
        remove(self.folder)

    def __repr__(self) -> str:
        last = self.last
        said = f"run {last.number} {last.status}" if last else "no run yet"
        return f"<CI {self.name}: {said}>\ngit remote add origin {self.remote}"


def _file(folder: Path) -> str:
    """The CI's file of a folder."""
    flows = sorted((folder / ".github" / "workflows").glob("*.y*ml"))
    found = [f".github/workflows/{path.name}" for path in flows]
    if (folder / ".travis.yml").is_file():
        found.insert(0, ".travis.yml")
    if not found:
        raise DockerlabError(
            f"{folder} holds neither .travis.yml nor .github/workflows/*.yml",
            "write one: it says what the CI has to do",
        )
    if len(found) > 1:
        raise DockerlabError(
            f"there are several CI's files: {', '.join(found)}", f"ci.run(…, file={found[0]!r})"
        )
    return found[0]
