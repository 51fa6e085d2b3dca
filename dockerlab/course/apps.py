"""The sample applications of the course, in ``notebooks/apps``, and room to play with them.

A chapter works on copies in ``playground/ch4`` beside the notebook, so that running it changes
nothing of the course and can be done again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from dockerlab.errors import DockerlabError

_APPS = Path(__file__).resolve().parents[2] / "notebooks" / "apps"
PLAYGROUND = "playground"


def lock_files() -> dict[str, Path]:
    """The lock file of each Node app by the app's name; none where only the package is installed.

    What they name is what an offline ``npm install`` finds in the stand-in for node.
    """
    return {path.parent.name: path for path in sorted(_APPS.glob("*/package-lock.json"))}


def fingerprint() -> str:
    """Changes with what the lock files name: says whether a stand-in was made for them."""
    texts = b"".join(path.read_bytes() for path in lock_files().values())
    return hashlib.sha256(texts).hexdigest()[:12]


def playground(chapter: str) -> Path:
    """An empty folder ``playground/ch4`` below the notebook's, made the current one.

    What an earlier run of the chapter left in it is removed. Pictures go on to speak the
    language of the edition, which they would tell by the current folder.
    """
    here = Path.cwd()
    if here.parent.name == PLAYGROUND:
        here = here.parent.parent
    os.environ.setdefault("DOCKERLAB_LANG", here.name)
    folder = here / PLAYGROUND / chapter
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    return folder


def copy(app: str) -> list[str]:
    """Copy a sample app's files into the current folder, and say which."""
    if not (_APPS / app).is_dir():
        raise DockerlabError(
            f"The sample app {app} is not here.",
            "It is in notebooks/apps of the course's repository: install dockerlab from a clone.",
        )
    files = [path for path in sorted((_APPS / app).rglob("*")) if path.is_file()]
    for path in files:
        # Not copytree: the folder would get the permissions of the course's own.
        place = Path.cwd() / path.relative_to(_APPS / app)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return [str(path.relative_to(_APPS / app)) for path in files]
