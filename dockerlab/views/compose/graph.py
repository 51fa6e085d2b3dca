"""The graph of a Compose project: who starts when, who needs whom, what they share, live."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from dockerlab.errors import DockerlabError
from dockerlab.views.compose.scene import Composed, Scene, scene
from dockerlab.views.compose.sentences import Sentences
from dockerlab.views.compose.shelf import Shelf
from dockerlab.views.drawing import Drawing
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveCompose

WIDTH = 960.0
TOP = 62.0
PER_SHELF = 4
MOST = 24
"""Services that are drawn; the text names them all."""
ACTIONS = ("up", "stop", "start", "restart", "down")


@runtime_checkable
class Followed(Protocol):
    """What is needed besides to be live: it tells of every move, and acts when asked to."""

    def listen(self, listener: Callable[[Any], None]) -> None: ...
    def do(self, action: str) -> None: ...


class ComposeView(Picture):
    """``ComposeView(lab.compose("app"))`` is live; of a ``Snapshot`` it draws that moment."""

    def __init__(self, composed: Composed, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.composed = composed
        self._scene: Scene | None = None
        self._lock = threading.RLock()
        self._error = ""

    @property
    def scene(self) -> Scene:
        """Looked at once a picture, so that its forms agree."""
        if self._scene is None:
            self._scene = scene(self.composed)
        return self._scene

    @property
    def title(self) -> str:
        return self.words("graph.title", name=self.composed.project.name)

    @property
    def text(self) -> str:
        return "\n".join([self.title, *Sentences(self.scene, self.words).all()])

    def draw(self) -> Drawing:
        return self._drawn(links=False)

    def _drawn(self, links: bool) -> Drawing:
        cards = self.scene.cards[:MOST]
        columns = -(-len(cards) // max(-(-len(cards) // PER_SHELF), 1)) or 1
        shelves = [
            Shelf(self.scene, cards[at : at + columns], columns, self.words)
            for at in range(0, len(cards), columns)
        ]
        notes = self._notes(shelves)
        inner = sum(shelf.height + 16 for shelf in shelves) or 40.0
        height = TOP + inner + 22 * len(notes) + 6
        told = self.words("graph.desc", all=" ".join(self.text.splitlines()[1:]))
        drawing = Drawing(WIDTH, height, self.title, told)
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(24, 38, self.title, 17, bold=True, width=WIDTH - 48)
        y = TOP
        for number, shelf in enumerate(shelves):
            if number:
                drawing.line(24, y - 9, WIDTH - 24, y - 9, "line")
            shelf.draw(drawing, y, links)
            y += shelf.height + 16
        for number, note in enumerate(notes):
            drawing.text(24, height - 14 - 22 * number, note, 13, "muted")
        return drawing

    def _notes(self, shelves: list[Shelf]) -> list[str]:
        words, cards = self.words, self.scene.cards
        if not cards:
            return [words("graph.nothing")]
        drawn = {id(rail) for shelf in shelves for rail in shelf.rails}
        left = sum(id(rail) not in drawn and bool(rail.users) for rail in self.scene.rails)
        more = [words("graph.more", n=len(cards) - MOST)] if len(cards) > MOST else []
        return more + ([words("graph.rails", n=left)] if left and not more else [])

    # --- live ---

    def animate(self) -> LiveCompose | None:
        from dockerlab.views.live import LiveCompose  # costs half a second: only when shown

        widget = LiveCompose(
            title=self.title,
            words=self.words.all("graph.") | self.words.all("view."),
            **self._traits(),
        )
        if isinstance(self.composed, Followed):
            widget.on_msg(self._clicked)
            self.composed.listen(lambda _: self._refresh(widget))
        return widget

    def _traits(self) -> dict[str, Any]:
        with self._lock:
            live = isinstance(self.composed, Followed)
            return {
                "svg": self._drawn(links=True).svg(live=True),
                "text": self.text,
                "buttons": [self._button(action) for action in ACTIONS] if live else [],
                "error": self._error,
            }

    def _button(self, action: str) -> dict[str, Any]:
        why = self._why(action)
        told = self.words(why) if why else self.words(f"graph.does.{action}")
        return {"action": action, "enabled": not why, "title": told}

    def _why(self, action: str) -> str:
        """Why an action is of no use now, as a key of the words; empty when it is."""
        containers = [one for card in self.scene.cards for one in card.containers]
        running = [one for one in containers if one.running]
        if action == "up":
            return ""
        if action in ("start", "stop", "restart", "down") and not containers:
            return "graph.why.none"
        if action == "stop" and not running:
            return "graph.why.stopped"
        if action == "start" and len(running) == len(containers):
            return "graph.why.running"
        return ""

    def _refresh(self, widget: LiveCompose) -> None:
        """Called from the watching thread after each move."""
        with self._lock, widget.hold_sync():
            self._scene = None
            for name, value in self._traits().items():
                setattr(widget, name, value)

    def _clicked(self, widget: LiveCompose, content: object, _: object) -> None:
        action = content.get("action") if isinstance(content, dict) else None
        if action not in ACTIONS or widget.busy:
            return
        widget.busy = str(action)
        # Not in the kernel's own thread: it may take long, and cells should go on.
        threading.Thread(target=self._act, args=(widget, str(action)), daemon=True).start()

    def _act(self, widget: LiveCompose, action: str) -> None:
        assert isinstance(self.composed, Followed)
        self._error = ""
        try:
            self.composed.do(action)
        except (DockerlabError, OSError, ValueError) as error:
            # docker-py's errors are OSErrors (they come from requests).
            self._error = str(getattr(error, "explanation", "") or error)
        finally:
            self._refresh(widget)
            widget.busy = ""
