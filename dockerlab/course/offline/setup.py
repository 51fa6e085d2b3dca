"""Set the course up from a bundle, and ask no network for anything.

``make lab OFFLINE=FILE`` runs it with the machine's own Python, which needs nothing but the
standard library: neither pip nor ensurepip. A second run sets up nothing.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dockerlab import bootstrap
from dockerlab.bootstrap import VENV, SetupError
from dockerlab.course.offline import reader
from dockerlab.course.progress import Printer
from dockerlab.errors import DockerlabError
from dockerlab.formats.manifest import this_platform

_FULL = "Free some space and run the same command again."
_OTHER = (
    "The bundle may be for another version of the course or another kind of system. Make it with"
    " the course as it is here, on such a system, with the same Python."
)


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


def set_up(path: Path, extra: str = "course") -> None:
    """Have the virtual environment and the engine's tools out of the bundle ``path``."""
    if bootstrap.installed(extra) and not bootstrap.missing_tools():
        return
    with unpacked(path) as supplies:
        if not bootstrap.installed(extra):
            packages(supplies, extra)
        tools(supplies)


def packages(supplies: Supplies, extra: str) -> None:
    """The virtual environment, with pip from the bundle and then everything else."""
    python = VENV / "bin" / "python"
    nowhere_else = ["--no-index", "--find-links", str(supplies.wheels)]
    if not bootstrap.runs(python):
        _make_environment(supplies)
    if not bootstrap.runs(python, "import pip"):
        pip = [str(python), str(supplies.pip), "install", "--disable-pip-version-check"]
        bootstrap.run("Installing pip", [*pip, *nowhere_else, "pip"], env=_no_settings())
    title = "Installing Python packages out of the bundle"
    try:
        bootstrap.install(title, extra, *nowhere_else, env=_no_settings())
    except SetupError as error:
        full = "no space left" in error.message.lower()
        raise SetupError(error.message, _FULL if full else _OTHER) from error


def _make_environment(supplies: Supplies) -> None:
    python, problems = bootstrap.usable("sys, venv, ssl", supplies.python)
    if not python:
        wanted = " or ".join(supplies.python)
        raise SetupError(
            f"The bundle's packages are for Python {wanted}, and none was found ({problems}).",
            f"Name one that is here: make lab PYTHON=/path/to/python{supplies.python[-1]}"
            " OFFLINE=FILE. Or make the bundle with this machine's version of Python.",
        )
    shutil.rmtree(VENV, ignore_errors=True)
    words = ["-m", "venv", "--without-pip", str(VENV)]
    bootstrap.run("Making a virtual environment in .venv", [python, *words])


def _no_settings() -> dict[str, str]:
    """Without the user's settings of pip, which may name an index."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    return {**kept, "PIP_CONFIG_FILE": os.devnull}


def tools(supplies: Supplies) -> None:
    """PRoot and slirp4netns, as far as they are in the bundle and dpkg is here."""
    missing = bootstrap.missing_tools()
    if missing and supplies.tools and shutil.which("dpkg-deb"):
        bootstrap.TOOLS.mkdir(parents=True, exist_ok=True)
        bootstrap.unpack_all(supplies.tools)
    elif "proot" in missing:
        bootstrap.say("  ! PRoot is neither here nor in the bundle: without Docker and without")
        bootstrap.say("    user namespaces no container can run. `dockerlab doctor` looks at that.")


def main(arguments: Sequence[str] | None = None) -> int:
    """``python3 -m dockerlab.course.offline.setup FILE``; returns the exit code."""
    path = (arguments if arguments is not None else sys.argv[1:])[0]
    return bootstrap.attempt(set_up, Path(path).expanduser())


if __name__ == "__main__":
    sys.exit(main())
