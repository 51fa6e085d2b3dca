"""Opens boxes, each made while the one before it is in use."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import tarfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

from dockerlab.client.engine_template import Engines
from dockerlab.grading.classroom.sandbox.box import NamespaceBox
from dockerlab.grading.classroom.sandbox.inside import namespaces
from dockerlab.grading.classroom.sandbox.opening import cgroup
from dockerlab.grading.classroom.sandbox.opening.maker import Maker
from dockerlab.grading.classroom.sandbox.opening.originals import Originals
from dockerlab.grading.classroom.sandbox.opening.spare import Spare
from dockerlab.grading.classroom.sandbox.opening.templates import Templates, branch
from dockerlab.grading.classroom.seam import Limits, SandboxDenied


class NamespaceSandboxes:
    """See ``seam.Sandboxes``; may be used by several threads, each with its own box.

    ``images``: the folder of an engine whose images all boxes have, or None. ``shared``: of
    ``Templates`` of the same images; without, it has a pair of its own.
    """

    def __init__(self, images: Path | None = None, shared: Sequence[int] = ()) -> None:
        cgroup.sweep()
        self._turn = threading.Lock()
        originals = Originals()
        with contextlib.ExitStack() as ways:
            students, way = shared or ways.enter_context(Templates(images))
            engines = ways.enter_context(Engines(socket.socket(fileno=os.dup(way))))
            branches = [ways.enter_context(branch(students, n)) for n in range(namespaces.TURNS)]
            self._makers = itertools.cycle(
                Maker(one, turn, engines, originals, bool(images))
                for turn, one in enumerate(branches)
            )
            self._spare = ways.enter_context(Spare(self._make))
            self._ways = ways.pop_all()

    @staticmethod
    def shared(images: Path | None) -> Templates:
        return Templates(images)

    def open(self, files: Path, limits: Limits) -> NamespaceBox:
        with packed(files) as tar:
            box = self._spare.take(limits)
            if box is not None:
                with contextlib.suppress(SandboxDenied, TimeoutError):
                    return box.filled(tar)
                # It ended while it waited, as when the machine's memory ran out.
            return self._make(limits).filled(tar)

    def close(self) -> None:
        """Boxes that are open stay."""
        self._ways.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make(self, limits: Limits) -> NamespaceBox:
        with self._turn:
            maker = next(self._makers)
        return maker.make(limits)


def packed(folder: Path) -> IO[bytes]:
    """The regular files below a folder, and its folders, as a tar in memory; nothing else."""
    packed = open(os.memfd_create("files"), "w+b")  # noqa: SIM115  # the caller closes it
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if not path.is_symlink() and (path.is_file() or path.is_dir()):
                tar.add(path, str(path.relative_to(folder)), recursive=False)
    packed.seek(0)
    return packed
