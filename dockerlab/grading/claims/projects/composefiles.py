"""What can be claimed of the compose file in the exercise's folder, as Compose understands it.

    compose_file().is_valid()
    service("page").publishes(5503, 8080)
    service("page").needs("store", "service_healthy")

Nothing but the folder is read: no other file that it names, no variable of this process.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dockerlab.errors import ComposeFileError, DockerlabError
from dockerlab.formats import composefile
from dockerlab.formats.composefile.model import Mount, Port, Project, Service
from dockerlab.formats.composefile.reader import NAMES
from dockerlab.grading.bench import Bench, confined
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet

LONGEST = 300
"""Characters of Compose's own words that are quoted."""


class Folder:
    """A ``Reader`` of the compose reader's: reads in the learner's folder, and nowhere else."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._here = Path(bench.folder).absolute()

    def here(self) -> str:
        return str(self._here)

    def read(self, path: str) -> str:
        text = self._bench.read(self._inside(path))
        if text is None:
            raise FileNotFoundError(path)
        return text

    def is_file(self, path: str) -> bool:
        return confined(self._bench.folder, self._inside(path)) is not None

    def is_folder(self, path: str) -> bool:
        inside = self._inside(path)
        place = self._bench.folder / inside
        return not inside.startswith("..") and place.is_dir() and not place.is_symlink()

    def _inside(self, path: str) -> str:
        return posixpath.relpath(path, self._here)


def file_name(bench: Bench) -> str:
    """The compose file of the folder; "" where there is none."""
    return next((name for name in NAMES if confined(bench.folder, name)), "")


def read(bench: Bench, *names: str) -> Project | None:
    """The project that the file describes; None where there is none.

    ComposeFileError says what is wrong with it.
    """
    reader = Folder(bench)
    chosen = names or tuple(filter(None, [file_name(bench)]))
    files = [Path(reader.here()) / name for name in chosen]
    if not files or not all(reader.is_file(str(file)) for file in files):
        return None
    return composefile.load(files, environment={}, reader=reader)


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """A compose file: that of the folder, or those named, laid over each other."""

    names: tuple[str, ...] = ()

    def is_valid(self) -> Claim:
        return Claim(say("compose.valid", file=self.called), self._valid)

    def is_named(self, project: str) -> Claim:
        """The project is called so."""
        says = say("compose.named", file=self.called, project=project)
        return self.where(says, lambda found: self._named(found, project))

    def has(self, *services: str) -> Claim:
        """Just these services, and no other."""
        says = say("compose.services", file=self.called, services=", ".join(services))
        return self.where(says, lambda found: self._services(found, frozenset(services)))

    def lists_volume(self, key: str) -> Claim:
        """It is among the project's volumes."""
        says = say("compose.volume", file=self.called, volume=key)
        return self.where(
            says,
            lambda found: met() if key in found.volumes else unmet("compose.no_volume", volume=key),
        )

    def where(self, says: Any, judge: Callable[[Project], Finding]) -> Claim:
        """A claim of the project that the file describes."""
        return Claim(says, lambda bench: self.judged(bench, judge))

    def judged(self, bench: Bench, judge: Callable[[Project], Finding]) -> Finding:
        try:
            project = read(bench, *self.names)
        except ComposeFileError as error:
            return invalid(error)
        except DockerlabError as error:
            return unmet("compose.unreadable", file=self.called, words=excerpt(str(error), LONGEST))
        return judge(project) if project else absent("compose.absent", file=self.called)

    @property
    def called(self) -> str:
        return ", ".join(self.names) or NAMES[0]

    def _valid(self, bench: Bench) -> Finding:
        return self.judged(bench, lambda project: met())

    def _volumes(self, found: Project, key: str) -> Finding:
        return met() if key in found.volumes else unmet("compose.no_volume", volume=key)

    def _named(self, found: Project, project: str) -> Finding:
        if found.name == project:
            return met()
        return unmet("compose.other_name", project=project, found=excerpt(found.name))

    def _services(self, found: Project, wanted: frozenset[str]) -> Finding:
        if missing := sorted(wanted - set(found.services)):
            return unmet("compose.no_service", service=missing[0])
        if surplus := sorted(set(found.services) - wanted):
            return unmet("compose.surplus", service=excerpt(surplus[0]))
        return met()


