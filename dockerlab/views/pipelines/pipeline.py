"""A run of a pipeline: its stages, each step with what it wrote, where and why it failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from dockerlab.formats.pipeline.run import Run, Status, StepRun
from dockerlab.views.builds.rows import took
from dockerlab.views.drawing import Drawing
from dockerlab.views.pipelines import plain, reading
from dockerlab.views.pipelines.notes import in_language
from dockerlab.views.pipelines.reading import ACCENTS, marked
from dockerlab.views.pipelines.runs import Runs, coming
from dockerlab.views.pipelines.stages import ordered, stages
from dockerlab.views.pipelines.still import LEFT, RIGHT, StillList, folded, heading
from dockerlab.views.pipelines.strip import Strip
from dockerlab.views.stream import StreamPicture
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LivePipeline

WIDTH = 960
TOLD = 20
"""Of a failed step's log, the last lines that the text tells."""


class PipelineView(StreamPicture[Run]):
    """``PipelineView(run)`` is one run; ``ci.follow()`` shows it while it goes on, and ``ci``
    itself whichever is the newest.
    """

    kind: ClassVar[type[Any]] = Run

    def __init__(self, shown: Run | Iterable[Run] | Runs, lang: Language | None = None) -> None:
        self._ci = shown if isinstance(shown, Runs) else None
        super().__init__(coming(shown) if isinstance(shown, Runs) else shown, lang)
        if self.record is not None:
            self.record = in_language(self.record, self.words.lang)

    def update(self, record: Run) -> None:
        super().update(in_language(record, self.words.lang))

    @property
    def title(self) -> str:
        if self.record is None and self._ci:
            return self.words("pipe.title.ci", name=self._ci.name)
        return reading.headline(self.record, self.words)

    @property
    def summary(self) -> str:
        if self.record is None and self._ci:
            return self.words("pipe.sum.none.ci", remote=self._ci.remote)
        return reading.summary(self.record, self.words)

    @property
    def text(self) -> str:
        run, words = self.record, self.words
        lines = [self.title, self.summary]
        if run is not None:
            spent = took(run.seconds, words) if run.seconds else ""
            lines[0] = (
                f"{self.title}: {', '.join(filter(None, [marked(run.status, words), spent]))}"
            )
            lines.insert(1, reading.source(run, words))
            lines += [f"{words('pipe.warning')}: {one}" for one in plain.warnings(run, words)]
            lines += self._jobs(run)
        if self.broken:
            lines.append(words("pipe.broken", error=self.broken))
        return "\n".join(lines)

    def _jobs(self, run: Run) -> Iterator[str]:
        number = 0
        for job in ordered(run):
            yield heading(job, self.words)
            for step in job.steps:
                number += 1
                yield from self._step(step, number)

    def _step(self, step: StepRun, number: int) -> Iterator[str]:
        words = self.words
        about = [marked(step.status, words)]
        if step.seconds is not None and step.status is not Status.SKIPPED:
            about.append(took(step.seconds, words))
        if step.exit_code:
            about.append(words("pipe.exit", code=step.exit_code))
        phase = f"{step.phase}: " if step.phase not in ("", step.name) else ""
        name = " ⏎ ".join(step.name.strip().splitlines())
        yield f"  {number}. {phase}{name} [{', '.join(about)}]"
        yield from (f"     {line}" for line in step.note.splitlines())
        if step.status in (Status.FAILED, Status.ERRORED) and step.log:
            yield f"     {words('pipe.last')}"
            yield from (f"     | {line}" for line in reading.tail(step, TOLD))

    # --- still ---

    def draw(self) -> Drawing:
        run, words = self.record, self.words
        bad = run is not None and (run.status.bad or bool(run.error))
        told = folded(self.summary, (RIGHT - LEFT) * (0.9 if bad else 1), 14)
        about = [reading.source(run, words)] if run else []
        warned = [folded(one, RIGHT - LEFT - 60, 13) for one in plain.warnings(run, words)]
        strip = Strip(stages(run) if run else [], words)
        listed = StillList(run, words)
        tall = 58 + 20.0 * len(told) + 22 * len(about) + self._tall(warned)
        rows = tall + (strip.height + 18 if strip.height else 0)
        height = rows + listed.height + 8
        drawing = Drawing(WIDTH, height, self.title, words("pipe.desc", summary=" ".join(told)))
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        self._head(drawing, run)
        drawing.lines(LEFT, 62, about, 20, size=13, fill="muted", width=RIGHT - LEFT)
        ink = "red-text" if bad else "ink"
        drawing.lines(LEFT, 64 + 22 * len(about), told, 20, size=14, fill=ink, bold=bad)
        self._warn(drawing, tall - self._tall(warned), warned)
        strip.draw(drawing, tall + 4)
        listed.draw(drawing, rows)
        return drawing

    def _head(self, drawing: Drawing, run: Run | None) -> None:
        x = RIGHT
        if run is not None:
            if run.seconds:
                spent = took(run.seconds, self.words)
                x -= drawing.chip(x, 21, spent, anchor="end", mono=True) + 8
            told, accent = marked(run.status, self.words), ACCENTS.get(run.status, "")
            x -= drawing.chip(x, 21, told, accent, anchor="end") + 16
        drawing.text(LEFT, 37, self.title, 17, bold=True, width=x - LEFT)

    def _tall(self, warned: list[list[str]]) -> float:
        return sum(18.0 * len(lines) + 20 for lines in warned)

    def _warn(self, drawing: Drawing, y: float, warned: list[list[str]]) -> None:
        for lines in warned:
            tall = 18.0 * len(lines) + 12
            drawing.rect(LEFT, y, RIGHT - LEFT, tall, "orange-soft", "orange", 8, stroke_width=2)
            drawing.badge(LEFT + 22, y + 15, "!", "orange", 10)
            drawing.lines(LEFT + 42, y + 20, lines, 18, size=13, fill="orange-text")
            y += tall + 8

    # --- live ---

    def animate(self) -> LivePipeline | None:
        from dockerlab.views.live import LivePipeline  # costs half a second: only when shown

        prefixes = ("pipe.", "build.", "view.")
        words = {key: text for prefix in prefixes for key, text in self.words.all(prefix).items()}
        # The list of rows is the build's own; here it speaks of runs.
        words["build.log"] = words["pipe.log"]
        return LivePipeline(words=words, **self.traits())

    def traits(self) -> dict[str, Any]:
        run, words = self.record, self.words
        return {
            "title": self.title,
            "text": self.text,
            "head": plain.head(run, words, self.summary, self.broken),
            "strip": plain.strip(run, words),
            "rows": plain.rows(run, words),
            "logs": plain.logs(run, running=False),
            "tails": plain.logs(run, running=True),
        }
