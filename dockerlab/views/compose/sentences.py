"""The graph of a project in sentences: for tooltips, screen readers and the text beside it."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlab.formats.composed.state import PublishedPort
from dockerlab.views.compose import cards as parts
from dockerlab.views.compose.scene import Card, Rail, Scene
from dockerlab.views.words import Words


class Sentences:
    """One fact a line."""

    def __init__(self, scene: Scene, words: Words) -> None:
        self.scene, self.words = scene, words

    def all(self) -> Iterator[str]:
        words, project = self.words, self.scene.project
        yield words(
            "graph.sum",
            services=len(self.scene.cards),
            networks=len(project.networks),
            volumes=len(project.volumes),
        )
        if project.disabled:
            yield words("graph.say.off", all=", ".join(map(self._profiles, project.disabled)))
        if not self.scene.cards:
            yield words("graph.nothing")
            return
        order = " → ".join(f"{card.level}. {card.name}" for card in self.scene.cards)
        yield words("graph.say.order", all=order)
        for card in self.scene.cards:
            yield parts.said(words, card, project.directory)
            yield from (self.port(card, port) for port in card.ports)
            yield from (f"  {parts.container_said(words, one)}" for one in card.containers)
        yield from map(self.rail, self.scene.rails)

    def _profiles(self, name: str) -> str:
        profiles = self.scene.project.disabled[name].profiles
        return f"{name} ({', '.join(profiles)})"

    def port(self, card: Card, port: PublishedPort) -> str:
        inside = str(port.port) if port.protocol == "tcp" else f"{port.port}/{port.protocol}"
        host = port.host if port.host not in ("", "0.0.0.0", "::") else self.words("graph.host")
        key = "graph.port" if port.outside else "graph.port.free"
        said = self.words(key, outside=port.outside, host=host, port=inside, name=card.name)
        if any(one.running for one in card.containers):
            return said
        return self.words("graph.port.plan", port=said)

    def need(self, card: Card, other: str, condition: str) -> str:
        met = self.words(f"graph.say.{condition}")
        return self.words("graph.say.needs", name=card.name, other=other, condition=met)

    def rail(self, rail: Rail) -> str:
        where = (
            rail.users.items() if rail.kind != "network" else ((name, "") for name in rail.users)
        )
        places = [self.words("graph.at", name=name, where=at) if at else name for name, at in where]
        key = f"graph.say.{rail.kind}"
        if rail.kind == "network":
            key += ".one" if len(places) == 1 else ".internal" if rail.note == "internal" else ""
        return self.words(key, label=rail.key, name=rail.name, all=", ".join(places))
