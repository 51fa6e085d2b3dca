"""What came of requests sent to a page: how many failed, how long they took, who answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dockerlab.formats.cloud import Load
from dockerlab.views.cloud.reading import rate
from dockerlab.views.drawing import Drawing
from dockerlab.views.stream import StreamPicture

if TYPE_CHECKING:
    from dockerlab.views.live import LiveMoving

WIDTH, LEFT, RIGHT = 960, 24.0, 936.0
TILE, ROW = 70.0, 30.0
BAR = (260.0, 520.0)


class LoadView(StreamPicture[Load]):
    """``LoadView(cloud.load(url))``; while it runs, ``update`` brings in what came so far."""

    kind: ClassVar[type[Any]] = Load

    @property
    def load(self) -> Load:
        return self.record or Load(0, 0, 0.0, 0.0, 0.0)

    @property
    def title(self) -> str:
        return self.words("cloud.load.title", n=self.load.sent, seconds=f"{self.load.seconds:.1f}")

    @property
    def text(self) -> str:
        load, words = self.load, self.words
        said = words(
            "cloud.load.say",
            sent=load.sent,
            failed=load.failed,
            rate=rate(self.rate),
            median=rate(load.median),
            slowest=rate(load.slowest),
        )
        shares = [
            f"  {words('cloud.instance', id=name)}: {self._share(n)}" for name, n in load.instances
        ]
        nobody = [f"  {words('cloud.load.nobody')}"]
        heading = f"{words('cloud.load.shares')}:"
        return "\n".join([self.title, said, self.verdict, heading, *(shares or nobody)])

    @property
    def rate(self) -> float:
        return self.load.sent / self.load.seconds if self.load.seconds else 0.0

    @property
    def verdict(self) -> str:
        key = "bad" if self.load.failed else "good"
        return self.words(f"cloud.load.{key}", n=self.load.failed)

    def _share(self, answered: int) -> str:
        whole = sum(n for _, n in self.load.instances) or 1
        percent = f"{answered / whole * 100:.0f}"
        return self.words("cloud.load.share", n=answered, percent=percent)

    def draw(self) -> Drawing:
        load, words = self.load, self.words
        height = 70 + TILE + 46 + ROW * max(len(load.instances), 1) + 12
        told = words("cloud.load.desc", all=" ".join(self.text.splitlines()[1:]))
        drawing = Drawing(WIDTH, height, self.title, told)
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(LEFT, 37, self.title, 17, bold=True, width=400)
        sign, accent = ("✗", "red") if load.failed else ("✓", "green")
        drawing.chip(RIGHT, 21, f"{sign} {self.verdict}", accent, anchor="end")
        self._tiles(drawing, 58)
        drawing.text(LEFT, 58 + TILE + 30, words("cloud.load.shares"), 13, "muted", bold=True)
        self._bars(drawing, 58 + TILE + 42)
        return drawing

    def _tiles(self, d: Drawing, y: float) -> None:
        load = self.load
        figures = (
            ("sent", f"{load.sent:,}", ""),
            ("failed", f"{load.failed:,}", "red" if load.failed else "green"),
            ("rate", rate(self.rate), ""),
            ("median", f"{rate(load.median)} ms", ""),
            ("slowest", f"{rate(load.slowest)} ms", ""),
        )
        wide = (RIGHT - LEFT - 4 * 12) / 5
        for number, (key, value, accent) in enumerate(figures):
            x = LEFT + number * (wide + 12)
            fill, edge = (f"{accent}-soft", accent) if accent else ("panel", "line")
            d.rect(x, y, wide, TILE, fill, edge, 10)
            ink = f"{accent}-text" if accent else "ink"
            d.text(x + wide / 2, y + 33, value, 22, ink, anchor="middle", bold=True)
            label = self.words(f"cloud.load.{key}")
            d.text(x + wide / 2, y + 55, label, 12.5, ink if accent else "muted", anchor="middle")

    def _bars(self, d: Drawing, y: float) -> None:
        if not self.load.instances:
            d.text(LEFT, y + 20, self.words("cloud.load.nobody"), 14, "red-text", bold=True)
        (x, wide), most = BAR, max([n for _, n in self.load.instances] + [1])
        for number, (name, answered) in enumerate(self.load.instances):
            at, share = y + number * ROW, self._share(answered)
            tip = f"{self.words('cloud.instance', id=name)}: {share}"
            with d.group(data_tip=tip, data_key=name, class_="part"):
                d.text(LEFT, at + 19, name, 13, mono=True, width=x - LEFT - 12)
                d.rect(x, at + 6, wide, 18, "sunken", "", 5)
                d.rect(x, at + 6, max(answered / most * wide, 3), 18, "blue", "", 5)
                d.text(x + wide + 14, at + 20, share, 13, bold=True)

    # --- live ---

    def animate(self) -> LiveMoving | None:
        from dockerlab.views.live import LiveMoving  # costs half a second: only when shown

        return LiveMoving(words=self.words.all("view."), **self.traits())

    def traits(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "text": self.text,
            "svg": self.draw().svg(live=True),
            "news": self.verdict,
        }
