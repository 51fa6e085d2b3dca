"""Removing the embedded engine with all that hangs on it: its clouds, its CIs, its builds' memory.

What is not the engine's stays: a learner's files and progress, and the cache of what was
downloaded, from which the next engine has its images in seconds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from dockerlab.client import processes
from dockerlab.client.builds import memory
from dockerlab.client.ci.ci import default_folder
from dockerlab.client.ci.folder import Folder
from dockerlab.client.ci.removal import of_engine, remove
from dockerlab.client.cloud import process as clouds
from dockerlab.client.cloud.process import CloudProcess
from dockerlab.client.engine_process import EngineProcess
from dockerlab.errors import CloudUnavailable


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a purge removes. ``size`` in bytes, as far as its folder can be read."""

    engine: EngineProcess
    size: int
    clouds: tuple[CloudProcess, ...]
    pipelines: tuple[Folder, ...]

    def __bool__(self) -> bool:
        return self.engine.exists or bool(self.clouds or self.pipelines)


def belongings(engine: EngineProcess) -> Belongings:
    """Look at what there is; nothing is changed."""
    pipelines = of_engine(default_folder("-").parent, engine.url)
    return Belongings(engine, _size(engine.root), tuple(_clouds(engine.url)), tuple(pipelines))


def purge(those: Belongings) -> bool:
    """End and remove all of it; False if the engine's empty folder had to stay.

    First what uses the engine, then the engine. EngineUnavailable says what could not be removed.
    """
    for folder in those.pipelines:
        remove(folder)
    for cloud in those.clouds:
        _end(cloud)
    gone = True
    if those.engine.exists:
        report = those.engine.purge()
        gone = bool(report["gone"])
        shutil.rmtree(memory.folder(report["id"]), ignore_errors=True)
    _tidy(those.engine.root)
    return gone


def _clouds(engine: str) -> list[CloudProcess]:
    """The engine's own, and those that were given another folder, as long as they run."""
    roots = {clouds.default_root(engine)}
    for _, words in processes.find(clouds.MODULE, "--engine", engine):
        roots.add(Path(words[words.index("--root") + 1]))
    return [CloudProcess(engine, root) for root in sorted(roots) if root.exists()]


def _end(cloud: CloudProcess) -> None:
    """In order where engine and cloud still answer; all that it made goes with the engine."""
    with contextlib.suppress(CloudUnavailable):
        if cloud.find():
            cloud.stop()
    for pid, _ in processes.find(clouds.MODULE, "--root", str(cloud.root)):
        processes.end(pid, clouds.MODULE, seconds=5, number=signal.SIGKILL)
    shutil.rmtree(cloud.root, ignore_errors=True)


def _tidy(root: Path) -> None:
    """The folders around, where they are dockerlab's own and empty now."""
    around = {root.parent, default_folder("-").parent, clouds.default_root("").parent}
    for folder in sorted(around | {path.parent for path in around}, reverse=True):
        if folder.name in ("ci", "clouds", "dockerlab"):
            with contextlib.suppress(OSError):
                folder.rmdir()


def _size(root: Path) -> int:
    total = 0
    for folder, _, files in os.walk(root):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return total
