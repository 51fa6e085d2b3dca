"""The course's images as files that ``docker load`` takes.

A stand-in lies in the cache as such a file. What was pulled from a registry is saved by the engine,
once: the copy stays in the cache as long as the engine has that image. An image whose stand-in
holds the packages of the course's apps is taken as a stand-in wherever one can be made, because
with the real one ``npm install`` asks the internet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dockerlab.client.images import saved
from dockerlab.course.cache import Cache, file_digest
from dockerlab.course.catalog import CATALOG, CourseImage
from dockerlab.course.prepare import prepare
from dockerlab.course.presence import Presence
from dockerlab.course.progress import Progress, Step
from dockerlab.course.standins.workshop import Standin, Workshop
from dockerlab.formats.bundle import ImageInfo


class HasDocker(Protocol):
    """A Lab, or anything else that holds a docker-py client."""

    @property
    def docker(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Archive:
    """An image in a file."""

    image: ImageInfo
    path: Path


def archives(
    lab: HasDocker, names: Iterable[str] | None, cache: Cache, progress: Progress
) -> list[Archive]:
    """Have these images (all of the catalogue by default) in the engine, and as files.

    Raises ImagesMissing, EngineRefused, and DockerlabError when there is no room.
    """
    listed = list(CATALOG if names is None else names)
    prepare(lab, listed, progress=progress, cache=cache)
    images = [CATALOG[name] for name in listed]
    found = Presence(lab.docker.api)
    standins = [each for each in images if each.apps or found.state(each) == "stand-in"]
    made = Workshop(cache, progress).make(each.name for each in standins).standins
    for image in standins:
        if image.apps and image.name not in made:
            text = f"{image.name} is taken as it is: with it, `npm install` needs the internet"
            progress(Step(text))
    return [
        _made(made[image.name])
        if image.name in made
        else _Saving(lab.docker.api, cache, progress).archive(image, found)
        for image in images
    ]


def _made(standin: Standin) -> Archive:
    return Archive(ImageInfo(standin.name, standin.id, standin.tags, True), standin.path)


@dataclass
class _Saving:
    """Copies of what the engine has, in the cache."""

    api: Any
    cache: Cache
    progress: Progress

    def archive(self, image: CourseImage, found: Presence) -> Archive:
        row = found.find(image.reference) or {}
        standin = found.state(image) == "stand-in"
        # Tags that were pulled on different days may be different images.
        ids = {tag: each["Id"] for tag in image.tags if (each := found.find(tag))}
        info = ImageInfo(image.name, str(row.get("Id")), tuple(ids), standin)
        path = self.cache.folder("saved") / f"{image.name}.tar"
        record = {"images": ids}
        with self.cache.lock(self.progress):
            kept = self.cache.read_json(path.with_suffix(".json"))
            whole = path.exists() and kept == record | {"sha256": file_digest(path)}
            if not whole:
                self._save(path, info.tags, int(row.get("Size") or 0))
                self.cache.write_json(
                    path.with_suffix(".json"), record | {"sha256": file_digest(path)}
                )
        return Archive(info, path)

    def _save(self, path: Path, tags: tuple[str, ...], size: int) -> None:
        step, done = f"Saving {path.stem}", 0
        with self.cache.writing(path) as file:
            for piece in saved(self.api, list(tags)):
                file.write(piece)
                done += len(piece)
                self.progress(Step(step, min(done, size), size))
