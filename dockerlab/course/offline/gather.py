"""Everything that goes into a bundle: images, and what sets up a machine without any network.

The Python packages are what the set-up would install: the same requirements, in the tested
versions, for this version of Python and this kind of machine; and pip itself, which Debian and
Ubuntu part from Python. The tools are the packages that the set-up would fetch by apt.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dockerlab
from dockerlab import bootstrap
from dockerlab.course.cache import Cache
from dockerlab.course.offline import writer
from dockerlab.course.offline.archives import HasDocker, archives
from dockerlab.course.offline.writer import Item
from dockerlab.course.presence import platform_of
from dockerlab.course.progress import Printer, Progress, Step
from dockerlab.course.standins.apt import Apt
from dockerlab.errors import DockerlabError
from dockerlab.formats.bundle import Contents

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_TOOLS = ("libslirp0", "libtalloc2", "proot", "slirp4netns")


def bundle(
    lab: HasDocker,
    path: Path,
    names: Iterable[str] | None = None,
    *,
    wheels: bool = False,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> Contents:
    """Write a bundle of these images (all of the catalogue by default) to ``path``.

    With ``wheels`` it can also set the course up: the Python packages and the engine's tools are
    in it. Raises ImagesMissing, or DockerlabError when something cannot be had or written.
    """
    progress, cache = progress or Printer(), cache or Cache()
    items = [
        Item(f"images/{each.image.name}.tar", each.path, each.image)
        for each in archives(lab, names, cache, progress)
    ]
    if wheels:
        items += [Item(f"wheels/{each.name}", each) for each in packages(cache, progress)]
        items += [Item(f"tools/{each.name}", each) for each in tools(cache, progress)]
    return writer.write(
        path,
        items,
        version=dockerlab.__version__,
        platform=platform_of(lab.docker.api),
        python=(PYTHON,) if wheels else (),
        progress=progress,
    )


def packages(cache: Cache, progress: Progress) -> list[Path]:
    """The wheels of everything that the set-up installs, pip included, from the cache or by pip."""
    wanted, constraints = _requirements()
    key = hashlib.sha256(repr((wanted, constraints.read_bytes())).encode()).hexdigest()[:12]
    folder = cache.folder("wheels") / f"{PYTHON}-{key}"
    with cache.lock(progress):
        if not folder.is_dir():
            half = cache.folder("wheels") / f"{PYTHON}-{key}.part"
            _fetch(wanted, constraints, half)
            for older in cache.folder("wheels").glob(f"{PYTHON}-*"):
                if older != half:
                    shutil.rmtree(older)
            half.rename(folder)
    return sorted(folder.glob("*.whl"))


def _requirements() -> tuple[list[str], Path]:
    """What the set-up installs, and the file of tested versions."""
    try:
        data = tomllib.loads((bootstrap.HERE / "pyproject.toml").read_text())
    except OSError as error:
        raise DockerlabError(
            "Python packages are bundled for the set-up of a clone of the course, and this"
            " dockerlab is not in one.",
            "Clone the course, `make lab` in it, and use its .venv/bin/dockerlab.",
        ) from error
    wanted = [*data["project"]["dependencies"], *_of_extra(data["project"], "course")]
    return [*wanted, *data["build-system"]["requires"], "pip"], bootstrap.HERE / "constraints.txt"


def _of_extra(project: dict[str, Any], extra: str) -> Iterator[str]:
    """What an extra asks for; it may name others, as in ``dockerlab[course,teach]``."""
    for requirement in project["optional-dependencies"][extra]:
        if named := re.fullmatch(rf"{project['name']}\[(.+)\]", requirement):
            for other in named[1].split(","):
                yield from _of_extra(project, other.strip())
        else:
            yield requirement


def _fetch(wanted: list[str], constraints: Path, folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "--disable-pip-version-check"]
    words = ["--wheel-dir", str(folder), "--constraint", str(constraints)]
    try:
        bootstrap.run("Fetching the Python packages", [*pip, *words, *wanted])
    except bootstrap.SetupError as error:
        raise DockerlabError(
            str(error), "Check the network or pip's index, then run the same command again."
        ) from error


def tools(cache: Cache, progress: Progress) -> list[Path]:
    """The packages of the engine's tools; none, and a word about it, where apt cannot give them."""
    try:
        with cache.lock(progress):
            apt = Apt(cache.folder("apt"), cache.folder("debs"), progress)
            apt.update()
            return [each.path for each in apt.fetch(apt.known(_TOOLS))]
    except DockerlabError as error:
        text = f"No tools for machines without Docker and without namespaces: {error.message}"
        progress(Step(text))
        return []
