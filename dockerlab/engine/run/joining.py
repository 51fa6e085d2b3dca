"""Getting into namespaces that somebody else made, for a process with one thread."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

from dockerlab.engine.run import kernel

_KINDS = {
    "user": kernel.CLONE_NEWUSER,
    "pid": kernel.CLONE_NEWPID,
    "mnt": kernel.CLONE_NEWNS,
    "net": kernel.CLONE_NEWNET,
    "ipc": kernel.CLONE_NEWIPC,
    "uts": kernel.CLONE_NEWUTS,
}
"""In the order in which they are entered: the first gives the right to enter the others."""


def enter(namespaces: Mapping[str, int]) -> None:
    """By descriptors, which are closed. Returns in a child of the caller's parent where there is
    a pid namespace among them. Raises OSError, KeyError for a kind that there is not."""
    for kind in sorted(namespaces, key=list(_KINDS).index):
        kernel.setns(namespaces[kind], _KINDS[kind])
        os.close(namespaces[kind])
        if kind == "user":
            _become_root()
        elif kind == "pid" and kernel.clone(kernel.CLONE_PARENT):
            # Only children get in there. Ours is the parent's own, which reaps it at once: a
            # zombie would keep the namespace for as long as the machine's init takes its time.
            os._exit(0)


def _become_root() -> None:
    """In a user namespace just entered."""
    with contextlib.suppress(PermissionError):  # where groups may not be changed
        os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
