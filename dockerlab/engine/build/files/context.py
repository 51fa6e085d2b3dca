"""What the client sent: an archive that is kept as it is and looked into.

Nothing of it is unpacked, so nothing in it can lead out of it, and a context of ten thousand
files costs one file. Only what a COPY really takes is read.

The same archive comes again and again while somebody works on something else, so the index of
the last ones is remembered (``Contexts``) by the digest of the whole archive.
"""

from __future__ import annotations

import io
import posixpath
import stat
import tarfile
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO

from dockerlab.engine.build.files.tree import ROOT, Entry, check_length, content_digest
from dockerlab.engine.errors import BadParameter, NotImplementedHere, ServerError
from dockerlab.engine.store.tarfiles import Member, reading

_CHUNK = 1 << 20
_MOST_ENTRIES = 2_000_000
_MOST_LETTERS = 256 << 20
_KINDS = {
    tarfile.DIRTYPE: stat.S_IFDIR,
    tarfile.SYMTYPE: stat.S_IFLNK,
    tarfile.FIFOTYPE: stat.S_IFIFO,
}


@dataclass(slots=True)
class Index:
    """What is in an archive, by path; ``place`` of an entry is the offset of its content."""

    entries: dict[str, Entry] = field(default_factory=lambda: {"": ROOT})
    folders: dict[str, dict[str, None]] = field(default_factory=lambda: {"": {}})
    digests: dict[str, str] = field(default_factory=dict)
    letters: int = 0
    """Of all paths that were ever put in: a small archive can name many long ones."""

    def add(self, entry: Entry) -> None:
        """Put it in; what was at its place before is gone, except that folders are kept."""
        before = self.entries.get(entry.path)
        if before is not None and before.is_dir and not entry.is_dir:
            self.remove(entry.path)
        self.letters += len(entry.path)
        if self.letters > _MOST_LETTERS:
            raise BadParameter(
                f"the paths of the archive have more than {_MOST_LETTERS} letters",
                "Name folders that the build has no use for in .dockerignore.",
            )
        self._make_folders(posixpath.dirname(entry.path))
        self.entries[entry.path] = entry
        if entry.is_dir:
            self.folders.setdefault(entry.path, {})
        if entry.path:
            folder, _, name = entry.path.rpartition("/")
            self.folders[folder][name] = None

    def remove(self, path: str) -> None:
        """Take a path out, with all below."""
        doomed = [path]
        for one in doomed:
            doomed += [f"{one}/{name}" for name in self.folders.pop(one, ())]
            self.entries.pop(one, None)
        folder, _, name = path.rpartition("/")
        self.folders[folder].pop(name, None)

    def _make_folders(self, path: str) -> None:
        missing: list[str] = []
        while (known := self.entries.get(path)) is None or not known.is_dir:
            missing.append(path)
            path = posixpath.dirname(path)
        for folder in reversed(missing):
            self.add(Entry(folder, stat.S_IFDIR | 0o755))


class TarTree:
    """A plain archive in a seekable file, as a tree. For one thread at a time."""

    def __init__(self, file: IO[bytes], index: Index) -> None:
        self._file, self._index = file, index

    @classmethod
    def read(cls, file: IO[bytes]) -> TarTree:
        """Look through an archive. Raises BadParameter (broken, hostile)."""
        length = _complete(file)
        file.seek(0)
        return cls(file, _read(file, length))

    def close(self) -> None:
        """Give the file back; it has no name and is gone then."""
        self._file.close()

    def without(self, paths: Iterable[str]) -> TarTree:
        """The same, some files left out."""
        index = self._index
        gone = [path for path in paths if path in index.entries]
        if not gone:
            return self
        folders = {path: dict(names) for path, names in index.folders.items()}
        less = Index(dict(index.entries), folders, index.digests)
        for path in gone:
            less.remove(path)
        return TarTree(self._file, less)

    def entry(self, path: str) -> Entry | None:
        return self._index.entries.get(path)

    def names(self, path: str) -> list[str]:
        return sorted(self._index.folders.get(path, ()))

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        position, left = int(entry.place), entry.size
        while left:
            self._file.seek(position)
            piece = self._file.read(min(_CHUNK, left))
            if not piece:
                raise ServerError("the build context ended in the middle of a file")
            position, left = position + len(piece), left - len(piece)
            yield piece

    def digest(self, entry: Entry) -> str:
        known = self._index.digests.get(entry.path)
        if known is None:
            known = self._index.digests[entry.path] = content_digest(self, entry)
        return known


