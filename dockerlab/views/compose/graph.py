"""The graph of a Compose project: who starts when, who needs whom, what they share, live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerlab.views.acting import ActingPicture
from dockerlab.views.compose.scene import Composed, Scene, scene
from dockerlab.views.compose.sentences import Sentences
from dockerlab.views.compose.shelf import Shelf
from dockerlab.views.drawing import Drawing
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveActions

WIDTH = 960.0
TOP = 62.0
PER_SHELF = 4
MOST = 24
"""Services that are drawn; the text names them all."""


class ComposeView(ActingPicture):
    """``ComposeView(lab.compose("app"))`` is live; of a ``Snapshot`` it draws that moment."""

    actions = ("up", "stop", "start", "restart", "down")
    topic = "graph"

    def __init__(self, composed: Composed, lang: Language | None = None) -> None:
        super().__init__(composed, lang)
        self.composed = composed
        self._scene: Scene | None = None

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

    def animate(self) -> LiveActions | None:
        from dockerlab.views.live import LiveCompose  # costs half a second: only when shown

        return self.follow(LiveCompose)

    def traits(self) -> dict[str, Any]:
        return {**super().traits(), "svg": self._drawn(links=True).svg(live=True)}

    def look_again(self) -> None:
        self._scene = None

    def why(self, action: str) -> str:
        containers = [one for card in self.scene.cards for one in card.containers]
        running = [one for one in containers if one.running]
        if action == "up":
            return ""
        if not containers:
            return "graph.why.none"
        if action == "stop" and not running:
            return "graph.why.stopped"
        if action == "start" and len(running) == len(containers):
            return "graph.why.running"
        return ""
