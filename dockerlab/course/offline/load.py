"""Images out of a bundle into an engine. What the engine has already is kept, as ever."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from dockerlab.course.catalog import CATALOG, CourseImage
from dockerlab.course.offline import reader
from dockerlab.course.offline.archives import HasDocker
from dockerlab.course.offline.reader import Bundle
from dockerlab.course.prepare import Prepared, Source
from dockerlab.course.presence import Presence, platform_of
from dockerlab.course.progress import Printer, Progress, Step
from dockerlab.course.transfer import send
from dockerlab.errors import DockerlabError, EngineRefused
from dockerlab.formats.bundle import Contents, Entry, ImageInfo


def load(
    lab: HasDocker,
    path: Path,
    names: Iterable[str] | None = None,
    *,
    progress: Progress | None = None,
) -> list[Prepared]:
    """Have the images of a bundle (or those of these names) in the engine.

    Every checksum is compared before the first image is loaded. What is in the engine is skipped,
    so an interrupted load is continued by doing it again. Raises FormatError for a bundle that is
    none, EngineRefused when the engine does not take an image, DockerlabError for another platform.
    """
    progress = progress or Printer()
    bundle = reader.check(path, progress)
    entries = _chosen(bundle.contents, names)
    _check_platform(lab, bundle.contents)
    present = Presence(lab.docker.api)
    sources = {}
    for entry, image in entries:
        there = present.state(_course_image(image)) != "missing"
        sources[image.name] = 0.0 if there else _load(lab, bundle, entry, progress)
    found = Presence(lab.docker.api) if any(sources.values()) else present
    return [_prepared(image, sources[image.name], found, progress) for _, image in entries]


def _chosen(contents: Contents, names: Iterable[str] | None) -> list[tuple[Entry, ImageInfo]]:
    there = {entry.image.name: (entry, entry.image) for entry in contents.images if entry.image}
    wanted = list(there if names is None else names)
    if lacking := [name for name in wanted if name not in there]:
        raise DockerlabError(
            f"The bundle does not hold {', '.join(lacking)}.",
            f"It holds {', '.join(there) or 'no images'}.",
        )
    return [there[name] for name in wanted]


def _check_platform(lab: HasDocker, contents: Contents) -> None:
    theirs = platform_of(lab.docker.api)
    if contents.platform != theirs:
        raise DockerlabError(
            f"The bundle holds images for {contents.platform}, and the engine here runs {theirs}.",
            "Make a bundle on a machine of the same kind: dockerlab images bundle FILE.",
        )


def _course_image(image: ImageInfo) -> CourseImage:
    """The catalogue's, or what a bundle of another version says of one."""
    return CATALOG.get(image.name) or CourseImage(image.name, "", (), image.tags, ())


def _load(lab: HasDocker, bundle: Bundle, entry: Entry, progress: Progress) -> float:
    started = time.monotonic()
    with bundle.open(entry) as file:
        name = Path(entry.name).stem
        send(lab.docker.api, name, file, entry.size, progress)
    return time.monotonic() - started


def _prepared(image: ImageInfo, took: float, found: Presence, progress: Progress) -> Prepared:
    row = found.find(image.tags[0]) if image.tags else None
    if row is None:
        raise EngineRefused(
            f"{image.name} is in the bundle, but not as {', '.join(image.tags)}.",
            "Make the bundle again with `dockerlab images bundle`.",
        )
    if found.state(_course_image(image)) == "missing":
        progress(Step(f"{image.name} was made for another version of the course's apps"))
    source: Source = "bundle" if took else "already there"
    return Prepared(image.name, row.get("Id", ""), source, took, row.get("Size", 0))
