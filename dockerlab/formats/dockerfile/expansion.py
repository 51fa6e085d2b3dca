r"""Variables in a Dockerfile: ``$x``, ``${x}``, ``${x:-default}``, quotes and the escape character.

Docker puts them in itself, before any shell sees the line, and only in some instructions; RUN,
CMD and ENTRYPOINT leave ``$x`` to the shell. ``expanded`` knows which fields of which instruction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile.instructions import (
    Arg,
    Copy,
    Env,
    Expose,
    From,
    Instruction,
    Label,
    Mount,
    Run,
    StopSignal,
    User,
    Volume,
    Workdir,
)
from dockerlab.formats.dockerfile.words import SPACES

Values = Mapping[str, str]
AnyInstruction = TypeVar("AnyInstruction", bound=Instruction)

_NAME = re.compile(r"\d+|[^\W\d]\w*|[@*#?!$-]")
_MOST = 1 << 20
"""Letters that one instruction's variables may hold: ``$a$a$a…`` must not fill a memory."""
_SHOWN = 1000
_DEPTH = 50
"""``${a:-${b:-…}}`` deeper than that is refused rather than followed."""


def expand(word: str, env: Values, escape: str = "\\") -> str:
    """A word with its variables put in and its quotes taken off; spaces in it stay.

    >>> expand("${home:-/root}/'$x'", {})
    '/root/$x'
    """
    return "".join(text for text, _ in _pieces(word, env, escape, quotes=True))


def words(word: str, env: Values, escape: str = "\\") -> list[str]:
    """As ``expand``, but cut at those spaces that are not quoted (EXPOSE does so)."""
    found, current = [], ""
    for text, fixed in _pieces(word, env, escape, quotes=True):
        for letter in text:
            if fixed or letter not in SPACES:
                current += letter
            elif current:
                found.append(current)
                current = ""
    return [*found, current] if current else found


def document(content: str, env: Values, escape: str = "\\") -> str:
    """A heredoc with its variables put in: quotes mean nothing there."""
    return "".join(text for text, _ in _pieces(content, env, escape, quotes=False))


def expanded(instruction: AnyInstruction, env: Values, escape: str = "\\") -> AnyInstruction:
    """The instruction with the values put in wherever Docker does so; ``text`` stays as written.

    Raises DockerfileError with the instruction's line.
    """
    change = _FIELDS.get(type(instruction))
    if change is None:
        return instruction
    env = _Counted(env)
    try:
        fields = change(instruction, lambda word: expand(word, env, escape), env, escape)
    except DockerfileError as error:
        raise DockerfileError(error.message, error.hint, line=instruction.line) from None
    return replace(instruction, **fields)  # type: ignore[arg-type]  # the fields of its class


def _pieces(word: str, env: Values, escape: str, *, quotes: bool) -> list[tuple[str, bool]]:
    reader = _Reader(word, env, escape, quotes)
    try:
        return reader.until("")
    except _Problem as problem:
        shown = word if len(word) <= _SHOWN else f"{word[:_SHOWN]}…"
        said = f"failed to process {_quoted(shown)}: {problem}"
        raise DockerfileError(said, problem.hint) from None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Problem(Exception):
    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


class _Counted(dict[str, str]):
    """The values for one instruction, which takes no more than so many letters of them."""

    def __init__(self, values: Values) -> None:
        super().__init__(values)
        self._left = _MOST

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        value = super().get(name, default)
        self._left -= len(value or "")
        if self._left < 0:
            raise _Problem(
                f"its variables hold more than {_MOST >> 20} MiB together",
                "Write long text into a file and COPY it.",
            )
        return value


