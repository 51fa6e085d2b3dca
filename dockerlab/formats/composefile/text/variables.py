"""Variables in texts: ``$NAME``, ``${NAME}``, ``${NAME:-default}`` and their kin.

    ${NAME:-text}   text when NAME is unset or empty        ${NAME-text}   when unset
    ${NAME:+text}   text when NAME is set and not empty     ${NAME+text}   when set
    ${NAME:?why}    an error when NAME is unset or empty    ${NAME?why}    when unset
    $$              a dollar sign

The text may hold variables again. What looks like none of these stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Lookup = Callable[[str], str | None]
Unset = Callable[[str], None]

MOST_DEPTH = 40
MOST_STEPS = 20_000_000
"""Characters looked at for one text, with all that is looked at twice."""

_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_OPERATOR = re.compile(r":?[-+?]")


class VariableError(Exception):
    """A text with variables that has no value."""


class NotAVariable(VariableError):
    """``${`` is followed by something that is no name."""

    def __init__(self, template: str) -> None:
        super().__init__(f"invalid interpolation format: {template}")
        self.template = template


class MissingVariable(VariableError):
    """``${NAME:?reason}`` of a name that is not set."""

    def __init__(self, name: str, reason: str) -> None:
        said = f"required variable {name} is missing a value"
        super().__init__(f"{said}: {reason}" if reason else said)
        self.name = name
        self.reason = reason


class TooMuch(VariableError):
    """Variables nested too deeply, or too many of them."""

    def __init__(self) -> None:
        super().__init__("the variables in this text are too many or nested too deeply")


@dataclass(slots=True)
class _Work:
    lookup: Lookup
    unset: Unset
    steps: int = 0

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MOST_STEPS:
            raise TooMuch


def substitute(text: str, lookup: Lookup, unset: Unset = lambda name: None) -> str:
    """The text with the values put in; ``unset`` is told of each name without a value."""
    if "$" not in text:
        return text
    return _substitute(text, _Work(lookup, unset), 0)


def _substitute(text: str, work: _Work, depth: int) -> str:
    if depth > MOST_DEPTH:
        raise TooMuch
    work.spend(len(text))
    done: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        done.append(text[at:dollar])
        value, at = _one(text, dollar, work, depth)
        done.append(value)
    return "".join([*done, text[at:]])


def _one(text: str, dollar: int, work: _Work, depth: int) -> tuple[str, int]:
    """The value of what a dollar sign begins, and where the text goes on."""
    after = text[dollar + 1 : dollar + 2]
    if after == "$":
        return "$", dollar + 2
    if after == "{":
        return _braced(text, dollar, work, depth)
    if name := _NAME.match(text, dollar + 1):
        return _plain(name[0], work), name.end()
    return "$", dollar + 1


def _plain(name: str, work: _Work) -> str:
    value = work.lookup(name)
    if value is None:
        work.unset(name)
    return value or ""


def _braced(text: str, dollar: int, work: _Work, depth: int) -> tuple[str, int]:
    name = _NAME.match(text, dollar + 2)
    if not name:
        raise NotAVariable(text)
    if text.startswith("}", name.end()):
        return _plain(name[0], work), name.end() + 1
    operator = _OPERATOR.match(text, name.end())
    end = _closing(text, dollar, work)
    if not operator or end is None:
        raise NotAVariable(text)
    argument = _substitute(text[operator.end() : end], work, depth + 1)
    return _applied(name[0], operator[0], argument, work.lookup(name[0])), end + 1


def _closing(text: str, dollar: int, work: _Work) -> int | None:
    """The brace that closes the one after the dollar sign.

    A line holds a whole variable. Where braces do not come in pairs, it is the line's last one.
    """
    line_end = text.find("\n", dollar)
    line = text[dollar : line_end if line_end >= 0 else len(text)]
    work.spend(len(line))
    open_ones = at = 0
    for brace in re.finditer(r"[{}]", line):
        if brace.start() < at:
            continue
        open_ones += 1 if brace[0] == "{" else -1
        if brace[0] == "{":
            at = brace.end() + 1  # whatever follows an opening brace is passed over
        if not open_ones:
            return dollar + brace.start()
    last = line.rfind("}")
    return dollar + last if last >= 0 else None


def _applied(name: str, operator: str, argument: str, value: str | None) -> str:
    there = value is not None and (value != "" or operator[0] != ":")
    if operator[-1] == "?" and not there:
        raise MissingVariable(name, argument)
    if operator[-1] == "-":
        return value or "" if there else argument
    if operator[-1] == "+":
        return argument if there else value or ""
    return value or ""
