"""Pictures with buttons that act on what they show: a container's life, a project's graph."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from dockerlab.errors import DockerlabError
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveActions


@runtime_checkable
class Followed(Protocol):
    """What is needed besides to be live: it tells of every move, and acts when asked to."""

    def listen(self, listener: Callable[[Any], None]) -> None: ...
    def do(self, action: str) -> None: ...


class ActingPicture(Picture):
    """A subclass says its ``actions``, ``why`` one is of no use now, and adds its own ``traits``.

    What is shown may be one moment only; then there are no buttons.
    """

    actions: ClassVar[Sequence[str]]
    topic: ClassVar[str]
    """Where its words begin: ``TOPIC.does.ACTION`` says what an action does."""

    def __init__(self, shown: object, lang: Language | None = None) -> None:
        super().__init__(lang)
        self._followed = shown if isinstance(shown, Followed) else None
        self._lock = threading.RLock()
        self._error = ""

    @property
    def title(self) -> str:
        raise NotImplementedError

    def why(self, action: str) -> str:
        """Why an action is of no use now, as a key of the words; empty when it is."""
        raise NotImplementedError

    def traits(self) -> dict[str, Any]:
        """What the widget shows now."""
        buttons = [self._button(action) for action in self.actions] if self._followed else []
        return {"text": self.text, "buttons": buttons, "error": self._error}

    def look_again(self) -> None:
        """Forget what is known of the moment before."""

    def follow(self, kind: type[LiveActions]) -> LiveActions:
        """A widget that shows each move, and whose clicks act."""
        words = self.words.all(f"{self.topic}.") | self.words.all("view.")
        with self._lock:
            widget = kind(title=self.title, words=words, **self.traits())
        if self._followed:
            widget.on_msg(self._clicked)
            self._followed.listen(lambda _: self._refresh(widget))
        return widget

    def _button(self, action: str) -> dict[str, Any]:
        why = self.why(action)
        told = self.words(why or f"{self.topic}.does.{action}")
        return {"action": action, "enabled": not why, "title": told}

    def _refresh(self, widget: LiveActions) -> None:
        """Called from the watching thread after each move."""
        with self._lock, widget.hold_sync():
            self.look_again()
            for name, value in self.traits().items():
                setattr(widget, name, value)

    def _clicked(self, widget: LiveActions, content: object, _: object) -> None:
        action = content.get("action") if isinstance(content, dict) else None
        if action not in self.actions or widget.busy:
            return
        widget.busy = str(action)
        # Not in the kernel's own thread: it may take long, and cells should go on.
        threading.Thread(target=self._act, args=(widget, str(action)), daemon=True).start()

    def _act(self, widget: LiveActions, action: str) -> None:
        assert self._followed
        self._error = ""
        try:
            self._followed.do(action)
        except (DockerlabError, OSError, ValueError) as error:
            # docker-py's errors are OSErrors (they come from requests).
            self._error = str(getattr(error, "explanation", "") or error)
        finally:
            self._refresh(widget)
            widget.busy = ""
