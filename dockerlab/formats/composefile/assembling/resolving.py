"""Variables and labels of a service that stand in files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerlab.formats.composefile.assembling.files import Files
from dockerlab.formats.composefile.encoding.shapes import Out, equals, labels
from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.text.envfile import EnvFileError, parse
from dockerlab.formats.composefile.text.findings import Findings, fail
from dockerlab.formats.composefile.text.tree import Path, Tree, place_of
from dockerlab.formats.composefile.text.variables import Lookup


def resolve_files(
    name: str,
    service: dict[str, Tree],
    environment: Mapping[str, str],
    files: Files,
    findings: Findings,
    env_files: bool,
) -> dict[str, Tree]:
    """The service with its label files read in, and with its env files, if those are wanted."""
    service = dict(service)
    if listed := service.get("label_file"):
        found: dict[str, str] = {}
        for index, path in enumerate(listed):
            asked = _Asked(name, service, ("label_file", str(index)))
            found |= _read(path, "label file", files, asked, found.get)
        del service["label_file"]
        service["labels"] = {**found, **labels(service.get("labels"), Out.JSON)}
    if env_files:
        service["environment"] = _environment(name, service, environment, files)
        service.pop("env_file", None)
    return service


def _environment(
    name: str, service: dict[str, Tree], environment: Mapping[str, str], files: Files
) -> dict[str, Any]:
    """What a service says itself wins over its env files, the later of which win."""
    found: dict[str, str] = {}

    def lookup(variable: str) -> str | None:
        return found.get(variable, environment.get(variable))

    for index, file in enumerate(service.get("env_file") or ()):
        path = file["path"]
        asked = _Asked(name, service, ("env_file", str(index)))
        if not file.get("required") and not files.reader.is_file(path):
            continue
        if file.get("format"):
            said = f'unsupported env_file format "{file["format"]}"'
            fail(said, "Leave `format` away.", at=asked.place, key=asked.key)
        found |= _read(path, "env file", files, asked, lookup)
    own = {
        key: environment.get(key) if value is None else value
        for key, value in equals(service.get("environment"), Out.JSON).items()
    }
    return {**found, **own}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where a service names a file."""

    service: str
    tree: Tree
    below: Path

    @property
    def key(self) -> Path:
        return ("services", self.service, *self.below)

    @property
    def place(self) -> Place | None:
        return place_of(self.tree, self.below)


def _read(path: str, what: str, files: Files, asked: _Asked, lookup: Lookup) -> dict[str, str]:
    try:
        return parse(files.text(path, what=what, at=asked.place, key=asked.key), lookup)
    except EnvFileError as error:
        fail(f"failed to read {path}: {error}", at=Place(path, error.line, 1), key=asked.key)
