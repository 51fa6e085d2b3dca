"""A strict look at a YAML tree: each value knows its name and its line, and says what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from dockerlab.errors import ComposeFileError, PipelineFileError
from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.text.tree import place_of
from dockerlab.formats.composefile.text.yamlreader import documents

LONGEST_TEXT = 100_000
"""Characters of one value: more than any script, less than what stops a page from being shown."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file; ``name`` is its path, as ``jobs.test.steps[0].run``."""

    value: Any
    name: str
    file: str
    line: int = 0

    def fail(self, text: str, hint: str = "") -> NoReturn:
        where = f"{self.name}: " if self.name else ""
        raise PipelineFileError(f"{where}{text}", hint, file=self.file, line=self.line)

    @property
    def empty(self) -> bool:
        return self.value is None

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    def pairs(self) -> list[tuple[str, Node]]:
        """The entries of a mapping, whatever their keys."""
        if self.empty:
            return []
        if not isinstance(self.value, dict):
            self.fail(f"must be a mapping (key: value), not {kind(self.value)}")
        return [(str(key), self._below(str(key), value)) for key, value in self.value.items()]

    def mapping(self, known: Iterable[str], *, needs: Iterable[str] = ()) -> dict[str, Node]:
        """A mapping with these keys only; ``needs`` must be there."""
        found, known = dict(self.pairs()), list(known)
        for key, node in found.items():
            if key not in known:
                node.fail("is not supported here", _near(key, known))
        for key in needs:
            if key not in found or found[key].empty:
                self.fail(f"{key} is missing", f"add it: {key}: …")
        return found

    def items(self) -> list[Node]:
        """The values of a list."""
        if not isinstance(self.value, list):
            self.fail(f"must be a list (- …), not {kind(self.value)}")
        return [
            Node(one, f"{self.name}[{at}]", self.file, _line(one) or self.line)
            for at, one in enumerate(self.value)
        ]

    def listed(self) -> list[Node]:
        """The values of a list, or the one value that stands in its place."""
        if self.empty:
            return []
        return self.items() if self.is_list else [self]

    def text(self) -> str:
        """A text; a number or a yes stands for its word."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        if not isinstance(self.value, str | int | float):
            self.fail(f"must be a text, not {kind(self.value)}")
        found = str(self.value)
        if len(found) > LONGEST_TEXT:
            self.fail(f"is longer than {LONGEST_TEXT} characters")
        if "\0" in found:
            self.fail("holds a character (NUL) that no shell takes")
        return found

    def word(self) -> str:
        """A text that is not empty."""
        return self.text().strip() or self.fail("must not be empty")

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.fail(f"must be true or false, not {kind(self.value)}")
        return self.value

    def number(self, least: float, most: float) -> float:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"must be a number, not {kind(value)}")
        if not least <= value <= most:
            self.fail(f"must be from {least:g} to {most:g}")
        return float(value)

    def _below(self, key: str, value: Any) -> Node:
        name = f"{self.name}.{key}" if self.name else key
        place = place_of(self.value, (key,))
        return Node(value, name, self.file, place.line if place else self.line)


def root(text: str, file: str) -> Node:
    """The file's only document, which must be a mapping; PipelineFileError names the line."""
    try:
        found = [document.tree for document in documents(text, file)]
    except ComposeFileError as error:
        first = error.findings[0]
        raise PipelineFileError(first.text, first.hint, file=file, line=first.line) from None
    node = Node(found[0] if found else None, "", file, 1)
    if len(found) > 1:
        node.fail("the file holds several documents (---); a CI reads one")
    if not isinstance(node.value, dict):
        node.fail(
            f"a CI's file must be a mapping (key: value), not {kind(node.value)}",
            "it begins with words like language: or on:, each with a colon",
        )
    return node


def kind(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"{str(value).lower()}"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return f"the text {_short(value)}" if isinstance(value, str) else f"the number {value}"


def _short(text: str) -> str:
    return repr(str(text) if len(text) <= 40 else text[:39] + "…")


def _near(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=2, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"known here: {', '.join(known)}"


def _line(tree: Any) -> int:
    place: Place | None = place_of(tree, ())
    return place.line if place else 0
