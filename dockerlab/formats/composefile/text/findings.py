"""Where what is to be said about compose files is collected."""

from __future__ import annotations

from typing import NoReturn

from dockerlab.errors import ComposeFileError
from dockerlab.formats.composefile.model import Finding, Place
from dockerlab.formats.composefile.text.tree import Path, Tree, place_of


class Findings:
    """The warnings so far; errors end the reading.

    A finding's place is looked up in the tree that is being read when it is made.
    """

    def __init__(self) -> None:
        self.warnings: list[Finding] = []

    def warn(self, text: str, hint: str = "", *, at: Place | None = None, key: Path = ()) -> None:
        self.add(made("warning", text, hint, at=at, key=key))

    def add(self, finding: Finding) -> None:
        if finding not in self.warnings:
            self.warnings.append(finding)


def made(level: str, text: str, hint: str, *, at: Place | None, key: Path) -> Finding:
    place = at or Place()
    return Finding(
        "warning" if level == "warning" else "error",
        text,
        hint,
        place.file,
        place.line,
        place.column,
        tuple(str(part) for part in key),
    )


def problem(text: str, hint: str = "", *, at: Place | None = None, key: Path = ()) -> Finding:
    return made("error", text, hint, at=at, key=key)


def fail(text: str, hint: str = "", *, at: Place | None = None, key: Path = ()) -> NoReturn:
    raise ComposeFileError([problem(text, hint, at=at, key=key)]) from None


def fail_in(tree: Tree, key: Path, text: str, hint: str = "", *, file: str = "") -> NoReturn:
    """Fail at a key of a tree; ``file`` is named when the tree does not know better."""
    fail(text, hint, at=place_of(tree, key) or Place(file), key=key)
