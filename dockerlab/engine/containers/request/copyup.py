"""Filling a new volume with what the image has at the place where it is mounted, as Docker does.

Neither side is to be trusted: links in the image lead nowhere, and another container may have
the volume already and swap its folders for links while it is filled. So it is packed and
unpacked by the code that is made for hostile archives.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, cast

from dockerlab.engine.store.confined import Confined
from dockerlab.engine.store.packing import Chunks, Item, pack
from dockerlab.engine.store.snapshots import TreeReader, opened
from dockerlab.engine.store.tarfiles import Unpacker


def is_empty(volume: Path) -> bool:
    """Only an empty volume is filled."""
    with os.scandir(volume) as entries:
        return next(entries, None) is None


def fill(root: Path, path: str, volume: Path) -> None:
    """Copy the content, owner and mode of ``path`` inside ``root`` to the volume.

    Nothing happens when the image has no such folder. Devices and sockets stay behind. Raises
    StoreFull.
    """
    with Confined(root) as confined:
        try:
            place = confined.directory(path)
        except OSError:
            return
    try:
        # The descriptor only names the folder (O_PATH): one that can be listed is needed.
        with opened(".", place) as source, Confined(volume) as target:
            Unpacker(target).unpack(cast("IO[bytes]", Chunks(pack(_items(source)))))
    finally:
        os.close(place)


def _items(source: int) -> Iterator[Item]:
    reader = TreeReader(source)
    itself = reader.item(source, ".", ".", os.fstat(source))
    return chain([itself] if itself else [], reader.items(source, ""))
