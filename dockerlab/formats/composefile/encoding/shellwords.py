"""A command as one text, cut into words as Compose cuts it (no shell runs it)."""

from __future__ import annotations

from dockerlab.formats.composefile.encoding.values import ValueProblem

_SPACE = " \t\r\n"
_BLOCKERS = {'"': "'(", "'": '"(', "`": "'\"(", "(": "'\"`", ")": "'\"`"}
"""Within which open quotes a letter is an ordinary one."""


def words(line: str) -> list[str]:
    """The words: quotes and backslashes count; ``;``, ``&``, ``|``, ``<``, ``>`` end the line."""
    found: list[str] = []
    word: str | None = None
    opened: set[str] = set()
    escaped = False
    for letter in line:
        if escaped:
            word, escaped = (word or "") + letter, False
        elif letter == "\\" and "'" not in opened:
            escaped = True
        elif letter in _SPACE and not opened:
            found += [] if word is None else [word]
            word = None
        elif letter in ";&|<>" and not opened:
            if letter == ">" and word and word[0] in "0123456789":
                word = None
            break
        elif letter in _BLOCKERS and not opened & set(_BLOCKERS[letter]):
            word = _quote(letter, opened, word)
        else:
            word = (word or "") + letter
    if escaped or opened:
        raise ValueProblem("invalid command line string")
    return found if word is None else [*found, word]


def _quote(letter: str, opened: set[str], word: str | None) -> str | None:
    """Open or close a quote; command substitutions are kept as they are, and not run."""
    if letter == "(" and ("(" in opened or not (word or "").endswith("$")):
        raise ValueProblem("invalid command line string")
    opened ^= {"(" if letter == ")" else letter}
    if letter in "\"'":
        # A closed pair of quotes is a word, even an empty one.
        return word if letter in opened else word or ""
    return (word or "") + letter
