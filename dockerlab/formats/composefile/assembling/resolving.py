"""Variables and labels of a service that stand in files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerlab.formats.composefile.assembling.files import Files
from dockerlab.formats.composefile.encoding.shapes import Out, equals, labels
from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.text.envfile import EnvFileError, parse
from dockerlab.formats.composefile.text.findings import Findings, fail
from dockerlab.formats.composefile.text.tree import Tree
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
    if listed := service.pop("label_file", None):
        found: dict[str, str] = {}
        for index, path in enumerate(listed):
            key = ("services", name, "label_file", str(index))
            found |= _read(path, "label file", files, key, found.get)
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
        key = ("services", name, "env_file", str(index))
        if not file.get("required") and not files.reader.is_file(path):
            continue
        if file.get("format"):
            fail(f'unsupported env_file format "{file["format"]}"', "Leave `format` away.", key=key)
        found |= _read(path, "env file", files, key, lookup)
    own = {
        key: environment.get(key) if value is None else value
        for key, value in equals(service.get("environment"), Out.JSON).items()
    }
    return {**found, **own}


def _read(
    path: str, what: str, files: Files, key: tuple[str, ...], lookup: Lookup
) -> dict[str, str]:
    try:
        return parse(files.text(path, what=what, key=key), lookup)
    except EnvFileError as error:
        fail(f"failed to read {path}: {error}", at=Place(path, error.line, 1), key=key)
