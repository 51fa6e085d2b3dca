"""Variables and files that change what dockerlab does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from dockerlab.cli.doctor.check import Check
from dockerlab.cli.doctor.machine import Machine

_ENGINES = ("auto", "docker", "embedded")


def check_setting(machine: Machine) -> Iterator[Check]:
    """All that are set, and those that cannot be."""
    try:
        Path.home()
    except RuntimeError:
        says = "this account has no home folder, neither in $HOME nor among the users"
        yield Check("setting.HOME", "HOME", "fault", says, "export HOME=/a/folder/of/yours")
        return
    yield from _engine(machine.wish)
    yield from _shared_images(os.environ.get("DOCKERLAB_IMAGES", ""))
    yield from _docker()


def _engine(wish: str) -> Iterator[Check]:
    if not wish:
        return
    says = f"is set to {wish!r}, which overrides the search"
    if wish in _ENGINES:
        yield Check("setting.DOCKERLAB_ENGINE", "DOCKERLAB_ENGINE", "note", says)
    else:
        remedy = f"it may be {', '.join(_ENGINES)}; or take it away: unset DOCKERLAB_ENGINE"
        says = f"is set to {wish!r}, which is not known"
        yield Check("setting.DOCKERLAB_ENGINE", "DOCKERLAB_ENGINE", "fault", says, remedy)


def _shared_images(folder: str) -> Iterator[Check]:
    if not folder:
        return
    key, name = "setting.DOCKERLAB_IMAGES", "DOCKERLAB_IMAGES"
    try:
        for part in ("images", "layers", "blobs"):
            next(Path(folder, part).expanduser().iterdir(), None)
    except OSError as error:
        says = f"names {folder}, which cannot be read as an engine's folder: {error}"
        remedy = f"sudo chmod -R a+rX {folder}, correct it, or: unset DOCKERLAB_IMAGES"
        yield Check(key, name, "fault", says, remedy)
    else:
        yield Check(key, name, "note", f"the images of {folder} are used as well")


def _docker() -> Iterator[Check]:
    folder = Path(os.environ.get("DOCKER_CONFIG") or "~/.docker").expanduser()
    path = folder / "config.json"
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        why = f"cannot be read: {error}"
    else:
        if isinstance(found, dict):
            return
        why = "is not a table of settings"
    says = f"{path} {why}; so whatever context it names is passed over"
    yield Check("setting.docker", "Docker's settings", "warning", says, f"mv {path} {path}.old")
