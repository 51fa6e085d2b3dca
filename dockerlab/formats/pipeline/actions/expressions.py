"""Expressions of GitHub Actions: text to a tree. ``evaluation`` finds what it comes to.

or      = and ('||' and)*
and     = compare ('&&' compare)*
compare = unary (('==' | '!=' | '<' | …) unary)*
unary   = '!' unary | value ('.' name | '[' or ']')*
value   = text | number | true | false | null | name | function '(' or, … ')' | '(' or ')'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dockerlab.errors import FormatError
from dockerlab.formats.pipeline.actions.tokens import Token, tokens
from dockerlab.formats.pipeline.plan import Scalar

MOST_DEPTH = 50
CONTEXTS = ("github", "env", "vars", "secrets", "needs", "matrix", "steps", "job", "runner")
STATES = ("success", "failure", "always", "cancelled")
FUNCTIONS = {
    **dict.fromkeys(STATES, (0, 0)),
    **dict.fromkeys(("contains", "startsWith", "endsWith"), (2, 2)),
    "format": (1, 20),
}
"""How many arguments each takes, at least and at most."""
_PROPER = {name.lower(): name for name in FUNCTIONS}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Constant:
    value: Scalar | None


@dataclass(frozen=True, slots=True)
class Name:
    """A context, and what is looked up in it: ``github.ref``, ``matrix['node']``."""

    context: str
    path: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """``function`` is a name of FUNCTIONS, or a sign: ! == != < <= > >= && ||."""

    function: str
    arguments: tuple[Expression, ...]


Expression = Constant | Name | Call


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """The tree of an expression; FormatError says what cannot be understood."""
    return _Parser(tokens(text)).whole()


def names(tree: Expression) -> Iterator[Name]:
    """The contexts that an expression looks into."""
    if isinstance(tree, Name):
        yield tree
        for part in tree.path:
            yield from names(part)
    if isinstance(tree, Call):
        for part in tree.arguments:
            yield from names(part)


def calls(tree: Expression) -> Iterator[str]:
    """The functions that an expression calls."""
    parts = tree.arguments if isinstance(tree, Call) else ()
    if isinstance(tree, Call):
        yield tree.function
    for part in tree.path if isinstance(tree, Name) else parts:
        yield from calls(part)


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.left = found
        self.depth = 0

    def whole(self) -> Expression:
        if self.left[0].kind == "end":
            raise FormatError("the expression is empty")
        tree = self.alternative()
        if self.left[0].kind != "end":
            raise FormatError(f"{self.left[0].word!r} is not expected there in the expression")
        return tree

    def take(self, *words: str) -> str:
        """The next sign, if it is one of these; else an empty text."""
        token = self.left[0]
        if token.kind == "sign" and token.word in words:
            return self.left.pop(0).word
        return ""

    def need(self, word: str) -> None:
        if not self.take(word):
            raise FormatError(f"{word!r} is missing in the expression")

    def alternative(self) -> Expression:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FormatError(f"the expression is nested more than {MOST_DEPTH} levels deep")
        tree = self.both()
        while self.take("||"):
            tree = Call("||", (tree, self.both()))
        self.depth -= 1
        return tree

    def both(self) -> Expression:
        tree = self.comparison()
        while self.take("&&"):
            tree = Call("&&", (tree, self.comparison()))
        return tree

    def comparison(self) -> Expression:
        tree = self.unary()
        while sign := self.take("==", "!=", "<", "<=", ">", ">="):
            tree = Call(sign, (tree, self.unary()))
        return tree

    def unary(self) -> Expression:
        turns = 0
        while self.take("!"):
            turns += 1
        tree = self.value()
        # Not not x is a yes or a no, which x need not be.
        for _ in range(min(turns, 2 - turns % 2)):
            tree = Call("!", (tree,))
        return tree

    def value(self) -> Expression:
        token = self.left.pop(0)
        if token.kind in ("text", "number"):
            return Constant(token.value)
        if token.kind == "sign" and token.word == "(":
            tree = self.alternative()
            self.need(")")
            return tree
        if token.kind != "name":
            said = repr(token.word) if token.word else "its end"
            raise FormatError(f"a value is missing before {said} of the expression")
        return self.call(token.word) if self.take("(") else self.named(token.word)

    def call(self, word: str) -> Expression:
        function = _PROPER.get(word.lower())
        if function is None:
            raise FormatError(
                f"the function {word}() is not supported here", f"there are: {', '.join(FUNCTIONS)}"
            )
        arguments: list[Expression] = []
        while not self.take(")"):
            if arguments:
                self.need(",")
            arguments.append(self.alternative())
        least, most = FUNCTIONS[function]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} or more"
            raise FormatError(f"{function}() takes {wanted} arguments, not {len(arguments)}")
        return Call(function, tuple(arguments))

    def named(self, word: str) -> Expression:
        if word in _WORDS:
            return Constant(_WORDS[word])
        if word.lower() not in CONTEXTS:
            raise FormatError(
                f"Unrecognized named-value: '{word}'",
                f"texts stand in single quotes; names begin with one of {', '.join(CONTEXTS)}",
            )
        path: list[Expression] = []
        while sign := self.take(".", "["):
            path.append(self.index() if sign == "[" else self.member())
        return Name(word.lower(), tuple(path))

    def index(self) -> Expression:
        tree = self.alternative()
        self.need("]")
        return tree

    def member(self) -> Expression:
        token = self.left.pop(0)
        if token.kind != "name":
            raise FormatError(f"a name is missing after the dot, before {token.word!r}")
        return Constant(token.word)
