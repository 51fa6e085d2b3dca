"""Plan in which order containers start, and what they wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dockerlab.client.compose.looking.wire import part
from dockerlab.client.compose.plans.draft import Draft, Kept
from dockerlab.formats.composed.plan import Step
from dockerlab.formats.composefile.model import Dependency, Service


@dataclass(slots=True)
class Starting:
    """Adds to the draft what starts its containers; ``starts`` are these steps by service."""

    draft: Draft
    starts: dict[str, list[str]] = field(default_factory=dict)

    def all(self, services: Sequence[Service]) -> None:
        """Start the containers of these services, each after those that it depends on."""
        for service in services:
            self._start(service)

    def running(self, services: Sequence[Service]) -> None:
        """Wait until all of them run, and are healthy where that can be told."""
        for service in services:
            self._wait(service.name, "running or healthy", Dependency())

    def _start(self, service: Service) -> None:
        kept = self.draft.after[service.name]
        asleep = [one for one in kept if not one.running]
        gates: list[str] = []
        for name, dependency in sorted(service.depends_on.items()):
            if name in self.draft.after:
                gates += self._gate(name, dependency, needed=bool(asleep))
        for one in asleep:
            self.starts.setdefault(service.name, []).append(f"start {one.name}")
            self.draft.add(self._started(service, one, gates))

    def _started(self, service: Service, one: Kept, gates: list[str]) -> Step:
        found = self.draft.state.container(one.name)
        paused = bool(one.id) and found is not None and found.state == "paused"
        verb = "unpause" if paused else "start"
        others = ", ".join(name for name in sorted(service.depends_on) if name in self.draft.after)
        return Step(
            id=f"start {one.name}",
            action=f"{verb} container",
            target=one.name,
            service=service.name,
            reason=f"after {others}, which it depends on" if others else "it does not run yet",
            call=("POST", f"/containers/{part(one.name)}/{verb}", None),
            needs=tuple(dict.fromkeys([*self._before(service, one), *gates])),
            says=("Starting", "Started"),
            fine=(304,),
        )

    def _before(self, service: Service, one: Kept) -> list[str]:
        """What is done to it first, and the removal of those whose ports it may want."""
        return [
            step.id
            for step in self.draft.steps.values()
            if (step.target == one.name and step.action != "keep container")
            or (step.action == "remove container" and step.service == service.name)
        ]

    def _gate(self, name: str, dependency: Dependency, *, needed: bool) -> list[str]:
        """The steps after which a service that depends on ``name`` may start."""
        condition = dependency.condition
        starts = self.starts.get(name, [])
        if condition == "service_started":
            return starts
        healthy = condition == "service_healthy"
        if healthy and not starts and all(one.healthy for one in self.draft.after[name]):
            return []
        if not needed and not healthy:
            return []
        return self._wait(name, condition.removeprefix("service_").replace("_", " "), dependency)

    def _wait(self, service: str, condition: str, dependency: Dependency) -> list[str]:
        held = condition if dependency.required else f"{condition}, if it can"
        ids = []
        for one in self.draft.after[service]:
            id = f"wait for {one.name} to be {held}"
            ids.append(id)
            if id not in self.draft.steps:
                self.draft.add(self._waiting(id, service, one, held))
        return ids

    def _waiting(self, id: str, service: str, one: Kept, condition: str) -> Step:
        others = condition != "running or healthy"
        return Step(
            id=id,
            action="wait",
            target=one.name,
            service=service,
            reason=f"others start when it is {condition}" if others else "it is asked to wait",
            call=("GET", f"/containers/{part(one.name)}/json", None),
            needs=self.draft.known([f"start {one.name}"]),
            says=("Waiting", "Exited" if condition.startswith("completed") else "Healthy"),
            condition=condition,
        )
