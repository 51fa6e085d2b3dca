"""``--cache-from``: steps taken from the history of images that came from elsewhere.

As in Docker: an image fits as long as its history begins with that of the image so far; from the
first step taken out of it, no other one is looked at. What was built here counts only as far as
one of the images was built on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dockerlab.engine.build.cache.cache import LocalCache, Probe
from dockerlab.engine.store.image import Image
from dockerlab.engine.store.images import Images
from dockerlab.errors import DockerlabError
from dockerlab.formats.buildtrace import Cause, Reason

History = list[dict[str, Any]]


class CacheFrom:
    """Answers for one stage."""

    def __init__(self, images: Images, local: LocalCache, names: Sequence[str]) -> None:
        """Names that mean no image here are passed over."""
        self._images, self._local = images, local
        self._sources = [image for image in map(self._find, names) if image is not None]
        self._missed = False

    def _find(self, name: str) -> Image | None:
        try:
            return self._images.find(name)
        except DockerlabError:
            return None

    def find(self, probe: Probe) -> str:
        if self._missed:
            return ""
        found = self._built_here(probe) or self._taken(probe)
        self._missed = not found
        return found

    def why(self, probe: Probe) -> Reason | None:
        if not self._sources:
            return Reason(cause=Cause.NO_CACHE)
        return self._local.why(probe)

    def _built_here(self, probe: Probe) -> str:
        found = self._local.find(probe)
        return found if any(self._is_under(found, source) for source in self._sources) else ""

    def _is_under(self, id: str, image: Image) -> bool:
        """Whether an image is another one, or one that it was built on."""
        at: Image | None = image
        while at is not None and at.id != id:
            at = self._images.by_id(at.parent)
        return at is not None

    def _taken(self, probe: Probe) -> str:
        parent = self._images.by_id(probe.parent)
        begun = _history(parent)
        created_by = " ".join(probe.config["Cmd"])
        for source in self._sources:
            history = _history(source)
            if not _begins_with(source, history, parent, begun):
                continue
            if history[len(begun)].get("created_by") != created_by:
                continue
            if len(history) == len(begun) + 1:
                self._images.set_parent(source, probe.parent)
                return source.id
            self._sources = [source]
            return self._restored(source, parent, probe, history[: len(begun) + 1]).id
        return ""

    def _restored(
        self, source: Image, parent: Image | None, probe: Probe, history: History
    ) -> Image:
        """The image as it was after one more step of a source's history."""
        below = parent.layers if parent is not None else ()
        more = () if history[-1].get("empty_layer") else source.layers[len(below) : len(below) + 1]
        config = {
            **{key: value for key, value in source.config.items() if key not in ("container",)},
            "config": {**probe.config, "Cmd": None},
            "container_config": probe.config,
            "created": history[-1].get("created", source.created),
            "history": history,
        }
        return self._images.create(config, [*below, *more], probe.parent)


def _history(image: Image | None) -> History:
    return list(image.config.get("history") or ()) if image is not None else []


def _begins_with(source: Image, history: History, parent: Image | None, begun: History) -> bool:
    if len(history) <= len(begun) or history[: len(begun)] != begun:
        return False
    layers = [layer.diff_id for layer in parent.layers] if parent is not None else []
    return [layer.diff_id for layer in source.layers[: len(layers)]] == layers
