"""Compose files to a project."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dockerlab.formats.composefile import records
from dockerlab.formats.composefile.assembling.assembly import Assembly
from dockerlab.formats.composefile.assembling.casting import Casting
from dockerlab.formats.composefile.assembling.defaults import RESOURCES, settle
from dockerlab.formats.composefile.assembling.files import Files
from dockerlab.formats.composefile.assembling.including import read_env_files
from dockerlab.formats.composefile.assembling.resolving import resolve_files
from dockerlab.formats.composefile.checks.consistency import check_consistency
from dockerlab.formats.composefile.checks.support import warn_of_unsupported
from dockerlab.formats.composefile.encoding.project import canonical
from dockerlab.formats.composefile.encoding.shapes import Out
from dockerlab.formats.composefile.hashing import hash_of
from dockerlab.formats.composefile.model import Place, Project, Service
from dockerlab.formats.composefile.reader import NAMES, OVERRIDES, Disk, Reader, find, present
from dockerlab.formats.composefile.text.findings import Findings, fail
from dockerlab.formats.composefile.text.tree import Tree, place_of

Environment = Mapping[str, str]


def load(
    files: Sequence[str | Path] = (),
    *,
    project_directory: str | Path | None = None,
    project_name: str | None = None,
    environment: Environment | None = None,
    profiles: Sequence[str] = (),
    env_files: Sequence[str | Path] = (),
    reader: Reader | None = None,
) -> Project:
    """The project that compose files describe, as ``docker compose`` would understand them.

    Without ``files``, those that COMPOSE_FILE names, or those of ``project_directory`` or of the
    nearest folder above it. ``environment`` is what variables are looked up in (None: this
    process's own); the file ``.env`` of the project's folder adds to it, or ``env_files``.
    Profiles and name: what is given here, or COMPOSE_PROFILES and COMPOSE_PROJECT_NAME.

    ComposeFileError names each mistake with its file, line and key.
    """
    own = dict(os.environ if environment is None else environment)
    loading = _Loading(reader or Disk(), own)
    return loading.project(
        [loading.absolute(file) for file in files],
        loading.absolute(project_directory) if project_directory else "",
        project_name or "",
        list(profiles),
        [loading.absolute(file) for file in env_files],
    )


class _Loading:
    def __init__(self, reader: Reader, environment: dict[str, str]) -> None:
        self.reader = reader
        self.files = Files(reader)
        self.findings = Findings()
        self.environment = environment

    def absolute(self, path: str | Path) -> str:
        return os.path.normpath(os.path.join(self.reader.here(), path))

    def project(
        self,
        files: list[str],
        directory: str,
        name: str,
        profiles: list[str],
        env_files: list[str],
    ) -> Project:
        files, directory = self.settle_files(files, directory, env_files)
        name = self.settle_name(name, files, directory)
        self.environment["COMPOSE_PROJECT_NAME"] = name
        if not profiles:
            listed = self.environment.get("COMPOSE_PROFILES", "").split(",")
            profiles = [profile.strip() for profile in listed]  # "" enables the profile ""
        assembly = Assembly(directory, self.environment, self.files, self.findings)
        tree = assembly.tree(files)
        if not tree:
            fail("empty compose file", "Begin with `services:`.", at=Place(files[0]))
        settle(tree, name, self.environment)
        return self.made(tree, files, directory, profiles)

    def settle_files(
        self, files: list[str], directory: str, env_files: list[str]
    ) -> tuple[list[str], str]:
        """Which files, in which folder; the env files are read on the way."""
        chosen = files or self.named_files() or self.found_files(directory)
        folder = directory or (os.path.dirname(chosen[0]) if chosen else self.reader.here())
        self.read_environment(folder, env_files)
        if not files and (named := self.named_files()) and named != chosen:
            chosen = named
            folder = directory or os.path.dirname(chosen[0])
            self.read_environment(folder, env_files)
        if not chosen:
            fail(
                f"no configuration file provided: not found in {folder} or above",
                f"Write a file {NAMES[0]} there, or name one.",
            )
        return chosen, folder

    def named_files(self) -> list[str]:
        named = self.environment.get("COMPOSE_FILE")
        separator = self.environment.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
        return [self.absolute(file) for file in named.split(separator)] if named else []

    def found_files(self, directory: str) -> list[str]:
        found = find(directory or self.reader.here(), self.reader)
        for names in (NAMES, OVERRIDES) if found else ():
            several = present(found[0].parent, names, self.reader)
            if len(several) > 1:
                kind = "config" if names is NAMES else "override"
                listed = ", ".join(str(path) for path in several)
                self.findings.warn(
                    f"Found multiple {kind} files with supported names: {listed}",
                    f"Using {several[0]}",
                )
        return [str(path) for path in found]

    def read_environment(self, folder: str, env_files: list[str]) -> None:
        """Add what the env files say to the environment, which wins."""
        named = self.environment.get("COMPOSE_ENV_FILES")
        if not env_files and named:
            env_files = [self.absolute(file) for file in named.split(",")]
        if not env_files and not _is_true(self.environment.get("COMPOSE_DISABLE_ENV_FILE", "")):
            default = os.path.join(folder, ".env")
            env_files = [default] if self.reader.is_file(default) else []
        said = read_env_files(self.files, env_files, self.environment)
        self.environment = {**said, **self.environment}

    def settle_name(self, name: str, files: list[str], directory: str) -> str:
        given = name or self.environment.get("COMPOSE_PROJECT_NAME", "")
        if given:
            if given != normalized(given):
                fail(
                    f'invalid project name "{given}": must consist only of lowercase alphanumeric '
                    "characters, hyphens, and underscores as well as start with a letter or number",
                    f"Try `{normalized(given)}`." if normalized(given) else "",
                )
            return given
        written = self.written_name(files)
        found = normalized(os.path.basename(directory) if written is None else written)
        if not found:
            fail("project name must not be empty", "Write `name: NAME` at the top of the file.")
        return found

    def written_name(self, files: list[str]) -> str | None:
        """The ``name:`` of the last file that has one."""
        written = ""
        for file in files:
            for document in self.files.documents(file):
                name = document.tree.get("name") if isinstance(document.tree, dict) else None
                written = name if isinstance(name, str) and name else written
        if not written:
            return None
        casting = Casting(self.environment, self.findings)
        return str(casting.text(written, ("name",)))

    def made(
        self, tree: dict[str, Tree], files: list[str], directory: str, profiles: list[str]
    ) -> Project:
        services = tree.get("services") or {}
        enabled = {name: one for name, one in services.items() if _is_enabled(one, profiles)}
        check_consistency(tree, enabled)
        for service in enabled.values():
            if service.get("scale") is not None and service.get("deploy"):
                service["deploy"]["replicas"] = service["scale"]
        warn_of_unsupported(tree, enabled, self.findings)
        pruned = {**tree, "services": enabled, **_used(tree, enabled)}
        whole = self.resolved(pruned, env_files=True)
        data = printed = canonical(whole, Out.JSON)
        if any("env_file" in service for service in enabled.values()):
            printed = canonical(self.resolved(pruned, env_files=False), Out.JSON)
        disabled = {name: one for name, one in services.items() if name not in enabled}
        rest = canonical({"name": tree["name"], "services": disabled}, Out.JSON)["services"]
        return Project(
            name=tree["name"],
            directory=directory,
            files=tuple(files),
            services=self.services(tree, data["services"], printed["services"]),
            disabled=self.services(tree, rest, rest),
            **self.resources(whole, data),
            environment=MappingProxyType(self.environment),
            profiles=tuple(profile for profile in profiles if profile),
            warnings=tuple(self.findings.warnings),
            canonical=MappingProxyType(data),
            written=MappingProxyType(canonical(whole, Out.YAML)),
        )

    def resolved(self, tree: dict[str, Tree], *, env_files: bool) -> dict[str, Tree]:
        services = tree["services"]
        return {
            **tree,
            "services": {
                name: resolve_files(
                    name, service, self.environment, self.files, self.findings, env_files
                )
                for name, service in services.items()
            },
        }

    def services(
        self, tree: dict[str, Tree], data: Mapping[str, Any], printed: Mapping[str, Any]
    ) -> Mapping[str, Service]:
        found = {}
        for name, one in data.items():
            made = records.service(name, tree["name"], one, _place(tree, "services", name))
            made = replace(made, platform=made.platform or self.platform(made))
            before = replace(made, canonical=printed[name])
            found[name] = replace(made, config_hash=hash_of(made), printed_hash=hash_of(before))
        return MappingProxyType(found)

    def platform(self, service: Service) -> str:
        """What is built is built for DOCKER_DEFAULT_PLATFORM, where nothing else is said."""
        return self.environment.get("DOCKER_DEFAULT_PLATFORM", "") if service.build else ""

    @staticmethod
    def resources(tree: dict[str, Tree], data: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for kind in RESOURCES:
            made: dict[str, Any] = {}
            for key, one in data.get(kind, {}).items():
                where = _place(tree, kind, key)
                if kind == "networks":
                    made[key] = records.network(key, one, where)
                elif kind == "volumes":
                    made[key] = records.volume(key, one, where)
                else:
                    raw = tree[kind][key]
                    content = str(raw.get("x-#value", raw.get("content", "")) or "")
                    made[key] = records.file_object(key, one, content, where)
            found[kind] = MappingProxyType(made)
        return found


def _place(tree: Tree, *path: str) -> Place:
    return place_of(tree, path) or Place()


def _is_true(word: str) -> bool:
    return word in ("1", "t", "T", "TRUE", "true", "True")


def _is_enabled(service: Mapping[str, Any], profiles: Sequence[str]) -> bool:
    own = service.get("profiles") or ()
    return not own or "*" in profiles or any(profile in own for profile in profiles)


def _used(tree: Mapping[str, Any], enabled: Mapping[str, Any]) -> dict[str, Tree]:
    """Of networks, volumes …, those that an enabled service uses."""
    used: dict[str, set[str]] = {kind: set() for kind in RESOURCES}
    for service in enabled.values():
        used["networks"].update(service.get("networks") or ())
        for mount in service.get("volumes") or ():
            if mount.get("type") == "volume" and mount.get("source"):
                used["volumes"].add(mount["source"])
        secrets = (service.get("build") or {}).get("secrets") or ()
        for secret in (*(service.get("secrets") or ()), *secrets):
            used["secrets"].add(secret["source"])
        used["configs"].update(config["source"] for config in service.get("configs") or ())
    return {
        kind: {key: one for key, one in (tree.get(kind) or {}).items() if key in used[kind]}
        for kind in RESOURCES
    }


def normalized(name: str) -> str:
    """The name of a project as Compose makes it of a folder's: lower case, without signs."""
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")
