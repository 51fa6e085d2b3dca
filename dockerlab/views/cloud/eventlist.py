"""The last events of an environment, newest first."""

from __future__ import annotations

from dockerlab.formats.cloud import Environment
from dockerlab.views.cloud.reading import SEVERITIES, clock
from dockerlab.views.drawing import Drawing, wrap
from dockerlab.views.words import Words

LEFT, RIGHT = 24.0, 936.0
TEXT = 196.0
STEP = 18.0
MOST = 6


class EventList:
    """``height`` is known before it is drawn."""

    def __init__(self, env: Environment, words: Words) -> None:
        self.words = words
        self.events = list(reversed(env.events[-MOST:]))
        self.left = len(env.events) - len(self.events)
        self.lines = [wrap(one.message, RIGHT - TEXT - 16, 13)[:3] for one in self.events]
        tall = sum(STEP * len(lines) + 8 for lines in self.lines) or 24.0
        self.height = 28 + tall + 12 + 20 * bool(self.left)

    def draw(self, d: Drawing, y: float) -> None:
        d.text(LEFT, y + 16, self.words("cloud.events"), 13, "muted", bold=True)
        top = y + 26
        note = 20 * bool(self.left)
        d.rect(LEFT, top, RIGHT - LEFT, self.height - 28 - note, "panel", "line", 8)
        if not self.events:
            d.text(LEFT + 14, top + 23, self.words("cloud.events.none"), 13, "muted")
        at = top + 23
        for one, lines in zip(self.events, self.lines, strict=True):
            sign, accent = SEVERITIES.get(one.severity, ("·", ""))
            d.text(LEFT + 14, at, clock(one), 12, "muted", mono=True)
            ink = f"{accent}-text" if accent else "muted"
            d.text(LEFT + 92, at, f"{sign} {one.severity}", 12, ink, bold=True, width=72)
            d.lines(
                TEXT, at, lines, STEP, size=13, fill=ink if accent in ("red", "orange") else "ink"
            )
            at += STEP * len(lines) + 8
        if self.left:
            told = self.words("cloud.events.left", n=self.left)
            d.text(LEFT, y + self.height - 4, told, 12, "muted")
