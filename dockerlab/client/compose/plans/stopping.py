"""Plan what takes containers away or bids them halt: down, stop, kill, rm, restart, pause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dockerlab.client.compose.looking.labels import DEPENDS, dependencies
from dockerlab.client.compose.looking.state import Found, State, Thing
from dockerlab.client.compose.looking.wire import part
from dockerlab.client.compose.plans.choosing import dependants, orphans
from dockerlab.formats.composed.plan import Plan, Step
from dockerlab.formats.composefile.model import Network, Project, Volume
from dockerlab.formats.reference import parse

GONE = (404, 409)
"""Somebody else was faster: it is gone, or going."""


def stop(one: Found, reason: str, *, timeout: int | None, needs: tuple[str, ...] = ()) -> Step:
    query = "" if timeout is None else f"?t={timeout}"
    return Step(
        id=f"stop {one.name}",
        action="stop container",
        target=one.name,
        service=one.service,
        reason=reason,
        call=("POST", f"/containers/{one.id}/stop{query}", None),
        needs=needs,
        says=("Stopping", "Stopped"),
        fine=(304, 404),
    )


def remove(one: Found, reason: str, *, volumes: bool, needs: tuple[str, ...] = ()) -> Step:
    query = "?force=1&v=1" if volumes else "?force=1"
    return Step(
        id=f"remove {one.name}",
        action="remove container",
        target=one.name,
        service=one.service,
        reason=reason,
        call=("DELETE", f"/containers/{one.id}{query}", None),
        needs=needs,
        says=("Removing", "Removed"),
        fine=GONE,
    )


def removal(
    one: Found,
    reason: str,
    *,
    timeout: int | None = None,
    volumes: bool = False,
    needs: tuple[str, ...] = (),
) -> tuple[Step, Step]:
    """Stop a container, then remove it."""
    first = stop(one, reason, timeout=timeout, needs=needs)
    return first, remove(one, reason, volumes=volumes, needs=(first.id,))


@dataclass(frozen=True, slots=True)
class Down:
    """What ``down`` takes away besides. ``images``: "", ``local`` (built ones) or ``all``."""

    services: tuple[str, ...] = ()
    volumes: bool = False
    images: str = ""
    remove_orphans: bool = False
    timeout: int | None = None


def down(project: Project, state: State, options: Down, *, known: bool = True) -> Plan:
    """The steps that take a project away: dependants first, then what they depended on.

    ``known`` False: there is no compose file, so nothing can be an orphan.
    """
    lost = {one.id for one in orphans(project, state)} if known else set()
    mine = [
        one
        for one in state.containers
        if (one.id not in lost and not one.oneoff) or options.remove_orphans
    ]
    steps: list[Step] = []
    if options.services:
        mine = [one for one in mine if one.service in _with_dependants(project, state, options)]
    _backwards(
        steps,
        project,
        state,
        mine,
        lambda one, needs: removal(
            one,
            "the project is taken down",
            timeout=options.timeout,
            volumes=options.volumes,
            needs=needs,
        ),
    )
    if not options.services:
        removed = tuple(step.id for step in steps if step.action == "remove container")
        steps += _networks(state, project, removed)
        if options.images:
            steps += _images(project, state, options.images, removed)
        if options.volumes:
            steps += _volumes(state, project, removed)
    warnings = () if steps else (f'No resource found to remove for project "{project.name}".',)
    return Plan("down", project.name, tuple(steps), warnings)


def _with_dependants(project: Project, state: State, options: Down) -> set[str]:
    others = dependants(project, state)
    found, todo = set[str](), list(options.services)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += others.get(name, ())
    return found


def _backwards(
    steps: list[Step],
    project: Project,
    state: State,
    containers: Sequence[Found],
    act: Callable[[Found, tuple[str, ...]], Iterable[Step]],
) -> None:
    """Act on each container after all those of the services that depend on its own."""
    others = dependants(project, state)
    last: dict[str, list[str]] = {}
    by_service: dict[str, list[Found]] = {}
    for one in containers:
        by_service.setdefault(one.service, []).append(one)

    def visit(service: str, above: frozenset[str]) -> list[str]:
        if service in last:
            return last[service]
        ends: list[str] = []
        for name in sorted(others.get(service, frozenset()) - above):
            ends += visit(name, above | {service})
        mine: list[str] = []
        for one in by_service.get(service, []):
            made = list(act(one, tuple(dict.fromkeys(ends))))
            steps.extend(made)
            # Once it has stopped it needs the others no more; removing it may go on meanwhile.
            mine.append(made[0].id)
        last[service] = mine or list(dict.fromkeys(ends))
        return last[service]

    for service in sorted(by_service):
        visit(service, frozenset())


def _networks(state: State, project: Project, needs: tuple[str, ...]) -> list[Step]:
    reason = "it was made for this project"
    return [
        _gone("network", one.name, f"/networks/{one.id or part(one.name)}", reason, needs)
        for one in _own(state.networks, project.networks)
    ]


def _volumes(state: State, project: Project, needs: tuple[str, ...]) -> list[Step]:
    reason = "it was made for this project, and volumes are asked to go too"
    return [
        _gone("volume", one.name, f"/volumes/{part(one.name)}?force=1", reason, needs)
        for one in _own(state.volumes, project.volumes)
    ]


def _images(project: Project, state: State, which: str, needs: tuple[str, ...]) -> list[Step]:
    names = dict.fromkeys(
        one.image_name
        for one in project.every.values()
        if which == "all" or (one.build and not one.image)
    )
    return [
        # The real Compose writes the tag out here, and nowhere else.
        _gone(
            "image", str(parse(name)), f"/images/{part(name)}", "images are asked to go too", needs
        )
        for name in names
        if name in state.images
    ]


def _own(
    there: Mapping[str, Thing], declared: Mapping[str, Network] | Mapping[str, Volume]
) -> list[Thing]:
    """Those that are not somebody else's."""
    external = {one.name for one in declared.values() if one.external}
    return [one for one in there.values() if one.name not in external]


