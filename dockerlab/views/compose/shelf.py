"""A row of up to four services: ports above, who waits for whom, and the lines they share below.

Its height depends on what there is. A service's lines leave its card from right to left as they
go further down, so that no line crosses what is written at another one's stop.
"""

from __future__ import annotations

from collections.abc import Sequence

from dockerlab.formats.composed.state import PublishedPort
from dockerlab.views.compose import cards as parts
from dockerlab.views.compose.scene import Card, Rail, Scene
from dockerlab.views.compose.sentences import Sentences
from dockerlab.views.drawing import Drawing, text_width
from dockerlab.views.words import Words

LEFT, RIGHT = 156.0, 936.0
GAP = 24.0
PILL, PORTS = 30.0, 3
ARC, HIGHER = 50.0, 24.0
"""Room for an arc to the next card, and how much more for one across a card."""
RAIL = 44.0
MOST_RAILS = 12
ACCENTS = ("blue", "orange", "purple", "green")
"""Of the networks, in turn; each line is named too."""


class Shelf:
    """``columns`` is how many cards a full row has, so that all rows line up."""

    def __init__(self, scene: Scene, cards: Sequence[Card], columns: int, words: Words) -> None:
        self.scene, self.cards, self.words = scene, cards, words
        self.tells = Sentences(scene, words)
        self.wide = min((RIGHT - LEFT - GAP * (columns - 1)) / columns, 300.0)
        names = {card.name for card in cards}
        self.rails = [rail for rail in scene.rails if names & set(rail.users)][:MOST_RAILS]
        self.pills = max((min(len(card.ports), PORTS) for card in cards), default=0)
        self.arcs = [
            (card, other)
            for card in cards
            for other in cards[: cards.index(card)]
            if other.name in card.service.depends_on
        ]
        self._colours = {
            rail.key: ACCENTS[number % len(ACCENTS)]
            for number, rail in enumerate(one for one in scene.rails if one.kind == "network")
        }

    @property
    def height(self) -> float:
        above = (self.pills * PILL + 14 if self.pills else 0) + self._lane
        return above + parts.HEIGHT + 20 + len(self.rails) * RAIL - 4

    @property
    def _lane(self) -> float:
        """Room for the arcs, or at least for the arrows of the ports."""
        if not self.arcs:
            return 26.0 if self.pills else 0.0
        return ARC + HIGHER * (max(self._far(*arc) for arc in self.arcs) - 1)

    def _far(self, card: Card, other: Card) -> int:
        return self.cards.index(card) - self.cards.index(other)

    def draw(self, drawing: Drawing, top: float, links: bool) -> None:
        ports = self.pills * PILL + 14 if self.pills else 0
        self._top = top + ports + self._lane
        if self.pills:
            drawing.rect(24, top, RIGHT - 16, ports - 4, "blue-soft", "", 10)
            head = self.words("graph.row.host")
            drawing.text(36, top + 24, head, 13, "blue-text", bold=True)
        self._heads(drawing)
        for number in range(len(self.rails)):
            self._rail(drawing, number)
        for card in self.cards:
            self._drops(drawing, card)
        for card, other in self.arcs:
            self._arc(drawing, card, other)
        for card in self.cards:
            self._ports(drawing, card, top, links)
            where = (self._x(card), self._top)
            elsewhere = [
                name
                for name in card.service.depends_on
                if not any(one is card and other.name == name for one, other in self.arcs)
            ]
            project = self.scene.project
            parts.draw_card(
                drawing, self.words, card, project.directory, where, self.wide, elsewhere
            )

    def _x(self, card: Card) -> float:
        return LEFT + self.cards.index(card) * (self.wide + GAP)

    def _heads(self, drawing: Drawing) -> None:
        y = self._top + 27
        drawing.text(36, y, self.words("graph.row.services"), 13, "muted", bold=True)
        drawing.text(36, y + 20, self.words("graph.row.order"), 12, "muted")

    # --- ports ---

    def _ports(self, drawing: Drawing, card: Card, top: float, links: bool) -> None:
        if not card.ports:
            return
        x = self._x(card)
        shown = card.ports if len(card.ports) <= PORTS else card.ports[: PORTS - 1]
        for number, port in enumerate(shown):
            self._port(drawing, card, port, (x, top + 5 + number * PILL), links)
        last = top + 5 + len(shown) * PILL
        if len(shown) < len(card.ports):
            more = f"+{len(card.ports) - len(shown)}"
            drawing.text(x + 12, last + 17, more, 12.5, "blue-text", bold=True)
        end = self._top - 2
        middle = x + self.wide / 2
        begin = top + self.pills * PILL + 8
        running = any(one.running for one in card.containers)
        dash = "" if running else "5 4"
        drawing.arrow((middle, begin), (middle, end), "blue", width=2.5, stroke_dasharray=dash)

    def _port(
        self,
        drawing: Drawing,
        card: Card,
        port: PublishedPort,
        at: tuple[float, float],
        links: bool,
    ) -> None:
        x, y = at
        running = any(one.running for one in card.containers)
        url = port.url if links else ""
        tip = self.tells.port(card, port)
        outside = f":{port.outside}" if port.outside else ":?"
        label = f"{port.host if port.host not in ('0.0.0.0', '::') else ''}{outside}"
        label += f" → {port.port}" + ("" if port.protocol == "tcp" else f"/{port.protocol}")
        label += " ↗" if url else ""

        def pill() -> None:
            dash = "" if running else "5 4"
            drawing.rect(x, y, self.wide, PILL - 5, "panel", "blue", 8, stroke_dasharray=dash)
            drawing.text(
                x + self.wide / 2, y + 17, label, 13, "blue-text",
                anchor="middle", bold=True, mono=True, width=self.wide - 16,
            )  # fmt: skip

        if url:
            with drawing.link(url, tip):
                pill()
            return
        with drawing.group(data_tip=tip, data_key=f"port-{card.name}-{port}", class_="part"):
            pill()

    # --- who waits for whom ---

    def _arc(self, drawing: Drawing, card: Card, other: Card) -> None:
        """From the one that waits to the one it waits for, which stands further left."""
        before = sum(one is other for _, one in self.arcs[: self.arcs.index((card, other))])
        far = self._far(card, other)
        start = self._x(card) + self.wide * (0.22 + 0.07 * (far - 1))
        end = self._x(other) + self.wide * (0.86 - 0.12 * min(before, 2))
        y, top = self._top - 1, self._top - ARC + 14 - HIGHER * (far - 1)
        condition = card.service.depends_on[other.name].condition
        with drawing.group(
            data_tip=self.tells.need(card, other.name, condition),
            data_key=f"need-{card.name}-{other.name}",
            class_="part",
        ):
            over = f"{start:.1f} {top - 12:.1f} {end:.1f} {top - 12:.1f}"
            way = f"M{start:.1f} {y}C{over} {end:.1f} {y - 8:.1f}"
            drawing.path(way, "", "ink", stroke_width=2, stroke_linecap="round")
            tip = f"M{end - 5:.1f} {y - 10:.1f}L{end:.1f} {y}L{end + 5:.1f} {y - 10:.1f}Z"
            drawing.path(tip, "ink")
            label = self.words(f"graph.{condition}")
            wide = text_width(label, 12, bold=True) + 14
            middle = (start + end) / 2
            drawing.rect(middle - wide / 2, top - 11, wide, 20, "canvas", "edge", 10)
            drawing.text(middle, top + 3, label, 12, "ink", anchor="middle", bold=True)

    # --- what they share ---

    def _y(self, number: int) -> float:
        return self._top + parts.HEIGHT + 38 + number * RAIL

    def _accent(self, rail: Rail) -> str:
        return self._colours[rail.key] if rail.kind == "network" else "ink"

    def _rail(self, drawing: Drawing, number: int) -> None:
        rail, y = self.rails[number], self._y(number)
        accent = self._accent(rail)
        with drawing.group(
            data_tip=self.tells.rail(rail), data_key=f"rail-{rail.kind}-{rail.key}", class_="part"
        ):
            drawing.rect(24, y - 20, LEFT - 36, 36, "canvas", "", 6)
            head = self.words(f"graph.{rail.kind}")
            if rail.note:
                head += f" · {self.words(f'graph.{rail.note}')}"
            drawing.text(36, y - 6, head, 11, "muted", width=LEFT - 44)
            ink = f"{accent}-text" if accent != "ink" else "ink"
            drawing.text(36, y + 9, rail.key, 13, ink, bold=True, mono=True, width=LEFT - 44)
            if rail.kind == "network":
                dash = "2 7" if rail.note == "internal" else ""
                drawing.line(
                    LEFT - 4, y, RIGHT, y, accent,
                    stroke_width=5, stroke_linecap="round", stroke_dasharray=dash,
                )  # fmt: skip
            else:
                drawing.rect(LEFT - 4, y - 4, RIGHT - LEFT + 4, 8, "sunken", "edge", 4)

    def _drops(self, drawing: Drawing, card: Card) -> None:
        stops = [
            (number, rail) for number, rail in enumerate(self.rails) if card.name in rail.users
        ]
        step = min(30.0, (self.wide * 0.5) / max(len(stops) - 1, 1))
        for place, (number, rail) in enumerate(stops):
            x = self._x(card) + 18 + (len(stops) - 1 - place) * step
            y, accent = self._y(number), self._accent(rail)
            drawing.line(x, self._top + parts.HEIGHT, x, y, accent, stroke_width=2.5)
            if rail.kind == "network":
                drawing.circle(x, y, 7, "panel", accent, stroke_width=3)
            else:
                drawing.rect(x - 7, y - 7, 14, 14, "panel", accent, 3, stroke_width=2.5)
            room = self._x(card) + self.wide + GAP - x - 20
            drawing.text(x + 12, y - 8, rail.users[card.name], 11.5, "ink", mono=True, width=room)
