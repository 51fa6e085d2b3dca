"""``python -m dockerlab.engine --purge``: what an engine leaves, ended and removed for good.

One that was stopped in order leaves its folder only. One that was killed leaves its containers as
well: their shims, and the keeper of their network, with which the way out and all mounts go.

It needs nothing but Python, so that it works where packages are missing or the state is broken.
Only names that an engine makes are removed: a folder with anything else in it is refused, as it
may be somebody's home. No link is followed, no file system entered that is mounted below.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from dockerlab.engine.errors import ServerError
from dockerlab.engine.net.kernel.keeper import Keeper
from dockerlab.engine.run import home, proctree, shimclient
from dockerlab.engine.run.proot.guest import scratch_of
from dockerlab.engine.starting import locked
from dockerlab.engine.store.files import remove_tree

LOCK = "engine.lock"
OWN = frozenset(
    (
        *(LOCK, "engine.log", "engine.json", "start.lock", "docker.sock"),
        *("run", "containers", "volumes", "networks"),
        *("images", "layers", "blobs", "cache", "spares"),
    )
)
"""All names in an engine's folder, but for what a crash left half-made."""
_HALF_MADE = (".new-", ".dockerlab-probe-", "dockerlab-probe-")
_KEEPER_SECONDS = 5.0


def purge(root: Path) -> bool:
    """End and remove all; False if the folder itself stays, empty (a mount point, a link).

    Raises DockerlabError when it is no engine's folder, an engine runs in it, or something in it
    cannot be removed.
    """
    if not root.is_dir():
        return True
    _check(root)
    with locked(root):
        _end_processes(root)
        _become_owner()
        return _remove(root)


def _check(root: Path) -> None:
    names = {entry.name for entry in root.iterdir()}
    foreign = sorted(name for name in names - OWN if not name.startswith(_HALF_MADE))
    if foreign or (LOCK not in names and names - {"start.lock"}):
        what = f"holds what no engine made ({', '.join(foreign[:5])})" if foreign else "has none"
        raise ServerError(
            f"{root} is no folder of an engine's: it {what}",
            "Nothing was removed. Say the right folder with --root, or move what is yours out.",
        )
    for point in _mounted_below(root):
        raise ServerError(
            f"another file system is mounted at {point}",
            f"Nothing was removed. Unmount it first: umount {point}",
        )


def _mounted_below(root: Path) -> Iterator[str]:
    beginning = os.path.realpath(root) + "/"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = line.split()[4].encode().decode("unicode_escape")
        if point.startswith(beginning):
            yield point


def _end_processes(root: Path) -> None:
    """Containers first, as an engine does: who still writes could make a folder anew."""
    directories = [str(path) for path in sorted((root / "containers").glob("*")) if path.is_dir()]
    asyncio.run(_end_containers(directories))
    keeper = str(root / "run" / "keeper.sock")
    with contextlib.suppress(OSError):  # also when it does not answer
        Keeper(keeper, _KEEPER_SECONDS).stop()
    for pid in proctree.with_argument(keeper):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def _end_containers(directories: list[str]) -> None:
    await asyncio.gather(*map(shimclient.end, directories))
    for directory in directories:
        remove_tree(Path(scratch_of(directory)))


def _become_owner() -> None:
    """Be root in a user namespace, as the engine was: files of subordinate ids are its own."""
    if os.geteuid() != 0:
        with contextlib.suppress(home.HomeDenied):  # then there are none
            home.become_root()


def _remove(root: Path) -> bool:
    for entry in sorted(root.iterdir()):
        try:
            if entry.is_symlink() or not entry.is_dir():
                entry.unlink(missing_ok=True)
            else:
                remove_tree(entry)
        except OSError as error:
            raise ServerError(
                f"{error.filename or entry} cannot be removed: {error.strerror}",
                "What else there was is gone. Whose is it? Its owner, or root, can remove it.",
            ) from error
    try:
        root.rmdir()
    except OSError:
        return False
    return True
