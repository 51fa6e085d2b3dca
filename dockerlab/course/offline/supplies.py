"""What the set-up of a machine without network takes from a bundle: wheels and tools.

Nothing but the standard library is used here, as no package is there yet.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dockerlab.course.offline import reader
from dockerlab.course.progress import Printer
from dockerlab.errors import DockerlabError
from dockerlab.formats.manifest import this_platform


@dataclass(frozen=True, slots=True)
class Supplies:
    """``wheels`` is a folder for ``pip install --find-links``, for these versions of Python."""

    wheels: Path
    python: tuple[str, ...]
    tools: tuple[Path, ...]

    @property
    def pip(self) -> Path:
        """pip as a program that Python can run without having it installed."""
        return next(self.wheels.glob("pip-*.whl")) / "pip"


@contextmanager
def unpacked(path: Path) -> Iterator[Supplies]:
    """Check a bundle and unpack its wheels and tools for a while.

    Raises DockerlabError when it is damaged, holds images only, or is for other machines.
    """
    bundle = reader.check(path, Printer())
    contents = bundle.contents
    if not any(entry.name.startswith("wheels/pip-") for entry in contents.files):
        raise DockerlabError(
            f"{path} holds images only: there are no Python packages in it to set the course up.",
            "Make it with them where the internet is: dockerlab images bundle --wheels FILE.",
        )
    if contents.platform != str(this_platform()):
        raise DockerlabError(
            f"{path} is for {contents.platform}, and this machine is {this_platform()}.",
            "Make a bundle on a machine of the same kind.",
        )
    with tempfile.TemporaryDirectory(prefix="dockerlab-offline-") as name:
        folders = {each: Path(name) / each for each in ("wheels", "tools")}
        for each, folder in folders.items():
            folder.mkdir()
            bundle.unpack(contents.under(each), folder)
        tools = tuple(sorted(folders["tools"].glob("*.deb")))
        yield Supplies(folders["wheels"], contents.python, tools)
