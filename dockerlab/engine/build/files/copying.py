"""Copying sources into a draft, as COPY and ADD do it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import IO, Self

from dockerlab.engine.build.files.context import TarTree
from dockerlab.engine.build.files.draft import Draft, Owner
from dockerlab.engine.build.files.sources import Source
from dockerlab.engine.build.files.spool import spool as new_spool
from dockerlab.engine.build.files.tree import Entry, Tree, join, read, resolve, walk
from dockerlab.engine.errors import BadParameter, NotImplementedHere, ServerError
from dockerlab.engine.store.files import full_disk
from dockerlab.engine.store.layers import TooDemanding, decompress
from dockerlab.engine.store.tarfiles import members, reading

_LARGEST = 16 << 30
_CHUNK = 1 << 20
ROOT_OWNER: Owner = (0, 0)


class Copying:
    """One COPY or ADD, as a context: the draft is to be packed before it is left.

    ``owner`` None keeps the owners of the sources.
    """

    def __init__(
        self, draft: Draft, owner: Owner | None, mode: int | None, extract: bool, run: Path
    ) -> None:
        """``extract``: archives are taken apart; ``run`` is a folder for what is big."""
        self._draft = draft
        self._owner, self._mode = owner, mode
        self._extract = extract
        self._run = run
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def copy(self, source: Source, target: str) -> None:
        """Copy to an absolute path; a slash at its end says that a folder is meant.

        Raises ServerError in Docker's words.
        """
        try:
            real = resolve(self._draft, target)
            if source.entry.is_dir:
                self._folder(source.tree, source.entry, real)
            elif not (self._extract and not source.whole and self._take_apart(source, real)):
                self._file(source, target, real)
        except OSError as error:
            if error.errno is None or not error.filename:
                raise
            what = "failed to copy directory: " if source.entry.is_dir else ""
            reason = (error.strerror or "").lower()
            raise ServerError(
                f"failed to copy files: {what}mkdir {error.filename}: {reason}"
            ) from None

    def _folder(self, tree: Tree, folder: Entry, real: str) -> None:
        self._draft.folder(real, self._owner or ROOT_OWNER)
        start = len(folder.path) + 1 if folder.path else 0
        for entry in walk(tree, folder.path):
            owner = self._owner or (entry.uid, entry.gid)
            self._draft.put(tree, entry, join(real, entry.path[start:]), owner, self._mode)

    def _file(self, source: Source, target: str, real: str) -> None:
        at = self._draft.entry(real)
        if target.endswith("/") or (at is not None and at.is_dir):
            real = join(real, source.path.rstrip("/").rpartition("/")[2])
        self._draft.folder(real.rpartition("/")[0], self._owner or ROOT_OWNER)
        entry = source.entry
        self._draft.put(source.tree, entry, real, self._owner or (entry.uid, entry.gid), self._mode)

    def _take_apart(self, source: Source, real: str) -> bool:
        """Put what is in an archive at the target; False when it is none."""
        tree = self._archive(source)
        if tree is None or not tree.names(""):
            return False
        self._draft.folder(real, ROOT_OWNER)
        for entry in walk(tree, ""):
            self._draft.put(tree, entry, join(real, entry.path), (entry.uid, entry.gid), None)
        return True

    def _archive(self, source: Source) -> TarTree | None:
        """An archive as a tree, whose file lives as long as this object; None if it is none."""
        if not _may_be_archive(source):
            return None
        packed, plain = (self._opened.enter_context(new_spool(self._run)) for _ in range(2))
        for piece in source.tree.pieces(source.entry):
            with full_disk():
                packed.write(piece)
        packed.seek(0)
        try:
            return TarTree.read(unpacked(packed, plain))
        except (BadParameter, NotImplementedHere) as error:
            if isinstance(error, TooDemanding) or _begins_with_a_member(packed):
                raise ServerError(f"failed to copy files: {error.message}", error.hint) from error
            return None


def unpacked(packed: IO[bytes], into: IO[bytes], most: int = _LARGEST) -> IO[bytes]:
    """The plain archive in a file, written to another one unless it is plain already.

    Raises BadParameter (broken, larger than ``most``) and StoreFull.
    """
    plain = decompress(packed)
    if plain is packed:
        return packed
    total = 0
    with reading():
        while piece := plain.read(_CHUNK):
            total += len(piece)
            if total > most:
                raise BadParameter(f"the archive holds more than {most} bytes")
            with full_disk():
                into.write(piece)
    into.seek(0)
    return into


def _begins_with_a_member(packed: IO[bytes]) -> bool:
    """Whether it is an archive, if a broken one; Docker looks as far as this."""
    packed.seek(0)
    with contextlib.suppress(BadParameter, NotImplementedHere), reading():
        return next(members(decompress(packed)), None) is not None
    return False


def _may_be_archive(source: Source) -> bool:
    """By the first bytes, so that not every file is looked through."""
    start = read(source.tree, source.entry.path, 512)[:512]
    compressed = start.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"))
    return compressed or len(start) == 512
