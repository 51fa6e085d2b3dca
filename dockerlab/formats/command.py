"""A typed docker command, read into a frozen ``Command``.

Text becomes words as a shell would make them (quotes, backslashes, a backslash at a line's end,
``$(docker ps -q)`` and ``$(pwd)``), words become a command with its flags as docker reads them.
Nothing runs here: what ``$(…)`` stands for is asked of the caller.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from dockerlab.errors import CommandError, FormatError
from dockerlab.formats.creation import bytes_of, seconds
from dockerlab.formats.grammar import Flag, Spec, groups, specs, top_words

Value = bool | str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """``name`` is docker's main name (``ps`` also for ``container ls``); ``words`` its arguments.

    ``flags`` holds only what was typed, by long name.
    """

    name: str
    words: tuple[str, ...] = ()
    flags: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    typed: str = ""
    """As it was typed, for messages."""

    def on(self, flag: str) -> bool:
        """Whether a switch is set."""
        return self.flags.get(flag) is True

    def text(self, flag: str, default: str = "") -> str:
        return str(self.flags.get(flag, default))

    def many(self, flag: str) -> tuple[str, ...]:
        """The values of a flag that may be repeated."""
        value = self.flags.get(flag, ())
        return value if isinstance(value, tuple) else (str(value),)

    def get(self, flag: str, default: Any = None) -> Any:
        """A number as given, or ``default``."""
        return self.flags.get(flag, default)

    @property
    def interactive(self) -> bool:
        """Whether lines may be typed into it."""
        if self.on("detach"):
            return False
        # Compose keeps the input open without being asked to.
        if self.name in ("compose exec", "compose run"):
            return True
        return self.on("interactive") or (self.name == "attach" and not self.on("no-stdin"))


@dataclass(frozen=True, slots=True)
class Help:
    """What ``--help`` asked for: a text to show instead of a command to run."""

    text: str


# --- text to words ---


def lines(text: str) -> list[str]:
    """The commands of a cell: one a line, joined where a line ends in a backslash.

    Empty lines and comments are left out, a leading ``docker`` (or ``!docker``, ``%docker``,
    ``$ docker``) too.
    """
    joined = re.sub(r"\\[ \t]*\n\s*", " ", text)
    found = (re.sub(r"^(?:[!%$]\s*)?docker\s+", "", line.strip()) for line in joined.splitlines())
    return [line for line in found if line and not line.startswith("#")]


_SUBSTITUTION = "$("


def substitute(text: str, output: Callable[[str], str]) -> str:
    """``text`` with each ``$(command)`` outside single quotes replaced by ``output(command)``.

    Unquoted, the output becomes separate words; in double quotes it stays one.
    """
    result, position, quote = "", 0, ""
    while position < len(text):
        char = text[position]
        if char == "\\" and quote != "'":
            result += text[position : position + 2]
            position += 2
            continue
        if char in "'\"" and (not quote or quote == char):
            quote = "" if quote else char
        if quote != "'" and text.startswith(_SUBSTITUTION, position):
            end = _closing(text, position + 2)
            answer = output(text[position + 2 : end].strip())
            result += _escaped(answer) if quote else " ".join(map(shlex.quote, answer.split()))
            position = end + 1
            continue
        result += char
        position += 1
    return result


def _escaped(answer: str) -> str:
    return re.sub(r'(["\\$`])', r"\\\1", answer.rstrip("\n"))


def _closing(text: str, start: int) -> int:
    depth = 1
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    raise CommandError("the ) of $( … ) is missing", "close it: docker rm $(docker ps -a -q)")


_SHELL_ONLY = re.compile(r"\d?[|&;<>]+")
_SHELL_DOES = {
    "|": "a pipe",
    ">": "a redirection",
    "<": "a redirection",
    "&": "running in the background",
    ";": "a second command",
}


def words(text: str) -> list[str]:
    """Words as a shell splits them. Shell operators are refused by name, since no shell runs.

    >>> words('run alpine sh -c "echo hi"')
    ['run', 'alpine', 'sh', '-c', 'echo hi']
    """
    try:
        found = shlex.split(text)
    except ValueError as error:
        raise CommandError(f"the command is not complete: {error}", "close the quotes") from None
    match = _SHELL_ONLY.search(_unquoted(text))
    if match:
        sign = match.group(0).lstrip("0123456789")
        several = sign in ("&&", "||", ";")
        what = "a second command" if several else _SHELL_DOES[sign[0]]
        raise CommandError(
            f"'{sign}' is {what}, which the shell does, not docker",
            "quote it to give it to the container (sh -c '…'), or put each command on its own line",
        )
    return found


def _unquoted(text: str) -> str:
    return re.sub(r"\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"", "", text)


# --- words to a command ---


def parse(typed: Sequence[str]) -> Command | Help:
    """The command that ``typed`` (words after ``docker``) stands for.

    CommandError names the unknown word or flag and suggests a near one.
    """
    if not typed or typed[0] in ("--help", "-h", "help"):
        return Help(_help_for(typed[1:]))
    before, typed = _leading(typed)
    spec, rest = _find(typed)
    if spec is None:
        return Help(group_help(typed[0]))
    flags, arguments = _Reader(spec).read(rest)
    if "help" in flags:
        return Help(command_help(spec))
    _check_count(spec, arguments)
    return Command(
        spec.name, tuple(arguments), MappingProxyType({**before, **flags}), shlex.join(typed)
    )


def _leading(typed: Sequence[str]) -> tuple[dict[str, Value], Sequence[str]]:
    """The flags that stand before a group's word, as in ``compose -f app.yaml up``."""
    first = typed[0]
    if first not in groups() or first not in specs():
        return {}, typed
    flags, rest = _Reader(specs()[first]).read(typed[1:])
    return flags, [first] if "help" in flags else [first, *rest]


