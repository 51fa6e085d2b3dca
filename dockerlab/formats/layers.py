"""An image as a stack of layers: what each one changed, what it costs, and what was wasted.

``efficiency`` and ``wasted`` are the measures of the tool *dive*: of each path, all the copies
that the layers hold are counted; the score compares the smallest copies with all of them. A
removal counts as a copy of no bytes. One thing is counted more strictly than dive does: whoever
removes a folder removes each file in it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dockerlab.formats.filetree import Change, Entry, Kind, LayerTree
from dockerlab.formats.text import parse_time

_SHELL = re.compile(r"^(?:/usr)?/bin/(?:ba|a|da)?sh (?:-\w+ (?:pipefail )?)*-\w*c ")
_ARGUMENTS = re.compile(r"^\|(\d+) ")
_DIGEST = re.compile(r"\b(file|dir|multi):([0-9a-f]{8})[0-9a-f]+")

NO_FILES = LayerTree(())


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of an image's history, the lowest being number 1.

    ``size`` is bytes of the files that it holds; ``created`` Unix time, 0 when not known. An
    ``empty`` step has changed settings only. ``tree`` is None when the layer could not be read.
    """

    number: int
    command: str
    created: float = 0.0
    size: int = 0
    empty: bool = False
    tree: LayerTree | None = NO_FILES
    changes: tuple[Change, ...] = ()

    def count(self, kind: Kind) -> int:
        """How many paths it added, changed or removed."""
        return sum(change.kind is kind for change in self.changes)


@dataclass(frozen=True, slots=True)
class Waste:
    """A file of which the image carries bytes that no container sees, or several copies.

    ``written`` are the layers that hold a copy, ``removed`` those that took it away. ``total`` is
    bytes of all copies, ``hidden`` bytes of those that are not seen in the end.
    """

    path: str
    total: int
    hidden: int
    written: tuple[int, ...]
    removed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Efficiency:
    """``score`` is between 0 and 1; ``wasted`` counts every copy (dive's number); ``hidden``
    only the copies that no container sees. ``files`` come with the worst first.
    """

    score: float = 1.0
    wasted: int = 0
    hidden: int = 0
    files: tuple[Waste, ...] = ()


@dataclass(frozen=True)
class LayerStack:
    """An image's layers from the lowest to the uppermost."""

    name: str
    id: str
    layers: tuple[Layer, ...]
    efficiency: Efficiency = Efficiency()

    @property
    def size(self) -> int:
        """Bytes of all layers' files."""
        return sum(layer.size for layer in self.layers)

    def layer(self, number: int) -> Layer:
        if not 1 <= number <= len(self.layers):
            raise ValueError(f"there is no layer {number}: {self.name} has {len(self.layers)}")
        return self.layers[number - 1]

    def tree(self, number: int | None = None) -> dict[str, Entry]:
        """The files with the layers up to ``number`` on top of each other (None: all).

        For looking at, not for changing: the tree of all is made once.
        """
        return (self._whole if number is None else self._overlay(number)).entries

    def origins(self) -> dict[str, int]:
        """For each path of the whole image, the layer that it comes from."""
        return self._whole.owners

    @cached_property
    def _whole(self) -> Overlay:
        return self._overlay(len(self.layers))

    def _overlay(self, number: int) -> Overlay:
        overlay = Overlay()
        for layer in self.layers[:number]:
            overlay.put(layer.number, layer.tree or NO_FILES)
        return overlay


