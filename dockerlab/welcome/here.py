"""Which engine is in use, of which kind it is, and what it cannot do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from dockerlab.client.connect import connect
from dockerlab.client.lab import Lab
from dockerlab.client.record import engine_name
from dockerlab.errors import DockerlabError
from dockerlab.formats.welcome import Here, Mode

PROOT = ("seen", "watched", "root", "slow")
SENTENCES = {
    "Containers cannot reach the internet": "offline",
    "All files in a container have one owner": "owner",
}
"""How a sentence of the embedded engine's begins → what the page says instead, in plain words."""
BINDER_VARIABLE = "BINDER_LAUNCH_HOST"


def look() -> tuple[Here, Lab | None]:
    """Connect, and say where that led. Raises nothing that has a remedy."""
    binder = bool(os.environ.get(BINDER_VARIABLE))
    try:
        lab = connect(quiet=True)
        return here(lab.why, engine_name(lab.api), lab.docker.info(), binder=binder), lab
    except DockerlabError as error:
        return Here("none", why=error.message, remedy=error.hint, binder=binder), None
    except OSError as error:  # docker-py's and the socket's own
        return Here("none", why=str(error), binder=binder), None


def here(why: str, name: str, info: Mapping[str, Any], *, binder: bool = False) -> Here:
    """What an engine's name and its answer to ``docker info`` tell."""
    mode = _mode(name)
    says = tuple(info.get("Warnings") or ())
    cannot: tuple[str, ...] = PROOT if mode == "proot" else ()
    if mode == "namespaces":
        cannot = ("limits",) * (not info.get("MemoryLimit", True))
        cannot += tuple(
            key for begin, key in SENTENCES.items() if any(one.startswith(begin) for one in says)
        )
    return Here(mode, name, why, cannot, says, binder=binder)


def _mode(name: str) -> Mode:
    if name.startswith("Docker Engine"):
        return "docker"
    if not name.startswith("embedded engine"):
        return "other"
    return "proot" if "proot" in name else "namespaces"
