"""The scene of a run: client, server and registry, and what goes between them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import AbstractContextManager

from dockerlab.errors import FormatError
from dockerlab.formats.reference import parse
from dockerlab.formats.story import RunStory
from dockerlab.formats.text import size as human_size
from dockerlab.views.chapters import ACCENTS, Chapter, layers
from dockerlab.views.drawing import Drawing, text_width, wrap
from dockerlab.views.words import Words

TOP = 78
"""Where the scene begins; the line that was typed stands above."""
SCENE = 300
"""Its height."""


def registry(image: str) -> str:
    """Who a name is asked of: Docker Hub, unless another registry stands in front."""
    try:
        domain = parse(image).domain
    except FormatError:
        return "Docker Hub"
    return "Docker Hub" if domain == "docker.io" else domain


class Scene:
    """Draws one story between the line that was typed and the strip of time."""

    CLIENT = (24.0, 204.0)
    SERVER = (350.0, 356.0)
    REGISTRY = (792.0, 144.0)

    def __init__(
        self,
        drawing: Drawing,
        story: RunStory,
        typed: str,
        chapters: Sequence[Chapter],
        words: Words,
    ) -> None:
        self.drawing, self.story, self.words = drawing, story, words
        self.typed = typed
        self.numbers = {chapter.key: chapter.number for chapter in chapters}
        self.failed = {chapter.key for chapter in chapters if chapter.failed}
        self.accents = {chapter.key: chapter.accent for chapter in chapters}

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
            d.text(middle, TOP + 112, registry(self.story.image), 12, ink, anchor="middle")
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
            words = wrap(shlex.join(self.story.command), inner - 224, 11.5, mono=True)
            d.lines(x + 204, y + 67, words[:3], 15, size=11.5, mono=True, bold=True)
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
