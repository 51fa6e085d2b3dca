"""Pictures of records that come one after another: a run of a pipeline, a cloud's environment."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

from dockerlab.errors import DockerlabError
from dockerlab.views.builds.pace import Pace
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language

Record = TypeVar("Record")
FIRST = 0.5
"""Seconds that a still picture waits for the first record."""


@runtime_checkable
class Closing(Protocol):
    """What can be told that nobody listens any more; an iterator is in the hands of a thread."""

    def close(self) -> None: ...


class StreamPicture(Picture, Generic[Record]):
    """A subclass says which ``kind`` of record it draws, and its ``traits``.

    What is shown is one record, or something to iterate over that gives newer ones as they come;
    iterating may block, as it is done in a thread of the view's own, until ``close``.
    """

    kind: ClassVar[type[Any]]

    def __init__(self, shown: Record | Iterable[Record], lang: Language | None = None) -> None:
        super().__init__(lang)
        self.record: Record | None = None
        self.broken = ""
        """Why no more records come, when they ended with an error."""
        self.ended = False
        """Whether what gave the records has no more of them."""
        self._lock = threading.RLock()
        self._pace: Pace[Record | None] = Pace(self._show)
        self._first, self._closed = threading.Event(), False
        self._source: object = shown
        if isinstance(shown, self.kind):
            self.record = shown
        elif isinstance(shown, Iterable):
            self._follow(shown)
        else:
            raise TypeError(f"{shown!r} is no {self.kind.__name__}, and gives none")

    def traits(self) -> dict[str, Any]:
        """What the widget shows now."""
        raise NotImplementedError

    def update(self, record: Record) -> None:
        """Show a newer record; may be called as often as they come, from any thread."""
        self.record = record
        self._pace.give(record)

    def finish(self) -> None:
        """Show the last record now: nothing more will come."""
        self._pace.flush()

    def close(self) -> None:
        """Follow no more; what stands there stays."""
        self._closed = True
        if isinstance(self._source, Closing) and not isinstance(self._source, Iterator):
            self._source.close()

    def _follow(self, records: Iterable[Record]) -> None:
        name = f"view-{type(self).__name__}"
        threading.Thread(target=self._take, args=(records,), name=name, daemon=True).start()
        self._first.wait(FIRST)

    def _take(self, records: Iterable[Record]) -> None:
        try:
            for record in records:
                if self._closed:
                    return
                self.update(record)
                self._first.set()
        except (DockerlabError, OSError) as error:
            self.broken = str(error)
        finally:
            self.ended = not self._closed
            self._source = None
            self._first.set()
            self._pace.give(self.record)
            self.finish()

    def _show(self, _: Record | None) -> None:
        widget: Any = self._widget
        if widget is None:
            return
        with self._lock, widget.hold_sync():
            for name, value in self.traits().items():
                setattr(widget, name, value)
