"""``dockerlab engine stop --purge``: says what will be lost, asks, and removes it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from dockerlab.client.engine_process import EngineProcess
from dockerlab.client.purge import Belongings, belongings, purge
from dockerlab.course.cache import location
from dockerlab.errors import DockerlabError
from dockerlab.formats.text import size


def run(engine: EngineProcess, *, force: bool) -> int:
    """Exit code 1 when the answer is no."""
    those = belongings(engine)
    if not those:
        print(f"No engine has been at {engine.root}: there is nothing to remove.")
        return 0
    if not force and not _agreed(those):
        print("Nothing was removed.")
        return 1
    stays = "" if purge(those) else f" but the empty folder {engine.root}"
    print(f"The engine has ended, and nothing of it is left{stays}.")
    if location().exists():
        print(
            f"What was downloaded for the course is kept for the next one: {location()}\n"
            "No engine uses it while none is started; it may be removed like any folder."
        )
    return 0


def _agreed(those: Belongings) -> bool:
    if not sys.stdin.isatty():
        raise DockerlabError(
            "nothing was removed: this asks before it does, and there is nobody to ask",
            "add --force to do it without a question",
        )
    print("This removes for good:")
    for line in _losses(those):
        print(f"  - {line}")
    print("Your notebooks, files and progress stay.")
    try:
        return input("Are you sure you want to continue? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def _losses(those: Belongings) -> Iterator[str]:
    if those.engine.exists:
        yield (
            "all containers, images, volumes with their data, and networks of the engine of "
            f"{those.engine.root} ({size(those.size)})"
        )
    for cloud in those.clouds:
        yield f"the cloud of {cloud.root}, with its applications, buckets and keys"
    for folder in those.pipelines:
        yield f"the CI {folder.root.name}, with its repository, settings and runs"
