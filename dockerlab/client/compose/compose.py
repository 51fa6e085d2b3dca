"""``Compose``: a project of several containers, and all that can be done to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dockerlab.client.compose.doing.makers import Makers
from dockerlab.client.compose.doing.run import PATIENCE, Doing, run
from dockerlab.client.compose.inside import InsideCalls
from dockerlab.client.compose.looking.state import State
from dockerlab.client.compose.looking.watch import WatchCalls
from dockerlab.client.compose.looking.wire import Wire
from dockerlab.client.compose.outcome import Outcome
from dockerlab.client.compose.planned import PlanCalls, Source, up_options
from dockerlab.client.compose.plans import bringing, images
from dockerlab.client.compose.plans.choosing import chosen
from dockerlab.client.compose.plans.resources import Resources
from dockerlab.client.compose.single import RunCalls
from dockerlab.client.explain import explained
from dockerlab.client.patience import Working, telling
from dockerlab.formats.composed.plan import Plan, Progress
from dockerlab.formats.composefile.model import Service

if TYPE_CHECKING:
    from dockerlab.client.lab import Lab

Told = Callable[[Progress], object]
"""Called as each step begins and ends."""


class Compose(PlanCalls, InsideCalls, RunCalls, WatchCalls):
    """A Compose project; ``lab.compose()`` makes one.

    Its compose file is read anew before each action, so that an edit counts. What is done is
    what ``plan`` shows: each step one call of the Engine API.

    >>> shop = lab.compose("shop")  # doctest: +SKIP
    >>> shop.up()  # doctest: +SKIP
    """

    def __init__(self, lab: Lab, source: Source) -> None:
        self.lab = lab
        self.source = source
        self.wire = Wire(lab.api)
        self.project = source.read()
        if not source.known:
            self.reload()

    # --- bringing up ---

    @explained()
    def up(
        self,
        services: Sequence[str] = (),
        *,
        detach: bool = True,
        build: bool = False,
        pull: str = "",
        force_recreate: bool = False,
        no_recreate: bool = False,
        remove_orphans: bool = False,
        scale: Mapping[str, int] | None = None,
        dependencies: bool = True,
        keep_volumes: bool = True,
        wait: bool = False,
        wait_timeout: float = PATIENCE,
        timeout: int | None = None,
        abort_on_container_exit: bool = False,
        exit_code_from: str = "",
        progress: Told | None = None,
        building: Callable[[str, Any], object] | None = None,
        output: Callable[[Any], object] | None = None,
        ended: Callable[[str, int], object] | None = None,
    ) -> Outcome:
        """Make the project what its file says: only what changed is made anew.

        ``services`` are some of them, with what they depend on. ``scale`` is a number of
        containers by service. ``wait`` comes back when all are running and healthy; a service
        that others wait for may take ``wait_timeout`` seconds. ``detach=False`` follows the
        output until all have ended or an interrupt stops them; with ``abort_on_container_exit``
        the first to end stops all. ``progress`` hears of each step, ``building`` of each build's
        trace; with neither, a line says how far it is when it takes long. ``output`` hears of each
        line, ``ended`` of each container that ends, and with which code.

        Raises ``ComposeFailed``, which says what was done and how to take it down.

        >>> shop.up(scale={"web": 3})  # doctest: +SKIP
        """
        begun, now = time.monotonic(), time.time()
        self.reload()
        more = {
            "force_recreate": force_recreate,
            "no_recreate": no_recreate,
            "remove_orphans": remove_orphans,
            "scale": dict(scale or {}),
            "dependencies": dependencies,
            "keep_volumes": keep_volumes,
            "wait": wait,
            "timeout": timeout,
        }
        outcome = self._brought_up(
            tuple(services), build, pull, more, progress, building, wait_timeout, begun
        )
        if detach and not (abort_on_container_exit or exit_code_from):
            return outcome
        return self._attached(
            outcome,
            services,
            since=now,
            abort=abort_on_container_exit or bool(exit_code_from),
            exit_code_from=exit_code_from,
            timeout=timeout,
            output=output,
            ended=ended,
            progress=progress,
        )

    @explained()
    def create(
        self,
        services: Sequence[str] = (),
        *,
        build: bool = False,
        pull: str = "",
        force_recreate: bool = False,
        no_recreate: bool = False,
        remove_orphans: bool = False,
        scale: Mapping[str, int] | None = None,
        progress: Told | None = None,
    ) -> Outcome:
        """As ``up``, without starting anything."""
        begun = time.monotonic()
        self.reload()
        more = {
            "force_recreate": force_recreate,
            "no_recreate": no_recreate,
            "remove_orphans": remove_orphans,
            "scale": dict(scale or {}),
            "start": False,
        }
        return self._brought_up(tuple(services), build, pull, more, progress, None, PATIENCE, begun)

    def scale(self, *, progress: Told | None = None, **numbers: int) -> Outcome:
        """Have so many containers of each service named: ``shop.scale(web=3)``."""
        return self.up(
            list(numbers), scale=numbers, dependencies=False, no_recreate=True, progress=progress
        )

    def _brought_up(
        self,
        services: tuple[str, ...],
        build: bool,
        pull: str,
        more: dict[str, Any],
        progress: Told | None,
        building: Callable[[str, Any], object] | None,
        patience: float,
        begun: float,
    ) -> Outcome:
        options = up_options(services, **more)
        mine = chosen(self.project, services, dependencies=options.dependencies)
        wanted = bringing.wanted(self.project, mine)
        state = self._eye().look(wanted)
        makers = Makers(self.lab, self.project, building)
        getting = images.plan(mine, state, build=build, pull=pull)
        heard: tuple[Progress, ...] = ()
        if getting:
            # Only after a build is it known whether its image is another one.
            action = "up" if options.start else "create"
            heard += self._do(Plan(action, self.name, tuple(getting)), progress, makers)
            found = self._eye().images(wanted.images)
            state = State(state.containers, state.networks, state.volumes, found)
        plan = bringing.up(self.project, state, options)
        heard += self._do(plan, progress, makers, patience)
        return Outcome(plan, heard, time.monotonic() - begun, builds=makers.built)

    def _prepare(self, service: Service, build: bool) -> None:
        """Have what a container of the service stands on: its image, networks and volumes."""
        state = self._eye().look(bringing.wanted(self.project, [service]))
        getting = images.plan([service], state, build=build)
        under = Resources(self.project, state).plan([service]).steps
        plan = Plan("run", self.name, (*getting, *under))
        self._do(plan, lambda step: None, Makers(self.lab, self.project))

    # --- taking down, halting ---

    @explained()
    def down(
        self,
        services: Sequence[str] = (),
        *,
        volumes: bool = False,
        rmi: str | None = None,
        remove_orphans: bool = False,
        timeout: int | None = None,
        progress: Told | None = None,
    ) -> Outcome:
        """Stop and remove the containers and networks; volumes and their data stay.

        ``volumes=True`` takes these away too, ``rmi`` the images: ``local`` those that were built,
        or ``all``. ``timeout`` is how many seconds a container may take to end.
        """
        self.reload()
        plan = self._down_plan(
            tuple(services),
            volumes=volumes,
            rmi=rmi,
            remove_orphans=remove_orphans,
            timeout=timeout,
        )
        return self._done(plan, progress)

    @explained()
    def stop(
        self, *services: str, timeout: int | None = None, progress: Told | None = None
    ) -> Outcome:
        """Stop containers without removing them."""
        return self._done(self.plan("stop", services, timeout=timeout), progress)

    @explained()
    def start(
        self, *services: str, wait_timeout: float = PATIENCE, progress: Told | None = None
    ) -> Outcome:
        """Start the containers that there are, after those that they depend on."""
        return self._done(self.plan("start", services), progress, wait_timeout)

    @explained()
    def restart(
        self, *services: str, timeout: int | None = None, progress: Told | None = None
    ) -> Outcome:
        """Stop containers and start them again."""
        return self._done(self.plan("restart", services, timeout=timeout), progress)

    @explained()
    def kill(
        self, *services: str, signal: str = "SIGKILL", progress: Told | None = None
    ) -> Outcome:
        """End containers at once, or send them another signal."""
        return self._done(self.plan("kill", services, signal=signal), progress)

    @explained()
    def pause(self, *services: str, progress: Told | None = None) -> Outcome:
        """Freeze the processes of containers."""
        return self._done(self.plan("pause", services), progress)

    @explained()
    def unpause(self, *services: str, progress: Told | None = None) -> Outcome:
        """Let paused containers go on."""
        return self._done(self.plan("unpause", services), progress)

    @explained()
    def rm(
        self,
        *services: str,
        stop: bool = False,
        volumes: bool = False,
        progress: Told | None = None,
    ) -> Outcome:
        """Remove the containers that do not run; with ``stop`` those that do as well."""
        if stop:
            self.stop(*services, progress=progress)
        return self._done(self.plan("rm", services, volumes=volumes), progress)

    # --- images ---

    @explained()
    def build(
        self,
        *services: str,
        no_cache: bool = False,
        pull: bool = False,
        args: Mapping[str, str] | None = None,
        progress: Told | None = None,
        building: Callable[[str, Any], object] | None = None,
    ) -> Outcome:
        """Build the images of the services that have a ``build``.

        The outcome's ``builds`` has each service's ``Build``, with its trace.
        """
        begun = time.monotonic()
        plan = self.plan("build", services)
        makers = Makers(self.lab, self.project, building, no_cache, pull, dict(args or {}))
        heard = self._do(plan, progress, makers)
        return Outcome(plan, heard, time.monotonic() - begun, builds=makers.built)

    @explained()
    def pull(self, *services: str, progress: Told | None = None) -> Outcome:
        """Pull the images of the services that are not built."""
        plan = self.plan("pull", services)
        begun = time.monotonic()
        heard = self._do(plan, progress, Makers(self.lab, self.project))
        return Outcome(plan, heard, time.monotonic() - begun)

    # --- the machinery ---

    def _done(
        self, plan: Plan, progress: Told | None = None, patience: float = PATIENCE
    ) -> Outcome:
        begun = time.monotonic()
        heard = self._do(plan, progress, None, patience)
        return Outcome(plan, heard, time.monotonic() - begun)

    def _do(
        self,
        plan: Plan,
        progress: Told | None,
        makers: Makers | None,
        patience: float = PATIENCE,
    ) -> tuple[Progress, ...]:
        heard = progress is not None or (makers is not None and makers.watch is not None)
        with telling(f"{plan.action} {self.name}", silent=heard) as at:
            if makers is not None and not heard:
                makers = makers.telling(at)
            how = makers.all() if makers is not None else {}
            doing = Doing(self.wire, self.project, plan, how, patience)
            return run(doing, progress or Working(at))

    def __repr__(self) -> str:
        lines = [f"<Compose {self.name}: {len(self.project.services)} services>"]
        for one in self.state():
            running = one.running
            what = f"{running} of {len(one.containers)} running" if one.containers else "not there"
            lines.append(f"  {one.service}: {what}")
        return "\n".join(lines)