def _help_for(typed: Sequence[str]) -> str:
    if not typed:
        return overview()
    spec, _ = _find(typed)
    return command_help(spec) if spec else group_help(typed[0])


def _find(typed: Sequence[str]) -> tuple[Spec | None, Sequence[str]]:
    """The command's spec and the words after its name; no spec for a group alone."""
    first = typed[0]
    if first in groups():
        if len(typed) > 1 and f"{first} {typed[1]}" in specs():
            return specs()[f"{first} {typed[1]}"], typed[2:]
        if len(typed) == 1 or typed[1] in ("--help", "-h"):
            return None, ()
        raise _unknown(f"docker {first}", typed[1], groups()[first])
    if first not in specs():
        raise _unknown("docker", first, top_words())
    return specs()[first], typed[1:]


def _unknown(before: str, word: str, known: Iterable[str]) -> CommandError:
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    if word.startswith("-"):
        return CommandError(
            f"unknown flag: {word}", f"flags come after the command: {before} ps -a"
        )
    hint = f"did you mean {' or '.join(near)}?" if near else f"{before} --help lists the commands"
    return CommandError(f"unknown command: {before} {word}", hint)


def _check_count(spec: Spec, arguments: Sequence[str]) -> None:
    count = len(arguments)
    if count >= spec.least and (spec.most is None or count <= spec.most):
        return
    plural = "" if spec.least == 1 else "s"
    if spec.most == 0:
        wanted = "accepts no arguments"
    elif spec.most == spec.least:
        wanted = f"requires {spec.least} argument{plural}"
    elif count < spec.least:
        wanted = f"requires at least {spec.least} argument{plural}"
    else:
        wanted = f"requires at most {spec.most} argument{'' if spec.most == 1 else 's'}"
    raise CommandError(f"'docker {spec.name}' {wanted}", f"Usage:  {spec.usage}")


