"""The context of a build: a folder, its files without the ignored ones, packed as they are sent.

Docker's command line sends every file as root's, so that two people's copies of a folder are the
same context; so do we. A digest is of what counts for the cache: kind, mode, content, not times.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

from dockerlab.errors import DockerlabError
from dockerlab.formats.ignorefile import NAME as IGNORE_FILE
from dockerlab.formats.ignorefile import Ignore

DEFAULT = "Dockerfile"
OUTSIDE = ".dockerlab.Dockerfile"
"""What a Dockerfile that is not in the folder is called in the context."""
# BuildKit takes a body that begins with a pax header for a Dockerfile.
_FORMAT: Final = tarfile.GNU_FORMAT
_PIECE = 1 << 20
_TOUCHED = b"\n"
"""What a forecast's pretended edit adds to a file."""

Sent = Callable[[int], None]
"""Called with the number of bytes sent so far."""


class Context:
    """A folder as it is sent. ``dockerfile`` is the text, ``name`` its path in the context.

    ``touched`` are files whose content is sent as if it had been edited; on disk nothing changes.
    """

    def __init__(
        self,
        folder: Path,
        dockerfile: bytes | None = None,
        name: str = "Dockerfile",
        touched: Collection[str] = (),
    ) -> None:
        self.folder = folder
        self.name = name
        self.given = dockerfile
        """The Dockerfile's text, if it is not the one on disk."""
        self.whole = False
        """The builder does not take the Dockerfile and the ignore file out (BuildKit does not)."""
        self._touched = frozenset(touched)
        self._ignore = Ignore.of(folder)
        self._digests: dict[str, str] = {}
        self._entries = {path: entry for path, entry in self._walk("")}

    @property
    def dockerfile(self) -> bytes:
        """The text that is built."""
        if self.given is not None:
            return self.given
        return _reading(self.folder / self.name).read_bytes()

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything that COPY can find, folders too, sorted."""
        return tuple(path for path in sorted(self._entries) if not self._hidden(path))

    @property
    def files(self) -> tuple[str, ...]:
        """The paths that are no folders."""
        return tuple(path for path in self.paths if not stat.S_ISDIR(self._entries[path].st_mode))

    def ignored_by(self, path: str) -> str:
        """The pattern of .dockerignore that keeps a file of the folder from being sent; or empty.

        Empty too when there is no such file.
        """
        clean = os.path.normpath("/" + path).lstrip("/")
        pattern = self._ignore.why(clean) if os.path.lexists(self.folder / clean) else None
        return pattern.text if pattern is not None and not pattern.keep else ""

    def is_folder(self, path: str) -> bool:
        return path in self._entries and stat.S_ISDIR(self._entries[path].st_mode)

    def digest(self, path: str) -> str:
        """Of what counts for the cache."""
        if path not in self._digests:
            entry = self._entries[path]
            mark = hashlib.sha256(self._mark(path, entry))
            if stat.S_ISREG(entry.st_mode):
                for piece in self._content(path):
                    mark.update(piece)
            self._digests[path] = mark.hexdigest()[:32]
        return self._digests[path]

    def pack(self, sent: Sent | None = None) -> Iterator[bytes]:
        """The tar archive, piece by piece."""
        count = 0
        for piece in self._pack():
            yield piece
            count += len(piece)
            if sent is not None:
                sent(count)

    # --- what is there ---

    def _walk(self, folder: str) -> Iterator[tuple[str, os.stat_result]]:
        try:
            found = sorted(os.scandir(self.folder / folder), key=lambda one: one.name)
        except OSError as error:
            raise DockerlabError(
                f"The folder {self.folder / folder} cannot be read: {error.strerror}.",
                "Give the folder that holds the Dockerfile, as in docker build .",
            ) from None
        for one in found:
            path = f"{folder}/{one.name}" if folder else one.name
            is_folder = one.is_dir(follow_symlinks=False)
            ignored = self._ignore.matches(path) and path not in (self.name, IGNORE_FILE)
            if not ignored and (is_folder or one.is_symlink() or one.is_file()):
                yield path, one.stat(follow_symlinks=False)
            if is_folder and (not ignored or self._ignore.enters(path)):
                yield from self._walk(path)

    def _hidden(self, path: str) -> bool:
        """The two files that are sent for the builder and which it takes out again."""
        own = path in (self.name, IGNORE_FILE)
        return own and not self.whole and self._ignore.matches(path)

    def _mark(self, path: str, entry: os.stat_result) -> bytes:
        link = os.readlink(self.folder / path) if stat.S_ISLNK(entry.st_mode) else ""
        return f"{entry.st_mode:o} {link}\0".encode("utf-8", "surrogateescape")

    # --- the archive ---

    def _pack(self) -> Iterator[bytes]:
        for path, entry in self._entries.items():
            if not (self.name == OUTSIDE and path in (OUTSIDE, IGNORE_FILE)):
                yield from self._member(path, entry)
        if self.name == OUTSIDE:
            yield from _text_member(OUTSIDE, self.dockerfile)
            yield from _text_member(IGNORE_FILE, self._extended_ignore())
        yield bytes(2 * tarfile.BLOCKSIZE)

    def _extended_ignore(self) -> bytes:
        """The ignore file, with itself and the Dockerfile in it: neither is in the folder."""
        there = self.folder / IGNORE_FILE
        before = there.read_bytes() if there.is_file() else b""
        own = f"\n{OUTSIDE}\n" + ("" if before else f"{IGNORE_FILE}\n")
        return before + own.encode()

    def _member(self, path: str, entry: os.stat_result) -> Iterator[bytes]:
        header = tarfile.TarInfo(path)
        header.mode, header.mtime = stat.S_IMODE(entry.st_mode), int(entry.st_mtime)
        if stat.S_ISDIR(entry.st_mode):
            header.type = tarfile.DIRTYPE
        elif stat.S_ISLNK(entry.st_mode):
            header.type, header.linkname = tarfile.SYMTYPE, os.readlink(self.folder / path)
        else:
            header.size = self._size(path, entry)
        yield header.tobuf(_FORMAT, "utf-8", "surrogateescape")
        if header.size:
            yield from self._body(path, entry, header.size)

    def _body(self, path: str, entry: os.stat_result, size: int) -> Iterator[bytes]:
        """The content, of exactly the announced size even if the file changes meanwhile."""
        mark, left = hashlib.sha256(self._mark(path, entry)), size
        for piece in self._content(path):
            piece = piece[:left]
            mark.update(piece)
            left -= len(piece)
            yield piece
        yield bytes(left + -size % tarfile.BLOCKSIZE)
        self._digests[path] = mark.hexdigest()[:32]

    def _size(self, path: str, entry: os.stat_result) -> int:
        if path == self.name and self.given is not None:
            return len(self.given)
        return entry.st_size + (len(_TOUCHED) if path in self._touched else 0)

    def _content(self, path: str) -> Iterator[bytes]:
        if path == self.name and self.given is not None:
            yield self.given
            return
        with _reading(self.folder / path).open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
        if path in self._touched:
            yield _TOUCHED


def _text_member(path: str, text: bytes) -> Iterator[bytes]:
    header = tarfile.TarInfo(path)
    header.size = len(text)
    yield header.tobuf(_FORMAT)
    yield text + bytes(-len(text) % tarfile.BLOCKSIZE)


def _reading(path: Path) -> Path:
    """The path, if it can be read; else the error says what to do."""
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise DockerlabError(
            f"{path} cannot be read: {error.strerror}.",
            "Is the path right? A file that the image does not need goes into .dockerignore.",
        ) from None


def find(path: str | Path, dockerfile: str | Path) -> Context:
    """The context of a folder; ``dockerfile`` is a path (in the folder, or from here) or a text."""
    folder = Path(path).expanduser().absolute()
    if not folder.is_dir():
        raise DockerlabError(
            f"unable to prepare context: path {str(path)!r} not found",
            "Give the folder that holds the Dockerfile, as in docker build .",
        )
    if is_text(dockerfile):
        return Context(folder, str(dockerfile).encode(), OUTSIDE)
    places = [folder / dockerfile, Path(dockerfile).expanduser().absolute()]
    # Unless another one is named, it is the folder's own: never that of where we happen to be.
    for place in places[:1] if str(dockerfile) == DEFAULT else places:
        if place.is_file():
            real = Path(os.path.normpath(place))
            if real.is_relative_to(folder):
                return Context(folder, None, real.relative_to(folder).as_posix())
            return Context(folder, _reading(real).read_bytes(), OUTSIDE)
    raise DockerlabError(
        f"unable to prepare context: unable to evaluate symlinks in Dockerfile path: "
        f"{folder / dockerfile} does not exist",
        "Write one with %%dockerfile, or say which file it is: -f NAME (dockerfile=).",
    )


def is_text(dockerfile: str | Path) -> bool:
    """Whether it is a Dockerfile's text rather than the name of one."""
    if isinstance(dockerfile, Path):
        return False
    first = dockerfile.split(None, 1)[:1]
    return "\n" in dockerfile or (len(dockerfile.split()) > 1 and first[0].upper() == "FROM")