def _complete(file: IO[bytes]) -> int:
    """Fill up the last block; returns how long the file was.

    With ``-f`` of a Dockerfile outside the context, the docker command line sends an archive
    whose last file is not filled up, and no end mark.
    """
    length = file.seek(0, io.SEEK_END)
    file.write(bytes(-length % tarfile.BLOCKSIZE))
    return length


def _read(file: IO[bytes], length: int) -> Index:
    index = Index()
    if not length:
        return index
    with reading(), tarfile.open(fileobj=file, mode="r:", tarinfo=Member) as archive:
        while (member := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined] # it keeps all it ever read
            if len(index.entries) > _MOST_ENTRIES:
                raise BadParameter(f"the build context has more than {_MOST_ENTRIES} files")
            if member.offset_data + (member.size if member.isreg() else 0) > length:
                raise BadParameter(f"the build context ends in the middle of {member.name!r}")
            if entry := _entry(index, member):
                index.add(entry)
    return index


def _entry(index: Index, member: tarfile.TarInfo) -> Entry | None:
    """A member as an entry; None for devices and the like, which nobody may bring."""
    if "\0" in f"{member.linkname}{member.uname}{member.gname}":
        raise BadParameter(f"the archive has a NUL byte in what it says of {member.name!r}")
    path = _inside(member.name)
    if member.issparse():
        raise NotImplementedHere(f"The build context has a sparse file, {path!r}, in the archive.")
    if member.islnk() and path:
        target = index.entries.get(_inside(member.linkname))
        if target is None or not target.is_file:
            raise BadParameter(f"invalid hardlink {path!r} -> {member.linkname!r}")
        return replace(target, path=path)
    kind = stat.S_IFREG if member.isreg() else _KINDS.get(member.type)
    if kind is None:
        return None
    check_length(member.linkname)
    if not path and kind != stat.S_IFDIR:
        raise BadParameter(f"invalid path in the archive: {member.name!r} is its own folder")
    return Entry(
        path,
        kind | member.mode & 0o7777,
        member.uid,
        member.gid,
        member.size if member.isreg() else 0,
        int(float(member.mtime) * 10**9),
        member.linkname if member.issym() else "",
        (member.uname, member.gname),
        member.offset_data,
    )


def _inside(name: str) -> str:
    cleaned = posixpath.normpath(name.lstrip("/") or ".")
    if cleaned == ".." or cleaned.startswith("../") or "\0" in cleaned:
        raise BadParameter(f"invalid path in the archive: {name!r} leads out of it")
    check_length(cleaned)
    return "" if cleaned == "." else cleaned


class Contexts:
    """Remembers what was in the archives that came last. Thread-safe."""

    def __init__(self, most: int = 4, entries: int = 50_000) -> None:
        """Not more than ``most`` archives, of not more than ``entries`` files each."""
        self._most, self._entries = most, entries
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Index] = OrderedDict()

    def open(self, file: IO[bytes], digest: str) -> TarTree:
        """The tree of a plain archive whose digest is known already."""
        with self._lock:
            index = self._known.get(digest)
        if index is not None:
            return TarTree(file, index)
        tree = TarTree.read(file)
        if len(tree._index.entries) <= self._entries:
            with self._lock:
                self._known[digest] = tree._index
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
        return tree
