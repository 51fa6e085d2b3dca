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


def module(*names: str | Path) -> str:
    """A view's code: modules of this folder by name, or by their path without the ending."""
    return "\n".join((_HERE / f"{name}.js").read_text("utf-8") for name in ("base", *names))


def style(*names: str | Path) -> str:
    """The same for how it looks; what has no style of its own is passed over."""
    own = [_HERE / f"{name}.css" for name in ("base", *names)]
    return live_style() + "".join(path.read_text("utf-8") for path in own if path.exists())


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

    _esm = module("runstory")
    _css = style("runstory")
    steps: Any = traitlets.List().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)


class LiveActions(Live):
    """A picture with buttons; a click on one arrives as the message ``{"action": …}``."""

    buttons: Any = traitlets.List().tag(sync=True)
    busy = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)


class LiveLife(LiveActions):
    """Follows ``state`` and ``history`` of a container."""

    _esm = module("actions", "lifecycle")
    _css = style("actions", "lifecycle")
    state = traitlets.Unicode().tag(sync=True)
    history: Any = traitlets.List().tag(sync=True)


class LiveParts(Live):
    """A still drawing whose parts explain themselves when pointed at or reached with Tab."""

    _esm = module("tips", "parts")
    _css = style("parts")


class LiveStacks(Live):
    """The stacks for one, two … apps (``frames``) with a slider, and the chart below."""

    _esm = module("vmcompare")
    _css = style("vmcompare")
    frames: Any = traitlets.List().tag(sync=True)
    chart = traitlets.Unicode().tag(sync=True)
    apps = traitlets.Int(1).tag(sync=True)


class LiveTimeline(Live):
    """A build's rows, which open; ``rows`` and ``head`` follow the build, so do the logs.

    ``logs`` are of steps that ended, ``tails`` of those that run and change all the time.
    """

    _esm = module("builds/steps", "builds/timeline")
    _css = style("builds/steps")
    head: Any = traitlets.Dict().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    logs: Any = traitlets.Dict().tag(sync=True)
    tails: Any = traitlets.Dict().tag(sync=True)


class LiveComparison(Live):
    """Two builds beside each other; ``pairs`` of rows, ``logs`` of each side."""

    _esm = module("builds/steps", "builds/comparison")
    _css = style("builds/steps", "builds/comparison")
    head: Any = traitlets.Dict().tag(sync=True)
    sides: Any = traitlets.List().tag(sync=True)
    pairs: Any = traitlets.List().tag(sync=True)
    logs: Any = traitlets.List().tag(sync=True)


class LiveForecast(Live):
    """A forecast to try out; the browser sends ``{"action": "again" | "build" | "reset", …}``.

    ``files`` are pairs of a path and whether it counts as edited; ``busy`` is empty, ``thinking``
    or ``building``.
    """

    _esm = module("builds/steps", "builds/forecast")
    _css = style("builds/steps", "builds/forecast")
    head: Any = traitlets.Dict().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    logs: Any = traitlets.Dict().tag(sync=True)
    dockerfile = traitlets.Unicode().tag(sync=True)
    files: Any = traitlets.List().tag(sync=True)
    more = traitlets.Int(0).tag(sync=True)
    busy = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)


class LiveLayers(Live):
    """The layer explorer: ``layer``, ``whole`` and ``filter`` are chosen, ``rows`` answer.

    A click on a folder arrives as the message ``{"toggle": path}``.
    """

    _esm = module("builds/layers")
    _css = style("builds/layers")
    chips: Any = traitlets.List().tag(sync=True)
    layers: Any = traitlets.List().tag(sync=True)
    waste: Any = traitlets.List().tag(sync=True)
    big: Any = traitlets.List().tag(sync=True)
    layer = traitlets.Int(1).tag(sync=True)
    whole = traitlets.Bool(False).tag(sync=True)
    filter = traitlets.Unicode().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)


class LiveMounts(Live):
    """A still drawing whose parts explain themselves, and a ``path`` to ask about: ``answer``."""

    _esm = module("tips", "places/mountmap")
    _css = style("parts", "places/mountmap")
    path = traitlets.Unicode().tag(sync=True)
    answer = traitlets.Unicode().tag(sync=True)


class LiveCompose(LiveActions):
    """A project's graph."""

    _esm = module("tips", "actions", "compose/graph")
    _css = style("parts", "actions", "compose/graph")


class LiveLogs(Live):
    """A project's lines; ``services`` are name, colour and mark, in the order of the lines'."""

    _esm = module("compose/logs")
    _css = style("compose/logs")
    services: Any = traitlets.List().tag(sync=True)
    lines: Any = traitlets.List().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)


class LivePipeline(Live):
    """A run's stages (``strip``, a drawing) and its steps, as a build's rows which open."""

    _esm = module("builds/steps", "pipelines/pipeline")
    _css = style("builds/steps", "pipelines/pipeline")
    head: Any = traitlets.Dict().tag(sync=True)
    strip = traitlets.Unicode().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    logs: Any = traitlets.Dict().tag(sync=True)
    tails: Any = traitlets.Dict().tag(sync=True)


class LiveMoving(Live):
    """A drawing that moves as what it shows does; ``news`` is what is told when it changes."""

    _esm = module("tips", "moving")
    _css = style("parts", "compose/graph", "moving")
    news = traitlets.Unicode().tag(sync=True)
