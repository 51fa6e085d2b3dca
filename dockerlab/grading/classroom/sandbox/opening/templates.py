"""The two warm processes behind the boxes of a machine: one of students, one of engines.

They cost seconds, so all graders of a machine use the same two. Each talks to them on sockets of
its own: it has its own branch of the students' template (a fork, for ids that are its boxes'
alone) and its own line to each engine.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dockerlab.client.engine_template import Template
from dockerlab.grading.classroom.machine import PACKAGES
from dockerlab.grading.classroom.sandbox.inside import places

_TEMPLATE = "dockerlab.grading.classroom.sandbox.inside.template"
LOCALE = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
PATH = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
ENGINES_ENVIRONMENT = {**LOCALE, "PATH": PATH, "HOME": places.ENGINE, "TMPDIR": places.ENGINE}
STUDENTS_ENVIRONMENT = {
    **LOCALE,
    "PATH": PATH,
    "HOME": places.HOME,
    "USER": "student",
    "DOCKER_HOST": f"unix://{places.STUDENTS_SOCKET}",
    "DOCKER_BUILDKIT": "0",
    "MPLBACKEND": "agg",
    "PYTHONPATH": str(PACKAGES),
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Templates:
    """Starts both; a context that ends them. Boxes that are open stay."""

    def __init__(self, images: Path | None = None) -> None:
        """``images``: the folder of an engine whose images all boxes have."""
        self._students, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        shown = [str(images.absolute())] if images else []
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _TEMPLATE, str(theirs.fileno()), *shown],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=STUDENTS_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        self._engines = Template(environment=_engines_home())

    def close(self) -> None:
        """Also while they are still loading, and whoever else has a way to them."""
        self._students.close()
        self._process.terminate()
        self._process.wait()
        self._engines.close()

    def __enter__(self) -> Sequence[int]:
        """Descriptors of a way to each, also for processes that inherit them."""
        return self._students.fileno(), self._engines.fileno()

    def __exit__(self, *_: object) -> None:
        self.close()


def branch(students: int, turn: int) -> socket.socket:
    """A way to a branch of the students' template, for boxes of this process with the ids of a
    ``turn``. Raises OSError where the template has ended."""
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its, socket.socket(fileno=os.dup(students)) as control:
        try:
            words = f"{os.getpid()} {turn}".encode()
            socket.send_fds(control, [words], [its.fileno()])
        except OSError:
            mine.close()
            raise
    return mine


def _engines_home() -> dict[str, str]:
    return {**ENGINES_ENVIRONMENT, "PYTHONPATH": str(PACKAGES), "TMPDIR": "/tmp"}
