"""``include``: whole projects taken in, each with its own folder and variables."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerlab.formats.composefile.assembling.files import Files
from dockerlab.formats.composefile.assembling.paths import Paths
from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.text.envfile import EnvFileError, parse
from dockerlab.formats.composefile.text.findings import fail
from dockerlab.formats.composefile.text.tree import Tree, place_of

KINDS = ("services", "volumes", "networks", "secrets", "configs")


@dataclass(frozen=True, slots=True)
class Settled:
    """An include with everything found: absolute paths, and the environment of its files."""

    files: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Include:
    """One item of ``include``, as written."""

    paths: tuple[str, ...]
    directory: str
    env_files: tuple[str, ...]
    at: Place | None

    def settled(
        self, directory: str, paths: Paths, files: Files, environment: Mapping[str, str]
    ) -> Settled:
        found = tuple(paths.local(path, "include", self.at, ("include",)) for path in self.paths)
        if not found:
            fail("path is required", "Write the path of a compose file.", at=self.at)
        home = os.path.dirname(found[0])
        if self.directory:
            home = os.path.normpath(os.path.join(directory, self.directory))
        env_files = [paths.absolute(path) for path in self.env_files]
        default = os.path.join(home, ".env")
        if not env_files and files.reader.is_file(default):
            env_files = [default]
        extra = read_env_files(files, env_files, environment, at=self.at)
        return Settled(found, home, {**extra, **environment})


def includes(tree: dict[str, Tree]) -> list[Include]:
    found = []
    for index, item in enumerate(tree.get("include") or ()):
        long = item if isinstance(item, dict) else {"path": item}
        at = place_of(tree, ("include", str(index)))
        found.append(
            Include(
                _texts(long.get("path")),
                str(long.get("project_directory") or ""),
                _texts(long.get("env_file")),
                at,
            )
        )
    return found


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    return (str(value),) if value else ()


def import_into(tree: dict[str, Tree], included: dict[str, Tree], include: Include) -> None:
    """Take in what an included project says; what both say must be the same."""
    for kind in KINDS:
        for name, value in (included.get(kind) or {}).items():
            own = tree.get(kind)
            if own is None:
                own = tree[kind] = {}
            if name in own and own[name] != value:
                fail(
                    f"{kind}.{name} conflicts with imported resource",
                    f"{include.paths[0]} defines it too. Give one of them another name, or "
                    "change the included one in an override file of the include.",
                    at=place_of(tree, (kind, name)) or include.at,
                    key=(kind, name),
                )
            own[name] = value


def read_env_files(
    files: Files, paths: list[str], environment: Mapping[str, str], *, at: Place | None = None
) -> dict[str, str]:
    """The variables of env files, of which later ones win over earlier ones."""
    found: dict[str, str] = {}
    for path in paths:
        text = files.text(path, what="env file", at=at)
        before = dict(found)
        try:
            found |= parse(text, {**before, **environment}.get)
        except EnvFileError as error:
            fail(f"failed to read {path}: {error}", at=Place(path, error.line, 1))
    return found
