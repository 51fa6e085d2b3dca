"""Files inside a Dockerfile: which ones a line announces (``<<NAME``), and where they end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile import expansion, words

KEYWORDS = ("RUN", "COPY", "ADD")
"""Only these take heredocs. In the exec form (``RUN ["…"]``) there are none."""

_START = re.compile(r"\d*<<(-?)([^<]+)")
_LONGEST_NAME = 500
_QUOTES = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")


@dataclass(frozen=True, slots=True)
class Start:
    """``<<NAME`` on a line. ``strip``: it is ``<<-``, so tabs at the start of lines are dropped."""

    name: str
    strip: bool
    expand: bool

    def ends_at(self, line: str) -> bool:
        return (line.lstrip("\t") if self.strip else line) == self.name


def starts(keyword: str, arguments: str) -> Iterator[Start]:
    """The heredocs that an instruction announces, in their order."""
    if keyword == "ONBUILD":
        keyword, _, arguments = arguments.partition(" ")
        _, arguments = words.flags(arguments)
    if keyword.upper() not in KEYWORDS or "<<" not in arguments or _is_list(arguments):
        return
    if not _closed(arguments):
        return
    for word in words.split(arguments):
        if start := _start(word):
            yield start


def _closed(arguments: str) -> bool:
    """Whether each quote and brace of the line is closed; if not, Docker sees no heredoc in it."""
    try:
        expansion.expand(arguments, {})
    except DockerfileError as error:  # a form of ${…} that only the shell knows is no matter
        return not any(said in error.message for said in ("unexpected end", "missing '}'"))
    return True


def _is_list(arguments: str) -> bool:
    try:
        return words.json_list(arguments) is not None
    except DockerfileError:
        return True  # a list that the reader refuses


def _start(word: str) -> Start | None:
    match = _START.fullmatch(word)
    if match is None:
        return None
    if len(word) > _LONGEST_NAME:  # taking its quotes off goes with the square of its length
        raise DockerfileError(f"the name of a heredoc has more than {_LONGEST_NAME} letters")
    name = _unquoted(match[2])
    return Start(name, bool(match[1]), expand=name == match[2]) if name else None


def _unquoted(word: str) -> str:
    plain = _QUOTES.sub(lambda match: match[0][1:-1], word)
    return re.sub(r"\\(.)", r"\1", plain)


def source(word: str) -> str | None:
    """The heredoc's name when a word of COPY or ADD is one, such as ``EOF`` of ``<<-"EOF"``."""
    start = _start(word)
    return start.name if start else None


def body(start: Start, lines: list[str]) -> str:
    """Its content from its lines (without their ends)."""
    kept = [line.lstrip("\t") for line in lines] if start.strip else lines
    return "".join(f"{line}\n" for line in kept)
