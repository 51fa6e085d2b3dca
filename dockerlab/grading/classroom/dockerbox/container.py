"""What a box's container is made of, and what Docker keeps it to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docker.types import Mount

from dockerlab.grading.classroom import machine
from dockerlab.grading.classroom.dockerbox.inside import layout
from dockerlab.grading.classroom.sandbox.inside import places
from dockerlab.grading.classroom.sandbox.inside.namespaces import ENGINE_PROCESSES
from dockerlab.grading.classroom.sandbox.opening.templates import STUDENTS_ENVIRONMENT
from dockerlab.grading.classroom.seam import Limits

_FIRST = "dockerlab.grading.classroom.dockerbox.inside.first"
_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETPCAP", "SETUID")
_LOOKING = "SYS_PTRACE"
"""To see what others' processes share of their memory; those in the container only."""
_CORES = 2
"""More than one, as a container of the submission may be busy while its notebook is."""
_LABEL = "dockerlab.box"


def options(image: str, name: str, meeting: Path, images: Path | None, limits: Limits) -> Any:
    """The arguments of docker-py's ``containers.create``."""
    memory = limits.memory + limits.disk + layout.RESERVE  # files count as memory there
    script = f'exec "$0" -m {_FIRST} 2>{layout.MEETING}/log'
    return {
        "image": image,
        "name": name,
        "entrypoint": ["/bin/sh", "-c", script, sys.executable],
        "command": [],
        "labels": {_LABEL: ""},
        "environment": _environment(),
        "hostname": "classroom",
        "working_dir": "/",
        "network_mode": "none",
        "read_only": True,
        "cap_drop": ["ALL"],
        "cap_add": [*_CAPABILITIES, _LOOKING],
        "security_opt": ["no-new-privileges"],
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": limits.pids + ENGINE_PROCESSES,
        "nano_cpus": min(_CORES, os.cpu_count() or 1) * 10**9,
        "tmpfs": _in_memory(limits),
        "mounts": list(_mounts(meeting, images)),
        "log_config": {"type": "none"},
        "auto_remove": True,
        "detach": True,
    }


def _environment() -> dict[str, str]:
    """The student's process is forked in it."""
    here = {"DOCKER_HOST": f"unix://{layout.SOCKET}", "PYTHONPATH": layout.PACKAGES}
    return {**STUDENTS_ENVIRONMENT, **here}


def _in_memory(limits: Limits) -> dict[str, str]:
    """One file system for all that is written; its end is kept for when it has been filled."""
    size, files = limits.disk + layout.RESERVE, limits.files + layout.RESERVED_FILES
    return {
        "/home": f"exec,nosuid,nodev,mode=755,size={size},nr_inodes={files}",
        layout.RUN: "noexec,nosuid,nodev,mode=755,size=1m,nr_inodes=100",
    }


def _mounts(meeting: Path, images: Path | None) -> Iterator[Mount]:
    yield Mount(layout.MEETING, str(meeting), "bind")
    for path in (*machine.FOLDERS, *machine.python_folders()):
        if os.path.isdir(path) and not os.path.islink(path) and path != _PACKAGE:
            yield _shown(path, path)
    yield _shown(f"{layout.PACKAGES}/dockerlab", _PACKAGE)
    for name in places.SETTINGS:
        if os.path.exists(path := f"/etc/{name}"):
            yield _shown(path, os.path.realpath(path))
    if images:
        yield _shown(layout.IMAGES, str(images))


_PACKAGE = str(machine.PACKAGES / "dockerlab")


def _shown(target: str, source: str) -> Mount:
    return Mount(target, source, "bind", read_only=True)
