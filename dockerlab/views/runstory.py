"""The story of one ``docker run``, drawn from real requests and events."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dockerlab.formats.story import Request, RunStory
from dockerlab.views.chapters import Chapter, chapters, milliseconds, request_line
from dockerlab.views.drawing import Drawing, text_width, upon, wrap
from dockerlab.views.picture import Picture
from dockerlab.views.runscene import SCENE, TOP, Scene
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveRun

WIDTH = 960


class RunView(Picture):
    """``RunView(story)`` shows a recorded ``docker run`` step by step."""

    def __init__(self, story: RunStory, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.story = story
        self.chapters = chapters(story, self.words)

    @property
    def typed(self) -> str:
        own = shlex.join(self.story.typed or ())
        removed = "--rm " if self.story.removed else ""
        return f"docker run {removed}{self.story.image} {own}".strip()

    @property
    def title(self) -> str:
        return self.words("run.title", typed=self.typed)

    @property
    def text(self) -> str:
        lines = [self.title]
        for chapter in self.chapters:
            took = f" ({milliseconds(chapter.took)})" if chapter.took is not None else ""
            lines.append(f"{chapter.number}. {chapter.title}{took}. {chapter.why}")
            lines += [f"   · {line}" for proof in chapter.proof for line in proof.splitlines()]
        return "\n".join(lines)

    def draw(self) -> Drawing:
        rows = [_Row(chapter) for chapter in self.chapters]
        height = TOP + SCENE + 96 + sum(row.height for row in rows) + 16
        told = " ".join(f"{chapter.number}. {chapter.why}" for chapter in self.chapters)
        drawing = Drawing(WIDTH, height, self.title, self.words("run.desc", steps=told))
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        self._head(drawing)
        Scene(drawing, self.story, self.typed, self.chapters, self.words).draw()
        self._time(drawing, TOP + SCENE + 18)
        y = TOP + SCENE + 96.0
        for row in rows:
            row.draw(drawing, y)
            y += row.height
        return drawing

    def animate(self) -> LiveRun | None:
        from dockerlab.views.live import LiveRun  # costs half a second: only when shown

        return LiveRun(
            svg=self.draw().svg(live=True),
            text=self.text,
            title=self.title,
            words=self.words.all("run.") | self.words.all("view."),
            steps=[
                {"key": c.key, "title": c.title, "why": c.why, "failed": c.failed}
                for c in self.chapters
            ],
        )

    def _head(self, drawing: Drawing) -> None:
        words, story = self.words, self.story
        x = WIDTH - 24.0
        x -= drawing.chip(x, 26, milliseconds(story.total), anchor="end", mono=True) + 8
        if story.exit_code is not None:
            accent = "green" if story.exit_code == 0 else "red"
            label = words("run.exit", code=story.exit_code)
        else:
            label, accent = words("run.failed"), "red"
        x -= drawing.chip(x, 26, label, accent, anchor="end") + 8
        got = "hit" if story.cached else "miss" if story.container else "missing"
        accent = {"hit": "purple", "miss": "orange", "missing": "red"}[got]
        x -= drawing.chip(x, 26, words(f"run.{got}"), accent, anchor="end") + 16
        drawing.rect(24, 18, x - 24, 38, "screen", "", 8)
        drawing.text(40, 42, "$", 15, "screen-muted", mono=True)
        drawing.text(58, 42, self.typed, 15, "screen-ink", mono=True, bold=True, width=x - 76)

    def _time(self, drawing: Drawing, y: float) -> None:
        """Each request as a bar on one axis, in the colour of its step."""
        left, right = 24.0, WIDTH - 24.0
        total = max(self.story.total, 1.0)
        drawing.text(left, y + 4, self.words("run.time"), 12, "muted", bold=True)
        end = milliseconds(total)
        drawing.text(right, y + 4, end, 12, "muted", anchor="end", mono=True)
        drawing.rect(left, y + 14, right - left, 30, "sunken", "", 6)
        scale = (right - left) / total
        taken: list[float] = []
        for request in self.story.requests:
            step = self._step_of(request)
            if step is None:
                continue
            x, wide = left + request.at * scale, max(request.took * scale, 3.0)
            x = min(x, right - wide)
            label = f"{request_line(request)}: {milliseconds(request.took)}"
            with drawing.group(label, data_step=step.number, class_="step"):
                drawing.rect(x, y + 14, wide, 30, step.accent, "", min(4.0, wide / 2))
                if wide > text_width("0000 ms", 12, mono=True) + 30:
                    drawing.text(
                        x + wide / 2,
                        y + 33,
                        f"{step.number}  {milliseconds(request.took)}",
                        12,
                        upon(step.accent),
                        anchor="middle",
                        bold=True,
                        mono=True,
                    )
                elif not any(abs(x + wide / 2 - other) < 14 for other in taken):
                    drawing.text(
                        x + wide / 2, y + 57, str(step.number), 11, "muted", anchor="middle"
                    )
                    taken.append(x + wide / 2)

    def _step_of(self, request: Request) -> Chapter | None:
        """Which step a request belongs to; None for the small talk before it all."""
        endings = {"create": "snapshot", "attach": "output", "start": "start", "wait": "end"}
        last = request.path.split("?", 1)[0].rsplit("/", 1)[-1]
        key = "end" if request.method == "DELETE" else endings.get(last, "")
        if request.path.startswith("/images/create"):
            key = "pull"
        elif request.status == 404:
            key = "look"
        return next((chapter for chapter in self.chapters if chapter.key == key), None)


class _Row:
    """One line of the list below the scene: number, what and why, proof."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter = chapter
        self.why = wrap(chapter.why, 470, 13)
        self.proof = [line for proof in chapter.proof for line in wrap(proof, 366, 12, mono=True)][
            :5
        ]
        self.height = max(24 + 18 * len(self.why), 10 + 17 * len(self.proof)) + 12

    def draw(self, drawing: Drawing, y: float) -> None:
        chapter, accent = self.chapter, self.chapter.accent
        with drawing.group(data_step=chapter.number, class_="step"):
            drawing.rect(24, y, WIDTH - 48, self.height - 6, "panel", "line", 8)
            bar = f"M30 {y + 9:.1f}v{self.height - 24:.1f}"
            drawing.path(bar, "", accent, stroke_width=3.5, stroke_linecap="round")
            drawing.badge(48, y + 20, str(chapter.number), accent)
            drawing.text(70, y + 19, chapter.title, 14, f"{accent}-text", bold=True)
            if chapter.took is not None:
                wide = text_width(chapter.title, 14, bold=True)
                drawing.text(84 + wide, y + 19, milliseconds(chapter.took), 12, "muted", mono=True)
            for number, line in enumerate(self.why):
                drawing.text(70, y + 38 + 18 * number, line, 13)
            ink = "red-text" if chapter.failed else "muted"
            for number, line in enumerate(self.proof):
                drawing.text(564, y + 20 + 17 * number, line, 12, ink, mono=True)