class _Reader:
    """Reads flags and arguments of one command, as docker's own flag library does."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._flags: dict[str, Value] = {}
        self._rest: list[str] = []

    def read(self, typed: Sequence[str]) -> tuple[dict[str, Value], list[str]]:
        arguments: list[str] = []
        self._rest = list(typed)
        while self._rest:
            word = self._rest.pop(0)
            if word == "--":
                arguments += self._rest
                break
            if word == "--help":
                self._flags["help"] = True
            elif word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._short(word)
            else:
                arguments.append(word)
                if not self._spec.options_anywhere:
                    arguments += self._rest
                    break
        return self._flags, arguments

    def _long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        flag = self._spec.flag(name)
        if flag is None:
            raise self._unknown_flag(name)
        if flag.kind == "switch":
            self._set(flag, value if equals else "true")
        else:
            self._set(flag, value if equals else self._next(name))

    def _short(self, word: str) -> None:
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            flag = self._spec.flag(f"-{letter}")
            if flag is None:
                raise self._unknown_flag(f"-{letter}", word)
            if flag.kind != "switch":
                self._set(flag, letters.removeprefix("=") if letters else self._next(f"-{letter}"))
                return
            if letters.startswith("="):
                self._set(flag, letters[1:])
                return
            self._set(flag, "true")

    def _next(self, name: str) -> str:
        if not self._rest:
            raise CommandError(f"flag needs an argument: {name}", f"Usage:  {self._spec.usage}")
        return self._rest.pop(0)

    def _set(self, flag: Flag, value: str) -> None:
        if flag.kind == "list":
            before = self._flags.get(flag.long, ())
            assert isinstance(before, tuple)
            self._flags[flag.long] = (*before, value)
            return
        try:
            self._flags[flag.long] = _CONVERT[flag.kind](value)
        except (ValueError, FormatError) as error:
            names = ", ".join(flag.names)
            reason = getattr(error, "message", "") or f"not {_KINDS.get(flag.kind, flag.kind)}"
            raise CommandError(
                f'invalid argument "{value}" for "{names}" flag: {reason}',
                getattr(error, "hint", ""),
            ) from None

    def _unknown_flag(self, name: str, word: str = "") -> CommandError:
        known = [one for flag in self._spec.flags for one in flag.names]
        near = difflib.get_close_matches(name, known, n=2, cutoff=0.6)
        shorthand = word and not word.startswith("--")
        what = (
            f"unknown shorthand flag: '{name[1:]}' in {word}"
            if shorthand
            else f"unknown flag: {name}"
        )
        hint = f"did you mean {' or '.join(near)}?" if near else f"Usage:  {self._spec.usage}"
        return CommandError(what, hint)


def _switch(value: str) -> bool:
    if value.lower() in ("true", "t", "1"):
        return True
    if value.lower() in ("false", "f", "0"):
        return False
    raise ValueError(value)


_KINDS = {"int": "a whole number", "decimal": "a number", "switch": "true or false"}
_CONVERT: dict[str, Callable[[str], Value]] = {
    "switch": _switch,
    "string": str,
    "int": int,
    "decimal": float,
    "bytes": bytes_of,
    "duration": seconds,
}


# --- help ---


def command_help(spec: Spec) -> str:
    """The text of ``docker NAME --help``."""
    text = f"Usage:  {spec.usage}\n\n{spec.about}"
    if spec.aliases:
        names = ", ".join(f"docker {name}" for name in (spec.name, *spec.aliases))
        text += f"\n\nAliases:\n  {names}"
    return f"{text}\n\n{_options(spec)}" if spec.flags else text


def _options(spec: Spec) -> str:
    rows = [(_flag_head(flag), flag.about) for flag in spec.flags]
    width = max(len(head) for head, _ in rows) + 3
    return "Options:\n" + "\n".join(f"{head:<{width}}{about}" for head, about in rows)


def _flag_head(flag: Flag) -> str:
    names = ", ".join(flag.names)
    indent = "  " if not flag.names[0].startswith("--") else "      "
    return indent + names + ("" if flag.kind == "switch" else f" {flag.kind}")


def group_help(group: str) -> str:
    """The text of ``docker container --help`` and its like."""
    own = specs().get(group)
    options = f"\n\n{own.about}\n\n{_options(own)}" if own else ""
    rows = [(word, specs()[f"{group} {word}"].about) for word in groups()[group]]
    listed = "\n".join(f"  {word:<12}{about}" for word, about in rows)
    usage = f"docker {group} [OPTIONS] COMMAND" if options else f"docker {group} COMMAND"
    return f"Usage:  {usage}{options}\n\nCommands:\n{listed}"


def overview() -> str:
    """The text of ``docker --help``."""
    single = [
        spec for name, spec in sorted(specs().items()) if name == spec.name and " " not in name
    ]
    commands = "\n".join(f"  {spec.name:<10}{spec.about}" for spec in single)
    listed = "\n".join(f"  {group:<10}{' '.join(found)}" for group, found in groups().items())
    return (
        "Usage:  docker [--trace] COMMAND\n\n"
        f"Commands:\n{commands}\n\nBy kind:\n{listed}\n\n"
        "docker COMMAND --help says more about one of them."
    )
