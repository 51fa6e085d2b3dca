"""The still form of a build's steps: one row each, in SVG."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dockerlab.formats.buildtrace import BuildTrace, Status, Step
from dockerlab.views.builds import rows as reading
from dockerlab.views.builds.reasons import Pieces, flow, runs, short
from dockerlab.views.builds.rows import Row
from dockerlab.views.drawing import Drawing, text_width, wrap
from dockerlab.views.words import Words

WIDTH = 960
LEFT, RIGHT = 24.0, 936.0
CODE = 190.0
BAR = (640.0, 180.0)
STEP = 17.0
SETTINGS = frozenset(
    {"ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "SHELL", "STOPSIGNAL", "USER", "VOLUME"}
)
"""Instructions that change an image's settings and leave its files alone."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word in a pill; ``guess`` draws it with a broken outline, ``edged`` with a whole one."""

    text: str
    accent: str = ""
    guess: bool = False
    edged: bool = False


def mark(row: Row, words: Words) -> Mark:
    """What became of a step."""
    status = row.step.status
    # On a ground of its own colour it needs an edge.
    edged = row.role == "root" or status is Status.FAILED
    told = f"{row.sign} {words(f'build.{status}')}"
    return Mark(told, row.accent, status is Status.PENDING, edged)


class StillRow:
    """One step; ``height`` is known before it is drawn."""

    def __init__(self, row: Row, words: Words, marks: Sequence[Mark], timed: bool = True) -> None:
        self.row, self.words, self.marks, self.timed = row, words, marks, timed
        calm = row.role == "hit" or row.step.status is Status.PENDING
        room = (BAR[0] if timed else RIGHT) - CODE - 16
        text = " ".join(row.step.instruction.split())
        self.code = wrap(text, room, 13, mono=True)[: 1 if calm else 3]
        self.cut = "".join(self.code).replace(" ", "") != text.replace(" ", "")
        self.why: list[Pieces] = flow(reading.why(row.step, words), RIGHT - CODE - 16, 12.5)[:4]
        self.why = [line for line in self.why if line]
        self.facts = "" if calm else facts(row.step, words)
        # Below the marks where there are two of them, as wide as the first column.
        lines = len(self.code) + len(self.why) + bool(self.facts)
        self.panel = max(19.0 + STEP * lines, 12 + 24.0 * len(marks))
        self.top = 30.0 if row.role == "root" else 0.0
        self.height = self.top + self.panel + 6
        self.reach = 6.0
        """How far above it stands what it hangs on."""

    def draw(self, d: Drawing, y: float) -> None:
        row, step = self.row, self.row.step
        if self.top:
            self._cut(d, y)
        top = y + self.top
        with d.group(step.instruction, data_step=step.number, class_=f"row {row.role}"):
            self._panel(d, top)
            d.badge(LEFT + 26, top + 18, str(step.number), row.accent or "edge", 11)
            for number, one in enumerate(self.marks):
                chip(d, LEFT + 46, top + 7 + 24 * number, one)
            self._words(d, top)
            if self.timed:
                self._time(d, top)

    def _panel(self, d: Drawing, top: float) -> None:
        row = self.row
        root = row.role == "root"
        bad = row.step.status is Status.FAILED
        fill = "red-soft" if bad else "orange-soft" if root else "panel"
        edge = row.accent if root or bad else "line"
        inset = 14.0 if row.role == "consequence" else 0.0
        d.rect(
            LEFT + inset, top, RIGHT - LEFT - inset, self.panel, fill, edge, 8,
            stroke_width=2 if root or bad else 1,
        )  # fmt: skip
        if inset:
            # The line that hangs it on the miss above.
            hook = f"M{LEFT + 4} {top - self.reach:.1f}V{top + 18}H{LEFT + inset - 2}"
            d.path(hook, "", "orange", stroke_width=2, stroke_dasharray="4 3")

    def _cut(self, d: Drawing, y: float) -> None:
        d.line(LEFT, y + 15, RIGHT, y + 15, "orange", stroke_width=2, stroke_dasharray="7 5")
        label = self.words("build.first" if self.row.first else "build.again")
        wide = text_width(label, 12.5, bold=True) + 24
        d.rect(CODE - 12, y + 3, wide, 23, "orange", "", 11.5)
        d.text(CODE - 12 + wide / 2, y + 19, label, 12.5, "on-warm", anchor="middle", bold=True)

    def _words(self, d: Drawing, top: float) -> None:
        calm = self.row.role == "hit" or self.row.step.status is Status.PENDING
        y = top + 22
        for number, line in enumerate(self.code):
            last = number == len(self.code) - 1
            shown = f"{line} …" if last and self.cut else line
            ink = "muted" if calm else "ink"
            d.text(CODE, y + STEP * number, shown, 13, ink, mono=True, bold=not calm)
        y += STEP * len(self.code)
        for reason in self.why:
            ink = "muted" if self.row.role in ("consequence", "plain") else "ink"
            d.rich(CODE, y, runs(reason, ink), 12.5)
            y += STEP
        if self.facts:
            room = (BAR[0] if self.timed else RIGHT) - CODE - 16
            d.text(CODE, y, self.facts, 11.5, "muted", width=max(room, RIGHT - CODE - 16))

    def _time(self, d: Drawing, top: float) -> None:
        row, (x, wide) = self.row, BAR
        d.rect(x, top + 12, wide, 13, "sunken", "", 3)
        if row.step.status is not Status.PENDING:
            left = x + min(row.start, 0.99) * wide
            long = max(min(row.span * wide, x + wide - left), 2.5)
            dash = "3 2" if row.role == "consequence" else ""
            accent = row.accent or "blue"
            fill = f"{accent}-soft" if dash else accent
            d.rect(left, top + 12, long, 13, fill, accent, 2, stroke_dasharray=dash)
        if row.step.status not in (Status.PENDING, Status.RUNNING):
            told = reading.took(row.step.seconds, self.words)
            d.text(RIGHT - 62, top + 23, told, 12, anchor="end", mono=True)
        extra = reading.added(row.step)
        d.text(RIGHT - 8, top + 23, extra, 11, "muted", anchor="end", mono=True, width=54)


