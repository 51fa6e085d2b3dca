"""The still form of a run's steps: one row each, with the last lines of what failed."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlab.formats.pipeline.run import JobRun, Run, Status, StepRun
from dockerlab.views.builds.rows import took
from dockerlab.views.builds.still import Mark, chip
from dockerlab.views.drawing import Drawing, wrap
from dockerlab.views.pipelines import reading
from dockerlab.views.pipelines.reading import ACCENTS, marked
from dockerlab.views.pipelines.stages import ordered
from dockerlab.views.words import Words

LEFT, RIGHT = 24.0, 936.0
CODE = 142.0
BAR = (690.0, 150.0)
STEP = 17.0
LINES = 14
"""Of a failed step's log, the last that are drawn."""
MOST = 60
"""Steps that are drawn; the text tells them all."""


class StillStep:
    """One step; ``height`` is known before it is drawn. ``start`` is the run's, in seconds."""

    def __init__(self, step: StepRun, words: Words, start: float, whole: float) -> None:
        self.step, self.words = step, words
        self.start, self.whole = start, whole
        self.name = _short(step.name, BAR[0] - CODE - 16)
        self.note = folded(step.note, RIGHT - CODE - 20, 12.5)[:4]
        bad = step.status.bad and step.status is not Status.CANCELLED
        self.lines = reading.tail(step, LINES) if bad else []
        self.screen = STEP * len(self.lines) + 18 if self.lines else 0.0
        lines = len(self.name) + len(self.note)
        self.panel = max(19 + STEP * lines + self.screen, 58 if step.exit_code else 0)
        self.height = self.panel + 6

    @property
    def accent(self) -> str:
        return ACCENTS.get(self.step.status, "")

    def draw(self, d: Drawing, y: float) -> None:
        step, bad = self.step, self.step.status in (Status.FAILED, Status.ERRORED)
        with d.group(step.name, class_=f"row {step.status}"):
            fill, edge = ("red-soft", "red") if bad else ("panel", "line")
            d.rect(LEFT, y, RIGHT - LEFT, self.panel, fill, edge, 8, stroke_width=2 if bad else 1)
            self._mark(d, y)
            at = y + 22
            ink = "muted" if step.status in (Status.WAITING, Status.SKIPPED) else "ink"
            d.lines(CODE, at, self.name, STEP, size=13, fill=ink, mono=True, bold=ink == "ink")
            at += STEP * len(self.name)
            d.lines(CODE, at, self.note, STEP, size=12.5, fill="ink" if bad else "muted")
            self._time(d, y)
            if self.lines:
                self._log(d, at + STEP * len(self.note) - 7)

    def _mark(self, d: Drawing, y: float) -> None:
        told = marked(self.step.status, self.words)
        # On a ground of its own colour it needs an edge.
        edged = self.step.status in (Status.FAILED, Status.ERRORED)
        chip(d, LEFT + 10, y + 7, Mark(told, self.accent, edged=edged))
        if self.step.exit_code:
            told = self.words("pipe.exit.short", code=self.step.exit_code)
            d.text(LEFT + 20, y + 46, told, 12, "red-text", bold=True, width=CODE - LEFT - 28)

    def _time(self, d: Drawing, y: float) -> None:
        step, (x, wide) = self.step, BAR
        d.rect(x, y + 12, wide, 12, "sunken", "", 3)
        if step.began is not None and self.whole:
            seconds = step.seconds if step.seconds is not None else self.whole
            left = min((step.began - self.start) / self.whole, 0.99) * wide
            long = max(min(seconds / self.whole * wide, wide - left), 2.5)
            d.rect(x + max(left, 0), y + 12, long, 12, self.accent or "edge", "", 2)
        if step.seconds is not None and step.began != step.ended:
            told = took(step.seconds, self.words)
            d.text(RIGHT - 12, y + 22, told, 12, anchor="end", mono=True)

    def _log(self, d: Drawing, y: float) -> None:
        d.rect(CODE, y, RIGHT - CODE - 12, self.screen - 5, "screen", "", 6)
        d.lines(
            CODE + 12, y + 18, [line.replace("\t", "    ") for line in self.lines], STEP,
            size=12, fill="screen-ink", mono=True, width=RIGHT - CODE - 36,
        )  # fmt: skip


class StillList:
    """All rows below each other, with a heading for each job where there are several."""

    HEADING = 30.0

    def __init__(self, run: Run | None, words: Words) -> None:
        self.words = words
        self.parts = list(_parts(run, words)) if run else []
        self.left = max(sum(isinstance(part, StillStep) for part in self.parts) - MOST, 0)
        if self.left:
            del self.parts[-self.left :]
        self.height = sum(self._tall(part) for part in self.parts) + 24 * bool(self.left)

    def _tall(self, part: StillStep | JobRun) -> float:
        return part.height if isinstance(part, StillStep) else self.HEADING

    def draw(self, d: Drawing, y: float) -> None:
        for part in self.parts:
            if isinstance(part, StillStep):
                part.draw(d, y)
            else:
                d.text(LEFT, y + 19, heading(part, self.words), 13, bold=True, width=RIGHT - LEFT)
            y += self._tall(part)
        if self.left:
            d.text(LEFT, y + 16, self.words("pipe.left", n=self.left), 13, "muted")


def _parts(run: Run, words: Words) -> Iterator[StillStep | JobRun]:
    start, whole = span(run)
    for job in ordered(run):
        if len(run.jobs) > 1 or job.note:
            yield job
        for step in job.steps:
            yield StillStep(step, words, start, whole)


def _short(name: str, room: float) -> list[str]:
    """A step's name, or the script that stands for it, in three lines at most."""
    lines = [part for line in name.strip().splitlines() for part in wrap(line, room, 13, True)]
    return lines[:3] if len(lines) <= 3 else [*lines[:2], f"{lines[2][:-2]} …"]


def folded(text: str, room: float, size: float) -> list[str]:
    """The lines of a text, each in as many as there is room for."""
    return [part for line in text.splitlines() for part in wrap(line, room, size)]


def span(run: Run) -> tuple[float, float]:
    """When the run began, and seconds that it took as far as it is."""
    times = [run.began, run.ended]
    times += [time for job in run.jobs for step in job.steps for time in (step.began, step.ended)]
    known = [time for time in times if time is not None]
    return (min(known), max(known) - min(known)) if known else (0.0, 0.0)


def heading(job: JobRun, words: Words) -> str:
    """A job, what became of it, whom it waited for and why."""
    told = [f"{words('pipe.job', name=job.name)}: {marked(job.status, words)}"]
    told += [words("pipe.needs", names=", ".join(job.needs))] if job.needs else []
    return " · ".join([*told, *filter(None, [job.note])])
