"""Paths inside a folder that somebody else fills.

Links inside a container's files are the container's: ``/etc -> /`` there means *its* root.
Every name is resolved with the folder as root, by the kernel (openat2, RESOLVE_IN_ROOT) or,
where that call is denied, step by step without following anything (O_NOFOLLOW). Work is then
done relative to the descriptor that came out, so nobody can swap a folder for a link in between.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterator
from typing import Self

_OPENAT2 = 437  # the same on every architecture
_RESOLVE = 0x10 | 0x02  # IN_ROOT | NO_MAGICLINKS
_MOST_LINKS = 40
_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC

_libc = ctypes.CDLL(None, use_errno=True)


def split(path: str) -> tuple[str, str]:
    """(folder, last name) of a path, both without slashes at the ends."""
    folder, _, name = path.strip("/").rpartition("/")
    return folder, name


class Confined:
    """A folder as the root of a small world. Close it, or use it as a context."""

    def __init__(self, root: str | os.PathLike[str], *, kernel: bool = True) -> None:
        self.descriptor = os.open(root, _FOLDER)
        self._kernel = kernel
        """Whether openat2 may be tried (tests turn it off)."""

    def close(self) -> None:
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def directory(self, path: str) -> int:
        """A descriptor (O_PATH) of a folder, links followed inside. Raises OSError."""
        if self._kernel:
            try:
                return self._openat2(path)
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.ENOSYS, errno.EPERM, errno.E2BIG):
                    raise
                # EAGAIN: something was mounted or renamed meanwhile, anywhere on the machine, and
                # the kernel will not vouch for a ".." on the way. The next call may work again.
                self._kernel = error.errno == errno.EAGAIN
        descriptor, _ = self._walk(path)
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return descriptor

    @contextlib.contextmanager
    def parent(self, path: str) -> Iterator[tuple[int, str]]:
        """(descriptor of the folder, last name); a link as the last name is not followed."""
        folder, name = split(path)
        if name in ("", ".", ".."):
            folder, name = path, "."
        descriptor = self.directory(folder)
        try:
            yield descriptor, name
        finally:
            os.close(descriptor)

    def resolve(self, path: str) -> str:
        """The absolute path inside that ``path`` means once all links are followed.

        The last names may be missing, as those of a dangling link are.
        """
        descriptor, names = self._walk(path, missing=True)
        os.close(descriptor)
        return "/" + "/".join(names)

    def lstat(self, path: str) -> os.stat_result:
        """Of the path itself, a link at its end not followed. Raises OSError."""
        with self.parent(path) as (folder, name):
            return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def _openat2(self, path: str) -> int:
        how = struct.pack("QQQ", _FOLDER, 0, _RESOLVE)
        name = os.fsencode(path.strip("/")) or b"."
        if b"\0" in name:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        result = _libc.syscall(_OPENAT2, self.descriptor, name, how, len(how))
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), path)
        return int(result)

    def _walk(self, path: str, missing: bool = False) -> tuple[int, list[str]]:
        """Follow a path name by name. ``..`` goes back along the folders that were opened."""
        stack, names = [os.dup(self.descriptor)], list[str]()
        todo, links = path.split("/")[::-1], 0
        try:
            while todo:
                name = todo.pop()
                if name in ("", "."):
                    continue
                if name == "..":
                    if names:
                        names.pop()
                        if len(stack) > len(names) + 1:
                            os.close(stack.pop())
                    continue
                if len(stack) <= len(names):  # below something missing
                    names.append(name)
                    continue
                target = self._step(stack, names, name, missing)
                if target is None:
                    names.append(name)
                    continue
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                if target.startswith("/"):
                    names.clear()
                    while len(stack) > 1:
                        os.close(stack.pop())
                todo.extend(target.split("/")[::-1])
            return os.dup(stack[-1]), names
        finally:
            for descriptor in stack:
                os.close(descriptor)

    def _step(self, stack: list[int], names: list[str], name: str, missing: bool) -> str | None:
        """Open ``name`` onto the stack; the target instead if it is a link."""
        try:
            found = self._open(stack[-1], names, name)
        except (FileNotFoundError, NotADirectoryError):
            if missing:
                return None
            raise
        if not stat.S_ISLNK(os.fstat(found).st_mode):
            stack.append(found)
            return None
        try:
            return os.readlink("", dir_fd=found)
        finally:
            os.close(found)

    def _open(self, folder: int, names: list[str], name: str) -> int:
        """A descriptor of a name in a folder (that ``names`` lead to); links are not followed."""
        return os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
