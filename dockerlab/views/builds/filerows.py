"""A layer's file tree as the rows that are shown of it: folders open or closed, a filter, marks."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from dockerlab.formats.filetree import Entry, Kind
from dockerlab.formats.layers import LayerStack

MOST_ROWS = 400
"""More are neither read nor scrolled through; the filter finds what is meant."""
MARKS = {Kind.ADDED: "+", Kind.MODIFIED: "~", Kind.DELETED: "−"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the tree. ``size`` (bytes) and ``files`` of a folder count all below it."""

    path: str
    name: str
    depth: int
    type: str
    size: int
    files: int
    mark: str = ""
    link: str = ""
    open: bool = False


@dataclass
class FileTree:
    """What is shown of a layer: what it changed, or (``whole``) all files up to it."""

    entries: dict[str, Entry]
    marks: dict[str, str]
    inside: dict[str, list[str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, stack: LayerStack, number: int, whole: bool = False) -> FileTree:
        layer = stack.layer(number)
        now, before = stack.tree(number), stack.tree(number - 1)
        marks = {change.path: MARKS[change.kind] for change in layer.changes}
        # A removed path is shown as it was.
        entries = {path: now.get(path) or before[path] for path in marks}
        made = cls(now | entries if whole else entries, marks)
        made._fill()
        return made

    def _fill(self) -> None:
        known: set[str] = set()
        for path, entry in self.entries.items():
            folder = entry.type == "dir"
            files, size = int(not folder), entry.size
            at = path
            while at != "/":
                above = posixpath.dirname(at)
                if at not in known:
                    known.add(at)
                    self.inside.setdefault(above, []).append(at)
                if files:
                    self.sizes[at] = self.sizes.get(at, 0) + size
                    self.files[at] = self.files.get(at, 0) + files
                elif above in known:
                    break
                at = above
        for paths in self.inside.values():
            paths.sort(key=lambda path: (path not in self.inside, path))

    def rows(self, opened: Collection[str], wanted: str = "") -> Iterator[Row]:
        """The rows from the top; with ``wanted`` only paths that contain it, and their folders."""
        shown = self._matching(wanted) if wanted else None
        waiting = [(path, 0) for path in reversed(self.inside.get("/", ()))]
        while waiting:
            path, depth = waiting.pop()
            if shown is not None and path not in shown:
                continue
            is_open = path in self.inside and (path in opened or shown is not None)
            yield self._row(path, depth, is_open)
            if is_open:
                waiting += [(below, depth + 1) for below in reversed(self.inside[path])]

    def _matching(self, wanted: str) -> set[str]:
        wanted = wanted.casefold()
        shown: set[str] = set()
        for path in self.entries:
            at = path
            if wanted in path.casefold():
                while at != "/" and at not in shown:
                    shown.add(at)
                    at = posixpath.dirname(at)
        return shown

    def _row(self, path: str, depth: int, is_open: bool) -> Row:
        entry = self.entries.get(path)
        return Row(
            path,
            posixpath.basename(path),
            depth,
            "dir" if path in self.inside or entry is None else entry.type,
            self.sizes.get(path, 0),
            self.files.get(path, 0),
            self.marks.get(path, ""),
            entry.link if entry and entry.type == "symlink" else "",
            is_open,
        )

    def unfolded(self, lines: int) -> set[str]:
        """The folders to open at first: the heaviest ones, as far as ``lines`` rows allow."""
        opened: set[str] = set()
        left = lines - len(self.inside.get("/", ()))
        closed = [path for path in self.inside.get("/", ()) if path in self.inside]
        while closed:
            path = max(closed, key=lambda one: (self.sizes.get(one, 0), self.files.get(one, 0)))
            closed.remove(path)
            if len(self.inside[path]) > left:
                continue
            left -= len(self.inside[path])
            opened.add(path)
            closed += [below for below in self.inside[path] if below in self.inside]
        return opened
