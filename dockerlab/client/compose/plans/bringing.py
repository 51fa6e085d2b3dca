"""Plan ``up``: a project and what is there of it become steps. Pure: nothing is asked or done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from dockerlab.client.compose.looking.labels import HASH, REPLACE
from dockerlab.client.compose.looking.state import Found, FoundImage, State, Wanted
from dockerlab.client.compose.looking.wire import part
from dockerlab.client.compose.plans import bodies
from dockerlab.client.compose.plans.bodies import Making
from dockerlab.client.compose.plans.choosing import chosen, orphans
from dockerlab.client.compose.plans.resources import Resources
from dockerlab.client.compose.plans.stopping import removal
from dockerlab.errors import DockerlabError
from dockerlab.formats import composefile
from dockerlab.formats.composed.plan import Plan, Step
from dockerlab.formats.composefile.model import Dependency, FileMount, Project, Service


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


@dataclass(slots=True)
class _Kept:
    """A container of a service after the plan; ``id`` "" when it is to be made."""

    name: str
    number: int
    id: str = ""
    running: bool = False
    healthy: bool = False


class _Planner:
    def __init__(self, project: Project, state: State, options: Up, images: Sequence[Step]) -> None:
        self.project = project
        self.state = state
        self.options = options
        self.services = chosen(project, options.services, dependencies=options.dependencies)
        self.steps: list[Step] = list(images)
        self.warnings: list[str] = []
        self.after: dict[str, list[_Kept]] = {}
        self.remade: dict[str, str] = {}
        """Services that get new containers in place of old ones, and the first of these."""
        self.starts: dict[str, list[str]] = {}
        self.waits: dict[tuple[str, str], str] = {}

    def plan(self) -> Plan:
        made = Resources(self.project, self.state).plan(self.services)
        self.steps += made.steps
        self.warnings += made.warnings
        self._orphans()
        for service in self.services:
            self._converge(service)
        if self.options.start:
            for service in self.services:
                self._start(service)
        if self.options.wait:
            for service in self.services:
                self._wait(service.name, "running or healthy", Dependency())
        name = "up" if self.options.start else "create"
        return Plan(name, self.project.name, tuple(self.steps), tuple(self.warnings))

    def starting(self) -> Plan:
        for service in self.services:
            self.after[service.name] = [
                _Kept(one.name, one.number, one.id, one.state == "running", one.healthy)
                for one in self.state.of(service.name)
            ]
            if not self.after[service.name] and service.name in self.options.services:
                raise DockerlabError(
                    f'service "{service.name}" has no container to start',
                    f"docker compose up -d {service.name} makes one",
                )
        for service in self.services:
            self._start(service)
        return Plan("start", self.project.name, tuple(self.steps))

    def _orphans(self) -> None:
        found = orphans(self.project, self.state)
        if not found:
            return
        if not self.options.remove_orphans:
            names = " ".join(one.name for one in found)
            self.warnings.append(
                f"Found orphan containers ([{names}]) for this project. If you removed or renamed "
                "this service in your compose file, you can run this command with the "
                "--remove-orphans flag to clean it up."
            )
            return
        for one in found:
            reason = f"the compose file has no service {one.service}"
            if one.service in self.project.services:
                reason = "it was a single run, and has ended"
            self.steps += removal(one, reason, timeout=self.options.timeout)

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
        kept = self.after[service.name] = []
        there = self._finished(service)
        for place, one in enumerate(there):
            if place >= expected:
                reason = f"{expected} of {len(there)} containers are wanted"
                self.steps += removal(one, reason, timeout=self.options.timeout)
                continue
            reason = self._reason(service, one)
            if reason:
                self._remake(service, one, reason)
                kept.append(_Kept(self._name(service, one.number), one.number))
            else:
                self._keep(service, one)
                kept.append(
                    _Kept(one.name, one.number, one.id, one.state == "running", one.healthy)
                )
        first = max((one.number for one in there), default=0) + 1
        for number in range(first, first + expected - len(there)):
            making = self._making(service, number)
            reason = "there is none yet" if expected == 1 else f"{expected} containers are wanted"
            self._create(making, reason)
            kept.append(_Kept(making.name, number))

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
                self.steps += removal(one, reason, timeout=0)
            else:
                finished.append(self._rename(service, one))
        return finished

    def _rename(self, service: Service, one: Found) -> Found:
        name = self._name(service, one.number)
        self.steps.append(
            Step(
                id=f"rename {one.name}",
                action="rename container",
                target=name,
                service=service.name,
                reason="an up was interrupted before it gave the new container its name",
                call=("POST", f"/containers/{one.id}/rename?name={part(name)}", None),
            )
        )
        return Found(
            one.id,
            name,
            one.service,
            one.number,
            one.state,
            one.status,
            one.created,
            one.labels,
            one.mounts,
        )

    def _reason(self, service: Service, one: Found) -> str:
        """Why a container has to be made anew; "" when it may stay."""
        if self.options.recreate == "never":
            return ""
        if self.options.recreate == "always":
            return "it is asked to be made anew"
        for name in service.depends_on:
            if name in self.remade:
                return f"{name}, which it depends on, is made anew"
        if one.hash != self._hash(service):
            return "the compose file says otherwise by now"
        image = self.state.images.get(service.image_name)
        if image is not None and one.image != image.id:
            return f"{service.image_name} is another image by now"
        return ""

    def _hash(self, service: Service) -> str:
        making = self._making(service, 1)
        if not making.refers:
            return service.config_hash
        return str(self._bound(making)["Labels"][HASH])

    def _keep(self, service: Service, one: Found) -> None:
        running = one.state == "running"
        built = any(step.id == f"build {service.image_name}" for step in self.steps)
        self.steps.append(
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

    def _create(self, making: Making, reason: str) -> None:
        step = self._creation(making, making.name, reason)
        more = self._completions(making, making.name, [step.id])
        self._finish([step, *more], ("Creating", "Created"))

    def _remake(self, service: Service, old: Found, reason: str) -> None:
        """Make the new one beside the old, put it in its place, as Compose does."""
        making = self._making(service, old.number, replaced=old)
        for_now = f"{old.id[:12]}_{making.name}"
        create = self._creation(making, for_now, reason)
        more = self._completions(making, for_now, [create.id])
        done = [step.id for step in (create, *more)]
        stop, remove = removal(
            old, f"{making.name} is made anew", timeout=self.options.timeout, needs=tuple(done)
        )
        rename = Step(
            id=f"rename {for_now}",
            action="rename container",
            target=making.name,
            service=service.name,
            reason="the new container takes the old one's name",
            call=("POST", f"/containers/{part(for_now)}/rename?name={part(making.name)}", None),
            needs=(remove.id,),
        )
        self.remade.setdefault(service.name, making.name)
        self._finish([create, *more, _silent(stop), _silent(remove), rename], RECREATE)

    def _creation(self, making: Making, name: str, reason: str) -> Step:
        body = self._bound(making)
        platform = making.service.platform
        query = f"name={part(name)}" + (f"&platform={part(platform)}" if platform else "")
        return Step(
            id=f"create {making.name}",
            action="recreate container" if making.replaced else "create container",
            target=making.name,
            service=making.service.name,
            reason=reason,
            call=("POST", f"/containers/create?{query}", body),
            needs=self._before_creation(making),
            refers=tuple(
                name for name in making.refers if not self._id(name) or self._remade(name)
            ),
        )

    def _before_creation(self, making: Making) -> tuple[str, ...]:
        service = making.service
        images = (f"image {service.image_name}", f"build {service.image_name}")
        networks = (f"network {self.project.networks[key].name}" for key in service.networks)
        volumes = (
            f"volume {self.project.volumes[mount.source].name}"
            for mount in service.volumes
            if mount.source in self.project.volumes
        )
        others = [*making.refers, *(link.partition(":")[0] for link in making.links)]
        made = (f"create {name}" for name in others)
        named = (f"rename {self._for_now(name)}" for name in others)
        wanted = {*images, *networks, *volumes, *made, *named}
        cleared = [step.id for step in self.steps if step.action == "remove container"]
        return (*(step.id for step in self.steps if step.id in wanted), *cleared)

    def _completions(self, making: Making, name: str, needs: list[str]) -> list[Step]:
        """What else belongs to making a container: its further networks, contents of its own."""
        steps = []
        for key in list(making.service.networks)[1:]:
            network = self.project.networks[key].name
            body = {"Container": name, "EndpointConfig": making.endpoint(key)}
            steps.append(
                Step(
                    id=f"connect {making.name} to {network}",
                    action="connect container",
                    target=making.name,
                    service=making.service.name,
                    reason=f"it is in the network {network} too",
                    call=("POST", f"/networks/{part(network)}/connect", body),
                    needs=(*needs, *(s.id for s in self.steps if s.id == f"network {network}")),
                )
            )
            needs = [steps[-1].id]
        for use, what in self._contents(making.service):
            mode = "&copyUIDGID=true" if use.uid or use.gid else ""
            path = f"/containers/{part(name)}/archive?noOverwriteDirNonDir=true&path=%2F{mode}"
            steps.append(
                Step(
                    id=f"copy {use.target} to {making.name}",
                    action="copy container",
                    target=making.name,
                    service=making.service.name,
                    reason=f"{what} {use.source} is no file here",
                    call=("PUT", path, {"what": what, "source": use.source, "path": use.target}),
                    needs=tuple(needs),
                )
            )
        return steps

    def _contents(self, service: Service) -> list[tuple[FileMount, str]]:
        """The configs and secrets that come from a variable or from the compose file itself."""
        here = (
            ("config", self.project.configs, service.configs),
            ("secret", self.project.secrets, service.secrets),
        )
        return [(use, what) for what, all, uses in here for use in uses if not all[use.source].file]

    def _finish(self, steps: list[Step], says: tuple[str, str]) -> None:
        """Let the first of a container's steps say the first word and the last the second."""
        first, last = steps[0], steps[-1]
        if first is last:
            self.steps.append(_saying(first, *says))
            return
        self.steps += [_saying(first, says[0], ""), *steps[1:-1], _saying(last, "", says[1])]

    # --- making a container ---

    def _making(self, service: Service, number: int, replaced: Found | None = None) -> Making:
        return Making(
            project=self.project,
            service=service,
            name=self._name(service, number),
            number=number,
            image=self.state.images.get(service.image_name, FoundImage("")),
            replaced=replaced,
            keep_volumes=self.options.keep_volumes,
            containers={name: self._first(service, name) for name in shared(service)},
            links=self._links(service),
        )

    def _bound(self, making: Making) -> dict[str, Any]:
        ids = {name: self._id(name) for name in making.refers}
        known = {name: id for name, id in ids.items() if id and not self._remade(name)}
        body = making.body()
        if not making.refers:
            return body
        return bodies.bound(body, known, partial(composefile.hash_of, making.service))

    def _name(self, service: Service, number: int) -> str:
        return service.container_name or f"{self.project.name}-{service.name}-{number}"

    def _first(self, service: Service, other: str) -> str:
        kept = self.after.get(other) or [
            _Kept(one.name, one.number, one.id) for one in self.state.of(other)
        ]
        if not kept:
            raise DockerlabError(
                f"the service {service.name} shares something with a container of {other}, "
                "of which there is none",
                f"bring {other} up too",
            )
        return kept[0].name

    def _id(self, name: str) -> str:
        found = self.state.container(name)
        return found.id if found is not None else ""

    def _remade(self, name: str) -> bool:
        return any(step.id == f"create {name}" for step in self.steps)

    def _for_now(self, name: str) -> str:
        return f"{self._id(name)[:12]}_{name}"

    def _links(self, service: Service) -> tuple[str, ...]:
        found: list[str] = []
        for link in service.links:
            other, _, alias = link.partition(":")
            kept = self.after.get(other) or [
                _Kept(one.name, one.number) for one in self.state.of(other)
            ]
            for one in kept:
                names = (
                    alias or other,
                    f"{other}-{one.number}",
                    f"{self.project.name}-{other}-{one.number}",
                )
                found += [f"{one.name}:{name}" for name in names]
        for link in service.external_links:
            container, _, alias = link.partition(":")
            found.append(f"{container}:{alias or container}")
        return tuple(found)

    # --- starting ---

    def _start(self, service: Service) -> None:
        kept = self.after[service.name]
        asleep = [one for one in kept if not one.running]
        gates: list[str] = []
        for name, dependency in sorted(service.depends_on.items()):
            if name in self.after:
                gates += self._gate(name, dependency, needed=bool(asleep))
        for one in asleep:
            self.starts.setdefault(service.name, []).append(f"start {one.name}")
            self.steps.append(self._started(service, one, gates))

    def _started(self, service: Service, one: _Kept, gates: list[str]) -> Step:
        found = self.state.container(one.name)
        paused = bool(one.id) and found is not None and found.state == "paused"
        own = [s.id for s in self.steps if s.target == one.name and s.action != "keep container"]
        cleared = [
            s.id
            for s in self.steps
            if s.action == "remove container" and s.service in (service.name, "")
        ]
        verb = "unpause" if paused else "start"
        needs = dict.fromkeys([*own, *cleared, *gates])
        return Step(
            id=f"start {one.name}",
            action=f"{verb} container",
            target=one.name,
            service=service.name,
            reason="what it depends on is there" if gates else "it does not run yet",
            call=("POST", f"/containers/{part(one.name)}/{verb}", None),
            needs=tuple(needs),
            says=("Starting", "Started"),
            fine=(304,),
        )

    def _gate(self, name: str, dependency: Dependency, *, needed: bool) -> list[str]:
        """The steps after which a service that depends on ``name`` may start."""
        condition = dependency.condition
        if condition == "service_started":
            return self.starts.get(name, [])
        kept = self.after[name]
        well = condition == "service_healthy" and all(one.healthy for one in kept)
        if well and not self.starts.get(name):
            return []
        if not needed and condition != "service_healthy":
            return []
        return self._wait(name, condition.removeprefix("service_").replace("_", " "), dependency)

    def _wait(self, service: str, condition: str, dependency: Dependency) -> list[str]:
        steps = []
        for one in self.after[service]:
            id = f"wait for {one.name} to be {condition}"
            steps.append(id)
            if (one.name, condition) in self.waits:
                continue
            self.waits[one.name, condition] = id
            ended = condition.startswith("completed")
            starts = [each for each in self.starts.get(service, []) if each == f"start {one.name}"]
            self.steps.append(
                Step(
                    id=id,
                    action="wait",
                    target=one.name,
                    service=service,
                    reason=f"others may start when it is {condition}"
                    if condition != "running or healthy"
                    else "it is asked to wait for it",
                    call=("GET", f"/containers/{part(one.name)}/json", None),
                    needs=tuple(starts),
                    says=("Waiting", "Exited" if ended else "Healthy"),
                    condition=condition if dependency.required else f"{condition}, if it can",
                )
            )
        return steps


RECREATE = ("Recreate", "Recreated")


def shared(service: Service) -> list[str]:
    """The services whose network, processes or volumes it shares."""
    modes = (service.network_mode, service.ipc, service.pid)
    found = [mode.partition(":")[2] for mode in modes if mode.startswith("service:")]
    sources = [source for source in service.volumes_from if not source.startswith("container:")]
    return list(dict.fromkeys([*found, *(source.partition(":")[0] for source in sources)]))


def _saying(step: Step, before: str, after: str) -> Step:
    return replace(step, says=(before, after))


def _silent(step: Step) -> Step:
    return replace(step, says=("", ""))