def _gone(noun: str, name: str, path: str, reason: str, needs: tuple[str, ...]) -> Step:
    return Step(
        id=f"remove {noun} {name}",
        action=f"remove {noun}",
        target=name,
        reason=reason,
        call=("DELETE", path, None),
        needs=needs,
        says=("Removing", "Removed"),
        fine=(404,),
    )


def halt(project: Project, state: State, services: Sequence[str], timeout: int | None) -> Plan:
    """``stop``: dependants first."""
    steps: list[Step] = []
    mine = [one for one in _mine(state, services) if one.state in _ALIVE]
    _backwards(
        steps,
        project,
        state,
        mine,
        lambda one, needs: [stop(one, "it is asked to stop", timeout=timeout, needs=needs)],
    )
    return Plan("stop", project.name, tuple(steps))


_ALIVE = ("running", "paused", "restarting")


def signal(project: Project, state: State, services: Sequence[str], name: str) -> Plan:
    """``kill``: all at once."""
    call = f"/kill?signal={part(name)}"
    return _each("kill", project, state, services, call, ("Killing", "Killed"), only=_ALIVE)


def freeze(project: Project, state: State, services: Sequence[str]) -> Plan:
    words = ("", "Paused")
    return _each("pause", project, state, services, "/pause", words, only=("running",))


def thaw(project: Project, state: State, services: Sequence[str]) -> Plan:
    words = ("", "Unpaused")
    return _each("unpause", project, state, services, "/unpause", words, only=("paused",))


def _each(
    verb: str,
    project: Project,
    state: State,
    services: Sequence[str],
    call: str,
    says: tuple[str, str],
    *,
    only: tuple[str, ...],
) -> Plan:
    steps = [
        Step(
            id=f"{verb} {one.name}",
            action=f"{verb} container",
            target=one.name,
            service=one.service,
            reason=f"it is asked to ({verb})",
            call=("POST", f"/containers/{one.id}{call}", None),
            says=says,
        )
        for one in _mine(state, services)
        if one.state in only
    ]
    return Plan(verb, project.name, tuple(steps))


def clear(project: Project, state: State, services: Sequence[str], *, volumes: bool) -> Plan:
    """``rm``: the containers that do not run."""
    steps = [
        remove(one, "it does not run, and is asked to go", volumes=volumes)
        for one in _mine(state, services, oneoff=True)
        if one.state not in _ALIVE
    ]
    warnings = () if steps else ("No stopped containers",)
    return Plan("rm", project.name, tuple(steps), warnings)


def restart(project: Project, state: State, services: Sequence[str], timeout: int | None) -> Plan:
    """``restart``: in order, and those along that say ``restart: true`` of what they depend on."""
    mine = _mine(state, services)
    names = {one.service for one in mine}
    along = [
        one
        for one in _mine(state, ())
        if one.service not in names
        and any(
            how.restart and name in names
            for name, how in dependencies(one.labels.get(DEPENDS, "")).items()
        )
    ]
    query = "" if timeout is None else f"?t={timeout}"
    steps: list[Step] = []
    for one in _forwards(mine + along):
        before = dependencies(one.labels.get(DEPENDS, ""))
        steps.append(
            Step(
                id=f"restart {one.name}",
                action="restart container",
                target=one.name,
                service=one.service,
                reason="it is asked to restart"
                if one.service in names
                else "what it depends on restarts",
                call=("POST", f"/containers/{one.id}/restart{query}", None),
                needs=tuple(step.id for step in steps if step.service in before),
                says=("Restarting", "Started"),
            )
        )
    return Plan("restart", project.name, tuple(steps))


def _forwards(containers: Sequence[Found]) -> list[Found]:
    """Each after those of the services that its label says it depends on."""
    after: list[Found] = []
    todo = sorted(containers, key=lambda one: one.name)
    while todo:
        left = {one.service for one in todo}
        ready = [
            one
            for one in todo
            if not (set(dependencies(one.labels.get(DEPENDS, ""))) - {one.service}) & left
        ]
        after += ready or todo[:1]
        todo = [one for one in todo if one not in after]
    return after


def _mine(state: State, services: Sequence[str], *, oneoff: bool = False) -> list[Found]:
    return [
        one
        for one in state.containers
        if (oneoff or not one.oneoff) and (not services or one.service in services)
    ]
