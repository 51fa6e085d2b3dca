"""Learn Docker in a notebook, with or without Docker.

    >>> import dockerlab
    >>> lab = dockerlab.connect()  # doctest: +SKIP
    >>> lab.run("alpine", "echo hello", rm=True)  # doctest: +SKIP
    hello

In a notebook, ``%load_ext dockerlab`` brings ``%docker``, the docker command line.

Everything here is loaded when it is first used: importing the package loads neither docker-py
nor the widgets nor matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerlab.client.builds.build import Build
    from dockerlab.client.builds.forecast import Forecast
    from dockerlab.client.compose.compose import Compose
    from dockerlab.client.connect import connect
    from dockerlab.client.container import Container, ExecResult, RunResult
    from dockerlab.client.images import Image
    from dockerlab.client.lab import Lab
    from dockerlab.client.pages.silence import PageUnreachable
    from dockerlab.client.system import Pruned
    from dockerlab.client.wait import wait_for_port, wait_until
    from dockerlab.course.advice.report import explain
    from dockerlab.errors import (
        BuildFailed,
        CommandError,
        ComposeFailed,
        ConflictHere,
        DockerlabError,
        EngineRefused,
        EngineUnavailable,
        FormatError,
        NotFoundHere,
    )
    from dockerlab.formats.buildtrace import BuildTrace
    from dockerlab.grading.learner.calls import progress
    from dockerlab.views.builds.comparison import compare
    from dockerlab.views.following import follow
    from dockerlab.views.gallery import show
    from dockerlab.welcome.page import welcome

__version__ = "0.1.0"

__all__ = [
    "Build",
    "BuildFailed",
    "BuildTrace",
    "CommandError",
    "Compose",
    "ComposeFailed",
    "ConflictHere",
    "Container",
    "DockerlabError",
    "EngineRefused",
    "EngineUnavailable",
    "ExecResult",
    "Forecast",
    "FormatError",
    "Image",
    "Lab",
    "NotFoundHere",
    "PageUnreachable",
    "Pruned",
    "RunResult",
    "__version__",
    "compare",
    "connect",
    "explain",
    "follow",
    "load_ipython_extension",
    "progress",
    "show",
    "wait_for_port",
    "wait_until",
    "welcome",
]

_HOMES = {
    "Build": "dockerlab.client.builds.build",
    "BuildTrace": "dockerlab.formats.buildtrace",
    "Forecast": "dockerlab.client.builds.forecast",
    "connect": "dockerlab.client.connect",
    "Compose": "dockerlab.client.compose.compose",
    "Lab": "dockerlab.client.lab",
    "Container": "dockerlab.client.container",
    "ExecResult": "dockerlab.client.container",
    "RunResult": "dockerlab.client.container",
    "Image": "dockerlab.client.images",
    "PageUnreachable": "dockerlab.client.pages.silence",
    "Pruned": "dockerlab.client.system",
    "explain": "dockerlab.course.advice.report",
    "compare": "dockerlab.views.builds.comparison",
    "follow": "dockerlab.views.following",
    "progress": "dockerlab.grading.learner.calls",
    "show": "dockerlab.views.gallery",
    "wait_for_port": "dockerlab.client.wait",
    "wait_until": "dockerlab.client.wait",
    "welcome": "dockerlab.welcome.page",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None and name in __all__:
        home = "dockerlab.errors"
    if home is None:
        raise AttributeError(f"module 'dockerlab' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext dockerlab``: adds ``%docker`` and ``%%docker``, and shows records as pictures."""
    import_module("dockerlab.magics").load(shell)
