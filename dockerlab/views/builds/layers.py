"""The layer explorer: an image's stack, the files of a layer, what wastes space."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dockerlab.formats.filetree import Entry, Kind
from dockerlab.formats.layers import Layer, LayerStack, Waste
from dockerlab.formats.text import size as human_size
from dockerlab.views.builds.explorer import Explorer
from dockerlab.views.builds.filerows import MARKS, FileTree, Row
from dockerlab.views.builds.layerwords import MARK_WORDS, ago
from dockerlab.views.drawing import Drawing, text_width
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveLayers

WIDTH = 960
TOP = 64.0
LEFT, RIGHT = (24.0, 448.0), (488.0, 448.0)
"""Left edge and width of the two columns."""
MOST_LAYERS, MOST_ROWS, MOST_FILES = 12, 16, 6
LAYER, LINE = 50.0, 20.0
MARK_INKS = {"+": "green", "~": "orange", "−": "red"}
STANDIN = "dockerlab stand-in: "


class LayersView(Picture):
    """``LayersView(stack, layer=3)`` draws a ``LayerStack``; by default its last layer is open.

    ``whole`` shows all files up to that layer instead of what it changed.
    """

    def __init__(
        self,
        stack: LayerStack,
        lang: Language | None = None,
        *,
        layer: int | None = None,
        whole: bool = False,
        now: float | None = None,
    ) -> None:
        super().__init__(lang)
        self.stack = stack
        self.now = time.time() if now is None else now
        self.number = _uppermost(stack) if layer is None else stack.layer(layer).number
        self.whole = whole
        self._tree = stack.tree()
        self._owners = stack.origins()

    @property
    def title(self) -> str:
        return self.words("lay.title", name=self.stack.name)

    # --- in words ---

    @property
    def text(self) -> str:
        words = self.words
        lines = [f"{self.title}: {self.total()}", *self.judgement()]
        lines += [f"  {self._line(layer)}" for layer in reversed(self.stack.layers)]
        if self.stack.efficiency.files:
            lines.append(f"{words('lay.waste')}:")
            lines += [f"  {self._waste_line(one)}" for one in self.stack.efficiency.files[:10]]
        lines.append(f"{words('lay.big')}:")
        lines += [
            f"  {path} ({human_size(entry.size)}, {self.origin(path)})"
            for path, entry in self.biggest(5)
        ]
        return "\n".join(lines)

    def total(self) -> str:
        count = len(self.stack.layers)
        return self.words(
            "lay.one" if count == 1 else "lay.total", n=count, size=human_size(self.stack.size)
        )

    def judgement(self) -> list[str]:
        """Efficiency and waste, one sentence each."""
        found, words = self.stack.efficiency, self.words
        said = [words("lay.efficiency.tip", percent=percent(found.score))]
        if not found.wasted:
            return [*said, words("lay.wasted.no")]
        wasted, hidden = human_size(found.wasted), human_size(found.hidden)
        return [*said, words("lay.wasted.tip", size=wasted, hidden=hidden)]

    def _line(self, layer: Layer) -> str:
        said = [self.weight(layer), *self.counts(layer)]
        said += [age] if (age := ago(layer.created, self.now, self.lang == "ko")) else []
        return f"{layer.number}. {self.step(layer)} ({', '.join(said)})"

    def step(self, layer: Layer) -> str:
        return layer.command.removeprefix(STANDIN) or self.words("lay.unnamed")

    def weight(self, layer: Layer) -> str:
        if layer.tree is None:
            return self.words("lay.unread")
        return self.words("lay.empty") if layer.empty else human_size(layer.size)

    def counts(self, layer: Layer) -> list[str]:
        """``12 added``, ``1 removed``: only what there is."""
        numbers = [(kind, layer.count(kind)) for kind in (Kind.ADDED, Kind.MODIFIED, Kind.DELETED)]
        return [self.words(f"{MARK_WORDS[MARKS[kind]]}.n", n=n) for kind, n in numbers if n]

    def _waste_line(self, one: Waste) -> str:
        return f"{one.path}: {human_size(one.total)}, {self.copies(one)}"

    def copies(self, one: Waste) -> str:
        """Which layers hold a copy, which took it away, how much of it nobody sees."""
        words = self.words
        key = "lay.waste.written" if len(one.written) == 1 else "lay.waste.several"
        said = [words(key, layers=_numbers(one.written))]
        if one.removed:
            said.append(words("lay.waste.removed", layers=_numbers(one.removed)))
        said.append(words("lay.waste.hidden", size=human_size(one.hidden)))
        return ", ".join(said)

    def biggest(self, most: int) -> list[tuple[str, Entry]]:
        """Paths of the whole image, the biggest first."""
        found = [(path, entry) for path, entry in self._tree.items() if entry.size]
        return sorted(found, key=lambda one: (-one[1].size, one[0]))[:most]

    def origin(self, path: str) -> str:
        return self.words("lay.big.layer", number=self._owners[path])

    # --- as a drawing ---

    def draw(self) -> Drawing:
        layers = min(len(self.stack.layers), MOST_LAYERS + 1)
        rows, rest = self._shown()
        waste = self.stack.efficiency.files[:MOST_FILES]
        big = self.biggest(MOST_FILES)
        files = 74 + LINE * (max(len(rows), 1) + bool(rest))
        cards = 46 + (max(len(waste), 1) * 38), 46 + len(big) * 24
        inner = max(files, 40 + layers * LAYER)
        below = TOP + inner + 16
        height = below + max(cards) + 24
        all_ = ". ".join(self.text.splitlines())
        described = self.words("lay.desc", number=self.number, all=all_)
        drawing = Drawing(WIDTH, height, self.title, described)
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        self._head(drawing)
        self._stack(drawing, inner)
        self._files(drawing, rows, rest, inner)
        self._waste(drawing, waste, below, max(cards))
        self._big(drawing, big, below, max(cards))
        return drawing

    def _head(self, drawing: Drawing) -> None:
        x = WIDTH - 24.0
        for text, accent in reversed(self.chips()):
            x -= drawing.chip(x, 20, text, accent, anchor="end", size=13) + 8
        drawing.text(24, 38, self.title, 17, bold=True, width=x - 32)

    def chips(self) -> list[tuple[str, str]]:
        """What stands beside the title: words and accent."""
        found, words = self.stack.efficiency, self.words
        good = found.score >= 0.95
        wasted = words("lay.wasted", size=human_size(found.wasted))
        return [
            (self.total(), "purple"),
            (words("lay.efficiency", percent=percent(found.score)), "green" if good else "orange"),
            (wasted if found.wasted else words("lay.wasted.none"), "" if good else "red"),
        ]

    def _stack(self, drawing: Drawing, inner: float) -> None:
        x, wide = LEFT
        drawing.rect(x, TOP, wide, inner, "panel", "line", 10)
        drawing.text(x + 16, TOP + 24, self.words("lay.stack"), 14, "purple-text", bold=True)
        layers = self.stack.layers[::-1]
        y = TOP + 38
        for layer in layers[:MOST_LAYERS]:
            self._layer(drawing, layer, y)
            y += LAYER
        if len(layers) > MOST_LAYERS:
            older = self.words("lay.older", n=len(layers) - MOST_LAYERS)
            drawing.text(x + wide / 2, y + 20, older, 12.5, "muted", anchor="middle")

    def _layer(self, drawing: Drawing, layer: Layer, y: float) -> None:
        x, wide = LEFT[0] + 10, LEFT[1] - 20
        chosen = layer.number == self.number
        with drawing.group(self._line(layer)):
            fill = "purple-soft" if layer.size else "panel"
            dash = "" if layer.size else "4 4"
            edge = "ink" if chosen else "purple" if layer.size else "edge"
            thick = 2.5 if chosen else 1
            drawing.rect(
                x, y, wide, LAYER - 6, fill, edge, 6, stroke_dasharray=dash, stroke_width=thick
            )
            drawing.badge(x + 20, y + 16, str(layer.number), "ink" if chosen else "muted", 10)
            size = self.weight(layer)
            ink = "purple-text" if layer.size else "muted"
            drawing.text(x + wide - 10, y + 20, size, 12.5, ink, anchor="end", bold=True)
            room = wide - 62 - text_width(size, 12.5, bold=True)
            drawing.text(x + 38, y + 20, self.step(layer), 12.5, mono=True, width=room)
            self._scale(drawing, layer, x + 38, y + 31, wide - 48)

    def _scale(self, drawing: Drawing, layer: Layer, x: float, y: float, wide: float) -> None:
        """A bar whose length is the layer's part of the heaviest one, and its age."""
        age = ago(layer.created, self.now, self.lang == "ko")
        said = " · ".join([*_signs(layer), *([age] if age else [])])
        drawing.text(x + wide, y + 6, said, 11.5, "muted", anchor="end")
        if layer.size:
            heaviest = max(one.size for one in self.stack.layers)
            drawing.rect(x, y, wide - 160, 5, "canvas", "", 2.5)
            drawing.rect(x, y, max((wide - 160) * layer.size / heaviest, 2), 5, "purple", "", 2.5)

    def _shown(self) -> tuple[list[Row], int]:
        """The rows that are drawn of the file tree, and how many are left out."""
        tree = FileTree.of(self.stack, self.number, self.whole)
        rows = list(tree.rows(tree.unfolded(MOST_ROWS)))
        kept = rows if len(rows) <= MOST_ROWS else rows[: MOST_ROWS - 1]
        return kept, len(rows) - len(kept)

    def _files(self, drawing: Drawing, rows: Sequence[Row], rest: int, inner: float) -> None:
        x, wide = RIGHT
        words, layer = self.words, self.stack.layer(self.number)
        drawing.rect(x, TOP, wide, inner, "panel", "line", 10)
        key = "lay.files.whole" if self.whole else "lay.files.changed"
        head = words(key, number=self.number)
        drawing.text(x + 16, TOP + 24, head, 14, "blue-text", bold=True, width=wide - 32)
        at = x + 16.0
        for mark, word in MARK_WORDS.items():
            drawing.text(at, TOP + 46, f"{mark} {words(word)}", 12, f"{MARK_INKS[mark]}-text")
            at += text_width(f"{mark} {words(word)}", 12) + 14
        if not rows:
            said = words("lay.unread" if layer.tree is None else "lay.files.none")
            drawing.text(x + 16, TOP + 74, said, 13, "muted", width=wide - 32)
        for number, row in enumerate(rows):
            self._row(drawing, row, TOP + 72 + number * LINE)
        if rest:
            more = words("lay.files.rest", n=rest)
            drawing.text(x + 34, TOP + 72 + len(rows) * LINE, more, 12.5, "muted")

    def _row(self, drawing: Drawing, row: Row, y: float) -> None:
        x, wide = RIGHT
        if row.mark:
            ink = f"{MARK_INKS[row.mark]}-text"
            drawing.text(x + 20, y, row.mark, 14, ink, bold=True, anchor="middle", mono=True)
        size = human_size(row.size) if row.size else ""
        drawing.text(x + wide - 14, y, size, 12, "blue-text", anchor="end", mono=True)
        left = x + 34 + min(row.depth, 10) * 14
        shown = f"{row.name}/" if row.type == "dir" else row.name
        shown += f" → {row.link}" if row.link else ""
        if row.type == "dir" and not row.open and row.files:
            shown += f"  ({row.files})"
        gone = "line-through" if row.mark == "−" else ""
        drawing.text(
            left,
            y,
            shown,
            12.5,
            f"{MARK_INKS[row.mark]}-text" if row.mark else "ink",
            mono=True,
            bold=row.type == "dir",
            width=x + wide - 90 - left,
            text_decoration=gone,
        )

    def _waste(self, drawing: Drawing, files: Sequence[Waste], y: float, high: float) -> None:
        x, wide = LEFT
        drawing.rect(x, y, wide, high, "panel", "line", 10)
        drawing.text(x + 16, y + 24, self.words("lay.waste"), 14, "red-text", bold=True)
        if not files:
            drawing.text(x + 16, y + 50, self.words("lay.waste.none"), 13, "muted")
        for number, one in enumerate(files):
            at = y + 48 + number * 38
            drawing.text(x + 16, at, one.path, 12.5, mono=True, width=wide - 110)
            size = human_size(one.total)
            drawing.text(x + wide - 14, at, size, 12.5, "red-text", anchor="end", bold=True)
            drawing.text(x + 16, at + 16, self.copies(one), 12, "muted", width=wide - 30)

    def _big(
        self, drawing: Drawing, files: Sequence[tuple[str, Entry]], y: float, high: float
    ) -> None:
        x, wide = RIGHT
        drawing.rect(x, y, wide, high, "panel", "line", 10)
        drawing.text(x + 16, y + 24, self.words("lay.big"), 14, "blue-text", bold=True)
        for number, (path, entry) in enumerate(files):
            at = y + 48 + number * 24
            said = f"{self.origin(path)}  {human_size(entry.size)}"
            drawing.text(x + wide - 14, at, said, 12, "blue-text", anchor="end")
            room = wide - 44 - text_width(said, 12)
            drawing.text(x + 16, at, path, 12.5, mono=True, width=room)

    def animate(self) -> LiveLayers | None:
        return Explorer(self).widget()


def percent(score: float) -> str:
    """Rounded down to a tenth: 100 is said only when nothing at all is wasted."""
    return f"{math.floor(score * 1000) / 10:g}"


def _uppermost(stack: LayerStack) -> int:
    """The last layer that changed a file."""
    holding = [layer.number for layer in stack.layers if layer.changes]
    return holding[-1] if holding else len(stack.layers)


def _numbers(layers: Sequence[int]) -> str:
    return ", ".join(map(str, layers))


def _signs(layer: Layer) -> list[str]:
    """``+12 ~1 −3``"""
    kinds = (Kind.ADDED, Kind.MODIFIED, Kind.DELETED)
    said = [f"{MARKS[kind]}{layer.count(kind)}" for kind in kinds if layer.count(kind)]
    return [" ".join(said)] if said else []
