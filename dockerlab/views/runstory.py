"""The story of one ``docker run``, drawn from real requests and events."""

from __future__ import annotations

import shlex
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dockerlab.formats.story import Request, RunStory
from dockerlab.formats.text import size as human_size
from dockerlab.views.drawing import Drawing, text_width, upon, wrap
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language, Words

if TYPE_CHECKING:
    from dockerlab.views.live import Live

WIDTH = 960
TOP = 78
"""Where the scene begins; the line that was typed stands above."""
SCENE = 300
ACCENTS = {
    "send": "blue",
    "look": "purple",
    "pull": "orange",
    "snapshot": "purple",
    "start": "green",
    "output": "blue",
    "end": "red",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step of the story: what happened, why, and what was seen of it."""

    key: str
    number: int
    title: str
    why: str
    proof: tuple[str, ...]
    took: float | None = None
    failed: bool = False

    @property
    def accent(self) -> str:
        return "red" if self.failed else ACCENTS[self.key]


def chapters(story: RunStory, words: Words) -> tuple[Chapter, ...]:
    """The story in steps; it ends at the step that failed."""
    told: list[Chapter] = []
    for tell in (_send, _look, _pull, _snapshot, _start, _output, _end):
        chapter = tell(story, words, len(told) + 1)
        if chapter is None:
            continue
        told.append(chapter)
        if chapter.failed:
            break
    return tuple(told)


def _send(story: RunStory, words: Words, number: int) -> Chapter:
    first = [r for r in story.requests if r.path.startswith("/containers/create")][:1]
    proof = tuple(f"{request.method} {_short(request.path)}" for request in first)
    return Chapter("send", number, words("run.send"), words("run.send.why"), proof)


def _look(story: RunStory, words: Words, number: int) -> Chapter:
    answer, found = ("hit", "found") if story.cached else ("miss", "lacking")
    seen = words(f"run.look.{found}", image=story.image)
    if story.cached and story.size:
        seen += f" ({layers(story.layers, words)}, {human_size(story.size)})"
    why = words(f"run.look.{answer}")
    return Chapter("look", number, words("run.look"), why, (seen,))


def _pull(story: RunStory, words: Words, number: int) -> Chapter | None:
    pull = next((r for r in story.requests if r.path.startswith("/images/create")), None)
    if pull is None:
        return None
    failed = not story.container
    proof = [_line(pull)]
    if story.pulled:
        proof.append(layers(len(story.pulled), words))
    proof += [story.error] if failed else []
    why = words("run.pull.failed" if failed else "run.pull.why")
    return Chapter("pull", number, words("run.pull"), why, tuple(proof), pull.took, failed)


def _snapshot(story: RunStory, words: Words, number: int) -> Chapter | None:
    create = story.request("POST", "/containers/create")
    if create is None:
        return None
    answer = words("run.answer", status=create.status)
    if not story.container:
        title, why = words("run.refused"), words("run.refused.why")
        return Chapter("snapshot", number, title, why, (answer, story.error), failed=True)
    event = words("run.event", kind="container", action=f"create {story.container}")
    proof = (answer, event)
    why = words("run.snapshot.why")
    return Chapter("snapshot", number, words("run.snapshot"), why, proof, create.took)


def _start(story: RunStory, words: Words, number: int) -> Chapter | None:
    start = story.request("POST", "/start")
    if start is None:
        return None
    failed = start.status >= 400
    proof = [_line(start)]
    if story.event("start"):
        proof.append(words("run.event", kind="container", action="start"))
    proof += [story.error] if failed else []
    missing = "not found" in story.error or "no such file" in story.error
    why = words("run.start.why")
    if failed:
        why = words("run.start.failed" if missing else "run.start.refused")
    title = words("run.start.no" if failed else "run.start")
    return Chapter("start", number, title, why, tuple(proof), start.took, failed)


def _output(story: RunStory, words: Words, number: int) -> Chapter | None:
    attach = story.request("POST", "/attach")
    if attach is None:
        return None
    said = story.output.strip("\n").splitlines()
    proof = (_line(attach), *(said[:2] or (words("run.nothing"),)), *(["…"] if said[2:] else []))
    return Chapter("output", number, words("run.output"), words("run.output.why"), proof)


def _end(story: RunStory, words: Words, number: int) -> Chapter | None:
    if story.exit_code is None:
        return None
    died = words("run.event", kind="container", action="die")
    proof = [f"{died}, {words('run.exit', code=story.exit_code)}"]
    removal = next((r for r in story.requests if r.method == "DELETE"), None)
    if removal:
        proof.append(_line(removal))
    why = words("run.end.removed" if story.removed else "run.end.why")
    return Chapter("end", number, words("run.end"), why, tuple(proof))


def _line(request: Request) -> str:
    return f"{request.method} {_short(request.path)} → {request.status}"


def _short(path: str) -> str:
    """Without the query, and with ids as short as docker shows them."""
    parts = path.split("?", 1)[0].split("/")
    return "/".join(part[:12] if len(part) == 64 else part for part in parts)


def layers(count: int, words: Words) -> str:
    return words("run.layer") if count == 1 else words("run.layers", n=count)


def milliseconds(value: float) -> str:
    """Always whole milliseconds, so that a notebook's checker can find and mask them."""
    return f"{max(round(value), 1)} ms"


class RunView(Picture):
    """``RunView(story)`` shows a recorded ``docker run`` step by step."""

    def __init__(self, story: RunStory, lang: Language = "en") -> None:
        super().__init__(lang)
        self.story = story
        self.chapters = chapters(story, self.words)

    @property
    def typed(self) -> str:
        own = shlex.join(self.story.command) if self.story.replaced else ""
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
        _Scene(drawing, self).draw()
        self._time(drawing, TOP + SCENE + 18)
        y = TOP + SCENE + 96.0
        for row in rows:
            row.draw(drawing, y)
            y += row.height
        return drawing

    def animate(self) -> Live | None:
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
        taken: list[tuple[float, float]] = []
        for request in self.story.requests:
            step = self._step_of(request)
            if step is None:
                continue
            x, wide = left + request.at * scale, max(request.took * scale, 3.0)
            x = min(x, right - wide)
            label = f"{_line(request)}: {milliseconds(request.took)}"
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
                elif not any(a < x + 9 and x - 9 < b for a, b in taken):
                    drawing.text(
                        x + wide / 2, y + 57, str(step.number), 11, "muted", anchor="middle"
                    )
                    taken.append((x - 4, x + 4))

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


class _Scene:
    """Client, server and registry, and what goes between them."""

    CLIENT = (24.0, 204.0)
    SERVER = (350.0, 356.0)
    REGISTRY = (792.0, 144.0)

    def __init__(self, drawing: Drawing, view: RunView) -> None:
        self.drawing, self.story, self.words = drawing, view.story, view.words
        self.typed = view.typed
        self.numbers = {chapter.key: chapter.number for chapter in view.chapters}
        self.failed = {chapter.key for chapter in view.chapters if chapter.failed}
        self.accents = {chapter.key: chapter.accent for chapter in view.chapters}

    def draw(self) -> None:
        self._client()
        self._server()
        self._registry()
        self._cache()
        self._container()
        self._arrows()

    def _client(self) -> None:
        d, (x, wide) = self.drawing, self.CLIENT
        d.rect(x, TOP, wide, SCENE, "panel", "line", 12)
        d.text(x + 16, TOP + 28, self.words("run.client"), 16, bold=True)
        d.text(x + 16, TOP + 47, self.words("run.client.sub"), 12, "muted")
        d.rect(x + 12, TOP + 62, wide - 24, SCENE - 74, "screen", "", 8)
        for number, colour in enumerate(("red", "orange", "green")):
            d.circle(x + 26 + number * 13, TOP + 77, 4, colour)
        lines = wrap(f"$ {self.typed}", wide - 48, 12, mono=True)[:4]
        d.lines(x + 24, TOP + 104, lines, 17, size=12, fill="screen-ink", mono=True, bold=True)
        y = TOP + 108 + 17 * len(lines)
        said = self.story.output.strip("\n").split("\n") if self.story.output.strip() else []
        room = int((TOP + SCENE - 22 - y) // 16)
        with self._step("output"):
            for number, line in enumerate(said[:room]):
                shown = "…" if number == room - 1 and len(said) > room else line
                d.text(x + 24, y + 16 * number, shown, 11.5, "screen-ink", mono=True, width=156)
        if self.story.error:
            wrapped = wrap(self.story.error, wide - 48, 11, mono=True)[: max(room, 1)]
            with self._step(next(iter(self.failed), "send")):
                d.lines(x + 24, y, wrapped, 15, size=11, fill="orange", mono=True)

    def _server(self) -> None:
        d, (x, wide) = self.drawing, self.SERVER
        d.rect(x, TOP, wide, SCENE, "blue-soft", "blue", 12, stroke_width=1.5)
        d.text(x + 16, TOP + 28, self.words("run.server"), 16, "blue-text", bold=True)
        d.text(x + wide - 16, TOP + 27, self.story.engine, 12, "blue-text", anchor="end", width=210)

    def _registry(self) -> None:
        d, (x, wide) = self.drawing, self.REGISTRY
        idle = "pull" not in self.numbers
        with d.group(opacity=0.55 if idle else 1):
            cloud = (
                f"M{x + 34} {TOP + 128}a30 30 0 0 1 -6 -59a40 40 0 0 1 74 -21"
                "a32 32 0 0 1 24 25a28 28 0 0 1 -10 55z"
            )
            dash = "5 5" if idle else ""
            accent = ("panel", "line") if idle else ("orange-soft", "orange")
            d.path(cloud, *accent, stroke_width=1.5, stroke_dasharray=dash)
            ink = "muted" if idle else "orange-text"
            middle = x + wide / 2
            d.text(
                middle, TOP + 94, self.words("run.registry"), 14, ink, anchor="middle", bold=True
            )
            d.text(middle, TOP + 112, self.words("run.registry.sub"), 12, ink, anchor="middle")
        if idle:
            note = self.words("run.registry.idle")
            d.text(x + wide / 2, TOP + 152, note, 12, "muted", anchor="middle")

    def _cache(self) -> None:
        d, (left, wide) = self.drawing, self.SERVER
        x, y = left + 14, TOP + 42.0
        d.rect(x, y, wide - 28, 92, "panel", "line", 8)
        d.text(x + 14, y + 22, self.words("run.cache"), 13, "muted", bold=True)
        key = "look" if self.story.cached else "pull"
        with self._step(key):
            if self.story.container or (self.story.cached and not self.failed):
                self._image(x + 118, y + 12)
            else:
                d.rect(x + 118, y + 12, 196, 68, "", "red", 6, stroke_dasharray="5 5")
                d.text(x + 216, y + 51, self.words("run.missing"), 12, "red-text", anchor="middle")
        self._mark("look", x + 24, y + 58)
        if "look" in self.numbers:
            sign, ink = ("✓", "green-text") if self.story.cached else ("✗", "red-text")
            with self._step("look"):
                d.text(x + 46, y + 65, sign, 20, ink, bold=True)

    def _image(self, x: float, y: float) -> None:
        d = self.drawing
        for number in range(min(max(self.story.layers, 1), 4) - 1, -1, -1):
            shift = number * 4
            d.rect(x + shift, y - shift / 2, 196 - 12, 68, "purple-soft", "purple", 6)
        d.text(x + 12, y + 21, self.story.image, 13, "purple-text", bold=True, width=160)
        size = f" · {human_size(self.story.size)}" if self.story.size else ""
        about = f"{layers(self.story.layers, self.words)}{size}"
        d.text(x + 12, y + 39, about, 11.5, "muted", width=164)
        own = shlex.join(self.story.own)
        label = f"{self.words('run.command')}: "
        wide = text_width(label, 11.5)
        if own and self.story.replaced:
            tip, struck = self.words("run.replaced"), "line-through"
        else:
            tip, struck = "", ""
        with d.group(tip):
            d.text(x + 12, y + 57, label, 11.5, "muted")
            d.text(
                x + 12 + wide,
                y + 57,
                own,
                11.5,
                mono=True,
                width=164 - wide,
                text_decoration=struck,
            )

    def _container(self) -> None:
        d, (left, wide) = self.drawing, self.SERVER
        x, y, inner = left + 14, TOP + 172.0, wide - 28
        if not self.story.container:
            d.rect(x, y, inner, 114, "", "line", 8, stroke_dasharray="5 5")
            middle = x + inner / 2
            d.text(middle, y + 62, self.words("run.none"), 12, "muted", anchor="middle")
            return
        with self._step("snapshot"):
            d.rect(x, y, inner, 114, "panel", "ink", 8, stroke_width=1.5)
            d.text(x + 14, y + 21, self.words("run.container"), 13, bold=True)
            d.text(
                x + inner - 12, y + 21, self.story.container, 12, "muted", anchor="end", mono=True
            )
            d.rect(x + 10, y + 32, 150, 72, "purple-soft", "", 6)
            lines = wrap(self.words("run.disk"), 132, 11.5)[:2]
            d.lines(x + 20, y + 49, lines, 14, size=11.5, fill="purple-text")
            names = " ".join(f"/{n}" for n in self.story.files if not n.startswith("."))
            room = 52 + 14 * len(lines)
            shown = wrap(names, 134, 10.5, mono=True)[: 4 - len(lines)]
            d.lines(x + 20, y + room, shown, 13, size=10.5, fill="muted", mono=True)
        with self._step("start"):
            bad = "start" in self.failed
            accent = "red" if bad else "green"
            d.rect(x + 192, y + 32, inner - 202, 72, f"{accent}-soft", accent, 6)
            d.text(x + 204, y + 49, self.words("run.process"), 11.5, f"{accent}-text")
            words = wrap(shlex.join(self.story.command), inner - 228, 12, mono=True)
            d.lines(x + 204, y + 69, words[:2], 16, size=12, mono=True, bold=True)
            if bad:
                d.text(x + inner - 22, y + 52, "✗", 14, "red-text", anchor="end", bold=True)

    def _arrows(self) -> None:
        left, right = self.CLIENT[0] + self.CLIENT[1] + 4, self.SERVER[0] - 4
        self._arrow("send", (left, TOP + 88), (right, TOP + 88), "POST create")
        self._arrow("output", (right, TOP + 196), (left, TOP + 196), self.words("run.said"))
        code = self.words("run.exit", code=self.story.exit_code)
        self._arrow("end", (right, TOP + 250), (left, TOP + 250), code)
        server = self.SERVER[0] + self.SERVER[1]
        there, back = (server + 4, TOP + 100), (self.REGISTRY[0] + 14, TOP + 100)
        got = layers(len(self.story.pulled), self.words) if self.story.pulled else ""
        self._arrow("pull", back, there, got)
        x = self.SERVER[0] + 14 + 132
        if "snapshot" in self.numbers:
            self._arrow("snapshot", (x + 20, TOP + 137), (x - 20, TOP + 202), "", turn=True)
        if "start" in self.numbers:
            self._arrow("start", (x + 30, TOP + 240), (x + 58, TOP + 240), "")

    def _arrow(
        self,
        key: str,
        start: tuple[float, float],
        end: tuple[float, float],
        label: str,
        turn: bool = False,
    ) -> None:
        if key not in self.numbers:
            return
        d, accent = self.drawing, self.accents[key]
        with self._step(key):
            x, y = d.arrow(start, end, accent, width=2.5, head=10, class_="flow")
            if key == "start":
                d.badge(x, y - 24, str(self.numbers[key]), accent)
                return
            d.badge(x + (14 if turn else 0), y, str(self.numbers[key]), accent)
            for number, line in enumerate(wrap(label, 108, 11.5)[:2]):
                d.text(
                    x,
                    y + 27 + 14 * number,
                    line,
                    11.5,
                    f"{accent}-text",
                    anchor="middle",
                    bold=True,
                )

    def _mark(self, key: str, x: float, y: float) -> None:
        if key in self.numbers:
            with self._step(key):
                self.drawing.badge(x, y, str(self.numbers[key]), ACCENTS[key])

    def _step(self, key: str) -> AbstractContextManager[None]:
        return self.drawing.group(data_step=self.numbers.get(key, 0), class_="step")
