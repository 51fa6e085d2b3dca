"""Whether the services of a project fit together, and with what they name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from dockerlab.errors import ComposeFileError
from dockerlab.formats.composefile.checks.alone import Found, check_alone
from dockerlab.formats.composefile.checks.cycles import cycle
from dockerlab.formats.composefile.model import Finding
from dockerlab.formats.composefile.text.findings import problem
from dockerlab.formats.composefile.text.tree import Path, Tree, place_of


def check_consistency(tree: dict[str, Tree], enabled: Mapping[str, Any]) -> None:
    """Raise an error that names all that does not fit among the enabled services."""
    found: list[Finding] = []
    checker = _Checker(tree, enabled)
    for name in sorted(enabled):
        for key, text, hint in checker.service(name, enabled[name]):
            path = ("services", name, *key)
            found.append(problem(text, hint, at=place_of(tree, path), key=path))
    if found:
        raise ComposeFileError(found)
    check_cycle(tree, enabled)


def check_cycle(tree: dict[str, Tree], enabled: Mapping[str, Any]) -> None:
    waits = {name: list(service.get("depends_on") or ()) for name, service in enabled.items()}
    circle = cycle(waits)
    if circle:
        key = ("services", circle[0], "depends_on", circle[1])
        text = f"dependency cycle detected: {' -> '.join(circle)}"
        hint = "No service of a circle can start first: take one of them out of a `depends_on`."
        raise ComposeFileError([problem(text, hint, at=place_of(tree, key), key=key)])


class _Checker:
    def __init__(self, tree: dict[str, Tree], enabled: Mapping[str, Any]) -> None:
        self.tree = tree
        self.enabled = enabled
        self.services: Mapping[str, Any] = tree.get("services") or {}

    def known(self, kind: str) -> Mapping[str, Any]:
        return self.tree.get(kind) or {}

    def service(self, name: str, service: dict[str, Tree]) -> Found:
        yield from self.build(name, service)
        yield from self.networks(name, service)
        yield from self.dependencies(name, service)
        yield from self.mounts(name, service)
        yield from check_alone(name, service)

    def build(self, name: str, service: dict[str, Tree]) -> Found:
        build = service.get("build")
        if build is None and not service.get("image"):
            yield (
                (),
                f'service "{name}" has neither an image nor a build context specified',
                "Write `image: NAME` or `build: FOLDER` below it.",
            )
        if not build:
            return
        if build.get("dockerfile_inline") and build.get("dockerfile"):
            text = f'service "{name}" declares mutualy exclusive dockerfile and dockerfile_inline'
            yield ("build", "dockerfile"), text, "Keep one."
        for context, source in (build.get("additional_contexts") or {}).items():
            yield from self.context(name, context, str(source))
        platforms = build.get("platforms") or ()
        if platforms and service.get("platform") and service["platform"] not in platforms:
            text = f'service.build.platforms MUST include service.platform "{service["platform"]}"'
            yield ("build", "platforms"), text, ""

    def context(self, name: str, context: str, source: str) -> Found:
        if not source.startswith("service:"):
            return
        target = source.removeprefix("service:")
        what = None if target in self.enabled else "unknown"
        if target in self.enabled and not self.enabled[target].get("build"):
            what = "non-buildable"
        if what:
            key = ("build", "additional_contexts", context)
            said = f'service "{name}" declares {what} service "{target}" as additional contexts'
            yield key, f"{said} {context}", ""

    def networks(self, name: str, service: dict[str, Tree]) -> Found:
        mode = service.get("network_mode")
        if mode and service.get("networks"):
            text = f"service {name} declares mutually exclusive `network_mode` and `networks`"
            yield ("network_mode",), text, "Keep one."
        yield from self.named(name, "network", ("networks",), list(service.get("networks") or ()))

    def dependencies(self, name: str, service: dict[str, Tree]) -> Found:
        for other, how in (service.get("depends_on") or {}).items():
            if other in self.enabled or (other in self.services and not how.get("required")):
                continue
            key = _said_where(service, other)
            if other in self.services:
                profiles = ", ".join(self.services[other].get("profiles") or ())
                yield (
                    key,
                    f'service "{name}" depends on undefined service "{other}"',
                    f"It is there, but only with its profile ({profiles}): switch it on, or write "
                    "`required: false` at the dependency.",
                )
            else:
                text = f'service "{name}" depends on undefined service "{other}"'
                yield key, text, self.near(other, self.services, "services")
        mode = str(service.get("network_mode") or "")
        if mode.startswith("service:") and mode[8:] not in self.enabled:
            other = mode.removeprefix("service:")
            text = f"service \"{other}\" not found for network_mode '{mode}'"
            yield ("network_mode",), text, self.near(other, self.services, "services")

    def mounts(self, name: str, service: dict[str, Tree]) -> Found:
        volumes = self.known("volumes")
        for index, mount in enumerate(service.get("volumes") or ()):
            source = mount.get("source")
            if mount.get("type") == "volume" and source and source not in volumes:
                text = f'service "{name}" refers to undefined volume {source}'
                hint = f"A folder begins with ./ or /: ./{source}"
                if "/" not in source:
                    hint = self.near(source, volumes, "volumes")
                yield ("volumes", str(index)), text, hint
        for kind in ("config", "secret"):
            sources = _sources(service.get(f"{kind}s"))
            yield from self.named(name, kind, (f"{kind}s",), sources)
        sources = _sources((service.get("build") or {}).get("secrets"))
        yield from self.named(name, "secret", ("build", "secrets"), sources, "build secret")

    def named(self, name: str, kind: str, key: Path, sources: list[str], word: str = "") -> Found:
        known = self.known(f"{kind}s")
        for index, source in enumerate(sources):
            if source not in known:
                part = source if kind == "network" else str(index)
                text = f'service "{name}" refers to undefined {word or kind} {source}'
                yield (*key, part), text, self.near(source, known, f"{kind}s")

    def near(self, name: str, known: Mapping[str, Any], kind: str) -> str:
        if close := get_close_matches(name, list(known), 1, 0.5):
            return f"Did you mean `{close[0]}`?"
        if kind == "services":
            return f"There are: {', '.join(sorted(known))}."
        more = "" if kind in ("networks", "volumes") else "\n        file: ./FILE"
        return f"Declare it at the top of the file:\n    {kind}:\n      {name}:{more}"


def _sources(items: Tree) -> list[str]:
    return [str(item.get("source") or "") for item in items or ()]


def _said_where(service: dict[str, Tree], other: str) -> Path:
    for key in ("links", "volumes_from"):
        for index, item in enumerate(service.get(key) or ()):
            if str(item).split(":")[0] == other:
                return key, str(index)
    for key in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        if service.get(key) == f"service:{other}":
            return (key,)
    return "depends_on", other