@dataclass(frozen=True, slots=True)
class ServiceOf:
    """A service by its name in a compose file."""

    name: str
    file: ComposeFile = ComposeFile()

    def exists(self) -> Claim:
        return self.where("exists", lambda one: met())

    def has_image(self, image: str) -> Claim:
        """Made of this image, with or without a tag."""
        return self.where("image", lambda one: self._image(one, image), image=image)

    def is_built(self, *, dockerfile: str = "", target: str = "") -> Claim:
        """Built from the folder, by that Dockerfile, where one is named."""
        fields = {"dockerfile": dockerfile or "Dockerfile"}
        return self.where("built", lambda one: self._built(one, dockerfile, target), **fields)

    def publishes(self, outside: int, inside: int) -> Claim:
        """The port ``outside`` of the host leads to ``inside``."""
        fields = {"outside": outside, "inside": inside}
        return self.where("port", lambda one: self._publishes(one, outside, inside), **fields)

    def publishes_nothing(self) -> Claim:
        return self.where("no_port", self._publishes_nothing)

    def needs(self, other: str, condition: str = "") -> Claim:
        """It is started after ``other``, when that has come so far as ``condition`` says."""
        key = f"needs_{condition}" if condition else "needs"
        return self.where(key, lambda one: self._needs(one, other, condition), other=other)

    def keeps(self, path: str) -> Claim:
        """At ``path`` is a volume with a name."""
        return self.where("keeps", lambda one: self._keeps(one, path), path=path)

    def shows(self, folder: str, path: str) -> Claim:
        """The learner's ``folder`` is at ``path``."""
        says = say("service.shows", service=self.name, folder=folder, path=path)
        return self.file.where(says, lambda project: self._shows(project, folder, path))

    def sets(self, variable: str, value: str) -> Claim:
        return self.where(
            "sets", lambda one: self._sets(one, variable, value), variable=variable, value=value
        )

    def asks_whether_ready(self, words: str) -> Claim:
        """Its healthcheck runs a command with these words."""
        return self.where("healthcheck", lambda one: self._asks(one, words), words=words)

    def where(self, key: str, judge: Callable[[Service], Finding], **fields: Any) -> Claim:
        """A claim of the service, said by the catalogue's ``service.KEY``."""

        def look(project: Project) -> Finding:
            one = project.every.get(self.name)
            return judge(one) if one else unmet("compose.no_service", service=self.name)

        return self.file.where(say(f"service.{key}", service=self.name, **fields), look)

    def _image(self, one: Service, image: str) -> Finding:
        if one.image == image or (":" not in image and one.image.startswith(f"{image}:")):
            return met()
        if not one.image:
            return unmet("service.no_image", service=self.name, image=image)
        return unmet(
            "service.other_image", service=self.name, image=image, found=excerpt(one.image)
        )

    def _built(self, one: Service, dockerfile: str, target: str) -> Finding:
        if one.build is None:
            return unmet("service.not_built", service=self.name)
        if dockerfile and posixpath.basename(one.build.dockerfile) != dockerfile:
            found = excerpt(one.build.dockerfile)
            return unmet(
                "service.other_file", service=self.name, dockerfile=dockerfile, found=found
            )
        if target and one.build.target != target:
            return unmet("service.other_target", service=self.name, target=target)
        return met()

    def _publishes(self, one: Service, outside: int, inside: int) -> Finding:
        fields = {"service": self.name, "outside": outside, "inside": inside}
        if any(port.target == inside and outside in doors(port) for port in one.ports):
            return met()
        if not one.ports:
            return unmet("service.no_ports", **fields)
        found = ", ".join(f"{port.published or '*'}:{port.target}" for port in one.ports)
        return unmet("service.other_ports", found=excerpt(found), **fields)

    def _publishes_nothing(self, one: Service) -> Finding:
        if not one.ports:
            return met()
        return unmet("service.open_door", service=self.name, found=str(one.ports[0]))

    def _needs(self, one: Service, other: str, condition: str) -> Finding:
        found = one.depends_on.get(other)
        if found is None:
            return unmet("service.independent", service=self.name, other=other)
        if condition in ("", found.condition):
            return met()
        fields = {"service": self.name, "other": other, "condition": condition}
        return unmet("service.other_condition", found=found.condition, **fields)

    def _keeps(self, one: Service, path: str) -> Finding:
        mount = at(one, path)
        if mount is None:
            return unmet("service.no_mount", service=self.name, path=path)
        if mount.type == "volume" and mount.source:
            return met()
        key = "anonymous" if mount.type == "volume" else "bound"
        return unmet(f"service.{key}", service=self.name, path=path)

    def _shows(self, project: Project, folder: str, path: str) -> Finding:
        one = project.every.get(self.name)
        if one is None:
            return unmet("compose.no_service", service=self.name)
        mount = at(one, path)
        if mount is None or mount.type != "bind":
            return unmet("service.no_bind", service=self.name, folder=folder, path=path)
        found = posixpath.relpath(mount.source, project.directory)
        if found == posixpath.normpath(folder):
            return met()
        return unmet("service.other_folder", service=self.name, path=path, found=excerpt(found))

    def _sets(self, one: Service, variable: str, value: str) -> Finding:
        found = one.environment.get(variable)
        if found == value:
            return met()
        fields = {"service": self.name, "variable": variable, "value": value}
        if found is None:
            return unmet("service.unset", **fields)
        return unmet("service.other_value", found=excerpt(found), **fields)

    def _asks(self, one: Service, words: str) -> Finding:
        check = one.healthcheck
        if not check or not check.test or check.disable or check.test == ("NONE",):
            return unmet("service.no_healthcheck", service=self.name)
        found = " ".join(" ".join(check.test[1:]).split())
        if words in found:
            return met()
        fields = {"words": words, "found": excerpt(found)}
        return unmet("service.other_healthcheck", service=self.name, **fields)


def compose_file(*names: str) -> ComposeFile:
    return ComposeFile(names)


def service(name: str, *files: str) -> ServiceOf:
    return ServiceOf(name, ComposeFile(files))


def invalid(error: ComposeFileError) -> Finding:
    first = error.findings[0]
    words = excerpt(f"{first.text} {first.hint}", LONGEST)
    file = excerpt(Path(first.file).name or NAMES[0])
    entry = excerpt(".".join(first.key))
    if first.line:
        return unmet("compose.invalid", file=file, line=first.line, entry=entry, words=words)
    return unmet("compose.unreadable", file=file, words=words)


def doors(port: Port) -> range:
    """The host's ports that may lead to a port: a range stands for all of its numbers."""
    first, _, last = port.published.partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        return range(0)
    return range(int(first), int(last or first) + 1)


def at(one: Service, path: str) -> Mount | None:
    wanted = posixpath.normpath(path)
    return next((each for each in one.volumes if posixpath.normpath(each.target) == wanted), None)
