"""The stages of a run from left to right, as discs with the lines of who waits for whom."""

from __future__ import annotations

from collections.abc import Sequence

from dockerlab.formats.pipeline.run import Status
from dockerlab.views.builds.rows import took
from dockerlab.views.drawing import Drawing, text_width, upon
from dockerlab.views.pipelines.reading import ACCENTS, SIGNS, marked
from dockerlab.views.pipelines.stages import Stage
from dockerlab.views.words import Words

RADIUS = 17.0
LANE = 78.0
LEFT, RIGHT = 24.0, 936.0
NARROWEST, WIDEST = 45.0, 210.0
"""Width of a column."""
MOST = 8
"""Lanes of one column that are drawn; the rows below show every job."""


class Strip:
    """``height`` is known before it is drawn."""

    def __init__(self, stages: Sequence[Stage], words: Words) -> None:
        columns = max((stage.column for stage in stages), default=0) + 1
        self.step = min((RIGHT - LEFT) / columns, WIDEST)
        # One stage alone, or more than there is room for, say nothing that the rows do not.
        self.stages = stages if len(stages) > 1 and self.step > NARROWEST else ()
        self.words = words
        lanes = max((stage.lane for stage in self.stages), default=-1) + 1
        self.left_out = sum(stage.lane >= MOST for stage in self.stages)
        self.height = min(lanes, MOST) * LANE + 20 * bool(self.left_out)

    def draw(self, d: Drawing, y: float) -> None:
        drawn = [stage for stage in self.stages if stage.lane < MOST]
        for stage in drawn:
            for number in stage.after:
                if self.stages[number].lane < MOST:
                    self._edge(d, y, self.stages[number], stage)
        for stage in drawn:
            self._node(d, y, stage)
        if self.left_out:
            told = self.words("pipe.more", n=self.left_out)
            d.text(LEFT, y + self.height - 4, told, 12, "muted")

    def _at(self, stage: Stage, y: float) -> tuple[float, float]:
        return LEFT + self.step * (stage.column + 0.5), y + stage.lane * LANE + RADIUS + 3

    def _edge(self, d: Drawing, y: float, one: Stage, other: Stage) -> None:
        (x1, y1), (x2, y2) = self._at(one, y), self._at(other, y)
        x1, x2 = x1 + RADIUS + 5, x2 - RADIUS - 5
        passed = one.status is Status.PASSED and other.status not in (
            Status.WAITING,
            Status.SKIPPED,
        )
        dash = "5 5" if other.status is Status.SKIPPED else ""
        # Past the columns between it stays at its own height, clear of their names.
        bend = x2 - self.step + 2 * (RADIUS + 5)
        turn = (bend + x2) / 2
        curve = f"C{turn:.1f} {y1:.1f} {turn:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        shape = f"M{x1:.1f} {y1:.1f}H{bend:.1f}{curve}"
        d.path(shape, "", "green" if passed else "edge", stroke_width=2.5, stroke_dasharray=dash)

    def _node(self, d: Drawing, y: float, stage: Stage) -> None:
        x, middle = self._at(stage, y)
        accent, status = ACCENTS.get(stage.status, ""), stage.status
        filled = status in (Status.PASSED, Status.FAILED, Status.ERRORED, Status.CANCELLED)
        told = [stage.name, marked(status, self.words)]
        time = took(stage.seconds, self.words) if stage.seconds is not None else ""
        tip = ": ".join(filter(None, [", ".join(filter(None, [*told, time])), stage.note]))
        with d.group(tip, class_=f"stage is-{status}"):
            d.circle(
                x, middle, RADIUS, accent if filled else f"{accent}-soft" if accent else "panel",
                accent or "edge", stroke_width=2.5,
                stroke_dasharray="4 4" if status is Status.SKIPPED else "",
            )  # fmt: skip
            ink = upon(accent) if filled else f"{accent}-text" if accent else "muted"
            d.text(x, middle + 6.5, SIGNS[status], 19, ink, anchor="middle", bold=True)
            self._label(d, x, middle + RADIUS + 18, stage, time)

    def _label(self, d: Drawing, x: float, y: float, stage: Stage, time: str) -> None:
        """Where the columns are narrow, only what stands out is named."""
        accent, room = ACCENTS.get(stage.status, ""), self.step - 10
        if room < 60:
            if not stage.status.bad and stage.status is not Status.RUNNING:
                return
            room = 160.0
            half = min(text_width(stage.name, 13, bold=True), room) / 2
            x = min(max(x, LEFT + half), RIGHT - half)
        quiet = stage.status in (Status.WAITING, Status.SKIPPED)
        name = stage.name.strip().partition("\n")[0]
        ink = "muted" if quiet else "ink"
        d.text(x, y, name, 13, ink, anchor="middle", bold=True, width=room)
        word = self.words(f"pipe.{stage.status}")
        told = f"{word} · {time}" if time and stage.status is not Status.SKIPPED else word
        ink = f"{accent}-text" if accent else "muted"
        d.text(x, y + 16, told, 12, ink, anchor="middle", width=room)
