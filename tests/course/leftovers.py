"""What an attempt at an exercise leaves in an engine, and its removal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from docker.errors import APIError

Things = frozenset[str]
_NAME_OF_DOCKERS = re.compile(r"/[a-z]+_[a-z]+\d?")


class Leftovers:
    """Removes what came into an engine since ``look``.

    On an engine that others use too, only what speaks of one of ``words``, and containers without
    a name of their own whose command is in ``text``, which is what the cells say.
    """

    def __init__(self, api: Any, words: tuple[str, ...], text: str, *, exclusive: bool) -> None:
        self.api = api
        self.words = words
        self.text = text
        self.exclusive = exclusive
        self.before: dict[str, Things] = {}

    def look(self) -> None:
        self.before = {kind: frozenset(names()) for kind, (names, _) in self._kinds().items()}

    def remove(self) -> None:
        for kind, (names, remove) in self._kinds().items():
            for name in frozenset(names()) - self.before[kind]:
                if self.exclusive or self._ours(kind, name):
                    with suppress(APIError):  # it just ended, or something else still holds it
                        remove(name)

    def _kinds(self) -> dict[str, tuple[Callable[[], Iterator[str]], Callable[[str], Any]]]:
        """Containers first: they hold the rest."""
        api = self.api
        return {
            "container": (
                lambda: (box["Id"] for box in api.containers(all=True)),
                lambda id: api.remove_container(id, force=True, v=True),
            ),
            "image": (self._tags, lambda tag: api.remove_image(tag, force=True)),
            "volume": (
                lambda: (volume["Name"] for volume in api.volumes()["Volumes"] or ()),
                lambda name: api.remove_volume(name, force=True),
            ),
            "network": (lambda: (net["Id"] for net in api.networks()), api.remove_network),
        }

    def _tags(self) -> Iterator[str]:
        for image in self.api.images():
            yield from image["RepoTags"] or ()

    def _ours(self, kind: str, name: str) -> bool:
        try:
            facts = getattr(self.api, f"inspect_{kind}")(name)
        except APIError:
            return False
        if kind == "image":  # one that has two names would be known by the other one
            return name.startswith(self.words)
        if kind == "container" and self._forgotten(facts):
            return True
        text = json.dumps(facts)
        return any(word in text for word in self.words)

    def _forgotten(self, facts: dict[str, Any]) -> bool:
        command = " ".join(facts["Config"]["Cmd"] or ())
        return (
            bool(_NAME_OF_DOCKERS.fullmatch(facts["Name"]))
            and bool(command)
            and command in self.text
        )