class _Reader:
    """Goes through a word once, from left to right."""

    def __init__(self, text: str, env: Values, escape: str, quotes: bool) -> None:
        self.text, self.env, self.escape, self.quotes = text, env, escape, quotes
        self.position = 0
        self.depth = 0

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def next(self) -> str:
        self.position += 1
        return self.text[self.position - 1 : self.position]

    def until(self, stop: str) -> list[tuple[str, bool]]:
        """Pieces up to a character (or the end), each with whether its spaces are quoted."""
        pieces: list[tuple[str, bool]] = []
        while here := self.peek():
            if here == stop:
                self.next()
                return pieces
            pieces.append(self.piece(here))
        if stop:
            raise _Problem(f"syntax error: missing '{stop}'")
        return pieces

    def piece(self, here: str) -> tuple[str, bool]:
        if here == "$":
            return self.variable(), False
        self.next()
        if self.quotes and here == "'":
            return self.single_quoted(), True
        if self.quotes and here == '"':
            return self.double_quoted(), True
        if here == self.escape:
            return self.next(), True
        return here, False

    def single_quoted(self) -> str:
        end = self.text.find("'", self.position)
        if end < 0:
            self.position = len(self.text)
            raise _Problem(_UNCLOSED.format("single"))
        inside, self.position = self.text[self.position : end], end + 1
        return inside

    def double_quoted(self) -> str:
        result = ""
        while here := self.peek():
            if here == "$":
                result += self.variable()
                continue
            self.next()
            if here == '"':
                return result
            if here == self.escape:
                if not self.peek():
                    break
                here = self.next() if self.peek() in ('"', "$", self.escape) else here
            result += here
        raise _Problem(_UNCLOSED.format("double"))

    def variable(self) -> str:
        self.next()
        if self.peek() == "{":
            self.next()
            return self.braced()
        name = self.name()
        return self.env.get(name, "") if name else "$"

    def name(self) -> str:
        match = _NAME.match(self.text, self.position)
        if match is None:
            return ""
        self.position = match.end()
        return match[0]

    def braced(self) -> str:
        if not self.peek():
            raise _Problem("syntax error: missing '}'")
        if self.peek() in "{}:":
            raise _Problem("syntax error: bad substitution")
        name, sign = self.name(), self.next()
        if sign == "}":
            return self.env.get(name, "")
        colon = sign == ":"
        if colon:
            sign = self.next()
        if not sign:
            raise _Problem("syntax error: missing '}'")
        if sign not in "+-?":
            raise _Problem(f"unsupported modifier ({sign}) in substitution")
        return self.choice(name, sign, colon)

    def choice(self, name: str, sign: str, colon: bool) -> str:
        """``${name:-word}`` and its kin; without the colon an empty value counts as a value."""
        self.depth += 1
        if self.depth > _DEPTH:
            raise _Problem("syntax error: variables nested too deeply")
        word = "".join(text for text, _ in self.until("}"))
        self.depth -= 1
        value = self.env.get(name)
        there = bool(value) if colon else value is not None
        if sign == "+":
            return word if there else ""
        if there:
            return value or ""
        if sign == "-":
            return word
        raise _Problem(f"{name}: {word or 'is not allowed to be unset'}")


_UNCLOSED = "unexpected end of statement while looking for matching {}-quote"

_Word = Callable[[str], str]


def _label(instruction: Label, word: _Word, *_: object) -> dict[str, object]:
    return {"values": {word(name): word(value) for name, value in instruction.values.items()}}


def _env(instruction: Env, word: _Word, *_: object) -> dict[str, object]:
    values = {word(name): word(value) for name, value in instruction.values.items()}
    if "" in values:
        raise DockerfileError(
            f"invalid environment variable: ={values['']}", "The name comes from an empty variable."
        )
    return {"values": values}


def _arg(instruction: Arg, word: _Word, *_: object) -> dict[str, object]:
    items = instruction.values.items()
    return {"values": {word(n): None if v is None else word(v) for n, v in items}}


def _copy(instruction: Copy, word: _Word, env: Values, escape: str) -> dict[str, object]:
    inside = {f"<<{heredoc.name}" for heredoc in instruction.heredocs}
    return {
        "sources": tuple(s if s in inside else word(s) for s in instruction.sources),
        "target": word(instruction.target),
        "owner": word(instruction.owner),
        "mode": word(instruction.mode),
        "heredocs": tuple(
            replace(h, content=document(h.content, env, escape)) if h.expand else h
            for h in instruction.heredocs
        ),
    }


def _run(instruction: Run, word: _Word, *_: object) -> dict[str, object]:
    return {"mounts": tuple(_mount(mount, word) for mount in instruction.mounts)}


def _mount(mount: Mount, word: _Word) -> Mount:
    return replace(
        mount,
        target=word(mount.target),
        source=word(mount.source),
        id=word(mount.id),
        options={name: word(value) for name, value in mount.options.items()},
    )


def _from(instruction: From, word: _Word, *_: object) -> dict[str, object]:
    image = word(instruction.image)
    if not image:
        raise DockerfileError(
            f"base name ({instruction.image}) should not be blank",
            "Give the ARG before FROM a default, or build with --build-arg.",
        )
    return {"image": image, "platform": word(instruction.platform)}


def _expose(instruction: Expose, _: _Word, env: Values, escape: str) -> dict[str, object]:
    return {"ports": tuple(p for port in instruction.ports for p in words(port, env, escape))}


def _volume(instruction: Volume, word: _Word, *_: object) -> dict[str, object]:
    return {"paths": tuple(word(path) for path in instruction.paths)}


def _workdir(instruction: Workdir, word: _Word, *_: object) -> dict[str, object]:
    return {"path": word(instruction.path)}


def _user(instruction: User, word: _Word, *_: object) -> dict[str, object]:
    return {"user": word(instruction.user)}


def _stopsignal(instruction: StopSignal, word: _Word, *_: object) -> dict[str, object]:
    return {"signal": word(instruction.signal)}


_FIELDS: dict[type[Instruction], Callable[..., dict[str, object]]] = {
    Arg: _arg,
    Copy: _copy,
    Env: _env,
    Expose: _expose,
    From: _from,
    Label: _label,
    Run: _run,
    StopSignal: _stopsignal,
    User: _user,
    Volume: _volume,
    Workdir: _workdir,
}
