"""A few lines for a cell's output, in words and as a page's part."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from types import MappingProxyType

from dockerlab.views.drawing import page_style

KEPT = "dockerlab.answers"
"""In the metadata of a check's output: what was answered."""
_STYLE = Path(__file__).with_name("learner.css")


@cache
def style() -> str:
    return f"<style>{page_style()}{_STYLE.read_text('utf-8')}</style>"


def framed(title: str, body: str, *, kind: str) -> str:
    """A part of a page named ``title``, with the colours of the reader's theme."""
    label = escape(title, quote=True)
    return f'{style()}<section class="dl-view dl-{kind}" aria-label="{label}">{body}</section>'


class Notice:
    """``text`` for a terminal and a log, ``html`` for a page."""

    def __init__(self, text: str, html: str) -> None:
        self.text = text
        self.html = html

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def show(thing: object, metadata: Mapping[str, object] = MappingProxyType({})) -> None:
    """Put something into the cell's output; outside a notebook it is printed."""
    try:
        from IPython.display import display
    except ModuleNotFoundError:
        print(thing)
        return
    display(thing, metadata=dict(metadata))  # type: ignore[no-untyped-call]
