"""Show what takes a while as it goes on: its picture stands below the cell and moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from dockerlab.views.gallery import show
from dockerlab.views.words import Language

Result = TypeVar("Result")


def follow(
    call: Callable[..., Result], *arguments: Any, lang: Language | None = None, **options: Any
) -> Result:
    """Call ``call(*arguments, progress=…, **options)`` and draw what it tells while it runs.

    Works with ``lab.build`` and ``cloud.load``. Returns and raises what the call does; the picture
    stays in either case. Outside a notebook it just calls.

    >>> image = dockerlab.follow(lab.build, "app", tag="me/app")  # doctest: +SKIP
    >>> load = dockerlab.follow(cloud.load, env.url, rate=200)  # doctest: +SKIP
    """
    place = _place()
    if place is None:
        return call(*arguments, **options)
    told = _Told(place, lang)
    try:
        result = call(*arguments, progress=told.give, **options)
        told.end(result)
        return result
    finally:
        told.finish()


class _Moving(Protocol):
    def update(self, record: Any) -> None: ...
    def finish(self) -> None: ...


class _Told:
    """The picture of the records that a call tells of, from the first one on."""

    def __init__(self, place: Callable[[Any], Any], lang: Language | None) -> None:
        self._place, self._lang = place, lang
        self._kind: type[Any] | None = None
        self._view: _Moving | None = None
        self._shown: Any = None

    def give(self, record: object) -> None:
        if self._view is None:
            view: Any = show(record, self._lang)
            self._kind, self._shown = type(record), self._place(view)
            self._view = view
        else:
            self._view.update(record)

    def end(self, result: object) -> None:
        """What the call returns may be the last record of all."""
        if self._kind is not None and isinstance(result, self._kind):
            self.give(result)

    def finish(self) -> None:
        if self._view is not None:
            self._view.finish()
            # The stored notebook gets the picture of the end, not that of the beginning.
            self._shown.update(self._view)


def _place() -> Callable[[Any], Any] | None:
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
