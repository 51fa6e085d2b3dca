"""Visitors, the load balancer, and the instances that it shares the requests among."""

from __future__ import annotations

from dockerlab.formats.cloud import Environment, Instance
from dockerlab.views.cloud import reading, sentences
from dockerlab.views.cloud.reading import health, named, rate
from dockerlab.views.drawing import Drawing, clip
from dockerlab.views.words import Words

LEFT, RIGHT = 24.0, 936.0
PEOPLE = 72.0
BALANCER = (166.0, 218.0)
BOX = 132.0
CARDS = 472.0
CARD, STEP = 62.0, 72.0
BAR = 118.0
MOST = 8
"""Instances that are drawn; the text names them all."""


class Scene:
    """``live`` adds a link and moving dashes. ``height`` is known before it is drawn."""

    def __init__(self, env: Environment, words: Words, live: bool = False) -> None:
        self.env, self.words, self.live = env, words, live
        self.shown = env.instances[:MOST]
        self.colours = reading.versions(env)
        self.busiest = max([one.requests for one in env.instances] + [1.0])
        more = len(env.instances) > MOST
        rows = max(len(self.shown), 1) * STEP + 22 * more
        self.height = 32 + max(rows, BOX + 8)

    def draw(self, d: Drawing, y: float) -> None:
        top = y + 32
        first = top + max((BOX + 8 - len(self.shown) * STEP) / 2, 0) if self.shown else top + 35
        column = max(len(self.shown), 1) * STEP - (STEP - CARD)
        middle = first + column / 2
        self._titles(d, y, middle - BOX / 2 - 12)
        for number, one in enumerate(self.shown):
            self._wire(d, middle, first + number * STEP + CARD / 2, one)
        self._visitors(d, middle)
        self._balancer(d, middle)
        for number, one in enumerate(self.shown):
            self._card(d, first + number * STEP, one)
        self._rest(d, first)

    def _titles(self, d: Drawing, y: float, above: float) -> None:
        x, wide = BALANCER
        for key, at in (("visitors", PEOPLE), ("balancer", x + wide / 2)):
            title = self.words(f"cloud.{key}")
            d.text(at, above, title, 13, "muted", anchor="middle", bold=True)
        d.text(CARDS, y + 16, self.words("cloud.instances"), 13, "muted", bold=True)
        told = sentences.allowed(self.env, self.words)
        d.text(RIGHT, y + 16, told, 12, "muted", anchor="end")

    def _visitors(self, d: Drawing, y: float) -> None:
        for x, up in ((PEOPLE - 24, -30.0), (PEOPLE + 24, -30.0), (PEOPLE, -22.0)):
            d.circle(x, y + up, 9, "panel", "edge", stroke_width=2)
            d.path(f"M{x - 15} {y + up + 28}c0 -22 30 -22 30 0Z", "panel", "edge", stroke_width=2)
        told = self.words("cloud.rate", n=rate(self.env.requests))
        d.text(PEOPLE, y + 34, told, 16, "blue-text", anchor="middle", bold=True)
        d.text(PEOPLE, y + 51, self.words("cloud.requests"), 12, "muted", anchor="middle")
        end = BALANCER[0] - 4
        d.arrow((PEOPLE + 48, y - 8), (end, y - 8), "blue" if self.env.requests else "edge")
        if self.env.requests:
            self._flow(d, f"M{PEOPLE + 48} {y - 8}H{end - 9}")

    def _balancer(self, d: Drawing, middle: float) -> None:
        env, words, (x, wide) = self.env, self.words, BALANCER
        y, ill = middle - BOX / 2, env.errors > 0
        tip = f"{words('cloud.balancer')}: {env.url or words('cloud.nourl')}"
        with d.group(data_tip=tip, data_key="balancer", data_state=env.status, class_="part"):
            edge = "red" if ill else "blue" if env.in_service else "edge"
            d.rect(x, y, wide, BOX, "panel", edge, 10, stroke_width=2)
            self._shares(d, x + wide / 2, y + 24)
        self._address(d, x + wide / 2, y + 62, wide - 20)
        for number, (key, value) in enumerate((("requests", env.requests), ("errors", env.errors))):
            at = y + 90 + number * 22
            ink = "red-text" if key == "errors" and value else "ink"
            d.text(x + 16, at, words(f"cloud.{key}"), 12.5, "muted" if ink == "ink" else ink)
            told = words("cloud.rate", n=rate(value))
            d.text(x + wide - 16, at, told, 13, ink, anchor="end", bold=True)

    def _shares(self, d: Drawing, x: float, y: float) -> None:
        """One way in, several ways out."""
        for up in (-11, 0, 11):
            d.path(
                f"M{x - 26} {y}C{x} {y} {x} {y + up} {x + 20} {y + up}", "", "blue", stroke_width=2
            )
            d.circle(x + 24, y + up, 3.5, "blue")
        d.circle(x - 26, y, 4.5, "blue")

    def _address(self, d: Drawing, x: float, y: float, wide: float) -> None:
        url, link = self.env.url, reading.address(self.env)
        if not url:
            d.text(x, y, self.words("cloud.nourl"), 12.5, "muted", anchor="middle")
        elif self.live and link:
            with d.link(link, self.words("cloud.open", url=url)):
                d.text(x, y, url, 12.5, "blue-text", anchor="middle", mono=True, width=wide)
        else:
            d.text(x, y, url, 12.5, "blue-text", anchor="middle", mono=True, width=wide)

    def _wire(self, d: Drawing, start: float, end: float, one: Instance) -> None:
        x1, x2 = BALANCER[0] + BALANCER[1] + 3, CARDS - 4
        turn = (x1 + x2) / 2
        shape = f"M{x1} {start:.1f}C{turn} {start:.1f} {turn} {end:.1f} {x2} {end:.1f}"
        serving = one.state == "InService"
        thick = 1.5 + 3.5 * min(one.requests / self.busiest, 1.0) if serving else 1.5
        d.path(
            shape, "", "blue" if serving else "edge",
            stroke_width=thick, stroke_dasharray="" if serving else "5 5",
        )  # fmt: skip
        if serving and one.requests:
            self._flow(d, shape)

    def _flow(self, d: Drawing, shape: str) -> None:
        if self.live:
            d.path(shape, "", "panel", class_="traffic", stroke_width=1.5, stroke_dasharray="3 15")

    def _card(self, d: Drawing, y: float, one: Instance) -> None:
        words = self.words
        sign, accent = health(one.health)
        tip, state = sentences.instance(one, words), f"{one.state} {one.health} {one.version}"
        colour = self.colours.get(one.version, "edge")
        serving = one.state == "InService"
        with d.group(data_tip=tip, data_key=one.id, data_state=state, class_="part"):
            d.rect(
                CARDS, y, RIGHT - CARDS, CARD, "red-soft" if one.health == "Red" else "panel",
                accent or "edge", 9, stroke_width=1.5, stroke_dasharray="" if serving else "5 4",
            )  # fmt: skip
            d.rect(CARDS + 5, y + 9, 5, CARD - 18, colour, "", 2.5)
            d.badge(CARDS + 30, y + 22, sign, accent or "muted", 11)
            d.text(CARDS + 50, y + 26, one.id, 13, bold=True, mono=True, width=178)
            if one.version:
                label = clip(one.version, 92, 12)
                d.chip(RIGHT - BAR - 30, y + 11, label, colour if colour != "edge" else "",
                       anchor="end")  # fmt: skip
            told = one.cause or reading.state(one, words)
            ink = f"{accent}-text" if one.cause and accent else "muted"
            d.text(CARDS + 50, y + 48, told, 12, ink, width=RIGHT - BAR - 84 - CARDS)
            self._bar(d, y, one, "blue" if serving else "edge")

    def _bar(self, d: Drawing, y: float, one: Instance, fill: str) -> None:
        x = RIGHT - BAR - 14
        told = self.words("cloud.rate", n=rate(one.requests))
        d.text(x + BAR, y + 26, told, 13, anchor="end", bold=True)
        d.rect(x, y + 37, BAR, 11, "sunken", "", 4)
        long = min(one.requests / self.busiest, 1.0) * BAR
        if one.requests:
            d.rect(x, y + 37, max(long, 4), 11, fill, "", 4)

    def _rest(self, d: Drawing, y: float) -> None:
        if not self.shown:
            d.rect(CARDS, y, RIGHT - CARDS, CARD, "", "edge", 9, stroke_dasharray="5 5")
            d.text((CARDS + RIGHT) / 2, y + CARD / 2 + 5, self.words("cloud.empty"), 13, "muted",
                   anchor="middle")  # fmt: skip
        elif len(self.env.instances) > MOST:
            told = self.words("cloud.more", n=len(self.env.instances) - MOST)
            d.text(CARDS, y + MOST * STEP + 12, told, 12.5, "muted")


def chips(d: Drawing, env: Environment, words: Words, right: float, y: float) -> float:
    """Health and status in the corner; returns where they begin."""
    sign, accent = health(env.health)
    x = right - d.chip(right, y, f"{sign} {named(env.health, words)}", accent, anchor="end") - 8
    told = named(env.status, words)
    return x - d.chip(x, y, told, reading.STATUSES.get(env.status, ""), anchor="end")
