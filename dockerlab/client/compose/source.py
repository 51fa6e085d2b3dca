"""Where a project's compose file is, and reading it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dockerlab.errors import DockerlabError
from dockerlab.formats import composefile
from dockerlab.formats.composefile.model import Project
from dockerlab.formats.composefile.reader import Disk, Overlay, Reader

CELL = "compose.yaml"
"""What a compose file that is given as a text is called."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a project comes from; ``read`` reads it as it is now."""

    files: tuple[Path, ...]
    name: str = ""
    folder: Path | None = None
    profiles: tuple[str, ...] = ()
    env_files: tuple[Path, ...] = ()
    environment: Mapping[str, str] | None = None
    reader: Reader = field(default_factory=Disk)

    def read(self) -> Project:
        if not self.files:
            return Project(name=self.name, directory=str(Path.cwd()))
        return composefile.load(
            self.files,
            project_directory=self.folder,
            project_name=self.name or None,
            environment=os.environ if self.environment is None else self.environment,
            profiles=self.profiles,
            env_files=self.env_files,
            reader=self.reader,
        )

    @property
    def known(self) -> bool:
        """Whether there is a compose file; without one only what runs can be looked at."""
        return bool(self.files)


def located(source: Source, given: str | Path | None, files: Sequence[str | Path]) -> Source:
    """``source`` with the files that are meant by a folder, a file or a text, and further ones."""
    more = tuple(Path(each).expanduser().absolute() for each in files)
    text = given if isinstance(given, str) and _is_text(given) else None
    if text is not None:
        path = Path.cwd() / CELL
        return _with(source, (path, *more), Overlay({str(path): text}))
    if given is None and more:
        return _with(source, more)
    place = Path(given or source.folder or ".").expanduser().absolute()
    if place.is_dir():
        found = composefile.find(place)
        if not found and given is None and source.name:
            return source
        if not found:
            raise DockerlabError(
                f"no configuration file provided: not found in {place}",
                "write a compose.yaml there, or name the file: lab.compose('path/to/file.yaml')",
            )
        return _with(source, (*found, *more))
    if not place.exists():
        raise DockerlabError(
            f"open {place}: no such file or directory", "is the path of the compose file right?"
        )
    return _with(source, (place, *more))


def _with(source: Source, files: tuple[Path, ...], reader: Reader | None = None) -> Source:
    return replace(source, files=files, reader=reader or source.reader)


def _is_text(given: str) -> bool:
    return "\n" in given or given.lstrip().startswith(("services:", "{"))
