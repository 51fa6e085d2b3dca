"""Host and container side by side: a wall where a namespace is the container's own, none else."""

from __future__ import annotations

from dockerlab.formats.reports import IsolationReport, Limit, Namespace
from dockerlab.formats.text import binary_size
from dockerlab.views.drawing import Drawing, text_width
from dockerlab.views.picture import PartsPicture
from dockerlab.views.words import Language

WIDTH, HEIGHT = 960, 632
ROWS, STEP = 150.0, 42.0
HOST, INSIDE = (304.0, 262.0), (666.0, 262.0)
"""Left edge and width of the two columns."""
VERDICT = {
    "free": "",
    "in-force": "green",
    "watched": "blue",
    "refused": "red",
    "unknown": "orange",
}


class IsolationView(PartsPicture):
    """``IsolationView(report)`` draws an ``IsolationReport``."""

    def __init__(self, report: IsolationReport, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.report = report

    @property
    def title(self) -> str:
        return self.words("iso.title", name=self.report.container)

    @property
    def text(self) -> str:
        kernel = self._kernel()
        lines = [self.title, f"{self._count()}; {kernel}"]
        if self.report.pretended:
            lines.append(self.words("iso.pretended"))
        lines += [self._row_text(one) for one in self.report.namespaces]
        lines += [self._limit_text(limit) for limit in self.report.limits]
        return "\n".join(lines)

    def _row_text(self, one: Namespace) -> str:
        words = self.words
        verdict = words(f"iso.{_verdict(one)}")
        numbers = f" ({one.host} | {one.container})" if one.separate is not None else ""
        return f"{one.kind:<6} {words(f'iso.{one.kind}')}: {verdict}{numbers}"

    def _limit_text(self, limit: Limit) -> str:
        state = self.words(_state(limit))
        asked = f" ({self._amount(limit, limit.asked)})" if limit.asked else ""
        return f"{self.words(f'iso.{limit.name}')}: {state}{asked}"

    def _count(self) -> str:
        if all(one.separate is None for one in self.report.namespaces):
            return self.words("iso.unknown")
        own = sum(one.separate is True for one in self.report.namespaces)
        return self.words("iso.count", n=own, all=len(self.report.namespaces))

    def _kernel(self) -> str:
        if not self.report.same_kernel:
            return self.words("iso.vm")
        return self.words("iso.kernel", kernel=self.report.kernel)

    def _amount(self, limit: Limit, value: float) -> str:
        if not value:
            return self.words("iso.none")
        if limit.name == "memory":
            return binary_size(value)
        one, many = ("core", "cores") if limit.name == "cpu" else ("process", "processes")
        return self.words(f"iso.{one if value == 1 else many}", n=f"{value:g}")

    def draw(self) -> Drawing:
        rows = ". ".join(self.text.splitlines()[1:])
        drawing = Drawing(WIDTH, HEIGHT, self.title, self.words("iso.desc", rows=rows))
        drawing.rect(0.5, 0.5, WIDTH - 1, HEIGHT - 1, "canvas", "line", 12)
        walls = any(one.separate for one in self.report.namespaces)
        accent = "green" if walls else "orange"
        taken = drawing.chip(WIDTH - 24, 21, self._count(), accent, anchor="end", size=13)
        drawing.text(24, 38, self.title, 17, bold=True, width=WIDTH - 64 - taken)
        if self.report.pretended:
            drawing.text(24, 60, self.words("iso.pretended"), 12.5, "orange-text")
        self._columns(drawing)
        for number, one in enumerate(self.report.namespaces):
            self._namespace(drawing, one, ROWS + number * STEP)
        self._floor(drawing, ROWS + len(self.report.namespaces) * STEP + 4)
        self._limits(drawing, ROWS + len(self.report.namespaces) * STEP + 62)
        return drawing

    def _columns(self, drawing: Drawing) -> None:
        report, words = self.report, self.words
        height = STEP * len(report.namespaces) + 68
        sides = (
            (HOST, "iso.host", report.host_name, report.host_processes, "blue"),
            (INSIDE, "iso.container", report.container_name, report.container_processes, "green"),
        )
        for (x, wide), key, name, processes, accent in sides:
            top = ROWS - 82.0
            drawing.rect(x - 8, top, wide + 16, height + 10, "panel", "line", 12)
            drawing.text(x + 8, top + 28, words(key), 16, f"{accent}-text", bold=True)
            room = wide - 24 - text_width(words(key), 16, bold=True)
            drawing.text(
                x + wide - 8, top + 27, name, 12.5, "ink", anchor="end", mono=True, width=room
            )
            if processes:
                seen = words("iso.sees.one" if processes == 1 else "iso.sees", n=processes)
                drawing.text(x + 8, top + 50, seen, 12.5, "muted")

    def _namespace(self, drawing: Drawing, one: Namespace, y: float) -> None:
        words = self.words
        why = words(f"iso.tip.{one.kind}")
        why = why if one.separate else words("iso.would", tip=why)
        tip = f"{one.kind}: {words(f'iso.{_verdict(one)}')}. {why}"
        with drawing.group(data_tip=tip, class_="part"):
            drawing.text(24, y + 23, one.kind, 15, bold=True, mono=True)
            drawing.text(92, y + 23, words(f"iso.{one.kind}"), 13.5, width=204)
            if one.separate is None:
                self._unread(drawing, one, y)
            elif one.separate:
                self._walled(drawing, one, y)
            else:
                self._open(drawing, one, y)

    def _walled(self, drawing: Drawing, one: Namespace, y: float) -> None:
        for (x, wide), number, accent in (
            (HOST, one.host, "blue"),
            (INSIDE, one.container, "green"),
        ):
            drawing.rect(x, y + 2, wide, 32, f"{accent}-soft", accent, 7)
            drawing.text(x + 16, y + 23, str(number), 13, f"{accent}-text", mono=True)
        _bricks(drawing, (HOST[0] + HOST[1] + INSIDE[0]) / 2 - 7, y)
        right = INSIDE[0] + INSIDE[1] - 14
        label = self.words("iso.own")
        drawing.text(right, y + 22, label, 12, "green-text", anchor="end", bold=True)

    def _open(self, drawing: Drawing, one: Namespace, y: float) -> None:
        """One bar through both columns: nothing stands between them."""
        right = INSIDE[0] + INSIDE[1]
        drawing.rect(HOST[0], y + 2, right - HOST[0], 32, "orange-soft", "orange", 7)
        for x, _ in (HOST, INSIDE):
            drawing.text(x + 16, y + 23, str(one.host), 13, "orange-text", mono=True)
        label = self.words("iso.shared")
        drawing.text(right - 14, y + 22, label, 12, "orange-text", anchor="end", bold=True)

    def _unread(self, drawing: Drawing, one: Namespace, y: float) -> None:
        for (x, wide), number in ((HOST, one.host), (INSIDE, one.container)):
            drawing.rect(x, y + 2, wide, 32, "", "edge", 7, stroke_dasharray="5 4")
            missing = "iso.unknown" if self.report.same_kernel else "iso.other"
            shown = str(number) if number else self.words(missing)
            drawing.text(x + wide / 2, y + 23, shown, 12, "muted", anchor="middle")

    def _floor(self, drawing: Drawing, y: float) -> None:
        """The kernel: what both stand on, or do not."""
        right = INSIDE[0] + INSIDE[1]
        fill = "sunken" if self.report.same_kernel else "red-soft"
        ink = "muted" if self.report.same_kernel else "red-text"
        wide = right - HOST[0] + 16
        drawing.rect(HOST[0] - 8, y + 10, wide, 30, fill, "", 8)
        drawing.text(
            HOST[0] + (right - HOST[0]) / 2,
            y + 30,
            self._kernel(),
            12.5,
            ink,
            anchor="middle",
            width=wide - 20,
        )

    def _limits(self, drawing: Drawing, y: float) -> None:
        drawing.text(24, y + 4, self.words("iso.limits"), 13, "muted", bold=True)
        wide = (WIDTH - 48 - 32) / 3
        for number, limit in enumerate(self.report.limits):
            self._limit(drawing, limit, 24 + number * (wide + 16), y + 16, wide)

    def _limit(self, drawing: Drawing, limit: Limit, x: float, y: float, wide: float) -> None:
        words, accent = self.words, VERDICT[limit.state]
        state = words(_state(limit))
        with drawing.group(data_tip=self._limit_text(limit), class_="part"):
            drawing.rect(x, y, wide, 92, "panel", accent or "line", 10)
            drawing.text(x + 16, y + 28, words(f"iso.{limit.name}"), 15, bold=True)
            drawing.chip(x + wide - 12, y + 12, state, accent, anchor="end")
            drawing.text(x + 16, y + 54, words("iso.asked"), 12.5, "muted")
            asked = self._amount(limit, limit.asked)
            drawing.text(x + wide - 16, y + 54, asked, 13, anchor="end", mono=True)
            drawing.text(x + 16, y + 76, words("iso.found"), 12.5, "muted")
            value = limit.asked if limit.state == "watched" else limit.found
            found = words("iso.notread") if value is None else self._amount(limit, value)
            ink = f"{accent}-text" if accent else "ink"
            drawing.text(x + wide - 16, y + 76, found, 13, ink, anchor="end", mono=True, bold=True)


def _verdict(one: Namespace) -> str:
    return {True: "own", False: "shared", None: "unknown"}[one.separate]


def _state(limit: Limit) -> str:
    return "iso.notread" if limit.state == "unknown" else f"iso.{limit.state}"


def _bricks(drawing: Drawing, x: float, y: float) -> None:
    """A piece of wall, 14 wide, as high as a row."""
    for row in range(4):
        top = y + row * 10.5 - 3
        cut = 9.0 if row % 2 else 5.0
        drawing.rect(x, top, cut - 1, 9, "edge", "", 1)
        drawing.rect(x + cut, top, 14 - cut, 9, "edge", "", 1)
