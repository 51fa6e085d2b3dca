"""What of this machine every submission can read: its system, and what Python is in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import dockerlab

PACKAGES = Path(dockerlab.__file__).parents[1]
FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")


def python_folders() -> list[str]:
    """The folders that Python and this package are in, where they are not the system's.

    Only the package itself of the folder that it is in: beside it may be answers.
    """
    wanted = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(PACKAGES / "dockerlab")}
    covered = tuple(f"{folder}/" for folder in FOLDERS)
    found: list[str] = []
    for path in sorted(map(os.path.abspath, wanted)):
        if not f"{path}/".startswith((*covered, *(f"{other}/" for other in found))):
            found.append(path)
    return found


def showing(path: Path) -> str:
    """The folder through which submissions would see ``path``; "" where they do not."""
    place = path.resolve()
    seen = (*FOLDERS, *python_folders())
    return next((folder for folder in seen if place.is_relative_to(Path(folder).resolve())), "")
