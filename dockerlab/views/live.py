"""The live forms of the pictures: one anywidget class each, all of them synced plain data.

This is the only module that imports anywidget, and nothing imports it until a view is shown.
The Python side draws (``svg``); the ES module beside each view moves what was drawn. ``base.js``
and ``base.css`` stand in front of each view's own: there is no bundler, they are just joined.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from dockerlab.views.drawing import live_style

_HERE = Path(__file__).parent


def _module(name: str) -> str:
    return "\n".join((_HERE / part).read_text("utf-8") for part in ("base.js", f"{name}.js"))


def _style(name: str) -> str:
    own = _HERE / f"{name}.css"
    base = live_style() + (_HERE / "base.css").read_text("utf-8")
    return base + own.read_text("utf-8") if own.exists() else base


class Live(anywidget.AnyWidget):
    """What all live views share; ``words`` are the labels in the learner's language."""

    svg = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    words: Any = traitlets.Dict().tag(sync=True)

    def __repr__(self) -> str:
        return str(self.text)


class LiveRun(Live):
    """Steps through a run; ``step`` 0 is the whole picture."""

    _esm = _module("runstory")
    _css = _style("runstory")
    steps: Any = traitlets.List().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)


class LiveLife(Live):
    """Follows ``state`` and ``history``; a click arrives as the message ``{"action": …}``."""

    _esm = _module("lifecycle")
    _css = _style("lifecycle")
    state = traitlets.Unicode().tag(sync=True)
    history: Any = traitlets.List().tag(sync=True)
    buttons: Any = traitlets.List().tag(sync=True)
    busy = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)


class LiveParts(Live):
    """A still drawing whose parts explain themselves when pointed at or reached with Tab."""

    _esm = _module("parts")
    _css = _style("parts")


class LiveStacks(Live):
    """The stacks for one, two … apps (``frames``) with a slider, and the chart below."""

    _esm = _module("vmcompare")
    _css = _style("vmcompare")
    frames: Any = traitlets.List().tag(sync=True)
    chart = traitlets.Unicode().tag(sync=True)
    apps = traitlets.Int(1).tag(sync=True)
