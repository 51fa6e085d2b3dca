"""Env files: ``NAME=value`` lines, as Compose reads ``.env`` and ``env_file``.

Quotes may span lines; single ones keep everything as it is, double ones know escapes. Unquoted
values end at `` #``. ``NAME`` alone takes the value that the name has outside.
"""

from __future__ import annotations

import re

from dockerlab.formats.composefile.text.variables import Lookup, Unset, VariableError, substitute

_BLANK = " \t\v\f\r\x85\xa0"
_EXPORT = re.compile(r"export\s+")
_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})')
_ESCAPED = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True)) | {'"': '"', "\\": "\\"}


class EnvFileError(Exception):
    """A line that cannot be understood; ``line`` from 1."""

    def __init__(self, text: str, line: int) -> None:
        super().__init__(text)
        self.line = line


def parse(text: str, lookup: Lookup, unset: Unset = lambda name: None) -> dict[str, str]:
    """The variables of an env file's text.

    Values may use variables: ``lookup`` is asked first, then what the file said above.
    """
    return _Parser(text.removeprefix("\ufeff"), lookup, unset).run()


class _Parser:
    def __init__(self, text: str, lookup: Lookup, unset: Unset) -> None:
        self.text = text
        self.at = 0
        self.outside = lookup
        self.unset = unset
        self.found: dict[str, str] = {}

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, min(self.at, len(self.text))) + 1

    def run(self) -> dict[str, str]:
        while self.next_statement():
            name, alone = self.name()
            if " " in name:
                raise EnvFileError("key cannot contain a space", self.line)
            if not alone:
                self.found[name] = self.value()
            elif (value := self.outside(name)) is not None:
                self.found[name] = value
        return self.found

    def next_statement(self) -> bool:
        """Go past blank lines and comments."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = end if end >= 0 else len(self.text)
            elif self.text[self.at].isspace():
                self.at += 1
            else:
                return True
        return False

    def name(self) -> tuple[str, bool]:
        """The name, and whether it stands alone."""
        if export := _EXPORT.match(self.text, self.at):
            self.at = export.end()
        start = self.at
        for end in range(start, len(self.text)):
            letter = self.text[end]
            if letter in "=:\n":
                self.at = end + 1
                self.skip_blanks()
                return self.text[start:end].rstrip(), letter == "\n"
            if not (
                letter in "_.-[]" or letter in _BLANK or letter.isalpha() or letter.isnumeric()
            ):
                line = self.text[start:].split("\n", 1)[0]
                raise EnvFileError(
                    f'unexpected character "{letter}" in variable name "{line}"', self.line
                )
        # The last line without a line end: Compose takes it for a value without a name, which
        # no container can have; what is meant is the name alone.
        self.at = len(self.text)
        return self.text[start:].rstrip(), True

    def skip_blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _BLANK:
            self.at += 1

    def value(self) -> str:
        quote = self.text[self.at : self.at + 1]
        if quote in ("'", '"') and quote:
            return self.quoted(quote)
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        word = self.text[self.at : end].partition(" #")[0].rstrip()
        value = self.expanded(word)
        self.at = end + 1
        return value

    def quoted(self, quote: str) -> str:
        letters: list[str] = []
        at = self.at + 1
        while at < len(self.text):
            letter = self.text[at]
            if letter == "\\" and at + 1 < len(self.text):
                after = self.text[at + 1]
                letters.append(after if after == quote else letter + after)
                at += 2
            elif letter == quote:
                word = "".join(letters)
                value = word if quote == "'" else self.expanded(_ESCAPE.sub(_escape, word))
                self.at = at + 1
                return value
            else:
                letters.append(letter)
                at += 1
        rest = self.text[self.at :].split("\n", 1)[0]
        raise EnvFileError(f"unterminated quoted value {rest}", self.line)

    def expanded(self, word: str) -> str:
        try:
            return substitute(word, self.lookup, self.unset)
        except VariableError as error:
            raise EnvFileError(str(error), self.line) from error

    def lookup(self, name: str) -> str | None:
        value = self.outside(name)
        return self.found.get(name) if value is None else value


def _escape(found: re.Match[str]) -> str:
    word = found[0]
    if word == "\\$":
        return "$$"
    if word[1] != "0":
        return _ESCAPED.get(word[1], word)
    digits = word[2:]
    if len(digits) == 3 and all(digit in "01234567" for digit in digits) and int(digits, 8) < 256:
        return chr(int(digits, 8))
    return "\\" + digits
