"""A service as a card, with its containers as small numbered tiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from dockerlab.formats.composed.state import ContainerState
from dockerlab.views.compose.scene import Card, Look
from dockerlab.views.drawing import Drawing, clip, upon
from dockerlab.views.words import Words

HEIGHT = 124.0
TILE = 24.0

ACCENTS: dict[Look, str] = {
    "absent": "",
    "created": "blue",
    "running": "green",
    "healthy": "green",
    "starting": "orange",
    "unhealthy": "red",
    "partly": "orange",
    "paused": "orange",
    "restarting": "orange",
    "done": "purple",
    "failed": "red",
}
_TILES = {
    "created": "blue",
    "running": "green",
    "paused": "orange",
    "restarting": "orange",
    "removing": "",
    "exited": "red",
    "dead": "red",
}
_MARKS = {"paused": "‖", "restarting": "↻", "exited": "×", "dead": "×", "created": "·"}


def draw_card(
    drawing: Drawing,
    words: Words,
    card: Card,
    directory: str,
    at: tuple[float, float],
    wide: float,
    elsewhere: Sequence[str] = (),
) -> None:
    """``elsewhere``: what it waits for and no arrow leads to."""
    x, y = at
    accent = ACCENTS[card.look]
    tip = said(words, card, directory)
    key = f"service-{card.name}"
    with drawing.group(data_tip=tip, data_key=key, data_state=card.look, class_="part"):
        drawing.rect(
            x, y, wide, HEIGHT, "panel", accent or "edge", 10,
            stroke_width=2, stroke_dasharray="" if accent else "6 4", class_=f"is-{card.look}",
        )  # fmt: skip
        drawing.badge(x + 20, y + 22, str(card.level), "ink", 10)
        drawing.text(x + 38, y + 27, card.name, 15, bold=True, mono=True, width=wide - 50)
        made = made_of(words, card, directory)
        if elsewhere:
            made += f" · {words('graph.needs', names=', '.join(elsewhere))}"
        drawing.text(x + 12, y + 49, made, 12, "muted", width=wide - 24)
        _chip(drawing, words, card, x + 12, y + 58, wide - 24)
    _tiles(drawing, words, card, x + 12, y + 90, wide - 24)


def _chip(drawing: Drawing, words: Words, card: Card, x: float, y: float, wide: float) -> None:
    label = clip(standing(words, card), wide - 18, 12)
    drawing.chip(x, y, label, ACCENTS[card.look])


def _tiles(drawing: Drawing, words: Words, card: Card, x: float, y: float, wide: float) -> None:
    """One a container; the places that nobody has taken yet are dashed."""
    room = max(int((wide + 4) // (TILE + 4)), 1)
    count = max(len(card.containers), card.service.replicas)
    shown = count if count <= room else room - 1
    for number in range(shown):
        left = x + number * (TILE + 4)
        if number < len(card.containers):
            _tile(drawing, words, card.containers[number], left, y)
        else:
            drawing.rect(left, y, TILE, TILE, "", "edge", 6, stroke_dasharray="3 3")
    if shown < count:
        left = x + shown * (TILE + 4) + 2
        drawing.text(left, y + 17, f"+{count - shown}", 12, "muted", bold=True)


def _tile(drawing: Drawing, words: Words, one: ContainerState, x: float, y: float) -> None:
    accent = _TILES[one.state] if one.state != "exited" or one.exit_code else "purple"
    fill = accent if one.state == "running" and one.health != "starting" else ""
    if one.health == "unhealthy":
        fill = accent = "red"
    tip = container_said(words, one)
    key, state = f"container-{one.name}", f"{one.state} {one.health}"
    with drawing.group(data_tip=tip, data_key=key, data_state=state, class_="part"):
        drawing.rect(
            x, y, TILE, TILE, fill or "panel", accent or "edge", 6,
            stroke_width=2, stroke_dasharray="" if one.current else "4 2",
        )  # fmt: skip
        label = _mark(one)
        ink = upon(fill) if fill else f"{accent}-text" if accent else "muted"
        drawing.text(x + TILE / 2, y + 17, label, 12, ink, anchor="middle", bold=True)


def _mark(one: ContainerState) -> str:
    if one.state == "exited" and not one.exit_code:
        return "✓"
    return _MARKS.get(one.state) or ("!" if one.health == "unhealthy" else str(one.number))


def made_of(words: Words, card: Card, directory: str) -> str:
    """The image, or the folder that it is built from."""
    build = card.service.build
    if build is None:
        return card.service.image
    context = PurePosixPath(build.context)
    shown = build.context
    if directory and context.is_relative_to(directory):
        shown = f"./{context.relative_to(directory)}".removesuffix("/.")
    return words("graph.build", context=shown)


def standing(words: Words, card: Card) -> str:
    """The state in a few words, with a count where there are several."""
    look = card.look
    codes = [one.exit_code for one in card.containers if one.exit_code]
    said = words(f"graph.is.{look}", code=codes[0] if codes else 0)
    wanted = max(len(card.containers), card.service.replicas)
    if wanted < 2 or look == "absent":
        return said
    count = words("graph.count", running=card.running, all=wanted)
    return count if look in ("partly", "running") else f"{said} · {card.running}/{wanted}"


def said(words: Words, card: Card, directory: str) -> str:
    what = made_of(words, card, directory)
    state = standing(words, card)
    head = words("graph.say.service", n=card.level, name=card.name, what=what, state=state)
    needs = [
        words(
            "graph.say.needs",
            name=card.name,
            other=other,
            condition=words(f"graph.say.{dependency.condition}"),
        )
        for other, dependency in card.service.depends_on.items()
    ]
    mode = card.service.network_mode
    shared = [words("graph.say.mode", name=card.name, mode=mode)] if mode else []
    return ". ".join([head, *needs, *shared])


def container_said(words: Words, one: ContainerState) -> str:
    state = one.status or one.state
    if one.health and one.health not in state:
        state += f" ({one.health})"
    facts = [words("graph.say.container", name=one.name, state=state)]
    facts += [f"{place.network} {place.address}" for place in one.networks if place.address]
    facts += [str(port) for port in one.ports if port.outside]
    if not one.current:
        facts.append(words("graph.changed"))
    return ", ".join(facts)
