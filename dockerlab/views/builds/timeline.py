"""The build timeline: each step, what the cache did for it, why not, and how long it took."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from dockerlab.formats.buildtrace import BuildTrace, Status, Step
from dockerlab.views.builds import plain
from dockerlab.views.builds import rows as reading
from dockerlab.views.builds.pace import Pace
from dockerlab.views.builds.reasons import sentence
from dockerlab.views.builds.rows import Row
from dockerlab.views.builds.still import (
    BAR,
    LEFT,
    RIGHT,
    WIDTH,
    StillList,
    StillRow,
    facts,
    mark,
    stages,
)
from dockerlab.views.drawing import Drawing, wrap
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language, Words

if TYPE_CHECKING:
    from dockerlab.views.live import LiveTimeline


@runtime_checkable
class Traced(Protocol):
    """Anything that was built and kept its record, such as what ``lab.build`` returns."""

    @property
    def trace(self) -> BuildTrace: ...


class TimelineView(Picture):
    """``TimelineView(trace)``; while the build runs, ``update`` brings in newer traces."""

    def __init__(self, build: BuildTrace | Traced, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.trace = trace_of(build)
        self._lock = threading.RLock()
        self._pace: Pace[BuildTrace] = Pace(self._show)

    @property
    def title(self) -> str:
        return reading.headline(self.trace, self.words)

    @property
    def text(self) -> str:
        whole = reading.took(reading.total(self.trace), self.words)
        head = f"{self.title}: {reading.counted(self.trace, self.words)}, {whole}"
        lines = [head, reading.summary(self.trace, self.words)]
        begins = stages(self.trace)
        for row in reading.rows(self.trace):
            if row.step.number in begins:
                lines.append(f"[{self.words('build.stage', name=begins[row.step.number])}]")
            lines += told(row, self.words)
        return "\n".join(lines)

    def update(self, trace: BuildTrace) -> None:
        """Show a newer trace; may be called as often as records come, from any thread."""
        self.trace = trace
        self._pace.give(trace)

    def finish(self) -> None:
        """Show the last trace now: nothing more will come."""
        self._pace.flush()

    def _show(self, trace: BuildTrace) -> None:
        widget: Any = self._widget
        if widget is None:
            return
        with self._lock, widget.hold_sync():
            for name, value in self._traits(trace).items():
                setattr(widget, name, value)

    def draw(self) -> Drawing:
        trace, words = self.trace, self.words
        listed = StillList(
            (StillRow(row, words, [mark(row, words)]) for row in reading.rows(trace)),
            stages(trace),
            words,
        )
        told = reading.summary(trace, words)
        lines = wrap(told, RIGHT - LEFT, 14)
        top = 58 + 20.0 * len(lines) + 26
        height = top + listed.height + 12
        drawing = Drawing(WIDTH, height, self.title, words("build.desc", summary=told))
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        self._head(drawing)
        ink = "red-text" if trace.failed or trace.error else "ink"
        drawing.lines(LEFT, 66, lines, 20, size=14, fill=ink)
        self._scale(drawing, top - 8)
        listed.draw(drawing, top)
        return drawing

    def _head(self, drawing: Drawing) -> None:
        whole = reading.took(reading.total(self.trace), self.words)
        x = RIGHT - drawing.chip(RIGHT, 21, whole, anchor="end", mono=True) - 8
        if self.trace.steps:
            accent = "green" if self.trace.hits else "blue"
            hits = reading.counted(self.trace, self.words)
            x -= drawing.chip(x, 21, hits, accent, anchor="end") + 16
        drawing.text(LEFT, 38, self.title, 17, bold=True, width=x - LEFT)

    def _scale(self, drawing: Drawing, y: float) -> None:
        """What the bars' ends mean."""
        (x, wide), whole = BAR, reading.total(self.trace)
        drawing.text(x, y, "0", 11, "muted", mono=True)
        end = reading.took(whole, self.words)
        drawing.text(x + wide, y, end, 11, "muted", anchor="end", mono=True)

    def animate(self) -> LiveTimeline | None:
        from dockerlab.views.live import LiveTimeline  # costs half a second: only when shown

        prefixes = ("build.", "view.")
        words = {key: text for prefix in prefixes for key, text in self.words.all(prefix).items()}
        return LiveTimeline(words=words, **self._traits(self.trace))

    def _traits(self, trace: BuildTrace) -> dict[str, Any]:
        done = [step for step in trace.steps if step.status is not Status.RUNNING]
        running = [step for step in trace.steps if step.status is Status.RUNNING]
        return {
            "title": reading.headline(trace, self.words),
            "text": self.text,
            "head": plain.head(trace, self.words),
            "rows": plain.rows(trace, self.words),
            "logs": plain.logs(done),
            "tails": plain.logs(running, plain.TAIL),
        }


def trace_of(build: BuildTrace | Traced) -> BuildTrace:
    """The record itself, or that of what was built."""
    return build if isinstance(build, BuildTrace) else build.trace


def told(row: Row, words: Words) -> list[str]:
    """A step in words: one line, and one for the reason where there is one."""
    step = row.step
    about = [words(f"build.{step.status}")]
    if step.status in (Status.CACHED, Status.RAN, Status.FAILED):
        about.append(reading.took(step.seconds, words))
    about += filter(None, [reading.added(step), _facts(step, words)])
    lines = [f"{step.number}. {step.instruction} [{', '.join(about)}]"]
    if step.reason:
        cut = f" ({words('build.first')})" if row.first else ""
        lines.append(f"   {words('build.why')}: {sentence(step.reason, words)}{cut}")
    if step.status is Status.FAILED:
        lines += [f"   | {line}" for line in step.log.splitlines()[-10:]]
    return lines


def _facts(step: Step, words: Words) -> str:
    return "" if step.status is Status.CACHED else facts(step, words).replace(" · ", ", ")
