"""Have the course's images in the engine: keep, else pull, else build and load.

``python -m dockerlab.course.prepare [NAME …]`` does it for the engine that is
found; ``dockerlab images prepare`` calls the same function.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import dockerlab
from dockerlab.course.cache import Cache
from dockerlab.course.catalog import CATALOG, CourseImage
from dockerlab.course.offline.fetch import archive
from dockerlab.course.offline.mirror import Mirror
from dockerlab.course.presence import STANDIN_LABEL, Presence, platform_of
from dockerlab.course.progress import Printer, Progress, Step, megabytes
from dockerlab.course.standins.workshop import Standin, Workshop
from dockerlab.course.transfer import load, pull
from dockerlab.errors import DockerlabError, EngineRefused

if TYPE_CHECKING:
    import docker

Source = Literal["already there", "pulled", "stand-in", "bundle", "mirror"]


class HasDocker(Protocol):
    """A Lab, or anything else that holds a docker-py client."""

    @property
    def docker(self) -> docker.DockerClient: ...


@dataclass(frozen=True)
class Prepared:
    """One image that is in the engine now; ``seconds`` is what it took, ``bytes`` its size."""

    name: str
    id: str
    source: Source
    seconds: float
    bytes: int


class ImagesMissing(DockerlabError):
    """Some images could not be had; ``prepared`` are there, ``missing`` says why by name."""

    def __init__(self, prepared: list[Prepared], missing: dict[str, DockerlabError]) -> None:
        reasons = {str(error.message): error.hint for error in missing.values()}
        names = ", ".join(missing)
        super().__init__(
            f"These course images are missing: {names}. {' '.join(reasons)}",
            next((hint for hint in reasons.values() if hint), ""),
        )
        self.prepared = prepared
        self.missing = missing


def prepare(
    lab: HasDocker | docker.DockerClient,
    names: Iterable[str] | None = None,
    *,
    progress: Progress | None = None,
    offline: bool | None = None,
    mirror: str = "",
    cache: Cache | None = None,
) -> list[Prepared]:
    """Have these images (all of the catalogue by default) in the engine, and say where from.

    What is in the engine is kept: then this is one request. Otherwise they are
    fetched from a teacher's machine, where ``mirror`` or DOCKERLAB_MIRROR names one
    (MirrorUnavailable when it does not answer). Then the registry is tried (once;
    never with ``offline=True``), and where it cannot be reached stand-ins are built
    (never with ``offline=False``) and loaded.
    Raises ImagesMissing when some cannot be had in any way.
    """
    wanted = [_course_image(name) for name in (CATALOG if names is None else names)]
    work = _Work(_client(lab).api, progress or Printer(), cache or Cache())
    work.keep(wanted)
    if mirror or (mirror := os.environ.get("DOCKERLAB_MIRROR", "")):
        work.fetch([image for image in wanted if image.name not in work.taken], mirror)
    if offline is not True:
        work.pull([image for image in wanted if image.name not in work.taken])
    if offline is not False:
        work.build([image for image in wanted if image.name not in work.taken])
    return work.report(wanted)


def _course_image(name: str) -> CourseImage:
    image = CATALOG.get(name)
    if image is None:
        raise DockerlabError(
            f"{name} is not an image of the course.", f"Those are: {', '.join(CATALOG)}."
        )
    return image


def _client(lab: Any) -> docker.DockerClient:
    client: docker.DockerClient = getattr(lab, "docker", lab)
    return client


@dataclass
class _Work:
    """One run of prepare: what was got from where, and what went wrong."""

    api: docker.APIClient
    progress: Progress
    cache: Cache
    taken: dict[str, tuple[Source, float]] = field(default_factory=dict)
    failed: dict[str, DockerlabError] = field(default_factory=dict)
    no_registry: str = ""
    _present: Presence = field(init=False)

    def __post_init__(self) -> None:
        self._present = Presence(self.api)

    def keep(self, wanted: Sequence[CourseImage]) -> None:
        """Mark what the engine has."""
        for image in wanted:
            if self._present.state(image) != "missing":
                self.taken[image.name] = ("already there", 0.0)

    def fetch(self, wanted: Sequence[CourseImage], address: str) -> None:
        """Take what a teacher's machine has."""
        if not wanted:
            return
        mirror = Mirror.at(address)
        offers = mirror.offers()
        if offers.platform != (theirs := platform_of(self.api)):
            raise DockerlabError(
                f"{mirror.url} has images for {offers.platform}, the engine here runs {theirs}.",
                "Let it pull them from a registry, or be served from a machine of its own kind.",
            )
        folder = self.cache.folder("mirror")
        with self.cache.lock(self.progress), mirror.session:
            for image in wanted:
                started = time.monotonic()
                if offer := offers.named(image.name):
                    path = archive(mirror, offer, folder, self.progress)
                    load(self.api, Standin(image.name, path, "", ()), self.progress)
                    self.taken[image.name] = ("mirror", time.monotonic() - started)
            shutil.rmtree(folder)

    def pull(self, wanted: Sequence[CourseImage]) -> None:
        """Pull from the registry; after the first failure it is not asked again."""
        for image in wanted:
            started = time.monotonic()
            try:
                for tag in image.tags:
                    pull(self.api, tag, self.progress)
            except EngineRefused as error:
                self.no_registry = error.message
                self.failed[image.name] = error
                return
            self.taken[image.name] = ("pulled", time.monotonic() - started)

    def build(self, wanted: Sequence[CourseImage]) -> None:
        """Make stand-ins and load them."""
        if not wanted:
            return
        started = time.monotonic()
        _same_architecture(self.api)
        made = Workshop(self.cache, self.progress).make(image.name for image in wanted)
        each = (time.monotonic() - started) / len(wanted)
        self.failed |= made.failed
        for name, standin in made.standins.items():
            started = time.monotonic()
            load(self.api, standin, self.progress)
            self.taken[name] = ("stand-in", each + time.monotonic() - started)
        self._announce(list(made.standins.values()))

    def _announce(self, standins: list[Standin]) -> None:
        if not standins:
            return
        # The innermost cause comes last: "Get …: dial tcp: lookup …: no such host".
        reason = self.no_registry.rsplit(": ", 1)[-1]
        why = f"No registry can be reached ({reason}), so these" if reason else "These"
        names = ", ".join(standin.name for standin in standins)
        notes = "".join(f"; {standin.note}" for standin in standins if standin.note)
        text = f"stand-ins made of this system's own packages, labelled {STANDIN_LABEL}=true"
        self.progress(Step(f"{why} are {text}: {names}{notes}"))

    def report(self, wanted: Sequence[CourseImage]) -> list[Prepared]:
        """What is there now. Raises ImagesMissing when something is not."""
        if any(source != "already there" for source, _ in self.taken.values()):
            self._present = Presence(self.api)
        prepared = [self._prepared(image) for image in wanted if image.name in self.taken]
        missing = {name: why for name, why in self.failed.items() if name not in self.taken}
        if missing:
            raise ImagesMissing(prepared, missing)
        return prepared

    def _prepared(self, image: CourseImage) -> Prepared:
        source, seconds = self.taken[image.name]
        found = self._present.find(image.reference) or {}
        return Prepared(image.name, found.get("Id", ""), source, seconds, found.get("Size", 0))


