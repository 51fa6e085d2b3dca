"""The reach matrix: from each row to each column, and by which name and port."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlab.formats.composed.reach import Place, Reach, Verdict, Way
from dockerlab.views.drawing import Drawing, text_width
from dockerlab.views.picture import PartsPicture
from dockerlab.views.words import Language

WIDTH = 960.0
LEFT, TOP, HEAD = 24.0, 60.0, 50.0
NAMES = 196.0
GAP = 6.0
ROW, SMALL_ROW = 58.0, 34.0
WIDEST, READABLE = 190.0, 104.0
"""Of a column: at most, and from where on there is room for words in it."""
LOOKS: dict[Verdict, tuple[str, str]] = {
    "name": ("green", "✓"),
    "address": ("orange", "#"),
    "closed": ("purple", "○"),
    "nowhere": ("red", "✗"),
    "unasked": ("", "?"),
}


class ReachView(PartsPicture):
    """``ReachView(lab.reach("app"))`` draws what was tried; nothing is tried again."""

    def __init__(self, reach: Reach, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.reach = reach
        count = max(len(reach.places), 1)
        room = WIDTH - 2 * LEFT - NAMES
        self._wide = min(room / count, WIDEST)
        self._words = self._wide >= READABLE
        self._high = ROW if self._words else SMALL_ROW

    @property
    def title(self) -> str:
        if self.reach.project:
            return self.words("reach.title.project", name=self.reach.project)
        return self.words("reach.title")

    @property
    def text(self) -> str:
        return "\n".join([self.title, *self._told()])

    def _told(self) -> Iterator[str]:
        places = self.reach.places
        if not places:
            yield self.words("reach.nothing")
        for place in places:
            if place.why:
                yield self.words("reach.unasked", source=place.name, why=place.why)
        if len(places) == 1:
            yield self.words("reach.alone", name=places[0].name)
        yield from (self._sentence(way) for way in self.reach.ways if way.attempts)

    def _sentence(self, way: Way) -> str:
        words, verdict = self.words, way.verdict
        if verdict == "unasked":
            why = next((one.why for one in self.reach.places if one.name == way.source), "")
            return words("reach.unasked", source=way.source, why=why or "?")
        fields = {
            "source": way.source,
            "target": way.target,
            "names": ", ".join(way.names),
            "ports": ", ".join(map(str, way.open_ports)),
            "closed": ", ".join(map(str, sorted({one.port for one in way.attempts}))),
            "networks": self._short(way.networks),
            "reason": self._reason(way),
        }
        said = words(f"reach.say.{verdict}", **fields)
        if way.networks:
            return f"{said} {words('reach.say.shared', **fields)}"
        return f"{said} {words('reach.say.apart')}"

    def _short(self, networks: tuple[str, ...]) -> str:
        """As the compose file calls them, where there is one."""
        prefix = f"{self.reach.project}_" if self.reach.project else ""
        return ", ".join(name.removeprefix(prefix) for name in networks)

    def _reason(self, way: Way) -> str:
        """Why there is no way: what the names and then the addresses came to."""
        outcomes = dict.fromkeys(one.outcome for one in way.attempts)
        said = [self.words(f"reach.{outcome}") for outcome in outcomes]
        return ", ".join([*said, *filter(None, dict.fromkeys(one.said for one in way.attempts))])

    # --- drawing ---

    def draw(self) -> Drawing:
        places = self.reach.places
        legend = [
            verdict for verdict in LOOKS if any(w.verdict == verdict for w in self.reach.ways)
        ]
        height = TOP + HEAD + max(len(places), 1) * (self._high + GAP) + 44
        told = self.words("reach.desc", all=" ".join(self._told()))
        drawing = Drawing(WIDTH, height, self.title, told)
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(24, 38, self.title, 17, bold=True, width=WIDTH - 48)
        if not places:
            drawing.text(24, TOP + 32, self.words("reach.nothing"), 14, "muted")
            return drawing
        drawing.text(LEFT + 12, TOP + 32, self.words("reach.corner"), 12.5, "muted", bold=True)
        for number, place in enumerate(places):
            self._column(drawing, number, place)
        for number, place in enumerate(places):
            self._row(drawing, number, place)
        self._legend(drawing, legend, height - 34)
        return drawing

    def _x(self, number: int) -> float:
        return LEFT + NAMES + number * self._wide

    def _column(self, drawing: Drawing, number: int, place: Place) -> None:
        x, wide = self._x(number), self._wide - GAP
        with drawing.group(data_tip=self._place(place), class_="part"):
            drawing.rect(x, TOP, wide, HEAD - GAP, "panel", "edge", 8)
            if not self._words:
                label = str(number + 1)
                drawing.text(x + wide / 2, TOP + 28, label, 13, anchor="middle", bold=True)
                return
            drawing.text(x + 10, TOP + 19, place.name, 13.5, bold=True, mono=True, width=wide - 20)
            ports = ", ".join(f":{port}" for port in place.ports)
            drawing.text(x + 10, TOP + 36, ports, 12, "muted", mono=True, width=wide - 20)

    def _row(self, drawing: Drawing, number: int, place: Place) -> None:
        y, wide = TOP + HEAD + number * (self._high + GAP), NAMES - GAP
        with drawing.group(data_tip=self._place(place), class_="part"):
            drawing.rect(LEFT, y, wide, self._high, "panel", "edge", 8)
            label = place.name if self._words else f"{number + 1} {place.name}"
            middle = y + self._high / 2
            if not self._words:
                drawing.text(
                    LEFT + 12, middle + 5, label, 13, bold=True, mono=True, width=wide - 24
                )
            else:
                drawing.text(
                    LEFT + 12, middle - 3, label, 14, bold=True, mono=True, width=wide - 24
                )
                nets = self._short(place.networks)
                drawing.text(LEFT + 12, middle + 16, nets, 11.5, "muted", width=wide - 24)
        for other, target in enumerate(self.reach.places):
            self._cell(drawing, place, target, self._x(other), y)

    def _cell(self, drawing: Drawing, place: Place, target: Place, x: float, y: float) -> None:
        wide, high = self._wide - GAP, self._high
        way = self.reach.way(place.name, target.name)
        if way is None:
            drawing.rect(x, y, wide, high, "sunken", "", 8)
            return
        accent, mark = LOOKS[way.verdict]
        fill, ink = (f"{accent}-soft", f"{accent}-text") if accent else ("canvas", "muted")
        dash = "5 4" if way.verdict in ("nowhere", "unasked") else ""
        with drawing.group(data_tip=self._sentence(way), class_="part"):
            drawing.rect(x, y, wide, high, fill, accent or "edge", 8, stroke_dasharray=dash)
            if not self._words:
                at = (x + wide / 2, y + high / 2 + 5)
                drawing.text(*at, mark, 15, ink, anchor="middle", bold=True)
                return
            head, below = self._cell_words(way)
            drawing.text(x + 10, y + 24, f"{mark} {head}", 13.5, ink, bold=True, width=wide - 18)
            drawing.text(x + 10, y + 44, below, 12, "ink", width=wide - 18)

    def _cell_words(self, way: Way) -> tuple[str, str]:
        words = self.words
        ports = ", ".join(f":{port}" for port in way.open_ports)
        if way.verdict == "name":
            return ports, words("reach.as", names=", ".join(way.names))
        if way.verdict == "address":
            return ports, words("reach.by.address")
        if way.verdict == "closed":
            return words("reach.closed"), words("reach.refused")
        if way.verdict == "nowhere":
            return words("reach.no"), self._reason(way)
        return words("reach.notried"), ""

    def _place(self, place: Place) -> str:
        fields = {
            "name": place.name,
            "networks": self._short(place.networks) or "-",
            "names": ", ".join(place.names),
            "addresses": ", ".join(place.addresses) or "-",
            "tool": place.tool,
            "count": place.count,
        }
        said = [self.words("reach.place", **fields)]
        if place.count > 1:
            said.append(self.words("reach.place.many", **fields))
        if place.tool:
            said.append(self.words("reach.place.tool", **fields))
        if place.why:
            said.append(self.words("reach.unasked", source=place.name, why=place.why))
        return " ".join(said)

    def _legend(self, drawing: Drawing, shown: list[Verdict], y: float) -> None:
        x = LEFT
        for verdict in shown:
            accent, mark = LOOKS[verdict]
            label = f"{mark} {self.words(f'reach.legend.{verdict}')}"
            if x + text_width(label, 12, bold=True) + 18 > WIDTH - LEFT:
                return
            x += drawing.chip(x, y, label, accent) + 10
