"""One open box, as the grader holds it."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import requests
from docker.errors import APIError
from docker.models.containers import Container

from dockerlab.grading.classroom.dockerbox import copying
from dockerlab.grading.classroom.sandbox.box import pipe, url_of
from dockerlab.grading.classroom.sandbox.orders import Orders
from dockerlab.grading.classroom.sandbox.pages import Pages
from dockerlab.grading.classroom.sandbox.running import Submission
from dockerlab.grading.classroom.seam import Cell, Limits, Ran

_END_SECONDS = 30.0


class DockerBox:
    """See ``seam.Box``. Each ``folder`` is a new copy, and the one before it is gone then."""

    def __init__(
        self,
        container: Container,
        orders: Orders,
        pages: Pages,
        engine: int,
        originals: Mapping[str, str],
    ) -> None:
        self._container: Container | None = container
        self._orders = orders
        self._engine = engine
        self._copies = Path(tempfile.mkdtemp(prefix="dockerlab-work-"))
        self.fetch = pages
        self.originals = originals

    @property
    def url(self) -> str:
        return url_of(self._engine)

    @property
    def folder(self) -> Path:
        """Raises OSError when the container has ended."""
        for before in self._copies.iterdir():
            copying.remove(before)
        copy = Path(tempfile.mkdtemp(dir=self._copies))
        reader, writer = os.pipe()
        try:
            self._orders.give("pack", (writer,))
        finally:
            os.close(writer)
        copying.receive(reader, copy)
        return copy

    def run(self, cells: Sequence[Cell], at: Callable[[str], None], limits: Limits) -> Ran:
        ours, theirs = socket.socketpair()
        with ours, theirs, pipe() as (output, writer):
            self._orders.give("student", (theirs.fileno(), writer))
            theirs.close()
            return Submission(self._orders, ours, output, limits).go_through(cells, at)

    def close(self) -> None:
        """End it all; returns when it has ended."""
        if self._container is None:
            return
        self._orders.close()
        self.fetch.close()
        os.close(self._engine)
        end(self._container)
        copying.remove(self._copies)
        self._container = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def end(container: Container) -> None:
    """End a container, which Docker then removes; one that has ended by itself is fine."""
    with contextlib.suppress(APIError, requests.ReadTimeout):
        container.kill()
    with contextlib.suppress(APIError):
        container.wait(condition="removed", timeout=_END_SECONDS)
