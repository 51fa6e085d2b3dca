"""Container file systems by copying: for machines where nothing may be mounted.

``prepare`` works out which layer each path of the image comes from (whiteouts applied) and copies
just that into the container's ``rootfs``: nothing is unpacked twice and no merged tree is kept.
Hard links between container and image would be cheaper and are not used: a program that writes
through one would change the image.

What a container changed is found by comparing with ``tree.json``, the lstat of every path as it
was when the copy was done. Inode and change time are in it, because package managers set equal
times and sizes on different contents.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from dockerlab.engine.errors import StoreFull
from dockerlab.engine.store.confined import Confined
from dockerlab.engine.store.files import full_disk, remove_tree, write_json
from dockerlab.engine.store.layers import Layer, Layers
from dockerlab.engine.store.merging import Copier, Node, cut, merge, read_tree
from dockerlab.engine.store.packing import Item, pack
from dockerlab.engine.store.rootfs import Rootfs
from dockerlab.engine.store.snapshots import Held, TreeReader, lay_floor, member, opened
from dockerlab.engine.store.spares import ROOTFS, TREE, Spares
from dockerlab.engine.store.tarfiles import Unpacker
from dockerlab.engine.store.uppers import Take
from dockerlab.formats.filetree import WHITEOUT, Change, Kind

Snapshot = dict[str, list[int]]
"""path -> mode, uid, gid, size, mtime ns, inode, ctime ns."""


class Copy:
    """Snapshots by copying. Thread-safe for different containers."""

    def __init__(self, root: Path, layers: Layers, slow: float = 0.1) -> None:
        """``slow``: seconds of copying above which a spare copy is worth its space."""
        self._containers = root / "containers"
        self._slow = slow
        self._spares = Spares(root / "spares", layers, self._fill)
        self._temporary = root / "run" / "views"
        self._layers = layers
        self._held = Held(self._containers, layers)

    def prepare(self, id: str, layers: Sequence[Layer]) -> Rootfs:
        directory = self._containers / id
        rootfs = directory / ROOTFS
        if (directory / TREE).exists():
            return Rootfs(str(rootfs))
        directory.mkdir(parents=True, exist_ok=True)
        self._held.hold(id, layers)
        remove_tree(rootfs)
        begun = time.monotonic()
        try:
            taken = self._taken(layers, directory)
            if not taken:
                self._fill_somehow(layers, directory)
        except BaseException:
            remove_tree(rootfs)
            self._held.let_go(id)
            raise
        if taken or time.monotonic() - begun > self._slow:
            self._spares.make_later(layers)
        return Rootfs(str(rootfs))

    def _taken(self, layers: Sequence[Layer], directory: Path) -> bool:
        """Have a spare, of the image itself or of one below it with what is missing put on."""
        for count in range(len(layers), 0, -1):
            if self._spares.take(layers[:count], directory):
                if count < len(layers):
                    self._put_on(layers[count:], directory)
                return True
        return False

    def _put_on(self, layers: Sequence[Layer], directory: Path) -> None:
        with full_disk(), Confined(directory / ROOTFS) as root:
            for layer in layers:
                hidden = self._layers.hidden(layer)
                for path in hidden.whiteouts:
                    _take_away(root, path)
                for path in hidden.opaques:
                    for name in _names(root, path):
                        _take_away(root, f"{path}/{name}")
                with self._layers.open(layer) as archive:
                    Unpacker(root).unpack(archive, layer=True)
            write_json(directory / TREE, snapshot(directory / ROOTFS), durable=False)

    def _fill_somehow(self, layers: Sequence[Layer], directory: Path) -> None:
        """Copy; on a full disk once more without the spares."""
        try:
            self._fill(layers, directory)
        except StoreFull:
            self._spares.drop()
            remove_tree(directory / ROOTFS)
            self._fill(layers, directory)

    def _fill(self, layers: Sequence[Layer], directory: Path) -> None:
        rootfs = directory / ROOTFS
        with full_disk():
            self._copy(layers, rootfs)
            lay_floor(rootfs)
            write_json(directory / TREE, snapshot(rootfs), durable=False)

    def _copy(self, layers: Sequence[Layer], target: Path) -> None:
        os.mkdir(target, 0o755)
        tree = self._merge(layers)
        if tree is not None:
            # One more name is a change, and layers of the library are not to be changed.
            share_links = not any(layer.lent for layer in layers)
            Copier(share_links=share_links).tree(tree, os.fspath(target))

    def _merge(self, layers: Sequence[Layer]) -> Node | None:
        tree: Node | None = None
        for layer in layers:
            hidden = self._layers.hidden(layer)
            top = read_tree(layer.directory)
            if tree is not None:
                for path in hidden.opaques:
                    cut(tree, path, inside=True)
                for path in hidden.whiteouts:
                    cut(tree, path)
                merge(tree, top)
            else:
                tree = top
        return tree

    @contextlib.contextmanager
    def view(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> Iterator[Path]:
        yield self._containers / id / ROOTFS

    @contextlib.contextmanager
    def image_view(self, layers: Sequence[Layer]) -> Iterator[Path]:
        if len(layers) == 1:
            # One layer is its own tree; its marks for whiteouts stand for nothing below.
            yield Path(layers[0].directory)
            return
        self._temporary.mkdir(parents=True, exist_ok=True)
        with full_disk():
            path = Path(tempfile.mkdtemp(dir=self._temporary))
        try:
            with full_disk():
                self._copy(layers, path / "tree")
            yield path / "tree"
        finally:
            remove_tree(path)

    def changes(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> list[Change]:
        before = self._before(id)
        now = snapshot(self._containers / id / ROOTFS)
        changes = {path: Change(path, Kind.DELETED) for path in before.keys() - now.keys()}
        for path, values in now.items():
            old = before.get(path)
            if old is None:
                changes[path] = Change(path, Kind.ADDED)
            elif _changed(old, values):
                changes[path] = Change(path, Kind.MODIFIED)
        return [changes[path] for path in sorted(changes)]

    def _before(self, id: str) -> Snapshot:
        found: Snapshot = json.loads((self._containers / id / TREE).read_bytes())
        return found

    def diff(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> Iterator[bytes]:
        changes = self.changes(id, layers, pid)
        with opened(self._containers / id / ROOTFS) as root:
            yield from pack(_as_layer(TreeReader(root), root, changes))

    def export(self, id: str, layers: Sequence[Layer], pid: int | None = None) -> Iterator[bytes]:
        with opened(self._containers / id / ROOTFS) as root:
            yield from pack(TreeReader(root, one_device=True).items(root, ""))

    def size(self, id: str) -> int:
        before = self._before(id)
        now = snapshot(self._containers / id / ROOTFS)
        return sum(
            values[3]
            for path, values in now.items()
            if stat.S_ISREG(values[0]) and before.get(path) != values
        )

    def hand_on(self, id: str, layers: Sequence[Layer]) -> None:
        directory = self._containers / id
        tree = snapshot(directory / ROOTFS)
        if any(stat.S_ISSOCK(values[0]) for values in tree.values()):
            return  # which no layer holds
        with contextlib.suppress(StoreFull):
            write_json(directory / TREE, tree, durable=False)
            self._spares.give(layers, directory)

    def tree(self, id: str) -> Take | None:
        return None  # it lies among all the files of the image

    def remove(self, id: str) -> None:
        remove_tree(self._containers / id / ROOTFS)
        (self._containers / id / TREE).unlink(missing_ok=True)
        self._held.let_go(id)


def _take_away(root: Confined, path: str) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), root.parent(path) as place:
        folder, name = place
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def _names(root: Confined, path: str) -> list[str]:
    try:
        descriptor = root.directory(path)
    except (FileNotFoundError, NotADirectoryError):
        return []
    try:
        return os.listdir(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def snapshot(directory: Path) -> Snapshot:
    """The lstat of every path, as far as changes show in it."""
    tree: Snapshot = {}
    todo = [(os.fspath(directory), "")]
    while todo:
        at, prefix = todo.pop()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(at) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    found = entry.stat(follow_symlinks=False)
                    path = f"{prefix}/{entry.name}"
                    tree[path] = _values(found)
                    if stat.S_ISDIR(found.st_mode):
                        todo.append((entry.path, path))
    return tree


def _values(found: os.stat_result) -> list[int]:
    # A link's change time moves when a copy elsewhere shares it; its text never does.
    changed = 0 if stat.S_ISLNK(found.st_mode) else found.st_ctime_ns
    return [
        found.st_mode,
        found.st_uid,
        found.st_gid,
        found.st_size,
        found.st_mtime_ns,
        found.st_ino,
        changed,
    ]


def _changed(old: list[int], new: list[int]) -> bool:
    if stat.S_ISDIR(old[0]) and stat.S_ISDIR(new[0]):
        # A folder's size and change time say nothing of their own.
        return old[:3] + old[4:5] != new[:3] + new[4:5]
    return old != new


def _as_layer(reader: TreeReader, root: int, changes: Sequence[Change]) -> Iterator[Item]:
    removed: set[str] = set()
    vanished = (FileNotFoundError, NotADirectoryError)
    for change in changes:
        folder, name = os.path.split(change.path)
        if change.kind == Kind.DELETED:
            removed.add(change.path)
            if folder in removed:
                continue  # gone with its folder
        with contextlib.suppress(*vanished), _folder(root, folder) as parent:
            item = _layer_item(reader, parent, name, change)
            if item is not None:
                yield item


def _layer_item(reader: TreeReader, parent: int, name: str, change: Change) -> Item | None:
    path = change.path.lstrip("/")
    if change.kind != Kind.DELETED:
        return reader.item(parent, name, path, os.stat(name, dir_fd=parent, follow_symlinks=False))
    mark = member(os.path.join(os.path.dirname(path), WHITEOUT + name), os.fstat(parent))
    mark.mode = 0
    return mark, -1


@contextlib.contextmanager
def _folder(root: int, path: str) -> Iterator[int]:
    """A descriptor of a folder by its real path: a link on the way is an error."""
    with contextlib.ExitStack() as stack:
        descriptor = root
        for name in path.strip("/").split("/") if path.strip("/") else ():
            descriptor = stack.enter_context(opened(name, descriptor))
        yield descriptor
