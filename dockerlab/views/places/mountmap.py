"""The mount map: the container's paths as nested boxes, and where each of them comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerlab.formats.mounts import Mount, MountMap
from dockerlab.views.drawing import Drawing, text_width, wrap
from dockerlab.views.picture import Picture
from dockerlab.views.places.mounttext import layers, notes, origin_text, own, sentences, short
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveMounts

WIDTH = 960
TOP = 84.0
PATHS, SOURCES = (24.0, 530.0), (640.0, 296.0)
"""Left edge and width of the two columns."""
INDENT, GAP, HEAD, LINE = 30.0, 12.0, 40.0, 18.0
ACCENTS = {"bind": "blue", "volume": "green", "anonymous": "orange", "tmpfs": ""}


class MountsView(Picture):
    """``MountsView(mounts)`` draws a ``MountMap``; the live form looks paths up."""

    def __init__(self, mounts: MountMap, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.mounts = mounts
        self._said = tuple(sentences(mounts, self.words))
        self._notes = {mount: notes(mounts, mount, self.words) for mount in mounts.mounts}

    @property
    def title(self) -> str:
        return self.words("mount.title", name=self.mounts.container)

    @property
    def text(self) -> str:
        return "\n".join([self.title, *self._said])

    def answer(self, path: str) -> str:
        """Where a path comes from, in the learner's language."""
        return origin_text(self.mounts.origin(path), self.words)

    def draw(self) -> Drawing:
        boxes = [(mount, self._depth(mount)) for mount in self.mounts.mounts]
        root = HEAD + 2 * LINE + 4
        height = TOP + root + sum(self._height(*box) + GAP for box in boxes) + 24
        described = self.words("mount.desc", all=" ".join(self.text.splitlines()[1:]))
        drawing = Drawing(WIDTH, height, self.title, described)
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(24, 38, self.title, 17, bold=True)
        drawing.text(PATHS[0], TOP - 14, self.words("mount.paths"), 13, "muted", bold=True)
        drawing.text(SOURCES[0], TOP - 14, self.words("mount.sources"), 13, "muted", bold=True)
        self._root(drawing, root)
        y = TOP + root + GAP
        ends = {0: TOP + root}
        for mount, depth in boxes:
            self._branch(drawing, PATHS[0] + depth * INDENT, ends[depth - 1], y)
            self._mount(drawing, mount, depth, y)
            y += self._height(mount, depth) + GAP
            ends[depth] = y - GAP
        return drawing

    def _depth(self, mount: Mount) -> int:
        """In how many other mounts it stands."""
        depth, outer = 1, self.mounts.under(mount)
        while outer is not None and depth < 6:
            depth, outer = depth + 1, self.mounts.under(outer)
        return depth

    def _lines(self, mount: Mount, depth: int) -> list[str]:
        wide = PATHS[1] - depth * INDENT - 32
        return [line for note in self._notes[mount] for line in wrap(note, wide, 12.5)]

    def _height(self, mount: Mount, depth: int) -> float:
        return HEAD + 4 + max(len(self._lines(mount, depth)), 1) * LINE

    def _root(self, drawing: Drawing, high: float) -> None:
        (x, wide), (at, room) = PATHS, SOURCES
        words, image = self.words, self.mounts.image
        with drawing.group(data_tip=self._said[0], class_="part"):
            drawing.rect(x, TOP, wide, high, "purple-soft", "purple", 8)
            drawing.text(x + 16, TOP + 26, "/", 15, bold=True, mono=True)
            drawing.text(
                x + 36,
                TOP + 26,
                words("mount.root" if self.mounts.mounts else "mount.root.all"),
                13,
                "purple-text",
            )
        self._arrow(drawing, x + wide, TOP + 28, "purple")
        drawing.rect(at, TOP, room, high, "panel", "purple", 8)
        name = words("mount.image", name=image.name)
        drawing.text(at + 14, TOP + 24, name, 13.5, "purple-text", bold=True, width=room - 28)
        drawing.text(at + 14, TOP + 44, layers(self.mounts, words), 12.5, "muted")
        drawing.text(
            at + 14, TOP + 62, f"+ {own(self.mounts, words)}", 12.5, "muted", width=room - 28
        )

    def _mount(self, drawing: Drawing, mount: Mount, depth: int, y: float) -> None:
        x, wide = PATHS[0] + depth * INDENT, PATHS[1] - depth * INDENT
        high, accent = self._height(mount, depth), ACCENTS[mount.kind]
        with drawing.group(data_tip=self._told(mount), class_="part"):
            fill, edge = (f"{accent}-soft", accent) if accent else ("sunken", "edge")
            drawing.rect(x, y, wide, high, fill, edge, 8, stroke_dasharray="" if accent else "5 4")
            taken = self._marks(drawing, mount, x + wide - 12, y + 9)
            drawing.text(
                x + 16, y + 26, mount.path, 14.5, bold=True, mono=True, width=wide - 40 - taken
            )
            drawing.lines(x + 16, y + 48, self._lines(mount, depth), LINE, size=12.5)
        self._arrow(drawing, x + wide, y + 26, accent or "edge")
        self._source(drawing, mount, y)

    def _told(self, mount: Mount) -> str:
        """The sentences about this mount."""
        return self._said[1 + self.mounts.mounts.index(mount)]

    def _branch(self, drawing: Drawing, x: float, top: float, y: float) -> None:
        """From the lower edge of the outer box down to this one."""
        left = x - INDENT / 2
        drawing.path(f"M{left} {top}V{y + 22}H{x}", "", "edge", stroke_width=2)

    def _marks(self, drawing: Drawing, mount: Mount, x: float, y: float) -> float:
        taken = drawing.chip(x, y, self.words(f"mount.{mount.kind}"), "", anchor="end")
        if not mount.writable:
            x -= taken + 8
            taken += 8 + drawing.chip(x, y, self.words("mount.ro"), "red", anchor="end")
        return taken

    def _arrow(self, drawing: Drawing, x: float, y: float, accent: str) -> None:
        drawing.arrow((SOURCES[0] - 2, y), (x + 3, y), accent, width=2.5, head=10)

    def _source(self, drawing: Drawing, mount: Mount, y: float) -> None:
        (x, wide), accent = SOURCES, ACCENTS[mount.kind]
        source = self.words(f"mount.from.{mount.kind}", source=short(mount))
        drawing.rect(x, y, wide, 52, "panel", accent or "edge", 8)
        ink = f"{accent}-text" if accent else "ink"
        lines = _in_two(source, wide - 28)
        drawing.lines(x + 14, y + 40 - 9.5 * len(lines), lines, 19, size=12.5, fill=ink, mono=True)

    def animate(self) -> LiveMounts | None:
        from dockerlab.views.live import LiveMounts  # costs half a second: only when shown

        live = LiveMounts(
            svg=self.draw().svg(live=True),
            text=self.text,
            title=self.title,
            words=self.words.all("mount.ask") | self.words.all("view."),
        )
        live.observe(lambda change: self._look_up(live, str(change["new"])), "path")
        return live

    def _look_up(self, live: LiveMounts, path: str) -> None:
        live.answer = self.answer(path) if path.strip() else ""


def _in_two(text: str, wide: float) -> list[str]:
    """One line or two; of a long path the end says more than the beginning."""
    if text_width(text, 12.5, mono=True) <= wide:
        return [text]
    first, *rest = wrap(text, wide, 12.5, mono=True)
    last = "".join(rest)
    while text_width(f"…{last}", 12.5, mono=True) > wide and len(rest) > 1:
        last = last[1:]
    return [first, last if len(rest) == 1 else f"…{last}"]
