"""Cut the text of a Dockerfile into nodes: one instruction each, on one line, with its flags.

What is meant by an instruction is not looked at here, only where it begins and ends: parser
directives, comments, continued lines, heredocs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile import heredocs, words
from dockerlab.formats.dockerfile.instructions import Heredoc

SIZE_LIMIT = 1024 * 1024
"""Bytes of a Dockerfile. A thousand times what a long one has."""

LINE_LIMIT = 65535
"""Bytes of one line of the file; Docker's own limit."""

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=(.+)")
_FIRST_SPACE = re.compile(r"[\t\v\f\r ]+")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Node:
    """One instruction as written. ``text`` is its line, continuations joined.

    ``keyword`` is in capitals; ``arguments`` is what follows it and its flags (``--from=a``).
    """

    keyword: str
    flags: tuple[str, ...]
    arguments: str
    text: str
    line: int
    last: int
    heredocs: tuple[Heredoc, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    nodes: tuple[Node, ...]
    escape: str = "\\"
    syntax: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What Docker prints before the first step, line by line and in its words."""


@dataclass(slots=True)
class _State:
    lines: list[str]
    position: int = 0
    escape: str = "\\"
    directives: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def take(self) -> str | None:
        line = self.take_raw()
        return None if line is None else line.removesuffix("\r")

    def take_raw(self) -> str | None:
        """With the ``\\r`` of Windows, which stays in a heredoc."""
        if self.position >= len(self.lines):
            return None
        self.position += 1
        return self.lines[self.position - 1]


def parse(text: bytes | str) -> Source:
    """The instructions of a Dockerfile. Raises DockerfileError, in Docker's words, with the line.

    A NUL byte, a line of more than 65,535 bytes and a file of more than 1 MiB are refused.
    """
    state = _State(_lines(text))
    _directives(state)
    nodes = tuple(_nodes(state))
    if not nodes:
        raise DockerfileError(
            "failed to parse Dockerfile: file with no instructions",
            "A Dockerfile begins with FROM and the image to build on, such as FROM alpine.",
        )
    if state.warnings:
        state.warnings.append(
            "[WARNING]: Empty continuation lines will become errors in a future release."
        )
    syntax = state.directives.get("syntax", "")
    return Source(nodes, state.escape, syntax, tuple(state.notes), tuple(state.warnings))


def node(text: str, line: int = 1) -> Node:
    """The node of a text that holds one instruction (with its heredocs). Raises DockerfileError."""
    found = tuple(_nodes(_State(_lines(text))))
    if len(found) != 1:
        raise DockerfileError(
            "file with no instructions" if not found else "more than one instruction", line=line
        )
    return replace(found[0], line=line)


def failure(line: int, words_: str, hint: str = "") -> DockerfileError:
    """What is wrong with an instruction, worded as Docker words it."""
    return DockerfileError(f"dockerfile parse error line {line}: {words_}", hint, line=line)


def _lines(text: bytes | str) -> list[str]:
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    if not data:
        raise DockerfileError(
            "the Dockerfile (Dockerfile) cannot be empty",
            "A Dockerfile begins with FROM and the image to build on, such as FROM alpine.",
        )
    if len(data) > SIZE_LIMIT:
        raise DockerfileError(
            f"failed to parse Dockerfile: it has {len(data)} bytes, more than {SIZE_LIMIT}",
            "Is it another file? Data belongs into files beside the Dockerfile, brought by COPY.",
        )
    raw = data.split(b"\n")
    for number, line in enumerate(raw, 1):
        _check(number, line)
    lines = [line.decode("utf-8", "replace") for line in raw]
    lines[0] = lines[0].removeprefix(_BOM)
    if lines[-1] == "":
        del lines[-1]
    return lines


def _check(number: int, line: bytes) -> None:
    if b"\0" in line:
        raise failure(
            number,
            "a NUL byte, so this is not a text file",
            "Is it a program or an archive? In UTF-16 text save it again as UTF-8.",
        )
    if len(line) > LINE_LIMIT:
        raise failure(
            number,
            f"dockerfile line greater than max allowed size of {LINE_LIMIT}",
            "Put the data into a file beside the Dockerfile and COPY it.",
        )


def _directives(state: _State) -> None:
    """Those are comments at the very top; the first other line ends them."""
    while state.position < len(state.lines):
        match = _DIRECTIVE.fullmatch(state.lines[state.position].strip(words.SPACES))
        name = match[1].lower() if match else ""
        value = match[2].strip() if match else ""
        if not value or name not in ("escape", "syntax"):
            return
        state.position += 1
        if name in state.directives:
            raise failure(state.position, f"only one {name} parser directive can be used")
        state.directives[name] = value
        _directive(state, name, value)


def _directive(state: _State, name: str, value: str) -> None:
    if name == "syntax":
        state.notes.append(
            f"The directive syntax={value} is ignored: this builder reads Dockerfiles itself."
        )
    elif value in ("`", "\\"):
        state.escape = value
    else:
        raise failure(
            state.position,
            f"invalid escape token '{value}' does not match ` or \\",
            "Write # escape=` or leave the line out.",
        )


def _nodes(state: _State) -> Iterator[Node]:
    while (line := state.take()) is not None:
        first = state.position
        line = line.lstrip(words.SPACES)
        if not line or line.startswith("#"):
            continue
        text = _joined(state, line).strip(words.SPACES)
        if text:
            yield _node(state, text, first)


def _joined(state: _State, line: str) -> str:
    r"""A line and those that continue it. Comments and empty lines between them do not end it.

    An escape character that is itself escaped (``\\`` at the end) continues nothing.
    """
    escape = re.escape(state.escape)
    continued = re.compile(rf"(?<!{escape}){escape}[ \t]*$")
    match = continued.search(line)
    pieces, first, empty = [], state.position, 0
    while match:
        pieces.append(line[: match.start()])
        following = state.take()
        if following is None:
            return "".join(pieces)
        stripped = following.lstrip(words.SPACES)
        if not stripped or stripped.startswith("#"):
            empty = empty or (0 if stripped else state.position)
            line, match = "", _ALWAYS.match("")
        else:
            line, match = following, continued.search(following)
    joined = "".join([*pieces, line])
    if empty:
        state.notes.append(
            f"Line {empty} is empty inside the instruction of line {first}: "
            "a later version of Docker will refuse that."
        )
        state.warnings += ["[WARNING]: Empty continuation line found in:", f"    {joined}"]
    return joined


_ALWAYS = re.compile("")


def _node(state: _State, text: str, first: int) -> Node:
    bare = cut(text, first, state.position)
    found = tuple(
        Heredoc(start.name, _content(state, start, first), start.expand)
        for start in heredocs.starts(bare.keyword, bare.arguments)
    )
    return replace(bare, last=state.position, heredocs=found)


def cut(text: str, line: int, last: int, files: tuple[Heredoc, ...] = ()) -> Node:
    """A node of one line of text: keyword, flags and the rest."""
    keyword, *rest = _FIRST_SPACE.split(text.strip(words.SPACES), maxsplit=1)
    flags, arguments = words.flags(rest[0] if rest else "")
    return Node(keyword.upper(), tuple(flags), arguments, text, line, last, files)


def _content(state: _State, start: heredocs.Start, first: int) -> str:
    lines: list[str] = []
    while (line := state.take_raw()) is not None:
        if start.ends_at(line.removesuffix("\r")):
            return heredocs.body(start, lines)
        lines.append(line)
    raise failure(
        first,
        "unterminated heredoc",
        f"A line that holds nothing but {start.name} must end it; mind spaces before the word.",
    )
