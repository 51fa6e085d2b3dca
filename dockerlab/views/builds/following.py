"""Show a build while it runs: the timeline stands below the cell and follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from dockerlab.formats.buildtrace import BuildTrace
from dockerlab.views.builds.timeline import TimelineView
from dockerlab.views.words import Language

Built = TypeVar("Built")


def follow(
    build: Callable[..., Built], *arguments: Any, lang: Language | None = None, **options: Any
) -> Built:
    """Call ``build(*arguments, progress=…, **options)`` and draw the build while it runs.

    Returns and raises what ``build`` does; the picture stays in either case. Outside a notebook
    it just builds.

    >>> image = dockerlab.follow(lab.build, "app", tag="me/app")  # doctest: +SKIP
    """
    place = _place()
    if place is None:
        return build(*arguments, **options)
    view = TimelineView(BuildTrace(), lang)
    shown = place(view)
    try:
        return build(*arguments, progress=view.update, **options)
    finally:
        view.finish()
        # The stored notebook gets the picture of the end, not that of the beginning.
        shown.update(view)


def _place() -> Callable[[TimelineView], Any] | None:
    """How to show something in the running cell; None where there is no notebook."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ModuleNotFoundError:
        return None
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    return lambda view: display(view, display_id=True)  # type: ignore[no-untyped-call]
