"""The start page: its panel after a first container, and without an engine; the map of chapters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerlab.formats.welcome import Here, Stop
from dockerlab.views.welcome.panel import Panel
from dockerlab.views.welcome.roadmap import Roadmap
from tests.exhibits.containers import RUN

SAYS = "Containers cannot reach the internet (each other they can): no pasta."
NOWHERE = Here(
    "none", why="nobody listens at unix:///var/run/docker.sock", remedy="Start Docker Desktop."
)
WAY = (
    Stop(1, "Docker", "en/1.ipynb", 4, "x/1.ipynb", 2, 2, 4, tried=True),
    Stop(2, "Commands", "en/2.ipynb", 12, "x/2.ipynb", 9, 3, 5, tried=True),
    Stop(3, "Images", "en/3.ipynb", 6, "x/3.ipynb", 8, opened=True),
    Stop(4, "A web app in Node.js", "en/4.ipynb", 6, "x/4.ipynb", 8),
    Stop(5, "Docker Compose", "en/5.ipynb", 9),
)
EXHIBITS: dict[str, Callable[[Any], Any]] = {
    "welcome": lambda lang: Panel(Here("proot", "E", says=(SAYS,)), RUN, lang).live(),
    "welcome, no engine": lambda lang: Panel(NOWHERE, lang=lang).live(),
    "roadmap": lambda lang: Roadmap(WAY, lang),
}