@dataclass
class Overlay:
    """A file tree that layers are put on, one after the other.

    ``owners`` says for each path which layer it comes from. Every folder knows what is in it, so
    that taking a folder away costs as much as what is in it, not as much as the whole tree.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    _inside: dict[str, set[str]] = field(default_factory=dict)

    def put(self, number: int, layer: LayerTree) -> list[Change]:
        """Put a layer on top; what that changed, sorted by path."""
        gone: dict[str, Entry] = {}
        for folder in layer.opaque:
            for path in list(self._inside.get(folder, ())):
                self._drop(path, gone)
        for path in layer.removed:
            self._drop(path, gone)
        kinds: dict[str, Kind] = {}
        for entry in layer.entries:
            kind = self._write(number, entry, gone)
            if kind is not None:
                kinds.setdefault(entry.path, kind)
        kinds |= {path: Kind.DELETED for path in gone if path not in self.entries}
        return [Change(path, kinds[path]) for path in sorted(kinds)]

    def _write(self, number: int, entry: Entry, gone: dict[str, Entry]) -> Kind | None:
        path = entry.path
        old = self.entries.get(path) or gone.get(path)
        if entry.type != "dir":
            for below in list(self._inside.get(path, ())):
                self._drop(below, gone)
        self.entries[path] = entry
        self.owners[path] = number
        self._enter(path)
        if old is None:
            return Kind.ADDED
        return None if _same_folder(old, entry) else Kind.MODIFIED

    def _enter(self, path: str) -> None:
        while path != "/":
            folder = posixpath.dirname(path)
            inside = self._inside.setdefault(folder, set())
            if path in inside:
                return
            inside.add(path)
            path = folder

    def _drop(self, path: str, gone: dict[str, Entry]) -> None:
        """Take a path away with all below it, without recursion: paths may be very deep."""
        self._inside.get(posixpath.dirname(path), set()).discard(path)
        waiting = [path]
        while waiting:
            path = waiting.pop()
            waiting += self._inside.pop(path, ())
            self.owners.pop(path, None)
            if (entry := self.entries.pop(path, None)) is not None:
                gone[path] = entry


def _same_folder(old: Entry, new: Entry) -> bool:
    """A layer names the folders above what it changes; only their time differs then."""
    if old.type != "dir" or new.type != "dir":
        return False
    return (old.mode, old.uid, old.gid) == (new.mode, new.uid, new.gid)


@dataclass(slots=True)
class _Copies:
    """What the layers did to one path."""

    sizes: list[int] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)


def stacked(
    name: str, id: str, history: Sequence[Mapping[str, Any]], trees: Iterable[LayerTree | None]
) -> LayerStack:
    """Join an image's ``history`` (of its own JSON) with what its layers hold, lowest first."""
    waiting = iter(trees)
    overlay, copies = Overlay(), dict[str, _Copies]()
    layers: list[Layer] = []
    for number, step in enumerate(history, 1):
        empty = bool(step.get("empty_layer"))
        tree = NO_FILES if empty else next(waiting, None)
        layers.append(_layer(number, step, empty, tree, overlay, copies))
    # Images made by hand may have layers without a history.
    for number, tree in enumerate(waiting, len(layers) + 1):
        layers.append(_layer(number, {}, False, tree, overlay, copies))
    # An image of no files and no history: one step that changed nothing.
    layers = layers or [Layer(1, "", empty=True)]
    return LayerStack(name, id, tuple(layers), _efficiency(copies, overlay.entries))


def _layer(
    number: int,
    step: Mapping[str, Any],
    empty: bool,
    tree: LayerTree | None,
    overlay: Overlay,
    copies: dict[str, _Copies],
) -> Layer:
    known = tree or NO_FILES
    changes = overlay.put(number, known)
    _note(number, known, changes, copies)
    return Layer(
        number,
        command(str(step.get("created_by") or "")) or str(step.get("comment") or ""),
        parse_time(str(step.get("created") or "")),
        sum(entry.size for entry in {entry.path: entry for entry in known.entries}.values()),
        empty,
        tree,
        tuple(changes),
    )


def _note(
    number: int, tree: LayerTree, changes: Iterable[Change], copies: dict[str, _Copies]
) -> None:
    for change in changes:
        if change.kind is Kind.DELETED and (seen := copies.get(change.path)):
            seen.sizes.append(0)
            seen.removed.append(number)
    for entry in {entry.path: entry for entry in tree.entries}.values():
        if entry.type != "dir":
            seen = copies.setdefault(entry.path, _Copies())
            seen.sizes.append(entry.size)
            seen.written.append(number)


def _efficiency(copies: Mapping[str, _Copies], final: Mapping[str, Entry]) -> Efficiency:
    smallest = sum(min(one.sizes) for one in copies.values())
    everything = sum(sum(one.sizes) for one in copies.values())
    files = sorted(_wasting(copies, final), key=lambda waste: (-waste.total, waste.path))
    return Efficiency(
        smallest / everything if everything else 1.0,
        sum(waste.total for waste in files),
        sum(waste.hidden for waste in files),
        tuple(files),
    )


def _wasting(copies: Mapping[str, _Copies], final: Mapping[str, Entry]) -> Iterator[Waste]:
    for path, one in copies.items():
        total = sum(one.sizes)
        if len(one.sizes) > 1 and total:
            left = final[path].size if path in final else 0
            yield Waste(path, total, total - left, tuple(one.written), tuple(one.removed))


def command(created_by: str) -> str:
    """A step as a Dockerfile has it, from what builders write into the history.

    >>> command("/bin/sh -c #(nop)  CMD [\\"node\\" \\"index.js\\"]")
    'CMD ["node" "index.js"]'
    >>> command("/bin/sh -c npm install")
    'RUN npm install'
    """
    text = " ".join(created_by.split()).removesuffix(" # buildkit")
    run = text.startswith("RUN ")
    text, given = _without_arguments(text.removeprefix("RUN "))
    if run or _SHELL.match(text):
        text = "RUN " + _SHELL.sub("", text)
    text = re.sub(r"^(?:RUN )?#\(nop\) ?", "", text).strip()
    text = _DIGEST.sub(r"\1:\2…", text)
    return f"{text} # {given}" if given else text


def _without_arguments(text: str) -> tuple[str, str]:
    """``|2 A=1 B=2 /bin/sh -c make``: the build arguments that a RUN saw come first."""
    match = _ARGUMENTS.match(text)
    if match is None:
        return text, ""
    rest = text[match.end() :]
    shell = re.search(r" (?=(?:/usr)?/bin/\w*sh )", f" {rest}")
    if shell is None:
        return text, ""
    return rest[shell.start() :].strip(), rest[: shell.start()].strip()
