"""Signals for a command that was started in a running container: the API has none for it.

The engine says the process's number as its own machine counts. Where that is this machine it can be
signalled: by us, or where that is not allowed by `kill` inside, under the number that it has there.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any


def signal_exec(api: Any, id: str, name: str) -> None:
    """Send ``INT``, ``KILL`` … to the process of an exec, as a terminal does: to its whole group.

    Nothing happens where it cannot be reached.
    """
    facts = api.exec_inspect(id)
    pid = int(facts.get("Pid") or 0)
    if not facts.get("Running") or pid <= 1 or not _is_here(api, pid, str(facts["ContainerID"])):
        return
    with suppress(ProcessLookupError):
        leads = os.getpgid(pid) == pid
        try:
            os.kill(-pid if leads else pid, signal.Signals[f"SIG{name}"])
        except PermissionError:
            _kill_inside(api, str(facts["ContainerID"]), pid, name, leads=leads)


def _is_here(api: Any, pid: int, container: str) -> bool:
    """Whether this machine's process of that number is the one: Docker's engine may run in a
    virtual machine or elsewhere, with numbers of its own."""
    if not str(api.base_url).startswith("http+docker://"):
        return False
    name = str((api.version().get("Platform") or {}).get("Name", ""))
    return name.startswith("dockerlab") or container in _read(pid, "cgroup")


def _kill_inside(api: Any, container: str, pid: int, name: str, *, leads: bool) -> None:
    numbers = [line for line in _read(pid, "status").splitlines() if line.startswith("NSpid:")]
    inside = numbers[0].split()[-1] if numbers else ""
    if inside:
        with suppress(Exception):  # an image without the program kill
            whom = f"-{inside}" if leads else inside
            made = api.exec_create(container, ["kill", "-s", name, "--", whom], user="0")
            api.exec_start(made["Id"])


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
