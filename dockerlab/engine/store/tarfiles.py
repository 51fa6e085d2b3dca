"""Unpacking archives that may be hostile.

What an archive can try, and what happens:

=============================  ==================================================================
absolute names                 are inside the folder, as in Docker and GNU tar
``..`` that leads out          BadParameter
a link, then a name through it resolved inside the folder (see confined)
hard links                     to names inside the folder only
symbolic links                 kept as they are; nothing on this side follows them
device files                   left out: the engine has no need to give one to anybody
huge headers, sizes, counts    BadParameter
marks of the overlay driver    left out (``user.overlay.*`` could lead out of a layer)
=============================  ==================================================================
"""

from __future__ import annotations

import contextlib
import errno
import functools
import lzma
import os
import posixpath
import shutil
import stat
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from dockerlab.engine.errors import BadParameter
from dockerlab.engine.store.confined import Confined, split
from dockerlab.engine.store.files import full_disk
from dockerlab.formats import filetree

_CHUNK = 1 << 20
_XATTR = "SCHILY.xattr."
_LARGEST_HEADER = 1 << 20
_MOST_GLOBAL = 64 << 10
_HEADERS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
_BROKEN = (
    tarfile.TarError,
    EOFError,
    UnicodeError,
    ValueError,
    OverflowError,
    zlib.error,
    lzma.LZMAError,
    RecursionError,  # header after header without a member
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one archive may hold."""

    size: int = 64 << 30
    """Bytes of all files."""
    entries: int = 4_000_000

    @property
    def archive(self) -> int:
        """Bytes of the plain archive: content, headers, padding."""
        return self.size + self.entries * 2048 + (64 << 10)


class Member(tarfile.TarInfo):
    """A member whose numbers were looked at before tarfile believes them."""

    def _block(self, count: int) -> int:
        # With a negative size tarfile goes back and reads the same members for ever.
        if count < 0:
            raise BadParameter("the archive has a member of negative size")
        return super()._block(count)  # type: ignore[misc,no-any-return]

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        # tarfile reads such a header whole into memory, whatever size it claims.
        if self.type in _HEADERS and self.size > _LARGEST_HEADER:
            raise BadParameter("the archive has a header larger than 1 MiB")
        if self.type == tarfile.XGLTYPE:  # each adds to what tarfile knows for good
            known = getattr(archive, "global_bytes", 0) + self.size
            archive.global_bytes = known  # type: ignore[attr-defined]
            if known > _MOST_GLOBAL:
                raise BadParameter("the archive has global headers of more than 64 KiB")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Say a broken archive in a plain sentence (BadParameter)."""
    try:
        yield
    except _BROKEN as error:
        raise BadParameter(f"Error processing tar file: {error}") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise BadParameter("the archive has a name that is too long") from error
        if error.errno is not None:
            raise
        # gzip and bz2 say so that their data is damaged; the system's own errors have a number.
        raise BadParameter(f"Error processing tar file: {error}") from error


def members(stream: IO[bytes]) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    """The members of a plain tar stream one after the other; memory stays bounded."""
    with reading(), tarfile.open(fileobj=stream, mode="r|", tarinfo=Member) as archive:
        while (member := archive.next()) is not None:
            yield member, archive
            archive.members = []  # type: ignore[attr-defined] # it keeps all it ever read


@dataclass(slots=True)
class Unpacked:
    """What came out of an archive. Paths are absolute inside the folder."""

    size: int = 0
    entries: int = 0
    whiteouts: list[str] = field(default_factory=list)
    opaques: list[str] = field(default_factory=list)


class Unpacker:
    """Writes members into a folder. Use ``unpack``; the object keeps what is done at the end."""

    def __init__(
        self,
        root: Confined,
        *,
        limits: Limits | None = None,
        owner: tuple[int, int] | None = None,
        keep_kinds: bool = False,
        keep_root: bool = False,
    ) -> None:
        """``keep_root``: the folder itself stays as it is, whatever the archive says of ``.``."""
        self._root = root
        self._limits = limits or Limits()
        self._owner = owner
        self._keep_kinds = keep_kinds
        self._keep_root = keep_root
        self._folders: dict[str, tarfile.TarInfo] = {}
        self._opened: tuple[str, int] | None = None
        self.result = Unpacked()

    def unpack(self, stream: IO[bytes], *, layer: bool = False) -> Unpacked:
        """Unpack all. In a ``layer``, whiteouts are noted, not written.

        Raises BadParameter (broken or hostile) and StoreFull.
        """
        try:
            with full_disk(), reading():
                for member, archive in members(stream):
                    self._member(member, archive, layer)
                self._finish_folders()
        finally:
            self._forget_folder()
        return self.result

    def _member(self, member: tarfile.TarInfo, archive: tarfile.TarFile, layer: bool) -> None:
        self._count(member)
        path = _inside(member.name)
        if layer:
            gone, hidden = filetree.whiteout(path)
            if gone:
                self._make_folders(split(gone)[0])
                self.result.whiteouts.append(gone)
            elif hidden:
                self._make_folders(hidden.strip("/"))
                self.result.opaques.append(hidden)
            if gone or hidden or filetree.is_meta(path):
                return
        if path == "/":
            if member.isdir() and not self._keep_root:
                self._folders[path] = member
            return
        self._place(path, member, archive)

    def _count(self, member: tarfile.TarInfo) -> None:
        self.result.entries += 1
        self.result.size += member.size if member.isreg() else 0
        if member.size < 0 or self.result.size > self._limits.size:
            raise BadParameter(f"the archive holds more than {self._limits.size} bytes")
        if self.result.entries > self._limits.entries:
            raise BadParameter(f"the archive holds more than {self._limits.entries} files")

    def _place(self, path: str, member: tarfile.TarInfo, archive: tarfile.TarFile) -> None:
        if not (member.isreg() or member.isdir() or member.issym() or member.islnk()) and (
            not member.isfifo()
        ):
            return  # devices and kinds that nobody knows
        folder, name = split(path)
        parent = self._folder(folder)
        if not self._make_room(parent, name, path, member):
            self._folders[path] = member
            return
        if member.isdir():
            os.mkdir(name, 0o700, dir_fd=parent)
            self._folders[path] = member
        elif member.issym():
            os.symlink(member.linkname or ".", name, dir_fd=parent)
            self._own(parent, name, member)
            os.utime(name, ns=_times(member), dir_fd=parent, follow_symlinks=False)
        elif member.islnk():
            self._hard_link(parent, name, path, member)
        elif member.isfifo():
            os.mkfifo(name, 0o600, dir_fd=parent)
            self._own(parent, name, member)
            _finish_pipe(parent, name, member)
        else:
            self._file(parent, name, member, archive)

    def _file(
        self, parent: int, name: str, member: tarfile.TarInfo, archive: tarfile.TarFile
    ) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o600, dir_fd=parent)
        with open(descriptor, "wb", buffering=0) as file:
            source = archive.extractfile(member)
            if source is not None:
                shutil.copyfileobj(source, file, _CHUNK)
            self._own(parent, name, member)
            _set_xattrs(descriptor, member)
            os.fchmod(descriptor, _mode(member.mode, 0o600))
            os.utime(descriptor, ns=_times(member))

    def _hard_link(self, parent: int, name: str, path: str, member: tarfile.TarInfo) -> None:
        target = _inside(member.linkname)
        try:
            with self._root.parent(target) as (folder, last):
                os.link(last, name, src_dir_fd=folder, dst_dir_fd=parent, follow_symlinks=False)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise BadParameter(
                f"invalid hardlink {path!r} -> {member.linkname!r}: {error.strerror}"
            ) from error

    def _make_room(self, parent: int, name: str, path: str, member: tarfile.TarInfo) -> bool:
        """Remove what is in the way; False when the folder to make is there already."""
        try:
            mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return True
        is_folder = stat.S_ISDIR(mode)
        if is_folder and member.isdir():
            return False
        if self._keep_kinds and is_folder != member.isdir():
            kinds = ("directory", "non-directory") if is_folder else ("non-directory", "directory")
            raise BadParameter(f'cannot overwrite {kinds[0]} "{path}" with {kinds[1]} "{path}"')
        if is_folder:
            shutil.rmtree(name, dir_fd=parent)
            for inner in [*filetree.under(self._folders, path), path]:
                self._folders.pop(inner, None)
        else:
            os.unlink(name, dir_fd=parent)
        return True

    def _folder(self, path: str) -> int:
        """A descriptor of a folder, made where missing; the last one is kept open."""
        if self._opened and self._opened[0] == path:
            return self._opened[1]
        try:
            try:
                descriptor = self._root.directory(path)
            except FileNotFoundError:
                self._make_folders(path)
                descriptor = self._root.directory(path)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                raise
            raise BadParameter(f"/{path} in the archive is not a directory") from error
        self._forget_folder()
        self._opened = (path, descriptor)
        return descriptor

    def _make_folders(self, path: str) -> None:
        done = ""
        for name in path.split("/") if path else []:
            parent = self._root.parent(f"{done}/{name}")
            with parent as (folder, last), contextlib.suppress(FileExistsError):
                os.mkdir(last, 0o755, dir_fd=folder)
            done = f"{done}/{name}"

    def _forget_folder(self) -> None:
        if self._opened:
            os.close(self._opened[1])
            self._opened = None

    def _finish_folders(self) -> None:
        # Last, deepest first: a mode may shut us out, and every new name changes the time.
        for path, member in reversed(self._folders.items()):
            with self._root.parent(path) as (parent, name):
                try:
                    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                    descriptor = os.open(name, flags, dir_fd=parent)
                except (FileNotFoundError, NotADirectoryError):
                    continue  # something else took its place
                try:
                    self._own(parent, name, member)
                    _set_xattrs(descriptor, member)
                    os.fchmod(descriptor, _mode(member.mode, 0o700))
                    os.utime(descriptor, ns=_times(member))
                finally:
                    os.close(descriptor)

    def _own(self, parent: int, name: str, member: tarfile.TarInfo) -> None:
        uid, gid = self._owner or (member.uid, member.gid)
        # A user namespace of one user, or no root at all: everything stays ours.
        with contextlib.suppress(PermissionError, OverflowError):
            try:
                os.chown(name, uid, gid, dir_fd=parent, follow_symlinks=False)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise


def _inside(name: str) -> str:
    cleaned = posixpath.normpath(name.lstrip("/") or ".")
    if cleaned == ".." or cleaned.startswith("../") or "\0" in cleaned:
        raise BadParameter(f"invalid path in the archive: {name!r} leads out of it")
    return filetree.clean(cleaned)


def _mode(mode: int, least: int) -> int:
    # Who must obey modes has to stay able to read its own copy.
    return mode & 0o7777 if above_modes() else mode & 0o7777 | least


@functools.cache
def above_modes() -> bool:
    """Whether this process reads files of mode 000: CAP_DAC_OVERRIDE, which a root may lack."""
    with open("/proc/self/status") as file:
        effective = next((line.split()[1] for line in file if line.startswith("CapEff")), "0")
    return bool(int(effective, 16) & 2)


def _times(member: tarfile.TarInfo) -> tuple[int, int]:
    nanoseconds = int(float(member.mtime) * 1e9) if member.mtime else 0
    text = member.pax_headers.get("mtime")
    if text:  # a float has too few digits for nanoseconds
        whole, _, part = text.partition(".")
        with contextlib.suppress(ValueError):
            nanoseconds = int(whole) * 10**9 + int((part + "0" * 9)[:9])
    nanoseconds = max(-(2**31) * 10**9, min(nanoseconds, 2**33 * 10**9))
    return nanoseconds, nanoseconds


def _set_xattrs(descriptor: int, member: tarfile.TarInfo) -> None:
    for key, value in member.pax_headers.items():
        name = key.removeprefix(_XATTR)
        if name == key or not is_kept(name):
            continue
        with contextlib.suppress(OSError, ValueError):  # not ours to set, or not supported here
            os.setxattr(descriptor, name, value.encode("utf-8", "surrogateescape"))


def _finish_pipe(parent: int, name: str, member: tarfile.TarInfo) -> None:
    # By a descriptor: a running container may have put a link in its place meanwhile.
    descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.chmod(f"/proc/self/fd/{descriptor}", _mode(member.mode, 0o600))
    finally:
        os.close(descriptor)
    os.utime(name, ns=_times(member), dir_fd=parent, follow_symlinks=False)


def is_kept(xattr: str) -> bool:
    """Whether an extended attribute goes with a file into layers and out of them."""
    allowed = xattr.startswith("user.") or xattr == "security.capability"
    return allowed and not xattr.startswith("user.overlay.")
