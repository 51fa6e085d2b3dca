"""The picture of a cloud's environment: who asks, who answers, how it goes, what happened."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, MutableSequence
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
KEPT = 1800
"""Samples of the history: at least those of the last quarter of an hour."""
DENSE, QUIET = 0.5, 2.5
"""Seconds between two samples at least, unless instances come or go; and those without a record
after which the last one is taken to have held."""


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
        with self._sampling:
            keep(self._samples, _sample(record, time.time()))
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
        lines += self._end()
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
        return " ".join([*told, *self._end()])

    def _end(self) -> list[str]:
        """That nobody follows it any more, and why."""
        if self.broken:
            return [self.words("cloud.broken", error=self.broken)]
        gone = self.record is None or self.record.status == "Terminated"
        return [self.words("cloud.ended")] if self.ended and not gone else []

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


def _sample(env: Environment, at: float) -> Sample:
    return Sample(at, env.requests, len(env.in_service), len(env.instances), env.errors)


def keep(samples: MutableSequence[Sample], new: Sample) -> None:
    """Add a sample to those before it; of many in a moment the last one stays."""
    if samples and new.at - samples[-1].at > QUIET:
        # Nothing was told since nothing changed: no slope leads over to the new value.
        samples.append(replace(samples[-1], at=new.at - DENSE))
    if len(samples) > 1 and new.at - samples[-2].at < DENSE:
        pairs = {(one.serving, one.instances) for one in (samples[-2], samples[-1], new)}
        if len(pairs) == 1:
            samples[-1] = new
            return
    samples.append(new)
