"""A plan in the making: the steps so far, and what will be there after them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dockerlab.client.compose.looking.state import Found, FoundImage, State
from dockerlab.client.compose.plans.bodies import Making
from dockerlab.errors import DockerlabError
from dockerlab.formats.composed.plan import Step
from dockerlab.formats.composefile.model import Project, Service


@dataclass(slots=True)
class Kept:
    """A container of a service after the plan; ``id`` "" when it is to be made."""

    name: str
    number: int
    id: str = ""
    running: bool = False
    healthy: bool = False

    @classmethod
    def of(cls, one: Found) -> Kept:
        return cls(one.name, one.number, one.id, one.state == "running", one.healthy)


@dataclass(slots=True)
class Draft:
    """What the parts of the planner share. ``after`` are the containers of each service then."""

    project: Project
    state: State
    keep_volumes: bool = True
    steps: dict[str, Step] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    after: dict[str, list[Kept]] = field(default_factory=dict)

    def add(self, *steps: Step) -> None:
        self.steps |= {step.id: step for step in steps}

    def known(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the ids that are steps of this plan, each once."""
        return tuple(id for id in dict.fromkeys(ids) if id in self.steps)

    def name(self, service: Service, number: int) -> str:
        return service.container_name or f"{self.project.name}-{service.name}-{number}"

    def kept(self, service: str) -> list[Kept]:
        """The containers of a service after the plan, also of one that it is not about."""
        return self.after.get(service) or [Kept.of(one) for one in self.state.of(service)]

    def first(self, service: Service, other: str) -> str:
        kept = self.kept(other)
        if not kept:
            raise DockerlabError(
                f"the service {service.name} shares something with a container of {other}, "
                "of which there is none",
                f"bring {other} up too",
            )
        return kept[0].name

    def id(self, name: str) -> str:
        found = self.state.container(name)
        return found.id if found is not None else ""

    def remade(self, name: str) -> bool:
        return f"create {name}" in self.steps

    def for_now(self, name: str) -> str:
        return f"{self.id(name)[:12]}_{name}"

    def links(self, service: Service) -> tuple[str, ...]:
        found: list[str] = []
        for link in service.links:
            other, _, alias = link.partition(":")
            for one in self.kept(other):
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

    def making(self, service: Service, number: int, replaced: Found | None = None) -> Making:
        return Making(
            project=self.project,
            service=service,
            name=self.name(service, number),
            number=number,
            image=self.state.images.get(service.image_name, FoundImage("")),
            replaced=replaced,
            keep_volumes=self.keep_volumes,
            containers={name: self.first(service, name) for name in shared(service)},
            links=self.links(service),
        )


def shared(service: Service) -> list[str]:
    """The services whose network, processes or volumes it shares."""
    modes = (service.network_mode, service.ipc, service.pid)
    found = [mode.partition(":")[2] for mode in modes if mode.startswith("service:")]
    sources = [source for source in service.volumes_from if not source.startswith("container:")]
    return list(dict.fromkeys([*found, *(source.partition(":")[0] for source in sources)]))
