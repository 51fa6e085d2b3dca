"""A ``docker`` for JupyterLab's terminals that is connected to the course's engine.

The real command line gets to know where the engine is. Where there is none, the word ``docker``
stands for ``dockerlab docker``, at the end of PATH, so that one installed later comes first.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from dockerlab.client.connect import connect
from dockerlab.errors import DockerlabError

DEFAULT = "unix:///var/run/docker.sock"
"""Where docker looks for an engine by itself."""


def variables() -> dict[str, str]:
    """What points docker at the engine, which is started if need be.

    Without an engine it is said why; the pages can be read all the same.
    """
    try:
        with connect(quiet=True) as lab:
            known = os.environ.get("DOCKER_HOST") or DEFAULT
            return {} if lab.url == known else {"DOCKER_HOST": lab.url}
    except (DockerlabError, OSError) as error:
        print(f"There is no engine for now: {error}", file=sys.stderr)
        return {}


def stand_in(folder: Path) -> str:
    """A folder for the end of PATH with a ``docker`` in it; empty where a real one is installed."""
    if shutil.which("docker"):
        return ""
    program = folder / "bin" / "docker"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m dockerlab docker "$@"\n')
    program.chmod(0o755)
    return str(program.parent)
