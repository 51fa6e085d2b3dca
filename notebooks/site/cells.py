"""Cells as a page can show them: their outputs without a kernel, their code in its colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import nbformat
from ipython_pygments_lexers import IPython3Lexer
from pygments.lexers import find_lexer_class_for_filename
from pygments.lexers.special import TextLexer as Plain
from pygments.token import Keyword, Text

from dockerlab.views.saved import keep_pictures

_FRAME = re.compile(r"<iframe\b.*?</iframe>", re.DOTALL)
_LOCAL_LINK = re.compile(r'<a href="http://127\.0\.0\.1[^>]*>(.*?)</a>', re.DOTALL)
_COLOURS = re.compile(r"[^{}<>]*\{--dl-[^}]*\}")
_FILE = re.compile(r"(%%(?:file|writefile) +(\S+)|%%(compose)\b.*)\n")


def read(text: str) -> nbformat.NotebookNode:
    """A notebook whose outputs need neither a kernel nor an engine."""
    notebook = nbformat.reads(text, as_version=4)
    notebook.metadata.setdefault("language_info", {})["pygments_lexer"] = "ipython3"
    keep_pictures(notebook)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            _mend(output.get("data", {}))
    return notebook


def _mend(data: dict[str, Any]) -> None:
    """Put our pictures into the page, for screen readers and in the page's own colours; leave
    out what was only on the machine that ran the cell."""
    if 'class="dl"' in data.get("image/svg+xml", ""):
        data["text/html"] = f'<div class="picture">{data.pop("image/svg+xml")}</div>'
    if "text/html" in data:
        html = _LOCAL_LINK.sub(r"\1", _FRAME.sub("", data["text/html"]))
        data["text/html"] = _COLOURS.sub("", html)


class CellLexer(IPython3Lexer):
    """A cell's code; what a cell writes to a file has the colours of such a file."""

    name = "A cell"
    aliases = ("ipython3",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """Tokens with where they begin, as Pygments wants them."""
        start = _FILE.match(text)
        if not start:
            yield from super().get_tokens_unprocessed(text)
            return
        name = start[2] or "compose.yaml"
        lexer = find_lexer_class_for_filename(name) or Plain
        yield 0, Keyword, start[1]
        yield start.end(1), Text, "\n"
        for at, kind, value in lexer().get_tokens_unprocessed(text[start.end() :]):
            yield start.end() + at, kind, value
