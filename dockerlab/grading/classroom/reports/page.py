"""A page that stands alone: no script, nothing loaded, whatever is written into it.

All text goes through ``text`` or ``prose``, which escape it; a policy in the page's head keeps a
browser from running or fetching anything even so.
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

from dockerlab.views.drawing import COLOURS, MONO, SANS
from dockerlab.views.words import Language

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_CODE = re.compile(r"`([^`\n]+)`")
_STRONG = re.compile(r"\*\*([^*\n]+)\*\*")
_FENCED = re.compile(r"^```[^\n]*\n(.*?)^```[ \t]*$", re.S | re.M)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def page(title: str, lang: Language, body: str) -> str:
    """A whole document; ``body`` is HTML already."""
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title)}</title>\n<style>\n{_style()}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


@cache
def _style() -> str:
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {_variables(True)} }} }}\n"
    light = f":root {{ {_variables(False)} --dl-sans: {SANS}; --dl-mono: {MONO} }}\n"
    return light + dark + Path(__file__).with_suffix(".css").read_text("utf-8")


def _variables(dark: bool) -> str:
    return " ".join(f"--dl-{role}: {pair[dark]};" for role, pair in COLOURS.items())


def text(value: str) -> str:
    """Escaped, and without characters that hide or turn around what stands beside them.

    >>> text("<b>")
    '&lt;b&gt;'
    """
    return html.escape(_UNSEEN.sub("\ufffd", value))


def prose(value: str) -> str:
    """What an exercise or a check says: paragraphs, ``code``, **strong** and blocks of code."""
    parts = _FENCED.split(value)
    told = []
    for number, part in enumerate(parts):
        if number % 2:
            told.append(f"<pre><code>{text(part.rstrip())}</code></pre>")
        else:
            paragraphs = (each.strip() for each in re.split(r"\n\s*\n", part))
            told += [f"<p>{phrase(each)}</p>" for each in paragraphs if each]
    return "".join(told)


def phrase(value: str) -> str:
    """A sentence, with ``code`` and **strong** in it."""
    pieces = _CODE.split(value)
    for number, piece in enumerate(pieces):
        if number % 2:
            pieces[number] = f"<code>{text(piece)}</code>"
        else:
            pieces[number] = _STRONG.sub(r"<strong>\1</strong>", text(piece))
    return "".join(pieces)
