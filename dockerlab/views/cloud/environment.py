"""The picture of a cloud's environment: who asks, who answers, how it goes, what happened."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from dockerlab.formats.cloud import Environment, History, Sample
from dockerlab.views.cloud import chart, reading, sentences
from dockerlab.views.cloud.eventlist import EventList
from dockerlab.views.cloud.scene import LEFT, RIGHT, Scene, chips
from dockerlab.views.drawing import Drawing, wrap
from dockerlab.views.stream import StreamPicture
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveMoving

WIDTH = 960
KEPT = 900
"""Samples of the history; at one a second, the last quarter of an hour."""

QUIET = 2.5
"""Seconds without a record after which the last one is taken to have held."""


class EnvironmentView(StreamPicture[Environment]):
    """``EnvironmentView(environment)``, or of what gives newer ones: ``cloud.follow(name)``.

    While it follows, it keeps the ``history`` that it draws below the instances.
    """

    kind: ClassVar[type[Any]] = Environment

    def __init__(
        self, shown: Environment | Iterable[Environment], lang: Language | None = None
    ) -> None:
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._sampling = threading.Lock()
        super().__init__(shown, lang)

    def update(self, record: Environment) -> None:
        sample = Sample(
            time.time(),
            record.requests,
            len(record.in_service),
            len(record.instances),
            record.errors,
        )
        with self._sampling:
            last = self._samples[-1] if self._samples else sample
            if sample.at - last.at > QUIET:
                # Nothing was told since nothing changed: no slope leads over to the new value.
                self._samples.append(replace(last, at=sample.at - 0.5))
            self._samples.append(sample)
        super().update(record)

    @property
    def history(self) -> History:
        """What was seen so far; drawn by ``show(view.history)``."""
        env = self.record
        with self._sampling:
            samples = tuple(self._samples)
        if env is None:
            return History("", samples)
        return History(env.name, samples, env.minimum, env.maximum)

    @property
    def title(self) -> str:
        return self.words("cloud.title", name=self.record.name if self.record else "…")

    @property
    def text(self) -> str:
        lines, kept = [self.title], self.history
        if self.record is None:
            lines.append(self.words("cloud.none"))
        else:
            lines += sentences.environment(self.record, self.words)
        if len(kept.samples) > 1:
            lines += sentences.history(kept, self.words)
        if self.broken:
            lines.append(self.words("cloud.broken", error=self.broken))
        return "\n".join(lines)

    def draw(self) -> Drawing:
        return self._drawn(live=False)

    def _drawn(self, live: bool) -> Drawing:
        env, words = self.record, self.words
        if env is None:
            return self._nothing()
        told = wrap(self.news, RIGHT - LEFT, 14)
        scene, events, kept = Scene(env, words, live), EventList(env, words), self.history
        charted = chart.HEIGHT + 8 if len(kept.samples) > 1 else 0.0
        top = 74 + 20.0 * len(told)
        height = top + scene.height + charted + 12 + events.height + 8
        said = " ".join(sentences.environment(env, words))
        drawing = Drawing(WIDTH, height, self.title, words("cloud.desc", all=said))
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        begin = chips(drawing, env, words, RIGHT, 21)
        drawing.text(LEFT, 37, self.title, 17, bold=True, width=begin - LEFT - 12)
        drawing.text(LEFT, 62, sentences.about(env, words), 13, "muted", width=RIGHT - LEFT)
        ink = "red-text" if env.health == "Red" else "ink"
        drawing.lines(LEFT, 84, told, 20, size=14, fill=ink)
        scene.draw(drawing, top + 8)
        if charted:
            chart.Chart(kept, words).draw(drawing, top + scene.height + 12)
        events.draw(drawing, top + scene.height + charted + 12)
        return drawing

    def _nothing(self) -> Drawing:
        drawing = Drawing(WIDTH, 90, self.title, self.news)
        drawing.rect(0.5, 0.5, WIDTH - 1, 89, "canvas", "line", 12)
        drawing.text(LEFT, 37, self.title, 17, bold=True)
        drawing.text(LEFT, 64, self.news, 14, width=RIGHT - LEFT)
        return drawing

    @property
    def news(self) -> str:
        """One sentence that changes only when something happens."""
        words = self.words
        told = [reading.summary(self.record, words) if self.record else words("cloud.none")]
        told += [words("cloud.broken", error=self.broken)] if self.broken else []
        return " ".join(told)

    # --- live ---

    def animate(self) -> LiveMoving | None:
        from dockerlab.views.live import LiveMoving  # costs half a second: only when shown

        return LiveMoving(words=self.words.all("view."), **self.traits())

    def traits(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "text": self.text,
            "svg": self._drawn(live=True).svg(live=True),
            "news": self.news,
        }
