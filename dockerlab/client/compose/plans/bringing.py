"""Plan ``up``: a project and what is there of it become steps. Pure: nothing is asked or done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dockerlab.client.compose.looking.labels import REPLACE
from dockerlab.client.compose.looking.state import Found, State, Wanted
from dockerlab.client.compose.looking.wire import part
from dockerlab.client.compose.plans.choosing import chosen, orphans
from dockerlab.client.compose.plans.creating import Creating
from dockerlab.client.compose.plans.draft import Draft, Kept
from dockerlab.client.compose.plans.resources import Resources
from dockerlab.client.compose.plans.starting import Starting
from dockerlab.client.compose.plans.stopping import removal
from dockerlab.errors import DockerlabError
from dockerlab.formats.composed.plan import Plan, Step
from dockerlab.formats.composefile.model import Project, Service


@dataclass(frozen=True, slots=True)
class Up:
    """What ``up`` is asked to do besides. ``timeout`` in seconds: of a container that must stop.

    ``start`` False makes the containers only; ``dependencies`` False leaves out what the named
    services depend on; ``recreate`` is ``changed``, ``always`` or ``never``.
    """

    services: tuple[str, ...] = ()
    recreate: str = "changed"
    scale: Mapping[str, int] = field(default_factory=dict)
    remove_orphans: bool = False
    dependencies: bool = True
    start: bool = True
    wait: bool = False
    keep_volumes: bool = True
    timeout: int | None = None


def wanted(project: Project, services: Iterable[Service]) -> Wanted:
    """What the state must be asked for by name."""
    mine = list(services)
    return Wanted(
        images=frozenset(service.image_name for service in mine),
        networks=frozenset(project.networks[key].name for one in mine for key in one.networks),
        volumes=frozenset(
            project.volumes[mount.source].name
            for one in mine
            for mount in one.volumes
            if mount.type == "volume" and mount.source in project.volumes
        ),
    )


def up(project: Project, state: State, options: Up, images: Sequence[Step] = ()) -> Plan:
    """The steps that make the project what its file says; ``images`` get the images before."""
    return _Planner(project, state, options, images).plan()


def start(project: Project, state: State, services: Sequence[str] = ()) -> Plan:
    """The steps that start the containers that there are, each after those it depends on."""
    return _Planner(project, state, Up(services=tuple(services)), ()).starting()


class _Planner:
    def __init__(self, project: Project, state: State, options: Up, images: Sequence[Step]) -> None:
        self.project = project
        self.state = state
        self.options = options
        self.services = chosen(project, options.services, dependencies=options.dependencies)
        self.draft = Draft(project, state, keep_volumes=options.keep_volumes)
        self.draft.add(*images)
        self.creating = Creating(self.draft, options.timeout)
        self.remade: set[str] = set()
        """Services that get new containers in place of old ones."""

    def plan(self) -> Plan:
        made = Resources(self.project, self.state).plan(self.services)
        self.draft.add(*made.steps)
        self.draft.warnings += made.warnings
        self._orphans()
        for service in self.services:
            self._converge(service)
        starting = Starting(self.draft)
        if self.options.start:
            starting.all(self.services)
        if self.options.wait:
            starting.running(self.services)
        return self._plan("up" if self.options.start else "create")

    def _plan(self, action: str) -> Plan:
        draft = self.draft
        return Plan(action, self.project.name, tuple(draft.steps.values()), tuple(draft.warnings))

    def starting(self) -> Plan:
        for service in self.services:
            self.draft.after[service.name] = [Kept.of(one) for one in self.state.of(service.name)]
            if not self.draft.after[service.name] and service.name in self.options.services:
                raise DockerlabError(
                    f'service "{service.name}" has no container to start',
                    f"docker compose up -d {service.name} makes one",
                )
        Starting(self.draft).all(self.services)
        return self._plan("start")

    def _orphans(self) -> None:
        found = orphans(self.project, self.state)
        if not found:
            return
        if not self.options.remove_orphans:
            names = " ".join(one.name for one in found)
            self.draft.warnings.append(
                f"Found orphan containers ([{names}]) for this project. If you removed or renamed "
                "this service in your compose file, you can run this command with the "
                "--remove-orphans flag to clean it up."
            )
            return
        for one in found:
            reason = f"the compose file has no service {one.service}"
            if one.service in self.project.services:
                reason = "it was a single run, and has ended"
            self.draft.add(*removal(one, reason, timeout=self.options.timeout))

    # --- the containers of one service ---

    def _converge(self, service: Service) -> None:
        expected = self.options.scale.get(service.name, service.replicas)
        if service.container_name and expected > 1:
            raise DockerlabError(
                f'The "{service.name}" service is using the custom container name '
                f'"{service.container_name}". Docker requires each container to have a unique '
                "name. Remove the custom name to scale the service",
                f"take container_name out of the service {service.name}",
            )
        if self.options.start:
            self.draft.warnings += crowded(service, expected)
        kept = self.draft.after[service.name] = []
        there = self._finished(service)
        for place, one in enumerate(there):
            if place >= expected:
                reason = f"{expected} of {len(there)} containers are wanted"
                self.draft.add(*removal(one, reason, timeout=self.options.timeout))
                continue
            reason = self._reason(service, one)
            if reason:
                self.creating.remake(service, one, reason)
                self.remade.add(service.name)
                kept.append(Kept(self.draft.name(service, one.number), one.number))
            else:
                self._keep(service, one)
                kept.append(Kept.of(one))
        first = max((one.number for one in there), default=0) + 1
        for number in range(first, first + expected - len(there)):
            making = self.draft.making(service, number)
            reason = "there is none yet" if expected == 1 else f"{expected} containers are wanted"
            self.creating.create(making, reason)
            kept.append(Kept(making.name, number))

    def _finished(self, service: Service) -> list[Found]:
        """The service's containers, after what an interrupted ``up`` has left is dealt with."""
        there = self.state.of(service.name)
        ids = {one.id for one in there}
        finished = []
        for one in there:
            if not one.unfinished:
                finished.append(one)
            elif one.labels[REPLACE] in ids:
                reason = "left by an up that was interrupted; the one it replaces is still here"
                self.draft.add(*removal(one, reason, timeout=0))
            else:
                finished.append(self._rename(service, one))
        return finished

    def _rename(self, service: Service, one: Found) -> Found:
        name = self.draft.name(service, one.number)
        self.draft.add(
            Step(
                id=f"rename {one.name}",
                action="rename container",
                target=name,
                service=service.name,
                reason="an up was interrupted before it gave the new container its name",
                call=("POST", f"/containers/{one.id}/rename?name={part(name)}", None),
            )
        )
        return replace(one, name=name)

    def _reason(self, service: Service, one: Found) -> str:
        """Why a container has to be made anew; "" when it may stay."""
        if self.options.recreate == "never":
            return ""
        asked = not self.options.services or service.name in self.options.services
        if self.options.recreate == "always" and asked:
            return "it is asked to be made anew"
        for name in service.depends_on:
            if name in self.remade:
                return f"{name}, which it depends on, is made anew"
        if one.hash != self.creating.hash(service):
            return "the compose file says otherwise by now"
        image = self.state.images.get(service.image_name)
        if image is not None and one.image != image.id:
            return f"{service.image_name} is another image by now"
        return ""

    def _keep(self, service: Service, one: Found) -> None:
        running = one.state == "running"
        built = f"build {service.image_name}" in self.draft.steps
        self.draft.add(
            Step(
                id=f"keep {one.name}",
                action="keep container",
                target=one.name,
                service=service.name,
                reason="it stays, unless the build gives another image"
                if built
                else "it is as the compose file says",
                says=("", "Running" if running else "Created"),
            )
        )


def crowded(service: Service, expected: int) -> list[str]:
    """Say of host ports that are too few for so many containers: each port goes to one only."""
    return [
        f"{expected} containers of {service.name} cannot all have the host's port "
        f"{port.published}: leave it out ({port.target}) and each gets a free one, or give as many "
        f"as there are containers ({port.published}-{int(port.published) + expected - 1}:"
        f"{port.target})"
        for port in service.ports
        if expected > 1 and port.published.isdigit()
    ]
