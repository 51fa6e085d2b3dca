"""The words of an expression of GitHub Actions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dockerlab.errors import FormatError
from dockerlab.formats.pipeline.plan import Scalar

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | (?P<number>[-+]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.]))
      | (?P<name>[A-Za-z_][\w-]*)
      | (?P<sign>==|!=|<=|>=|&&|\|\||[!<>().,\[\]*])
    )""",
    re.VERBOSE,
)
LONGEST, MOST = 5_000, 300
"""Characters and words of an expression."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    """text, number, name, sign or end."""
    word: str

    @property
    def value(self) -> Scalar:
        """What a text or a number stands for."""
        if self.kind == "text":
            return self.word[1:-1].replace("''", "'")
        plain = self.word.lower().lstrip("+-")
        if plain.startswith("0x"):
            return int(plain, 16) * (-1 if self.word.startswith("-") else 1)
        return float(self.word)


def tokens(text: str) -> list[Token]:
    """The words of an expression, then one of kind ``end``; FormatError where there is none."""
    if len(text) > LONGEST:
        raise FormatError(f"the expression is longer than {LONGEST} characters")
    found, at = list[Token](), 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormatError(*_strange(text[at:].strip()))
        if len(found) == MOST:
            raise FormatError(f"the expression has more than {MOST} words")
        found.append(Token(str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return [*found, Token("end", "")]


def _strange(rest: str) -> tuple[str, str]:
    if rest[0] == '"':
        return 'texts stand in single quotes in an expression, not in "', "as in 'main'"
    if rest[0] == "'":
        return "a quote is opened and not closed", "as in 'main'"
    if rest[0] in "=&|":
        return f"{rest[0]} alone means nothing in an expression", "==, && and || do"
    return f"{rest[:20]!r} cannot stand in an expression", ""
