"""The tree that layers make together, in memory, and writing it down as a copy."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from dockerlab.engine.store.overlay import is_whiteout

_NO_RANGE = {errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM}


@dataclass(slots=True)
class Node:
    """One path of a merged tree: its lstat, the layer folder it is in, what is inside it."""

    found: os.stat_result
    source: str
    children: dict[str, Node] = field(default_factory=dict)


def read_tree(directory: str) -> Node:
    """A layer's own tree, without overlayfs's marks.

    A loop, here and below: an image's folders may be nested deeper than Python's calls.
    """
    tree = Node(os.lstat(directory), directory)
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        with os.scandir(node.source) as entries:
            for entry in entries:
                found = entry.stat(follow_symlinks=False)
                if is_whiteout(found):
                    continue
                child = node.children[entry.name] = Node(found, entry.path)
                if stat.S_ISDIR(found.st_mode):
                    waiting.append(child)
    return tree


def merge(below: Node, top: Node) -> None:
    waiting = [(below, top)]
    while waiting:
        into, new = waiting.pop()
        into.found, into.source = new.found, new.source
        for name, node in new.children.items():
            old = into.children.get(name)
            if old and stat.S_ISDIR(old.found.st_mode) and stat.S_ISDIR(node.found.st_mode):
                waiting.append((old, node))
            else:
                into.children[name] = node


def cut(tree: Node, path: str, inside: bool = False) -> None:
    """Take away a path, or only what is inside it."""
    *folders, name = path.strip("/").split("/")
    node = tree
    for part in folders:
        if part not in node.children:
            return
        node = node.children[part]
    if not inside:
        node.children.pop(name, None)
    elif name in node.children:
        node.children[name].children.clear()
    elif not name:
        node.children.clear()


class Copier:
    """Writes a merged tree down. The target is nobody else's yet, so plain paths are safe."""

    def __init__(self, *, share_links: bool = True) -> None:
        """``share_links``: symbolic links may get one more name instead of being copied."""
        self._share_links = share_links
        self._links: dict[tuple[str, int], str] = {}
        self._owners = os.geteuid() == 0

    def tree(self, top: Node, target: str) -> None:
        """All of it into ``target``, a new folder."""
        folders = [(top, target, "")]
        for node, at, path in folders:  # which grows meanwhile
            folders += self._inside(node, at, path)
        for node, at, _ in reversed(folders):  # what comes into a folder changes its time
            self._finish(node, at)

    def _inside(self, node: Node, target: str, path: str) -> Iterator[tuple[Node, str, str]]:
        """What is directly inside a folder; the folders among it are made, and given back."""
        for name, child in node.children.items():
            at = f"{target}/{name}"
            mode = child.found.st_mode
            if stat.S_ISDIR(mode):
                os.mkdir(at, 0o700)
                yield child, at, f"{path}/{name}"
            elif stat.S_ISLNK(mode):
                self._symlink(child, at)
            elif stat.S_ISFIFO(mode):
                os.mkfifo(at, 0o600)
                self._finish(child, at)
            elif stat.S_ISREG(mode):
                self._file(child, at, f"{path}/{name}")

    def _symlink(self, node: Node, at: str) -> None:
        """The layer's own link by one more name, where the file system lets us.

        Ten times faster than a new one (an image has hundreds), and safe as it would not be for
        files: what a symbolic link says cannot be changed, only the link be replaced.
        """
        if not (self._share_links and _linked(node.source, at)):
            os.symlink(os.readlink(node.source), at)
            self._finish(node, at)

    def _file(self, node: Node, at: str, path: str) -> None:
        if node.found.st_nlink > 1:
            layer = node.source.removesuffix(path)
            first = self._links.setdefault((layer, node.found.st_ino), at)
            if first != at:
                os.link(first, at, follow_symlinks=False)
                return
        with open(node.source, "rb") as source, open(at, "xb") as target:
            _copy_content(source.fileno(), target.fileno(), node.found.st_size)
        self._finish(node, at)

    def _finish(self, node: Node, at: str) -> None:
        found, link = node.found, stat.S_ISLNK(node.found.st_mode)
        if self._owners and (found.st_uid or found.st_gid):
            with contextlib.suppress(PermissionError):
                os.chown(at, found.st_uid, found.st_gid, follow_symlinks=False)
        if not link:
            _copy_xattrs(node.source, at)
            os.chmod(at, stat.S_IMODE(found.st_mode))
        os.utime(at, ns=(found.st_atime_ns, found.st_mtime_ns), follow_symlinks=False)


def _linked(source: str, at: str) -> bool:
    """Give a file one more name, if that is possible."""
    try:
        os.link(source, at, follow_symlinks=False)
    except OSError:  # too many names already, somebody else's, or another file system
        return False
    return True


def _copy_content(source: int, target: int, size: int) -> None:
    left = size
    try:
        while left > 0:
            done = os.copy_file_range(source, target, left)
            if not done:
                return
            left -= done
    except OSError as error:
        if error.errno not in _NO_RANGE:
            raise
        with open(source, "rb", closefd=False) as file, open(target, "wb", closefd=False) as out:
            shutil.copyfileobj(file, out)


def _copy_xattrs(source: str, target: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listxattr(source, follow_symlinks=False):
            if not name.startswith(("user.overlay.", "trusted.", "system.")):
                with contextlib.suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))
