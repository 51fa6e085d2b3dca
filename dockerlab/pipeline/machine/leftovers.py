"""What a job has started and not ended: processes here, containers on the engine.

This process adopts orphans, so whatever a job starts stays below it, also what a shell has put
into the background and left.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

GRACE = 2.0
"""Seconds between asking a process to end and ending it: docker passes the word on."""
LABEL = "dockerlab.ci.job"
TRIES = 5
"""Images that are tried for a command that nearly each has."""
_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_descendants(grace: float = GRACE) -> None:
    """End all processes below this one; returns when none is left."""
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 10.0)):
        end = time.monotonic() + seconds
        asked: set[int] = set()
        while left := list(_descendants()):
            for pid in left:
                if pid not in asked or number == signal.SIGKILL:
                    with suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)
                    asked.add(pid)
            if time.monotonic() > end:
                break
            time.sleep(0.02)


def _descendants() -> Iterator[int]:
    """Those that still run; the others are taken note of, so that none stays as a zombie."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    parents = dict(_parents())
    mine = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
        mine |= more
    yield from mine - {os.getpid()}


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] not in "ZX":
                    yield int(entry.name), int(fields[1])


def remove_from_engine(api: Any, job: str) -> None:
    """Remove the containers, networks and volumes that a job has made and not removed.

    Its images stay, as they do on any machine that builds again tomorrow.
    """
    for label in (f"{LABEL}={job}", f"com.docker.compose.project={job}"):
        chosen = {"label": [label]}
        for one in api.containers(all=True, filters=chosen):
            _gone(api.remove_container, one["Id"], v=True, force=True)
        for one in api.networks(filters=chosen):
            _gone(api.remove_network, one["Id"])
        for one in api.volumes(filters=chosen).get("Volumes") or ():
            _gone(api.remove_volume, one["Name"], force=True)


def remove_as_root(client: Any, folder: Path) -> None:
    """Remove a folder in which containers wrote as a user that this process may not touch.

    Any image with ``rm`` will do; what none of them can remove stays, for the caller to tell.
    """
    tags = [tag for image in client.images.list() for tag in image.tags]
    known = [f"{name}:latest" for name in ("busybox", "alpine")]
    for image in [*(tag for tag in known if tag in tags), *tags][:TRIES]:
        with suppress(Exception):
            client.containers.run(
                image,
                ["-rf", f"/there/{folder.name}"],
                entrypoint="rm",
                user="0",
                volumes={str(folder.parent): {"bind": "/there", "mode": "rw"}},
                remove=True,
            )
        if not folder.exists():
            return


def _gone(remove: Any, name: str, **options: Any) -> None:
    try:
        remove(name, **options)
    except Exception as error:
        if getattr(error, "status_code", 0) not in (404, 409):
            raise
