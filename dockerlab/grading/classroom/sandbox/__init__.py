"""A sandbox for each submission: its own engine, user, files and network, and limits on all.

::

    sandboxes   opens boxes for a grader
    opening/    how boxes come about: from two warm templates, one ahead of the other
    box         one open box, as the grader holds it
    running     takes a submission through its cells, and stops it where the grader looks
    orders      says to the first process of a box what to do, and hears it
    pages       asks pages of the ports that a box publishes
    images      the folder of images that all engines of a class share
    inside/     what lives in the box

A box is a tree of processes below one first process (``inside/holder.py``), in namespaces that
no other process shares::

    holder (pid 1)                root of the box, of nothing outside
    ├── engine, its containers    a process of the engines' template that has joined
    └── guard (pid 1 of its own)  another root directory, without the engine's files
        └── student               another user, no privilege; all it reaches is the engine's socket

When the holder ends the kernel ends every process of the box, and with the last one its mounts,
its files (they are in memory) and its network are gone.

The kernel keeps most limits; the holder looks at the others ten times a second. What a box
without a cgroup (an ordinary user's) does not count is memory that no process has mapped: a
container's ``--tmpfs`` and the like. The machine's own limits are all there is for that, so a
class that nobody knows is better graded as root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerlab.grading.classroom.sandbox.sandboxes import NamespaceSandboxes

__all__ = ["NamespaceSandboxes"]


def __getattr__(name: str) -> Any:
    # Whoever starts the templates need not wait for all that a grader loads.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dockerlab.grading.classroom.sandbox.sandboxes import NamespaceSandboxes

    return NamespaceSandboxes