def chip(d: Drawing, x: float, y: float, one: Mark, size: float = 12) -> float:
    """Draw a mark; returns its width."""
    if not (one.guess or one.edged):
        return d.chip(x, y, one.text, one.accent, size=size)
    wide = text_width(one.text, size, bold=True) + 18
    edge, ink = (one.accent, f"{one.accent}-text") if one.accent else ("edge", "muted")
    dash = "4 3" if one.guess else ""
    d.rect(x, y, wide, size + 10, "panel", edge, (size + 10) / 2, stroke_dasharray=dash)
    d.text(x + wide / 2, y + size + 2.5, one.text, size, ink, anchor="middle", bold=True)
    return wide


def facts(step: Step, words: Words) -> str:
    """Container, layer and exit code of a step that ran, on one line."""
    told = []
    if step.container:
        told.append(f"{words('build.container')} {short(step.container)}")
    if step.layer:
        told.append(f"{words('build.layer')} {short(step.layer)}")
    elif step.status is Status.RAN and step.keyword in SETTINGS:
        told.append(words("build.settings"))
    if step.exit_code:
        told.append(words("build.exit", code=step.exit_code))
    return " · ".join(told)


def stages(trace: BuildTrace) -> dict[int, str]:
    """Number of a stage's first step → its name, where there is more than one stage."""
    begins: dict[int, str] = {}
    seen: set[str] = set()
    for step in trace.steps:
        if step.stage not in seen:
            seen.add(step.stage)
            begins[step.number] = step.stage
    return begins if len(begins) > 1 else {}


class StillList:
    """All rows below each other, with a heading where a stage begins."""

    HEADING = 26.0

    def __init__(self, rows: Iterable[StillRow], stages: dict[int, str], words: Words) -> None:
        self.rows, self.stages, self.words = list(rows), stages, words
        self.height = sum(row.height for row in self.rows) + self.HEADING * len(stages)

    def draw(self, d: Drawing, y: float) -> None:
        for above, row in itertools.pairwise([None, *self.rows]):
            assert row is not None
            if above is not None and above.row.role == "consequence":
                row.reach = above.panel - 12
            name = self.stages.get(row.row.step.number)
            if name is not None:
                title = self.words("build.stage", name=name)
                d.text(LEFT, y + 16, title, 12.5, "purple-text", bold=True)
                y += self.HEADING
            row.draw(d, y)
            y += row.height
