"""A cgroup for each box, where this machine lets us have one: then the kernel keeps its limits.

Also memory that no process has mapped is counted then, and the limits of the box's containers
(``docker run --memory``) work, as its engine may divide the group further.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from dockerlab.engine.run import process
from dockerlab.engine.run.namespaces.cgroups import PARENT, Cgroup, Hierarchy, find
from dockerlab.grading.classroom.sandbox.inside.namespaces import Ids
from dockerlab.grading.classroom.seam import Limits

_LEAF = "inside"
"""In version 2 a group that is divided has no processes of its own."""
_DELEGATED = ("cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "tasks")
_CONTROLLERS = {"memory", "cpu"}
_SHARES = 1024
"""As any program has: however many processes a box has, they count as one beside other boxes'.
Else the kernel gives each session its share, and a submission could have a hundred of them."""
_NAME = "box-"
_REMOVE_FOR = 5.0
_NEW_FOR = 60.0


class BoxGroup:
    """The folders of one box in each hierarchy; none where none can be had."""

    def __init__(self, limits: Limits, owner: Ids) -> None:
        most = limits.memory + limits.disk
        wanted = process.Limits(memory=most, memory_swap=most, cpu_shares=_SHARES)
        self._group = Cgroup(f"{_NAME}{os.urandom(6).hex()}", _hierarchies(), wanted)
        self._group.limit(wanted)
        self.shown: Mapping[str, str] = self._group.shown
        """What the engine is to see at which name below /sys/fs/cgroup."""
        try:
            for name, folder in self.shown.items():
                _delegate(Path(folder), owner, leaf=name in ("", "unified"))
        except OSError:
            self.remove()
            raise

    @contextlib.contextmanager
    def entrances(self) -> Iterator[list[int]]:
        """Descriptors: a process is in the group whose pid has been written to all of them."""
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(path.open("wb", 0)) for path in self._processes()]
            yield [file.fileno() for file in files]

    def ran_out_of_memory(self) -> bool:
        return self._group.oom_killed()

    def remove(self) -> None:
        """Once everything in it has ended, which takes the kernel a moment."""
        end = time.monotonic() + _REMOVE_FOR
        for folder in self.shown.values():
            while not _removed(folder) and time.monotonic() < end:
                time.sleep(0.005)

    def _processes(self) -> Iterator[Path]:
        for name, folder in self.shown.items():
            yield Path(folder, _LEAF if name in ("", "unified") else "", "cgroup.procs")


def sweep() -> None:
    """Remove the groups of boxes whose grader was killed: they are empty since."""
    for hierarchy in _hierarchies():
        for folder in Path(hierarchy.base, PARENT).glob(f"{_NAME}*"):
            with contextlib.suppress(OSError):
                if _is_deserted(folder):
                    _removed(str(folder))


def _is_deserted(folder: Path) -> bool:
    """A new group is empty, too, for a moment."""
    if time.time() - folder.stat().st_mtime < _NEW_FOR:
        return False
    return not any(file.read_text() for file in folder.rglob("cgroup.procs"))


def _hierarchies() -> list[Hierarchy]:
    """All of version 2, and for memory and processors. What else version 1 has costs each box a
    tenth of a second, and is measured or limited by other ways."""
    return [one for one in find() if one.version == 2 or one.controllers & _CONTROLLERS]


def _delegate(folder: Path, owner: Ids, *, leaf: bool) -> None:
    """Let the box's root divide the group, but not change its limits."""
    if leaf:
        (folder / _LEAF).mkdir()
    for place in (folder, folder / _LEAF) if leaf else (folder,):
        os.chown(place, owner.uid, owner.gid)
        for name in _DELEGATED:
            with contextlib.suppress(FileNotFoundError):
                os.chown(place / name, owner.uid, owner.gid)


def _removed(folder: str) -> bool:
    with contextlib.suppress(OSError):
        for place, _, _ in os.walk(folder, topdown=False):
            os.rmdir(place)
    return not os.path.exists(folder)