def _same_architecture(api: docker.APIClient) -> None:
    """Raise DockerlabError when the engine runs programs of another kind than this machine."""
    words = {"amd64": "x86_64", "arm64": "aarch64"}
    theirs = str(api.info().get("Architecture") or platform.machine())
    if words.get(theirs, theirs) != words.get(platform.machine(), platform.machine()):
        raise DockerlabError(
            f"The engine runs {theirs} programs, stand-ins made here would be"
            f" {platform.machine()}.",
            "Give the engine access to a registry, so that it can pull the images.",
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m dockerlab.course.prepare``; returns the exit code."""
    parser = argparse.ArgumentParser(description="Have the course's images in the engine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(CATALOG)}")
    parser.add_argument("--offline", action="store_true", help="do not ask a registry")
    parser.add_argument("--host", help="the engine's address, unix:///…")
    options = parser.parse_args(arguments)
    try:
        lab = dockerlab.connect(options.host)
        found = prepare(lab, options.names or None, offline=options.offline or None)
    except DockerlabError as error:
        print(error, file=sys.stderr)
        return 1
    for each in found:
        size = f"{megabytes(each.bytes)} MB"
        print(f"{each.name:12} {each.id[7:19]:12} {size:>8} {each.seconds:6.1f} s  {each.source}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
