"""Opens boxes: forked by one warm template, their engines by another."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tarfile
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Self

from dockerlab.client.engine_template import Engines, Forked
from dockerlab.errors import EngineUnavailable
from dockerlab.grading.classroom.sandbox import cgroup
from dockerlab.grading.classroom.sandbox.box import Handles, NamespaceBox, end, url_of
from dockerlab.grading.classroom.sandbox.cgroup import BoxGroup
from dockerlab.grading.classroom.sandbox.inside import places
from dockerlab.grading.classroom.sandbox.orders import ADVICE, Orders
from dockerlab.grading.classroom.sandbox.originals import Originals
from dockerlab.grading.classroom.sandbox.pages import Pages
from dockerlab.grading.classroom.sandbox.templates import ENGINES_ENVIRONMENT, Templates, branch
from dockerlab.grading.classroom.seam import Limits, SandboxDenied

_SPACES = ("user", "mnt", "net", "pid")
_OPEN_SECONDS = 30.0
CONTAINERS = 40
"""So many containers a submission may have at a time."""


class NamespaceSandboxes:
    """See ``seam.Sandboxes``; may be used by several threads, each with its own box.

    ``images``: the folder of an engine whose images all boxes have, or None. ``shared``: of
    ``Templates`` of the same images; without, it has a pair of its own.
    """

    def __init__(self, images: Path | None = None, shared: Sequence[int] = ()) -> None:
        cgroup.sweep()
        self._images = bool(images)
        self._originals = Originals()
        self._turn = threading.Lock()
        with contextlib.ExitStack() as ways:
            students, engines = shared or ways.enter_context(Templates(images))
            self._engines = ways.enter_context(Engines(socket.socket(fileno=os.dup(engines))))
            self._requests = ways.enter_context(branch(students))
            self._ways = ways.pop_all()

    @staticmethod
    def shared(images: Path | None) -> Templates:
        return Templates(images)

    def open(self, files: Path, limits: Limits) -> NamespaceBox:
        with contextlib.ExitStack() as undo:
            group = BoxGroup(limits)
            undo.callback(group.remove)
            control, pages = self._ask(files, limits, group)
            undo.callback(pages.close)
            undo.callback(control.close)
            orders = Orders(control)
            orders.await_("ready", _OPEN_SECONDS)
            process, *spaces, work, engine = orders.given
            undo.callback(end, process)
            forked = self._start_engine(spaces)
            originals = self._originals.of(url_of(engine))
            orders.give("engine")
            undo.pop_all()
        handles = Handles(process, work, engine)
        return NamespaceBox(handles, orders, Pages(pages), forked, group, originals)

    def close(self) -> None:
        """Boxes that are open stay."""
        self._ways.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self, files: Path, limits: Limits, group: BoxGroup
    ) -> tuple[socket.socket, socket.socket]:
        """Have a box forked; the grader's ends of its two sockets."""
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pages, answering = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = json.dumps({"limits": asdict(limits), "cgroups": dict(group.shown)}).encode()
        with (
            theirs,
            answering,
            packed(files) as tar,
            group.entrances() as entrances,
            self._turn,
        ):
            given = [theirs.fileno(), answering.fileno(), tar.fileno(), *entrances]
            try:
                socket.send_fds(self._requests, [request], given)
            except OSError:
                raise SandboxDenied("the sandboxes' template has ended", ADVICE) from None
        return control, pages

    def _start_engine(self, spaces: list[int]) -> Forked:
        arguments = ["--root", places.ENGINE, "--runtime", "namespaces", "--no-uplink"]
        arguments += ["--binds", places.HOME, "--binds", "/tmp", "--containers", str(CONTAINERS)]
        if self._images:
            arguments += ["--images", places.IMAGES]
        with tempfile.TemporaryFile() as log:
            try:
                return self._engines.start(
                    arguments,
                    namespaces=dict(zip(_SPACES, spaces, strict=True)),
                    environment=ENGINES_ENVIRONMENT,
                    log=log.fileno(),
                )
            except EngineUnavailable as error:
                log.seek(0)
                said = log.read(2000).decode("utf-8", "replace").strip()
                raise SandboxDenied(f"{error.message} {said}".strip(), ADVICE) from None
            finally:
                for descriptor in spaces:
                    os.close(descriptor)


def packed(folder: Path) -> IO[bytes]:
    """The regular files below a folder, and its folders, as a tar in memory; nothing else."""
    packed = open(os.memfd_create("files"), "w+b")  # noqa: SIM115  # the caller closes it
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if not path.is_symlink() and (path.is_file() or path.is_dir()):
                tar.add(path, str(path.relative_to(folder)), recursive=False)
    packed.seek(0)
    return packed
