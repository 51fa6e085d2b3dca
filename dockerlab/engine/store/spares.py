"""Spare copies: the next container of a big image finds its file system already copied.

Copying a big image takes a second; renaming a folder takes none. So when a copy was slow, one
more is made a moment later, in the background, and the next container of that image takes it.
``DIR/spares/<chain id>/`` holds ``rootfs`` and its ``tree.json``. Spares are nothing but speed:
whatever is wrong with one, it is dropped.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from dockerlab.engine.errors import APIError
from dockerlab.engine.store.files import remove_tree
from dockerlab.engine.store.layers import Layer, Layers, chain_ids

ROOTFS, TREE = "rootfs", "tree.json"

Fill = Callable[[Sequence[Layer], Path], None]
"""Copy layers into a folder: ``rootfs`` and ``tree.json``."""


class Spares:
    """At most ``most`` spare copies, of the images that were used last."""

    def __init__(
        self, directory: Path, layers: Layers, fill: Fill, most: int = 2, delay: float = 2.0
    ) -> None:
        self._directory, self._layers, self._fill = directory, layers, fill
        self._most, self._delay = most, delay
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._given: set[Path] = set()
        """Those that containers left: of steps of a build, most of which nobody wants again."""
        directory.mkdir(parents=True, exist_ok=True)
        for name in os.listdir(directory):
            if name.startswith("."):  # half-made when the engine died
                remove_tree(directory / name)

    def take(self, layers: Sequence[Layer], target: Path) -> bool:
        """Move a spare copy into ``target``; False if there is none."""
        spare = self._path(layers)
        with self._lock:
            try:
                os.rename(spare / ROOTFS, target / ROOTFS)
                os.rename(spare / TREE, target / TREE)
            except OSError:
                return False
            finally:
                remove_tree(spare)
        return True

    def give(self, layers: Sequence[Layer], source: Path) -> None:
        """Take in what a container left, as a spare copy of an image. Never fails."""
        spare = self._path(layers)
        with self._lock, contextlib.suppress(OSError):
            if spare.exists():
                return
            spare.mkdir()
            os.rename(source / TREE, spare / TREE)
            os.rename(source / ROOTFS, spare / ROOTFS)
            self._given.add(spare)
        self._drop_old()

    def make_later(self, layers: Sequence[Layer]) -> None:
        """Make a spare soon, when the container that was just begun has got going."""
        with self._lock:
            if self._path(layers) in self._given:
                self._given.discard(self._path(layers))
                return
            if self._timer:
                self._timer.cancel()
            self._timer = threading.Timer(self._delay, self.make, (tuple(layers),))
            self._timer.daemon = True
            self._timer.start()

    def make(self, layers: Sequence[Layer]) -> None:
        """Make a spare now. Never fails: without space, there is none."""
        if not layers or self._path(layers).exists():
            return
        owner = f"spare-{secrets.token_hex(6)}"
        temporary = self._directory / f".new-{secrets.token_hex(6)}"
        try:
            self._layers.retain(owner, [self._layers.get(layer.diff_id) for layer in layers])
            temporary.mkdir()
            self._fill(layers, temporary)
            with self._lock:
                os.rename(temporary, self._path(layers))
        except (OSError, APIError):
            pass
        finally:
            remove_tree(temporary)
            self._layers.release(owner)
        self._drop_old()

    def drop(self) -> None:
        """Give all the space back."""
        self._remove(self._all())

    def _drop_old(self) -> None:
        self._remove(self._all()[self._most :])

    def _remove(self, spares: Sequence[Path]) -> None:
        """Out of everybody's sight first: others may be at it as well."""
        for path in spares:
            doomed = self._directory / f".old-{secrets.token_hex(6)}"
            with self._lock, contextlib.suppress(OSError):
                os.rename(path, doomed)
            remove_tree(doomed)

    def _all(self) -> list[Path]:
        """Newest first."""
        with self._lock, contextlib.suppress(FileNotFoundError):
            found = [p for p in self._directory.iterdir() if not p.name.startswith(".")]
            return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
        return []

    def _path(self, layers: Sequence[Layer]) -> Path:
        chain = chain_ids(layer.diff_id for layer in layers)
        return self._directory / (chain[-1][7:] if chain else "empty")
