"""Two charts over the same time: requests a second, and below the instances that answer them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from dockerlab.formats.cloud import History, Sample
from dockerlab.views.cloud.reading import rate
from dockerlab.views.drawing import Drawing
from dockerlab.views.words import Words

LEFT, RIGHT = 70.0, 924.0
UPPER, LOWER, GAP = 92.0, 62.0, 34.0
HEIGHT = 24 + UPPER + GAP + LOWER + 24
SHORTEST = 10.0
"""Seconds that the charts are wide at least."""
_ROUND = (1, 2, 2.5, 5, 10)

Point = tuple[float, float]


class Chart:
    """Drawn at any height of a picture that is 960 wide; needs two samples at least."""

    def __init__(self, kept: History, words: Words) -> None:
        self.kept, self.words = kept, words
        self.start = kept.samples[0].at
        self.span = max(kept.samples[-1].at - self.start, SHORTEST)
        busiest = max(max(one.requests, one.errors) for one in kept.samples)
        self.top = rounded(max(busiest, 1.0))
        self.most = max([kept.maximum, 1, *(one.instances for one in kept.samples)])

    def draw(self, d: Drawing, y: float) -> None:
        self._requests(d, y + 24)
        self._instances(d, y + 24 + UPPER + GAP)
        self._times(d, y + 24 + UPPER + GAP + LOWER + 17)

    def _x(self, one: Sample) -> float:
        return LEFT + (one.at - self.start) / self.span * (RIGHT - LEFT)

    def _points(self, value: Callable[[Sample], float], floor: float, scale: float) -> list[Point]:
        return [(self._x(one), floor - value(one) * scale) for one in self.kept.samples]

    def _requests(self, d: Drawing, y: float) -> None:
        floor, scale = y + UPPER, UPPER / self.top
        d.text(LEFT, y - 9, self.words("cloud.history.requests"), 12.5, "blue-text", bold=True)
        self._grid(d, y, floor, rate(self.top))
        points = self._points(lambda one: one.requests, floor, scale)
        d.path(f"{_line(points)}L{points[-1][0]:.1f} {floor}L{LEFT} {floor}Z", "blue-soft")
        d.path(_line(points), "", "blue", stroke_width=2, stroke_linejoin="round")
        self._last(d, points[-1], y, rate(self.kept.samples[-1].requests), "blue")
        if most := max(one.errors for one in self.kept.samples):
            label = f"✗ {self.words('cloud.history.errors.most', n=rate(most))}"
            d.text(RIGHT, y - 9, label, 12.5, "red-text", anchor="end", bold=True)
            errors = self._points(lambda one: one.errors, floor, scale)
            d.path(_line(errors), "", "red", stroke_width=2, stroke_dasharray="5 3")

    def _instances(self, d: Drawing, y: float) -> None:
        floor, scale = y + LOWER, LOWER / self.most
        d.text(LEFT, y - 9, self.words("cloud.history.instances"), 12.5, "green-text", bold=True)
        self._grid(d, y, floor, str(self.most))
        for value in (self.kept.maximum, self.kept.minimum):
            at = floor - value * scale
            if 0 < value < self.most:
                d.line(LEFT, at, RIGHT, at, "edge", stroke_dasharray="2 4")
                d.text(LEFT - 8, at + 4, str(value), 11, "muted", anchor="end", mono=True)
        wanted = stairs(self._points(lambda one: one.instances, floor, scale))
        served = stairs(self._points(lambda one: one.serving, floor, scale))
        if wanted != served:
            d.path(_line(wanted), "", "edge", stroke_width=1.5, stroke_dasharray="4 3")
            label = f"┄ {self.words('cloud.history.all')}"
            d.text(RIGHT, y - 9, label, 12, "muted", anchor="end")
        d.path(f"{_line(served)}L{served[-1][0]:.1f} {floor}L{LEFT} {floor}Z", "green-soft",
               opacity=0.75)  # fmt: skip
        d.path(_line(served), "", "green", stroke_width=2.5)
        self._limits(d, floor, scale)
        self._last(d, served[-1], y, str(self.kept.samples[-1].serving), "green")

    def _limits(self, d: Drawing, floor: float, scale: float) -> None:
        """Their names, below their lines: over the area, and where the newest value is not."""
        for key, value in (("max", self.kept.maximum), ("min", self.kept.minimum)):
            if value * scale >= 12:
                label = self.words(f"cloud.history.{key}")
                d.text(RIGHT - 24, floor - value * scale + 12, label, 11, "muted", anchor="end")

    def _grid(self, d: Drawing, y: float, floor: float, top: str) -> None:
        d.line(LEFT, y, RIGHT, y, "line", stroke_dasharray="2 4")
        d.line(LEFT, floor, RIGHT, floor, "edge")
        d.text(LEFT - 8, y + 4, top, 11, "muted", anchor="end", mono=True)
        d.text(LEFT - 8, floor + 4, "0", 11, "muted", anchor="end", mono=True)

    def _last(self, d: Drawing, at: Point, top: float, label: str, accent: str) -> None:
        """The newest value: beside its dot, or where the chart ends above or below it."""
        d.circle(*at, 4, accent)
        style: dict[str, Any] = {"size": 12, "fill": f"{accent}-text", "bold": True}
        if at[0] < RIGHT - 60:
            d.text(at[0] + 9, at[1] + 4, label, **style)
        else:
            y = at[1] - 8 if at[1] > top + 20 else at[1] + 17
            d.text(at[0], y, label, anchor="end", **style)

    def _times(self, d: Drawing, y: float) -> None:
        step = rounded(self.span / 6)
        count = int(self.span / step)
        for number in range(count + 1):
            x = LEFT + number * step / self.span * (RIGHT - LEFT)
            told = self.words("cloud.history.seconds", n=f"{number * step:g}")
            anchor = "start" if not number else "end" if x > RIGHT - 20 else "middle"
            d.text(x, y, told, 11, "muted", anchor=anchor, mono=True)


def rounded(value: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten.

    >>> rounded(3), rounded(171), rounded(0.2)
    (5.0, 200.0, 0.2)
    """
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * one for one in _ROUND if power * one >= value * 0.999999)


def stairs(points: Sequence[Point]) -> list[Point]:
    """What jumps: a count keeps its value until the next is known."""
    made = [points[0]]
    for x, y in points[1:]:
        if y != made[-1][1]:
            made.append((x, made[-1][1]))
        made.append((x, y))
    return made


def _line(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
