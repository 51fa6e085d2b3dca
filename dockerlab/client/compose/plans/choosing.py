"""Which services an action is about, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dockerlab.client.compose.looking.labels import DEPENDS, dependencies
from dockerlab.client.compose.looking.state import Found, State
from dockerlab.errors import DockerlabError
from dockerlab.formats.composefile.model import Project, Service


def chosen(
    project: Project, names: Sequence[str] = (), *, dependencies: bool = True
) -> list[Service]:
    """The services with these names (all when there is none), and what they depend on first.

    A service that is named is switched on, whatever its profiles.
    """
    every = project.every if names else project.services
    for name in names:
        if name not in every:
            raise unknown(project, name)
    found: dict[str, Service] = {}

    def visit(name: str) -> None:
        if name in found or name not in every:
            return
        if dependencies:
            for other, how in sorted(every[name].depends_on.items()):
                if how.required or other in project.services:
                    visit(other)
        found[name] = every[name]

    for name in names or sorted(project.services):
        visit(name)
    if dependencies:
        return list(found.values())
    # Without their dependencies they still start one after the other, if named together.
    return [each for each in ordered(project) if each.name in found]


def ordered(project: Project) -> list[Service]:
    """All services, each after those that it depends on."""
    every = project.every
    found: dict[str, Service] = {}

    def visit(name: str) -> None:
        if name in every and name not in found:
            for other in sorted(every[name].depends_on):
                visit(other)
            found[name] = every[name]

    for name in sorted(every):
        visit(name)
    return list(found.values())


def named(project: Project, names: Sequence[str]) -> tuple[str, ...]:
    """``names``, each of which is a service of the project."""
    for name in names:
        if name not in project.every:
            raise unknown(project, name)
    return tuple(names)


def unknown(project: Project, name: str) -> DockerlabError:
    known = ", ".join(sorted(project.every)) or "none"
    return DockerlabError(f"no such service: {name}", f"the project {project.name} has: {known}")


def described(project: Project, containers: Sequence[Found]) -> Project:
    """A project without a compose file: as far as its containers' labels tell."""
    services = {
        one.service: Service(one.service, depends_on=dependencies(one.labels.get(DEPENDS, "")))
        for one in containers
    }
    return replace(project, services=dict(sorted(services.items())))


def orphans(project: Project, state: State) -> list[Found]:
    """Containers of services that the compose file does not have, and single runs that ended."""
    known = project.every

    def lost(one: Found) -> bool:
        if one.oneoff:
            return one.service not in known or one.state in ("exited", "dead")
        return one.service not in known

    return [one for one in state.containers if lost(one)]


def dependants(project: Project, state: State) -> Mapping[str, frozenset[str]]:
    """Who depends on each service: by the compose file, and by what its containers' labels say."""
    found: dict[str, set[str]] = {}
    for service in project.every.values():
        for other in service.depends_on:
            found.setdefault(other, set()).add(service.name)
    for one in state.containers:
        for other in dependencies(one.labels.get(DEPENDS, "")):
            found.setdefault(other, set()).add(one.service)
    return {name: frozenset(others - {name}) for name, others in found.items()}
