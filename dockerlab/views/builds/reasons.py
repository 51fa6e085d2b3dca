"""Why a step missed the cache, as a plain sentence with the part that differs marked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dockerlab.formats.buildtrace import Cause, Reason
from dockerlab.formats.text import SHORT
from dockerlab.views.drawing import text_width
from dockerlab.views.words import Words

Kind = Literal["", "code", "old", "new"]
NAMED = 3
"""So many files are named; of the others the number is told."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence: words, code, or code that went (``old``) or came (``new``)."""

    text: str
    kind: Kind = ""


Pieces = tuple[Piece, ...]


def sentence(reason: Reason, words: Words) -> str:
    """The reason without marks."""
    return "".join(piece.text for piece in marked(reason, words))


def marked(reason: Reason, words: Words) -> Pieces:
    """The reason in pieces."""
    teller = _TELLERS.get(reason.cause)
    return teller(reason, words) if teller else (Piece(words(f"why.{reason.cause}")),)


def _instruction(reason: Reason, words: Words) -> Pieces:
    if not reason.before:
        return (Piece(words("why.instruction.new")),)
    return (Piece(words("why.instruction")), *difference(reason.before, reason.after))


def _files(reason: Reason, words: Words) -> Pieces:
    groups = [
        _named(paths, words(f"why.{what}"), words)
        for what, paths in (
            ("changed", reason.changed),
            ("added", reason.added),
            ("removed", reason.removed),
        )
        if paths
    ]
    return _joined(groups, "; ") if groups else (Piece(words("why.files")),)


def _named(paths: Sequence[str], what: str, words: Words) -> Pieces:
    names = [(Piece(path, "code"),) for path in paths[:NAMED]]
    if len(paths) > NAMED:
        names.append((Piece(words("why.more", n=len(paths) - NAMED)),))
    return (*_joined(names, ", "), Piece(what))


def _joined(groups: Iterable[Pieces], between: str) -> Pieces:
    joined: list[Piece] = []
    for group in groups:
        joined += [Piece(between), *group] if joined else group
    return tuple(joined)


def _argument(reason: Reason, words: Words) -> Pieces:
    if not reason.before:
        told = words("why.argument.set", name=reason.name)
        return Piece(told), Piece(reason.after or words("why.empty"), "new")
    if not reason.after:
        told = words("why.argument.unset", name=reason.name)
        return Piece(told), Piece(reason.before, "old")
    told = words("why.argument", name=reason.name)
    return Piece(told), Piece(reason.before, "old"), Piece(" → "), Piece(reason.after, "new")


def _parent(reason: Reason, words: Words) -> Pieces:
    told = words("why.parent", step=reason.step) if reason.step else words("why.parent.some")
    return (Piece(told),)


def _base(reason: Reason, words: Words) -> Pieces:
    told = Piece(words("why.base"))
    if not (reason.before and reason.after):
        return (told,)
    before, after = short(reason.before), short(reason.after)
    return told, Piece(": "), Piece(before, "old"), Piece(" → "), Piece(after, "new")


def _stage(reason: Reason, words: Words) -> Pieces:
    return Piece(words("why.stage")), Piece(reason.name, "code")


_TELLERS: dict[Cause, Callable[[Reason, Words], Pieces]] = {
    Cause.INSTRUCTION: _instruction,
    Cause.FILES: _files,
    Cause.ARGUMENT: _argument,
    Cause.PARENT: _parent,
    Cause.BASE: _base,
    Cause.STAGE: _stage,
}


def short(name: str) -> str:
    """An id or digest as Docker shows it; a name stays as it is."""
    bare = name.removeprefix("sha256:")
    return bare[:SHORT] if re.fullmatch("[0-9a-f]{64}", bare) else name


def difference(before: str, after: str) -> Pieces:
    """``before → after``, with the words marked that only one of them has."""
    old, new = before.split(), after.split()
    left: list[Pieces] = []
    right: list[Pieces] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        same = what == "equal"
        for side, words, mark in ((left, old[a:b], "old"), (right, new[c:d], "new")):
            if words:
                side.append((Piece(" ".join(words), "code" if same else mark),))  # type: ignore[arg-type]
    return (*_joined(left, " "), Piece(" → "), *_joined(right, " "))


def flow(pieces: Pieces, width: float, size: float) -> list[Pieces]:
    """Break pieces into lines of at most ``width`` pixels, at spaces or inside long words."""
    lines: list[list[Piece]] = [[]]
    used = 0.0
    for piece in pieces:
        for part in re.findall(r"\s*\S{1,40}|\s+", piece.text):
            wide = text_width(part, size, bool(piece.kind), piece.kind == "new")
            if used + wide > width and lines[-1]:
                lines.append([])
                part, used = part.lstrip(), 0.0
            used += wide
            _append(lines[-1], Piece(part, piece.kind))
    return [tuple(line) for line in lines]


def _append(line: list[Piece], piece: Piece) -> None:
    if line and line[-1].kind == piece.kind:
        line[-1] = Piece(line[-1].text + piece.text, piece.kind)
    elif piece.text:
        line.append(piece)


def runs(line: Pieces, fill: str = "ink") -> list[tuple[str, dict[str, object]]]:
    """A line for ``Drawing.rich``: old is struck out, new is underlined, in colours besides."""
    looks: dict[Kind, dict[str, object]] = {
        "": {"fill": fill},
        "code": {"fill": fill, "mono": True},
        "old": {"fill": "red-text", "mono": True, "text_decoration": "line-through"},
        "new": {
            "fill": "green-text",
            "mono": True,
            "text_decoration": "underline",
            "font_weight": 650,
        },
    }
    return [(piece.text, looks[piece.kind]) for piece in line]
