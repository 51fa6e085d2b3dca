"""What would be done to a project: plans, before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from dockerlab.client.compose.looking.state import Eye, State, Wanted
from dockerlab.client.compose.looking.wire import Wire
from dockerlab.client.compose.plans import bringing, images, stopping
from dockerlab.client.compose.plans.choosing import chosen, described, named
from dockerlab.client.compose.plans.stopping import Down
from dockerlab.client.explain import explained
from dockerlab.formats import composefile
from dockerlab.formats.composed.plan import Plan
from dockerlab.formats.composefile.model import Project


class Source(Protocol):
    """Where the project comes from."""

    @property
    def known(self) -> bool:
        """Whether there is a compose file at all."""
        ...

    def read(self) -> Project: ...


class PlanCalls:
    """The part of ``Compose`` that reads its file and plans."""

    wire: Wire
    source: Source
    project: Project

    @property
    def name(self) -> str:
        return self.project.name

    def reload(self) -> Project:
        """Read the compose file again."""
        self.project = self.source.read()
        if not self.source.known:
            self.project = described(self.project, self._eye().containers())
        return self.project

    @explained()
    def config(self, format: str = "yaml") -> str:
        """The compose file as it counts, all put in and written out."""
        return str(composefile.dump(self.reload(), format))

    @explained()
    def plan(self, action: str = "up", services: Sequence[str] = (), **options: Any) -> Plan:
        """What an action would do, step by step and with the reasons, without doing it.

        >>> shop.plan("down", volumes=True)  # doctest: +SKIP
        """
        self.reload()
        if action in ("up", "create"):
            return self._up_plan(tuple(services), start=action == "up", **options)
        if action == "down":
            return self._down_plan(tuple(services), **options)
        if action in ("build", "pull"):
            return self._images_plan(action, services)
        if action in ("start", "stop", "kill", "rm", "restart", "pause", "unpause"):
            return self._simple_plan(action, services, **options)
        raise ValueError(
            f"no plan for {action!r}: up, create, down, build, pull, start, stop, kill, rm, "
            "restart, pause or unpause"
        )

    def _up_plan(
        self,
        services: tuple[str, ...],
        *,
        start: bool = True,
        build: bool = False,
        pull: str = "",
        force_recreate: bool = False,
        no_recreate: bool = False,
        **more: Any,
    ) -> Plan:
        options = up_options(services, force_recreate, no_recreate, start=start, **more)
        mine = chosen(self.project, services, dependencies=options.dependencies)
        state = self._eye().look(bringing.wanted(self.project, mine))
        wanted = images.plan(mine, state, build=build, pull=pull)
        return bringing.up(self.project, state, options, wanted)

    def _down_plan(self, services: tuple[str, ...], *, rmi: str | None = None, **more: Any) -> Plan:
        options = Down(services=services, images=rmi or "", **more)
        wanted = Wanted()
        if options.images:
            every = self.project.every.values()
            wanted = Wanted(images=frozenset(one.image_name for one in every))
        state = self._eye().look(wanted)
        return stopping.down(self.project, state, options, known=self.source.known)

    def _images_plan(self, action: str, services: Sequence[str], **more: Any) -> Plan:
        mine = chosen(self.project, services, dependencies=False)
        if action == "build":
            mine = [one for one in mine if one.build is not None]
            steps = images.plan(mine, State(), build=True)
        else:
            mine = [one for one in mine if one.build is None]
            steps = images.plan(mine, State(), pull="always")
        return Plan(action, self.project.name, tuple(steps))

    def _simple_plan(
        self,
        action: str,
        services: Sequence[str] = (),
        *,
        timeout: int | None = None,
        signal: str = "SIGKILL",
        stop: bool = False,
        volumes: bool = False,
    ) -> Plan:
        project, state = self.project, State(containers=self._eye().containers())
        mine = self._named(services)
        match action:
            case "start":
                return bringing.start(project, state, mine)
            case "stop":
                return stopping.halt(project, state, mine, timeout)
            case "kill":
                return stopping.signal(project, state, mine, signal)
            case "restart":
                return stopping.restart(project, state, mine, timeout)
            case "pause":
                return stopping.freeze(project, state, mine)
            case "unpause":
                return stopping.thaw(project, state, mine)
            case _:
                return stopping.clear(project, state, mine, volumes=volumes)

    def _eye(self) -> Eye:
        return Eye(self.wire, self.project.name)

    def _named(self, services: Sequence[str]) -> tuple[str, ...]:
        """Service names that are in the file; without a file all names are good."""
        return named(self.project, services) if self.source.known else tuple(services)


def up_options(
    services: tuple[str, ...],
    force_recreate: bool = False,
    no_recreate: bool = False,
    **more: Any,
) -> bringing.Up:
    if force_recreate and no_recreate:
        raise ValueError("--force-recreate and --no-recreate are incompatible")
    recreate = "always" if force_recreate else "never" if no_recreate else "changed"
    return bringing.Up(services=services, recreate=recreate, **more)
