"""How a Dockerfile cuts its lines into words: spaces, quotes and the escape character.

Nothing is taken away here. Quotes and escapes stay in the words, since a variable inside them is
put in later (see ``expansion``), and what is quoted must be known then.
"""

from __future__ import annotations

import json

from dockerlab.errors import DockerfileError

SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
)
SPACES += "\u2028\u2029\u202f\u205f\u3000"
"""What Docker takes for a space (Python's ``isspace`` knows four characters more)."""


def split(text: str, escape: str = "\\") -> list[str]:
    r"""The words of a line; quotes and escapes keep a space inside a word, and stay in it.

    >>> split('a="b c" d\\ e')
    ['a="b c"', 'd\\ e']
    """
    words: list[str] = []
    word, quote, position = "", "", 0
    while position < len(text):
        here = text[position]
        if not quote and here in SPACES:
            words.append(word)
            word = ""
        elif here == escape and quote != "'":
            word += text[position : position + 2] if position + 1 < len(text) else ""
            position += 1
        else:
            quote = _quote_after(quote, here)
            word += here
        position += 1
    return [word for word in [*words, word] if word]


def _quote_after(quote: str, here: str) -> str:
    if quote:
        return "" if here == quote else quote
    return here if here in "'\"" else ""


def flags(text: str) -> tuple[list[str], str]:
    """The ``--flags`` that a line begins with, without their quotes, and the rest of the line.

    >>> flags('--from="a b" --link x y')
    (['--from=a b', '--link'], 'x y')
    """
    found: list[str] = []
    rest = text.lstrip(SPACES)
    while rest.startswith("--"):
        word, rest = _flag(rest)
        if word == "--":
            break
        found.append(word)
    return found, rest.strip(SPACES)


def _flag(text: str) -> tuple[str, str]:
    word, quote, position = "", "", 0
    while position < len(text):
        here = text[position]
        if not quote and here in SPACES:
            break
        if here == "\\":  # whatever the escape directive says, as in Docker
            position += 1
            word += text[position : position + 1]
        elif _quote_after(quote, here) == quote:
            word += here
        else:
            quote = _quote_after(quote, here)
        position += 1
    return word, text[position:].lstrip(SPACES)


def json_list(text: str) -> list[str] | None:
    """The exec form, ``["a", "b"]``; None when the text is not JSON (``['a']`` is not).

    What follows the list is not looked at; Docker 20.10 does so too, later ones take the shell.
    Raises DockerfileError for a list with other things than strings.
    """
    if not text.startswith("["):
        return None
    try:
        items, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in items):
        raise DockerfileError(
            "when using JSON array syntax, arrays must be comprised of strings only",
            'Put double quotes around each word: ["echo", "1"].',
        )
    return [item.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for item in items]


def _no_json(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


_DECODER = json.JSONDecoder(parse_constant=_no_json)
