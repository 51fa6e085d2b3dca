"""Where the files of a container are, as plain data (the shim imports it, so it stays tiny)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rootfs:
    """Where the container's files are.

    With ``lower`` (layer directories, topmost first) the shim mounts an overlay at ``path``;
    without, ``path`` already is the whole tree. Mount it with ``store.mounts.overlay``, which
    copes with any number of layers and with ``:`` or ``,`` in their paths.
    """

    path: str
    lower: tuple[str, ...] = ()
    upper: str = ""
    work: str = ""
