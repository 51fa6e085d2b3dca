"""An image as an open box: its settings, its layers, its files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from dockerlab.formats.reports import Entry, ImageReport, Layer
from dockerlab.formats.text import size as human_size
from dockerlab.views.drawing import Drawing, text_width, wrap
from dockerlab.views.picture import PartsPicture
from dockerlab.views.words import Language

WIDTH = 960
TOP = 152.0
"""Upper edge of the three cards."""
SETTINGS, LAYERS, FILES = (48.0, 268.0), (332.0, 304.0), (652.0, 260.0)
MOST_LAYERS, MOST_FILES = 8, 16


class ImageView(PartsPicture):
    """``ImageView(report)`` draws an ``ImageReport``."""

    def __init__(self, report: ImageReport, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.report = report

    @property
    def title(self) -> str:
        return self.words("img.title", name=self.report.name)

    @property
    def text(self) -> str:
        report, words = self.report, self.words
        lines = [f"{self.title}: {human_size(report.size)}, {report.platform}"]
        if self._standin():
            lines.append(words("img.standin"))
        lines += [f"{label}: {value}" for label, values in self._settings() for value in values]
        lines.append(f"{words('img.layers')}: {len(report.layers)}")
        lines += [
            f"  {number}. {layer.created_by} ({self._weight(layer)})"
            for number, layer in enumerate(report.layers, 1)
        ]
        lines.append(f"{words('img.files')}:")
        lines += [f"  {_path(entry)}{self._below(entry)}" for entry in _shown(report.entries)]
        return "\n".join(lines)

    def _settings(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        report, words = self.report, self.words
        command = shlex.join((*report.entrypoint, *report.command))
        yield words("img.command"), (command or words("img.nocommand"),)
        for key, values in (
            ("img.env", report.env),
            ("img.ports", report.ports),
            ("img.workdir", (report.workdir,) if report.workdir else ()),
            ("img.user", (report.user,) if report.user else ()),
            ("img.volumes", report.volumes),
        ):
            if values:
                yield words(key), values

    def _weight(self, layer: Layer) -> str:
        return human_size(layer.size) if layer.size else self.words("img.empty")

    def _below(self, entry: Entry) -> str:
        if entry.kind == "link":
            return f" → {entry.target}"
        if entry.kind == "file":
            return f" ({human_size(entry.size)})"
        if not entry.files:
            return ""
        count = self.words("img.count.one" if entry.files == 1 else "img.count", n=entry.files)
        return f" ({count}, {human_size(entry.size)})"

    def _standin(self) -> bool:
        return any(key == "dockerlab.standin" for key, _ in self.report.labels)

    def draw(self) -> Drawing:
        layers = min(len(self.report.layers), MOST_LAYERS + 1)
        files = len(_shown(self.report.entries))
        settings = sum(22 + self._lines(values) * 17 + 8 for _, values in self._settings())
        inner = max(64 + 50 + layers * 42, 66 + files * 20 + 8, 66 + settings, 200)
        height = TOP + inner + 40
        everything = ". ".join(self.text.splitlines())
        drawing = Drawing(WIDTH, height, self.title, self.words("img.desc", all=everything))
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        self._head(drawing)
        self._box(drawing, inner)
        self._settings_card(drawing, inner)
        self._layers_card(drawing, inner)
        self._files_card(drawing, inner)
        return drawing

    def _lines(self, values: tuple[str, ...]) -> int:
        return sum(len(self._wrapped(value)) for value in values[:6])

    def _wrapped(self, value: str) -> list[str]:
        return wrap(value, SETTINGS[1] - 32, 12, mono=True)[:3]

    def _head(self, drawing: Drawing) -> None:
        report = self.report
        x = WIDTH - 24.0
        x -= drawing.chip(x, 21, human_size(report.size), "purple", anchor="end", size=13) + 8
        x -= drawing.chip(x, 21, report.platform, anchor="end", size=13) + 8
        x -= drawing.chip(x, 21, report.id, anchor="end", size=13, mono=True) + 16
        drawing.text(24, 38, self.title, 17, bold=True, width=x - 24)
        if self._standin():
            drawing.text(24, 60, self.words("img.standin"), 12.5, "orange-text")

    def _box(self, drawing: Drawing, inner: float) -> None:
        """A cardboard box, seen from the front, with its flaps folded out."""
        top, left, right = TOP - 16, 32.0, WIDTH - 32.0
        for flap in (
            f"M{left} {top}L{left + 150} {top}L{left + 105} {top - 42}L{left - 8} {top - 42}Z",
            f"M{right} {top}L{right - 150} {top}L{right - 105} {top - 42}L{right + 8} {top - 42}Z",
        ):
            drawing.path(flap, "orange-soft", "orange", stroke_width=1.5, stroke_linejoin="round")
        drawing.rect(
            left, top, right - left, inner + 36, "orange-soft", "orange", 6, stroke_width=1.5
        )

    def _card(
        self, drawing: Drawing, place: tuple[float, float], inner: float, key: str, accent: str
    ) -> None:
        x, wide = place
        drawing.rect(x, TOP, wide, inner + 4, "panel", "line", 10)
        drawing.text(x + 16, TOP + 27, self.words(key), 16, f"{accent}-text", bold=True)
        drawing.text(x + 16, TOP + 46, self.words(f"{key}.sub"), 12, "muted", width=wide - 28)

    def _settings_card(self, drawing: Drawing, inner: float) -> None:
        self._card(drawing, SETTINGS, inner, "img.settings", "green")
        x, wide = SETTINGS
        y = TOP + 64
        for number, (label, values) in enumerate(self._settings()):
            high = 22 + self._lines(values) * 17
            with drawing.group(data_tip=f"{label}: {', '.join(values)}", class_="part"):
                if number == 0:
                    drawing.rect(x + 8, y - 3, wide - 16, high + 6, "green-soft", "green", 7)
                drawing.text(x + 16, y + 13, label, 12, "green-text" if number == 0 else "muted")
                row = y + 31
                for value in values[:6]:
                    lines = self._wrapped(value)
                    drawing.lines(x + 16, row, lines, 17, size=12, mono=True, bold=number == 0)
                    row += 17 * len(lines)
            y += high + 8

    def _layers_card(self, drawing: Drawing, inner: float) -> None:
        self._card(drawing, LAYERS, inner, "img.layers", "purple")
        x, wide = LAYERS[0] + 12, LAYERS[1] - 24
        y = TOP + 62
        drawing.rect(x, y, wide, 34, "", "green", 6, stroke_dasharray="6 4")
        note = self.words("img.writable")
        drawing.text(x + wide / 2, y + 22, note, 12, "green-text", anchor="middle", width=wide - 10)
        y += 44
        layers = self.report.layers[::-1]
        for layer in layers[:MOST_LAYERS]:
            self._layer(drawing, layer, x, y, wide)
            y += 42
        if len(layers) > MOST_LAYERS:
            more = self.words("img.more", n=len(layers) - MOST_LAYERS)
            drawing.text(x + wide / 2, y + 20, more, 12, "muted", anchor="middle")

    def _layer(self, drawing: Drawing, layer: Layer, x: float, y: float, wide: float) -> None:
        size = self._weight(layer)
        heaviest = max(one.size for one in self.report.layers) or 1
        with drawing.group(data_tip=f"{layer.created_by} ({size})", class_="part"):
            if layer.size:
                drawing.rect(x, y, wide, 36, "purple-soft", "purple", 6)
                bar = max((wide - 16) * layer.size / heaviest, 2)
                drawing.rect(x + 8, y + 28, bar, 4, "purple", "", 2)
            else:
                drawing.rect(x, y, wide, 36, "panel", "line", 6, stroke_dasharray="4 4")
            taken = text_width(size, 12, bold=True)
            ink = "purple-text" if layer.size else "muted"
            drawing.text(x + wide - 10, y + 20, size, 12, ink, anchor="end", bold=True)
            room = wide - 30 - taken
            made_by = layer.created_by.removeprefix("dockerlab stand-in: ")
            drawing.text(x + 10, y + 20, made_by, 11.5, mono=True, width=room)

    def _files_card(self, drawing: Drawing, inner: float) -> None:
        self._card(drawing, FILES, inner, "img.files", "blue")
        x, wide = FILES
        y = TOP + 68.0
        heaviest = max((e.size for e in self.report.entries if "/" not in e.name), default=0) or 1
        for entry in _shown(self.report.entries):
            inset = 16 if "/" in entry.name else 0
            shown = "/" + entry.name.rsplit("/", 1)[-1] if not inset else entry.name.split("/")[1]
            ink = "muted" if entry.kind == "link" or not entry.files else "ink"
            with drawing.group(data_tip=f"{_path(entry)}{self._below(entry)}", class_="part"):
                drawing.rect(x + 10, y - 2, wide - 20, 19, "panel", "", 3)
                if entry.size:
                    bar = max(64 * min(entry.size / heaviest, 1), 2)
                    drawing.rect(x + wide - 80, y + 4, bar, 8, "blue", "", 2)
                name = f"{shown} → {entry.target}" if entry.kind == "link" else shown
                bold = entry.kind == "dir" and bool(entry.files) and not inset
                drawing.text(
                    x + 16 + inset, y + 12, name, 12, ink, mono=True, bold=bold, width=106 - inset
                )
                if entry.size:
                    size = human_size(entry.size)
                    drawing.text(
                        x + wide - 88, y + 12, size, 11.5, "blue-text", anchor="end", mono=True
                    )
            y += 20


def _path(entry: Entry) -> str:
    return f"/{entry.name}" + ("/" if entry.kind == "dir" else "")


def _shown(entries: tuple[Entry, ...]) -> list[Entry]:
    """All at the top, and the second level below the heaviest, as far as there is room.

    When there are too many, the empty ones go first.
    """
    top = [entry for entry in entries if "/" not in entry.name]
    if len(top) > MOST_FILES:
        top = sorted(sorted(top, key=lambda e: -e.files)[:MOST_FILES], key=lambda e: e.name)
    heavy = max(top, key=lambda entry: entry.size, default=None)
    if heavy is None or heavy.kind != "dir":
        return top
    below = [entry for entry in entries if entry.name.startswith(f"{heavy.name}/")]
    below = sorted(below, key=lambda entry: -entry.size)[: max(MOST_FILES + 4 - len(top), 3)]
    at = top.index(heavy) + 1
    return [*top[:at], *sorted(below, key=lambda entry: entry.name), *top[at:]]
