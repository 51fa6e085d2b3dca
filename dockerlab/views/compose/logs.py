"""The lines of a project's services, each service in a colour and with a mark of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dockerlab.formats.composed.lines import LogLine, ProjectLog
from dockerlab.views.compose.ansi import spans
from dockerlab.views.drawing import Drawing, clip, text_width
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveLogs

WIDTH, STEP = 960.0, 19.0
KEPT, TOLD, DRAWN = 2000, 200, 24
"""The last lines that the live form, the text and the still picture show."""
LOOKS = (("blue", "●"), ("orange", "■"), ("green", "▲"), ("purple", "◆"), ("red", "✚"))
"""Colour and mark of the services, in turn: told apart without colours, too."""


class LogsView(Picture):
    """``LogsView(compose.logs())``; the live form filters by service and by a word."""

    def __init__(self, log: ProjectLog, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.log = log
        seen = dict.fromkeys([*log.services, *(line.service for line in log.lines)])
        self.services = tuple(seen)

    @property
    def title(self) -> str:
        return self.words("logs.title", name=self.log.project)

    @property
    def text(self) -> str:
        lines = self.log.lines[-TOLD:]
        wide = max((len(line.label) for line in lines), default=0)
        told = [f"{line.label:<{wide}} | {_plain(line)}" for line in lines]
        return "\n".join([self.title, *self._left(TOLD), *(told or [self.words("logs.nothing")])])

    def _left(self, kept: int) -> list[str]:
        left = len(self.log.lines) - kept
        return [self.words("logs.left", n=left)] if left > 0 else []

    def look(self, service: str) -> tuple[str, str]:
        """Colour and mark."""
        return LOOKS[self.services.index(service) % len(LOOKS)]

    # --- still ---

    def draw(self) -> Drawing:
        lines = self.log.lines[-DRAWN:]
        notes = self._left(DRAWN)
        height = 96.0 + max(len(lines) + len(notes), 1) * STEP
        drawing = Drawing(WIDTH, height, self.title, self.text)
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(24, 38, self.title, 17, bold=True, width=WIDTH - 48)
        drawing.rect(24, 54, WIDTH - 48, height - 78, "panel", "line", 8)
        labels = [f"{self.look(line.service)[1]} {line.label}" for line in lines]
        wide = max((text_width(label, 13, mono=True) for label in labels), default=0)
        wide = min(wide, 240.0)
        y = 78.0
        for note in notes or ([] if lines else [self.words("logs.nothing")]):
            drawing.text(38, y, note, 13, "muted")
            y += STEP
        for label, line in zip(labels, lines, strict=True):
            self._line(drawing, label, line, wide, y)
            y += STEP
        return drawing

    def _line(self, drawing: Drawing, label: str, line: LogLine, wide: float, y: float) -> None:
        accent, _ = self.look(line.service)
        drawing.text(38, y, label, 13, f"{accent}-text", bold=True, mono=True, width=wide + 2)
        x, room = 38 + wide + 22, WIDTH - 62 - wide - 38
        dots = "2 3" if line.stream == "err" else ""
        drawing.line(x - 12, y - 14, x - 12, y + 5, accent, stroke_width=2, stroke_dasharray=dots)
        runs: list[tuple[str, dict[str, object]]] = []
        for text, role in spans(line.text):
            shown = clip(text.expandtabs(), room, 13, mono=True)
            room -= text_width(shown, 13, mono=True)
            runs.append((shown, {"mono": True, "fill": _ink(role, line)}))
            if shown.endswith("…") or room < 10:
                break
        drawing.rich(x, y, runs, 13)

    # --- live ---

    def animate(self) -> LiveLogs | None:
        from dockerlab.views.live import LiveLogs  # costs half a second: only when shown

        words = self.words.all("logs.") | self.words.all("view.")
        return LiveLogs(
            title=self.title,
            text=self.text,
            words=words,
            note=" ".join(self._left(KEPT)),
            services=[[name, *self.look(name)] for name in self.services],
            lines=list(self._lines()),
        )

    def _lines(self) -> Iterator[dict[str, Any]]:
        for line in self.log.lines[-KEPT:]:
            yield {
                "service": self.services.index(line.service),
                "label": line.label,
                "error": line.stream == "err",
                "at": _clock(line.at),
                "text": [[text, role] for text, role in spans(line.text)],
            }


def _plain(line: LogLine) -> str:
    return "".join(text for text, _ in spans(line.text))


def _ink(role: str, line: LogLine) -> str:
    if role:
        return role if role == "muted" else f"{role}-text"
    return "red-text" if line.stream == "err" else "ink"


def _clock(at: float) -> str:
    return dt.datetime.fromtimestamp(at).strftime("%H:%M:%S") if at > 0 else ""
