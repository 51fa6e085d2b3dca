"""What marks things as a build's own, and what builds left that ended with the engine.

Loaded by every engine at its start, so nothing of the builder itself is imported here.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from dockerlab.engine.containers.containers import Containers
from dockerlab.engine.errors import APIError
from dockerlab.engine.store.files import remove_tree

MARK = "building"
"""A file in the folder of a container whose build is not done with it."""

MOUNTS = ".mounts-"
"""Begins the name of a folder in which the mounts of one RUN are made."""


async def sweep(containers: Containers, run: Path) -> None:
    """At start: remove what builds left that ended with the engine; ``run`` is its run folder."""
    left = [c for c in containers if await asyncio.to_thread((c.directory / MARK).exists)]
    for container in left:
        with contextlib.suppress(APIError):
            await containers.remove(container, force=True, volumes=True)
    await asyncio.to_thread(_sweep_mounts, run)


def _sweep_mounts(run: Path) -> None:
    for folder in run.glob(f"{MOUNTS}*"):
        remove_tree(folder)
