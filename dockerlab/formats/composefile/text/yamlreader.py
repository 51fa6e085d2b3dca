"""YAML text to trees.

PyYAML cuts the text into events; the tree is built here, because the lines of keys, Compose's
tags ``!reset`` and ``!override`` and limits against hostile files need it, and because building
without recursion means that no file is nested too deeply for the Python stack.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from dockerlab.formats.composefile.model import Finding, Place
from dockerlab.formats.composefile.text.findings import Findings, fail
from dockerlab.formats.composefile.text.scalars import meaning
from dockerlab.formats.composefile.text.tree import Marked, Path, Tree, copy
from dockerlab.formats.composefile.text.yamlwords import explained

MOST_NODES = 100_000
MOST_DEPTH = 100
_PREFIX = "tag:yaml.org,2002:"
_OWN_TAGS = ("!reset", "!override")
_TAGGED = ("str", "int", "float", "bool", "null", "binary", "timestamp")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file. ``resets``: what of the files before it is to be forgotten."""

    tree: Tree
    resets: tuple[Path, ...] = ()
    warnings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Node:
    """A value that is complete, with what has to be known of it to use it again."""

    tree: Tree
    place: Place
    size: int = 1
    height: int = 0
    resets: tuple[Path, ...] = ()
    tag: str = ""
    word: str | None = None
    """The text of a scalar as written, which is what must not occur twice among keys."""


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is being read."""

    mapping: bool
    place: Place
    tag: str
    anchor: str | None
    items: list[tuple[_Node, _Node]] = field(default_factory=list)
    values: list[_Node] = field(default_factory=list)
    key: _Node | None = None


def documents(text: str, file: str) -> Iterator[Document]:
    """The documents of a YAML text; errors name the line."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        fail("the file is not UTF-8 text", at=Place(file, line, 1))
    loader = _LOADER(text.removeprefix("\ufeff"))
    try:
        yield from _Builder(file).run(loader)
    except yaml.MarkedYAMLError as error:
        words = explained(error, text)
        fail(words.text, words.hint, at=Place(file, words.line, words.column))
    except (yaml.YAMLError, ValueError) as error:
        fail(f"yaml: {str(error).splitlines()[0]}", at=Place(file))
    finally:
        loader.dispose()


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.open: list[_Open] = []
        self.anchors: dict[str, _Node | None] = {}
        self.nodes = 0
        self.findings = Findings()

    def run(self, loader: Any) -> Iterator[Document]:
        while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors.clear()
            elif node := self.take(event):
                if self.open:
                    self.put(node)
                else:
                    yield Document(node.tree, node.resets, tuple(self.findings.warnings))

    def take(self, event: Any) -> _Node | None:
        """The value that an event completes, if it does."""
        place = Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            return self.keep(event.anchor, self.scalar(event, place))
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), place)
        if isinstance(event, yaml.CollectionStartEvent):
            self.begin(event, place)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self.open.pop()
            return self.keep(
                done.anchor, self.mapping(done) if done.mapping else self.sequence(done)
            )
        return None

    def begin(self, event: Any, place: Place) -> None:
        self.count(1, place)
        if len(self.open) >= MOST_DEPTH:
            fail(f"the file is nested more than {MOST_DEPTH} levels deep", at=place)
        if event.anchor:
            self.anchors[event.anchor] = None
        mapping = isinstance(event, yaml.MappingStartEvent)
        self.open.append(_Open(mapping, place, self.tag(event, place), event.anchor))

    def tag(self, event: Any, place: Place) -> str:
        """The tag of a value, if it is one of Compose's."""
        tag = str(event.tag or "")
        if tag not in ("", "!", *_OWN_TAGS, f"{_PREFIX}map", f"{_PREFIX}seq"):
            shown = tag.replace(_PREFIX, "!!")
            hint = "Compose knows the tags !reset and !override."
            self.findings.warn(f"the YAML tag {shown} has no effect", hint, at=place)
        return tag if tag in _OWN_TAGS else ""

    def keep(self, anchor: str | None, node: _Node) -> _Node:
        if anchor:
            self.anchors[anchor] = node
        return node

    def count(self, nodes: int, place: Place) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            fail(
                f"the file grows to more than {MOST_NODES} values when its aliases (*name) are "
                "put in: document contains excessive aliasing",
                "Repeat less with anchors (&name) that hold each other.",
                at=place,
            )

    def alias(self, anchor: str, place: Place) -> _Node:
        if anchor not in self.anchors:
            fail(
                f"unknown anchor '{anchor}' referenced",
                f"Write &{anchor} at the value that *{anchor} repeats, above it.",
                at=place,
            )
        node = self.anchors[anchor]
        if node is None:
            fail(f"anchor '{anchor}' value contains itself", at=place)
        self.count(node.size, place)
        if len(self.open) + node.height > MOST_DEPTH:
            fail(f"the file is nested more than {MOST_DEPTH} levels deep", at=place)
        return _Node(copy(node.tree), place, node.size, node.height, node.resets, "", node.word)

    def put(self, node: _Node) -> None:
        top = self.open[-1]
        if not top.mapping:
            top.values.append(node)
        elif top.key is None:
            if node.word is None:
                fail("a key must be a plain word, not a list or a mapping", at=node.place)
            top.key = node
        else:
            top.items.append((top.key, node))
            top.key = None

    def scalar(self, event: Any, place: Place) -> _Node:
        self.count(1, place)
        own = "" if str(event.tag).startswith(_PREFIX) else self.tag(event, place)
        word = event.value
        tag = event.tag or ""
        if tag.startswith(_PREFIX) and tag.removeprefix(_PREFIX) in _TAGGED:
            value = self.tagged(tag.removeprefix(_PREFIX), word, place)
        elif tag in ("", "!"):
            value = meaning(word) if event.implicit[0] else word
        else:
            value = word
        return _Node(self.marked(value, place), place, tag=own, word=word)

    @staticmethod
    def marked(value: Any, place: Place) -> Any:
        return Marked(value, place) if isinstance(value, str) else value

    @staticmethod
    def tagged(tag: str, word: str, place: Place) -> Any:
        """The value of a word with a tag of YAML's own, like ``!!str 5``."""
        value = meaning(word)
        kinds: dict[str, tuple[type, ...]] = {"int": (int,), "float": (float, int), "bool": (bool,)}
        if tag in ("str", "timestamp"):
            return word if tag == "str" else value
        if tag == "null" and value is None:
            return None
        if tag == "binary":
            try:
                return base64.b64decode(word, validate=False).decode()
            except (binascii.Error, ValueError):
                fail("!!binary value contains invalid base64 data", at=place)
        if isinstance(value, kinds.get(tag, ())) and (tag == "bool") == isinstance(value, bool):
            return float(word) if tag == "float" else value
        fail(f"cannot decode `{word}` as a !!{tag}", at=place)

    def sequence(self, done: _Open) -> _Node:
        kept = [node for node in done.values if node.tag != "!reset"]
        resets = [
            reset for index, node in enumerate(done.values) for reset in _below(str(index), node)
        ]
        return self.collected([node.tree for node in kept], done, done.values, resets)

    def mapping(self, done: _Open) -> _Node:
        tree: dict[str, Tree] = {}
        seen: dict[str, Place] = {}
        resets: list[Path] = []
        merge: _Node | None = None
        for key, value in done.items:
            word = key.word or ""
            if word in seen:
                fail(
                    f"mapping key {_quoted(word)} already defined at line {seen[word].line}",
                    "Keep one of the two.",
                    at=key.place,
                    key=(word,),
                )
            seen[word] = key.place
            if isinstance(key.tree, str) and key.tree == "<<" and not key.tag:
                merge = value
                resets += value.resets
                continue
            if not isinstance(key.tree, str):
                fail(
                    f"Non-string key: {word or 'null'}",
                    f'Put it in quotes: "{word}".',
                    at=key.place,
                )
            resets += _below(key.tree, value)
            if value.tag != "!reset":
                tree[key.tree] = value.tree
        if merge:
            self.merge(tree, merge)
        return self.collected(tree, done, [value for _, value in done.items], resets)

    @staticmethod
    def merge(tree: dict[str, Tree], merge: _Node) -> None:
        """Put in what ``<<`` brings; the mapping's own keys win, then the first of a list."""
        sources = merge.tree if isinstance(merge.tree, list) else [merge.tree]
        if not all(isinstance(source, dict) for source in sources):
            fail(
                "map merge requires map or sequence of maps as the value",
                "After << comes an alias of a mapping: <<: *name",
                at=merge.place,
            )
        for source in sources:
            for key, value in source.items():
                tree.setdefault(key, value)

    @staticmethod
    def collected(tree: Tree, done: _Open, parts: list[_Node], resets: list[Path]) -> _Node:
        return _Node(
            tree,
            done.place,
            1 + sum(part.size for part in parts),
            1 + max((part.height for part in parts), default=0),
            tuple(resets),
            done.tag,
        )


def _below(name: str, node: _Node) -> list[Path]:
    own: list[Path] = [(name,)] if node.tag in ("!reset", "!override") else []
    return own + [(name, *reset) for reset in node.resets]


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '\\"') + '"'
