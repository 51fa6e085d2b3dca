"""Virtual machine against container: two stacks, and what one container measured here costs."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dockerlab.formats.reports import Footprint
from dockerlab.formats.text import size as human_size
from dockerlab.views.drawing import COLOURS, SANS, Drawing, text_width, upon
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dockerlab.views.live import LiveStacks

WIDTH = 960
STACKS = 368.0
CHART = 268.0
MOST = 4
"""As many apps as the stacks can carry."""


@dataclass(frozen=True, slots=True)
class Typical:
    """What is commonly published for a general-purpose server VM: from, to. Never measured here.

    Start: from power-on to a login. Memory: the guest system alone, idle. Disk: its system image.
    """

    start: tuple[float, float] = (20_000, 60_000)
    memory: tuple[float, float] = (400e6, 1e9)
    disk: tuple[float, float] = (2e9, 8e9)


class VmView(Picture):
    """``VmView(footprint, apps=3)``; the live form has a slider for the number of apps."""

    def __init__(
        self, footprint: Footprint, lang: Language | None = None, *, apps: int = 3
    ) -> None:
        super().__init__(lang)
        if not 1 <= apps <= MOST:
            raise ValueError(f"apps must be 1 to {MOST}, not {apps}")
        self.footprint = footprint
        self.apps = apps
        self.typical = Typical()

    @property
    def title(self) -> str:
        return self.words("vm.title")

    @property
    def text(self) -> str:
        words = self.words
        lines = [self.title, f"{words('vm.vm')}: {self._kernels(self.apps)}"]
        lines.append(f"{words('vm.containers')}: {words('vm.kernels.one')}")
        if self._one_kernel():
            lines.append(words("vm.samekernel", kernel=self.footprint.kernel_host))
        measured = words("vm.measured", image=self.footprint.image)
        for name, value, (low, high) in self._facts():
            mine = amount(name, value) if value else words("vm.unmeasured")
            theirs = f"{amount(name, low)} – {amount(name, high)}"
            lines.append(
                f"{words(f'vm.{name}')}: {mine} ({measured}), {theirs} ({words('vm.typical')})"
            )
        return "\n".join([*lines, words("vm.note")])

    def _facts(self) -> list[tuple[str, float, tuple[float, float]]]:
        mine, theirs = self.footprint, self.typical
        return [
            ("start", mine.start, theirs.start),
            ("memory", mine.memory, theirs.memory),
            ("disk", mine.disk, theirs.disk),
        ]

    def _one_kernel(self) -> bool:
        mine = self.footprint
        return bool(mine.kernel_host) and mine.kernel_host == mine.kernel_container

    def _kernels(self, apps: int) -> str:
        # One for each guest, and the host's.
        return self.words("vm.kernels", n=apps + 1)

    def draw(self) -> Drawing:
        return self.stacks(self.apps, chart=True)

    def stacks(self, apps: int, chart: bool = False) -> Drawing:
        """The drawing for so many apps, with or without the chart below."""
        facts = " ".join(self.text.splitlines()[1:])
        height = STACKS + (CHART if chart else 0)
        drawing = Drawing(WIDTH, height, self.title, self.words("vm.desc", n=apps, facts=facts))
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(24, 38, self.title, 17, bold=True)
        if self._one_kernel():
            same = self.words("vm.samekernel", kernel=self.footprint.kernel_host)
            drawing.chip(WIDTH - 24, 21, same, "green", anchor="end")
        self._machines(drawing, apps)
        self._containers(drawing, apps)
        if chart:
            drawing.insert(placed(self.chart(), 24, STACKS, WIDTH - 48, CHART - 14))
        return drawing

    def _machines(self, drawing: Drawing, apps: int) -> None:
        words, x, wide = self.words, 24.0, 444.0
        self._base(drawing, x, wide, words("vm.vm"), self._kernels(apps), "red")
        self._layer(drawing, x, 246, wide, words("vm.hypervisor"), "red")
        for number, left, part in _columns(x, wide, apps):
            self._layer(drawing, left, 166, part, words("vm.guest"), "red", 74, kernel=True)
            self._layer(drawing, left, 130, part, words("vm.libs"), "blue", 32)
            self._layer(drawing, left, 94, part, words("vm.app", n=number), "green", 32)

    def _containers(self, drawing: Drawing, apps: int) -> None:
        words, x, wide = self.words, 492.0, 444.0
        self._base(drawing, x, wide, words("vm.containers"), words("vm.kernels.one"), "green")
        self._layer(drawing, x, 246, wide, words("vm.engine"), "purple")
        for number, left, part in _columns(x + 4, wide - 8, apps):
            drawing.rect(left - 3, 171, part + 6, 72, "", "edge", 8, stroke_dasharray="5 4")
            self._layer(drawing, left, 208, part, words("vm.libs"), "blue", 32)
            self._layer(drawing, left, 174, part, words("vm.app", n=number), "green", 32)

    def _base(
        self, drawing: Drawing, x: float, wide: float, name: str, note: str, accent: str
    ) -> None:
        drawing.text(x, 70, name, 15, bold=True)
        ink = f"{accent}-text"
        drawing.text(x + wide, 70, note, 12.5, ink, anchor="end", bold=True, data_note=name)
        self._layer(drawing, x, 282, wide, self.words("vm.host"), "orange", kernel=True)
        self._layer(drawing, x, 318, wide, self.words("vm.hardware"), "")

    def _layer(
        self,
        drawing: Drawing,
        x: float,
        y: float,
        wide: float,
        name: str,
        accent: str,
        high: float = 32,
        kernel: bool = False,
    ) -> None:
        fill, edge = (f"{accent}-soft", accent) if accent else ("sunken", "edge")
        drawing.rect(x, y, wide, high, fill, edge, 6)
        ink = f"{accent}-text" if accent else "ink"
        tall = high > 40
        size = 12.5 if wide > 120 else 11.5
        base = y + (28 if tall else high / 2 + 4.5)
        drawing.text(
            x + wide / 2, base, name, size, ink, anchor="middle", bold=True, width=wide - 8
        )
        if kernel:
            label = self.words("vm.kernel")
            pill = text_width(label, 11.5, bold=True) + 18
            left = x + (wide - pill) / 2 if tall else x + wide - pill - 8
            top = y + 42 if tall else y + 6
            drawing.rect(left, top, pill, 20, accent, "", 10)
            middle = left + pill / 2
            drawing.text(middle, top + 14, label, 11.5, upon(accent), anchor="middle", bold=True)

    def chart(self) -> str:
        """Start, memory and disk on logarithmic axes, as SVG made by matplotlib."""
        # Two seconds of import, so only when a chart is really drawn.
        import matplotlib as mpl
        from matplotlib.figure import Figure

        settings: Any = {
            "svg.fonttype": "none",
            "svg.hashsalt": "dockerlab",
            "font.family": "sans-serif",
            "font.size": 10,
            "text.color": COLOURS["ink"][0],
        }
        with mpl.rc_context(settings), warnings.catch_warnings():
            # Letters stay letters in the SVG, and the reader's browser has Korean ones.
            warnings.filterwarnings("ignore", message=".*[Gg]lyph.*missing.*")
            figure = Figure(figsize=(12.16, 3.38), facecolor="none")
            axes = figure.subplots(1, 3)
            for axis, (name, value, typical) in zip(axes, self._facts(), strict=True):
                self._bars(axis, name, value, typical)
            self._legend(figure)
            figure.subplots_adjust(left=0.02, right=0.98, top=0.66, bottom=0.11, wspace=0.09)
            written = io.StringIO()
            figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
        return repainted(written.getvalue())

    def _bars(self, axis: Axes, name: str, value: float, typical: tuple[float, float]) -> None:
        low, high = typical
        left = 10.0 ** (_decade(value or low) - 1)
        axis.set_xscale("log")
        axis.set_xlim(left, high * 60)
        axis.set_ylim(-0.7, 1.5)
        self._title(axis, name, value, typical)
        mine = amount(name, value) if value else self.words("vm.unmeasured")
        if value:
            axis.hlines(1, left, value, color=COLOURS["green"][0], linewidth=4)
            axis.plot([value], [1], "o", color=COLOURS["green"][0], markersize=13)
        self._label(axis, value or left, 1, mine, bold=True)
        axis.hlines(0, left, low, color=COLOURS["red"][0], linewidth=1.4, linestyle=(0, (1, 3)))
        axis.barh(
            0,
            high - low,
            left=low,
            height=0.46,
            facecolor=COLOURS["red-soft"][0],
            edgecolor=COLOURS["red"][0],
            linestyle=(0, (4, 2)),
            linewidth=1.4,
        )
        self._label(axis, high, 0, f"{amount(name, low)} –\n{amount(name, high)}")
        ticks = [at for at in (left * 100**step for step in range(6)) if at < high * 30]
        axis.set_xticks(ticks)
        axis.set_yticks([])
        axis.xaxis.set_major_formatter(lambda at, _: amount(name, at))
        axis.xaxis.set_minor_formatter(lambda *_: "")
        axis.minorticks_off()
        axis.tick_params(axis="x", labelsize=10.5, colors=COLOURS["muted"][0], length=3)
        axis.patch.set_alpha(0)
        for side in ("top", "right", "left"):
            axis.spines[side].set_visible(False)
        axis.spines["bottom"].set_color(COLOURS["edge"][0])

    def _label(self, axis: Axes, x: float, y: float, text: str, bold: bool = False) -> None:
        weight = "bold" if bold else "normal"
        near: Any = {"xytext": (11, 0), "textcoords": "offset points"}
        axis.annotate(text, (x, y), va="center", fontsize=12, fontweight=weight, **near)

    def _title(self, axis: Axes, name: str, value: float, typical: tuple[float, float]) -> None:
        axis.set_title(self.words(f"vm.{name}"), loc="left", fontweight="bold", fontsize=14, pad=24)
        if value:
            times = self.words(
                "vm.times", low=_round(typical[0] / value), high=_round(typical[1] / value)
            )
            axis.annotate(
                times,
                (0, 1),
                xycoords="axes fraction",
                xytext=(0, 8),
                textcoords="offset points",
                fontsize=11,
                color=COLOURS["muted"][0],
            )

    def _legend(self, figure: Any) -> None:
        # As late as the rest of matplotlib.
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        measured = self.words("vm.measured", image=self.footprint.image)
        handles = [
            Line2D([], [], color=COLOURS["green"][0], marker="o", linewidth=4, label=measured),
            Patch(
                facecolor=COLOURS["red-soft"][0],
                edgecolor=COLOURS["red"][0],
                linestyle=(0, (4, 2)),
                label=self.words("vm.typical"),
            ),
        ]
        figure.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0.008, 1.0),
            ncols=2,
            frameon=False,
            fontsize=11.5,
        )

    def animate(self) -> LiveStacks | None:
        from dockerlab.views.live import LiveStacks  # costs half a second: only when shown

        chart = Drawing(WIDTH, CHART, self.title, self.text)
        chart.rect(0.5, 0.5, WIDTH - 1, CHART - 1, "canvas", "line", 12)
        chart.insert(placed(self.chart(), 24, 8, WIDTH - 48, CHART - 16))
        return LiveStacks(
            svg=self.stacks(self.apps).svg(live=True),
            frames=[self.stacks(apps).svg(live=True) for apps in range(1, MOST + 1)],
            chart=chart.svg(live=True),
            apps=self.apps,
            text=self.text,
            title=self.title,
            words=self.words.all("vm.apps") | self.words.all("view."),
        )


def _columns(x: float, wide: float, count: int) -> list[tuple[int, float, float]]:
    """(number, left, width) of so many columns beside each other."""
    part = (wide - (count - 1) * 10) / count
    return [(number + 1, x + number * (part + 10), part) for number in range(count)]


def _decade(value: float) -> int:
    return len(str(int(value))) - 1


def _round(value: float) -> str:
    """Two digits that count, as ``vm.times`` needs no more."""
    step = 10 ** max(_decade(value) - 1, 0)
    return f"{round(value / step) * step:,}"


def amount(name: str, value: float) -> str:
    """Milliseconds or bytes as a person says them: ``40 ms``, ``20 s``, ``2MB``."""
    if name != "start":
        return human_size(value)
    return f"{value / 1000:g} s" if value >= 1000 else f"{max(round(value), 1)} ms"


def repainted(svg: str) -> str:
    """Matplotlib's SVG without its frame, with our colours as variables and no style for others."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<style type=\"text/css\">.*?</style>", "", body, flags=re.DOTALL)
    for role in ("ink", "muted", "edge", "green", "red", "red-soft"):
        value = COLOURS[role][0]
        for name in ("fill", "stroke"):
            body = body.replace(
                f"{name}: {value}", f"{name}: {value}; {name}: var(--dl-{role}, {value})"
            )
    return re.sub(r"font-family:[^;\"]*|(?<=px )'[^;\"]*|(?<=px )sans[^;\"]*", "", body)


def placed(svg: str, x: float, y: float, width: float, height: float) -> str:
    """An SVG document as a part of another one, fitted into a rectangle."""
    box = re.search(r'viewBox="([^"]*)"', svg)
    view = box.group(1) if box else f"0 0 {width} {height}"
    inner = svg[svg.index(">", svg.index("<svg")) + 1 :]
    return (
        f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{view}" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" aria-hidden="true" '
        f'font-family="{SANS}">{inner}'
    )
