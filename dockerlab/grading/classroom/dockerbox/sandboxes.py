"""Opens boxes, each a container on the Docker Engine of this machine."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Self

import docker
import requests
from docker.errors import DockerException, NotFound
from docker.models.containers import Container

from dockerlab.client import connect
from dockerlab.grading.classroom.dockerbox.box import DockerBox, end
from dockerlab.grading.classroom.dockerbox.container import options
from dockerlab.grading.classroom.dockerbox.image import have_image
from dockerlab.grading.classroom.dockerbox.inside import layout
from dockerlab.grading.classroom.dockerbox.meeting import Meeting, meeting
from dockerlab.grading.classroom.sandbox.box import url_of
from dockerlab.grading.classroom.sandbox.inside import places
from dockerlab.grading.classroom.sandbox.opening.maker import CONTAINERS
from dockerlab.grading.classroom.sandbox.opening.originals import Originals
from dockerlab.grading.classroom.sandbox.orders import Orders
from dockerlab.grading.classroom.sandbox.pages import Pages
from dockerlab.grading.classroom.sandbox.sandboxes import packed
from dockerlab.grading.classroom.seam import Limits, SandboxDenied

API_VERSION = "1.41"
_API_SECONDS = 120
_MEET_SECONDS = 60.0
_READY_SECONDS = 120.0
NAME = "dockerlab-box"
ADVICE = (
    "Boxes on Docker take Docker Engine 20.10 or newer on this very machine (Linux, not Docker "
    "Desktop, and not from within a container), and PRoot: apt install proot."
)


class DockerSandboxes:
    """See ``seam.Sandboxes``; may be used by several threads, each with its own box.

    ``images``: the folder of an engine whose images all boxes have, or None. ``name`` is that of
    the boxes' image, and begins those of their containers. Raises SandboxDenied.
    """

    def __init__(
        self, images: Path | None = None, name: str = NAME, shared: Sequence[int] = ()
    ) -> None:
        self._images = images.absolute() if images else None
        self._name = name
        self._has_opened = False
        self._originals = Originals()
        with _plainly():
            self._client = _engine()
            self._image = have_image(self._client, name)

    @staticmethod
    def shared(images: Path | None) -> contextlib.nullcontext[Sequence[int]]:
        """Nothing: what they have in common is on Docker Engine."""
        return contextlib.nullcontext(())

    def open(self, files: Path, limits: Limits) -> DockerBox:
        try:
            box = self._open(files, limits)
        except SandboxDenied as error:
            if self._has_opened:  # not the machine: somebody removes containers, say
                raise OSError(error.message) from None
            raise
        self._has_opened = True
        return box

    def _open(self, files: Path, limits: Limits) -> DockerBox:
        with contextlib.ExitStack() as undo:
            with meeting() as place, _plainly():
                container = self._start(place, limits)
                undo.callback(end, container)
                control, pages = self._meet(place, container, undo)
                self._tell(control, files, limits)
                orders = Orders(control)
                orders.await_("ready", _READY_SECONDS)
                (engine,) = orders.given
                undo.callback(os.close, engine)
                originals = self._originals.of(url_of(engine))
                box = DockerBox(container, orders, Pages(pages), engine, originals)
            undo.pop_all()
        return box

    def close(self) -> None:
        """Boxes that are open stay."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, place: Meeting, limits: Limits) -> Container:
        name = f"{self._name}-{os.urandom(6).hex()}"
        made = options(self._image, name, place.folder, self._images, limits)
        container: Container = self._client.containers.run(**made)
        return container

    def _meet(
        self, place: Meeting, container: Container, undo: contextlib.ExitStack
    ) -> tuple[socket.socket, socket.socket]:
        def lives() -> bool:
            with contextlib.suppress(NotFound):
                container.reload()
                return bool(container.status in ("created", "running"))
            return False

        control = undo.enter_context(place.meet(lives, _MEET_SECONDS))
        return control, undo.enter_context(place.meet(lives, _MEET_SECONDS))

    def _tell(self, control: socket.socket, files: Path, limits: Limits) -> None:
        request = {"limits": asdict(limits), "engine": self._engines_arguments()}
        with packed(files) as tar:
            socket.send_fds(control, [json.dumps(request).encode()], [tar.fileno()])

    def _engines_arguments(self) -> list[str]:
        words = ["--root", layout.ENGINE, "--socket", layout.SOCKET, "--runtime", "proot"]
        words += ["--no-uplink", "--containers", str(CONTAINERS)]
        words += ["--binds", places.HOME, "--binds", layout.TMP]
        return [*words, *(["--images", layout.IMAGES] if self._images else [])]


def _engine() -> docker.DockerClient:
    """The one that this machine's user means; only one on this machine sees our files."""
    found, _ = connect.find()
    address = found.place.url if found else ""
    if not address.startswith("unix://"):
        raise SandboxDenied(f"no Docker Engine answers on this machine {address}".strip(), ADVICE)
    client = docker.DockerClient(base_url=address, version=API_VERSION, timeout=_API_SECONDS)
    if "embedded" in client.version()["Platform"]["Name"]:
        raise SandboxDenied(f"{address} is the embedded engine, not Docker's", ADVICE)
    return client


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    """What will not be better with the next box; a busy machine's TimeoutError may be."""
    try:
        yield
    except (DockerException, requests.RequestException, EOFError) as error:
        raise SandboxDenied(f"a sandbox could not be made: {error}", ADVICE) from None
