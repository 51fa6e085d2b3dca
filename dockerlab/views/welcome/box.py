"""The panel in a browser. Nothing imports this until one is shown, as anywidget takes its time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets

from dockerlab.views.live import Live, module, style

_HERE = Path(__file__).parent


class LivePanel(Live):
    """Messages: ``{"action": "look" | "run" | "map"}``; ``"language"`` has ``lang`` and ``guess``.

    ``busy`` is empty, ``looking`` or ``running``, and ``progress`` says how far that is.
    ``guess`` is whether nobody has chosen a language yet, so that the browser's may be asked for.
    """

    _esm = module(_HERE / "panel")
    _css = style(_HERE / "panel")
    lang = traitlets.Unicode().tag(sync=True)
    here: Any = traitlets.Dict().tag(sync=True)
    command = traitlets.Unicode().tag(sync=True)
    result = traitlets.Unicode().tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    output = traitlets.Unicode().tag(sync=True)
    steps: Any = traitlets.List().tag(sync=True)
    busy = traitlets.Unicode().tag(sync=True)
    progress = traitlets.Unicode().tag(sync=True)
    guess = traitlets.Bool(False).tag(sync=True)
