"""How an environment went along: the load that came, and the instances that came for it."""

from __future__ import annotations

from dockerlab.formats.cloud import History
from dockerlab.views.cloud import chart, sentences
from dockerlab.views.drawing import Drawing, wrap
from dockerlab.views.picture import PartsPicture
from dockerlab.views.words import Language

WIDTH, LEFT, RIGHT = 960, 24.0, 936.0


class HistoryView(PartsPicture):
    """``HistoryView(history)``; ``EnvironmentView.history`` is one."""

    def __init__(self, history: History, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.kept = history

    @property
    def title(self) -> str:
        return self.words("cloud.history.title", name=self.kept.environment)

    @property
    def text(self) -> str:
        return "\n".join([self.title, *sentences.history(self.kept, self.words)])

    def draw(self) -> Drawing:
        said = " ".join(sentences.history(self.kept, self.words))
        told = wrap(said, RIGHT - LEFT, 14)
        charted = len(self.kept.samples) > 1
        top = 50 + 20.0 * len(told)
        height = top + (chart.HEIGHT + 16 if charted else 4)
        drawing = Drawing(WIDTH, height, self.title, self.words("cloud.history.desc", all=said))
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(LEFT, 37, self.title, 17, bold=True, width=RIGHT - LEFT)
        drawing.lines(LEFT, 62, told, 20, size=14)
        if charted:
            chart.Chart(self.kept, self.words).draw(drawing, top + 8)
        return drawing
