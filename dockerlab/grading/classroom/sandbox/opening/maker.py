"""Makes boxes: forked by a branch of the students' template, their engines by the engines'."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
import threading
from dataclasses import asdict

from dockerlab.client.engine_template import Engines, Forked
from dockerlab.errors import EngineUnavailable
from dockerlab.grading.classroom.sandbox.box import OPEN_SECONDS, Handles, NamespaceBox, end, url_of
from dockerlab.grading.classroom.sandbox.inside import namespaces, places
from dockerlab.grading.classroom.sandbox.opening.cgroup import BoxGroup
from dockerlab.grading.classroom.sandbox.opening.originals import Originals
from dockerlab.grading.classroom.sandbox.opening.templates import ENGINES_ENVIRONMENT
from dockerlab.grading.classroom.sandbox.orders import ADVICE, Orders
from dockerlab.grading.classroom.sandbox.pages import Pages
from dockerlab.grading.classroom.seam import Limits, SandboxDenied

_SPACES = ("user", "mnt", "net", "pid")
CONTAINERS = 40
"""So many containers a submission may have at a time."""


class Maker:
    """Makes the boxes of one branch, which all have the same ids; for several threads.

    ``images``: whether the engines have some.
    """

    def __init__(
        self, branch: socket.socket, turn: int, engines: Engines, originals: Originals, images: bool
    ) -> None:
        self._branch = branch
        self._ids = namespaces.ids(os.getpid(), turn)
        self._engines = engines
        self._originals = originals
        self._images = images
        self._sending = threading.Lock()

    def make(self, limits: Limits) -> NamespaceBox:
        """A box without files. Raises SandboxDenied, OSError."""
        with contextlib.ExitStack() as undo:
            group = BoxGroup(limits, self._ids)
            undo.callback(group.remove)
            control, pages = self._ask(limits, group)
            undo.callback(pages.close)
            undo.callback(control.close)
            orders = Orders(control)
            orders.await_("ready", OPEN_SECONDS)
            process, *spaces, work, engine = orders.given
            undo.callback(end, process)
            forked = self._start_engine(spaces)
            originals = self._originals.of(url_of(engine))
            orders.give("engine")
            undo.pop_all()
        handles = Handles(process, work, engine)
        return NamespaceBox(handles, orders, Pages(pages), forked, group, originals)

    def _ask(self, limits: Limits, group: BoxGroup) -> tuple[socket.socket, socket.socket]:
        """Have a box forked; the grader's ends of its two sockets."""
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pages, answering = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = json.dumps({"limits": asdict(limits), "cgroups": dict(group.shown)}).encode()
        with theirs, answering, group.entrances() as entrances, self._sending:
            given = [theirs.fileno(), answering.fileno(), *entrances]
            try:
                socket.send_fds(self._branch, [request], given)
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
