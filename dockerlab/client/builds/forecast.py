"""The cache forecast: which steps the next build will find in the cache, before it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from dockerlab.client.builds.build import Plan, Run, Watcher, failure, step_line
from dockerlab.client.builds.causes import predict
from dockerlab.client.builds.context import Context
from dockerlab.client.builds.memory import Memory
from dockerlab.formats.buildtrace import BuildTrace, Status, Step


class Forecast:
    """A build as it is going to be. ``trace`` has its steps: CACHED, or RAN with the reason.

    ``again`` asks anew for another text or edited files, ``build`` builds just that; neither
    changes a file. ``compare`` says where a build went otherwise.

    >>> forecast = lab.forecast("app")  # doctest: +SKIP
    >>> forecast.again(forecast.dockerfile, ["server.js"]).hits  # doctest: +SKIP
    4
    """

    def __init__(
        self,
        api: Any,
        plan: Plan,
        memory: Callable[[], Memory],
        images: Callable[[str], Any],
    ) -> None:
        self._api, self._plan, self._memory, self._images = api, plan, memory, images
        self.dockerfile = plan.text
        self.trace = self._predicted(plan)

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the context."""
        return self._plan.context.files

    def again(self, dockerfile: str, touched: Collection[str] = ()) -> BuildTrace:
        """The forecast for this text, and with these files edited. DockerfileError for bad text."""
        return self._predicted(self._changed(dockerfile, touched))

    def build(
        self,
        dockerfile: str = "",
        touched: Collection[str] = (),
        progress: Watcher | None = None,
    ) -> BuildTrace:
        """Build that text with those files edited in what is sent; raises BuildFailed."""
        plan = self._changed(dockerfile or self.dockerfile, touched)
        trace = Run(self._api, plan, self._memory(), self._images).run(progress)
        if trace.error or not trace.image:
            raise failure(trace, plan)
        return trace

    def compare(self, trace: BuildTrace) -> tuple[tuple[Step, Step], ...]:
        """Forecast and outcome of each step that went otherwise; empty when all came true."""
        there = {(step.line, step.instruction): step for step in trace.steps}
        pairs = ((one, there.get((one.line, one.instruction))) for one in self.trace.steps)
        return tuple((one, two) for one, two in pairs if two and _hit(one) != _hit(two))

    def __repr__(self) -> str:
        trace = self.trace
        head = f"<Forecast: {trace.hits} of {len(trace.steps)} steps cached>"
        lines = (step_line(step).replace(" ran ", " run ") for step in trace.steps)
        return "\n".join([head, *lines])

    def _predicted(self, plan: Plan) -> BuildTrace:
        memory = self._memory()
        causes = plan.causes(memory.series(plan.series), self._images)
        if causes is None:
            assert plan.doubt is not None
            raise plan.doubt
        steps = predict(causes, memory, no_cache=plan.options.no_cache)
        return BuildTrace(steps=steps, dockerfile=plan.text, builder=plan.builder)

    def _changed(self, dockerfile: str, touched: Collection[str]) -> Plan:
        context = self._plan.context
        given = dockerfile.encode() if dockerfile != self.dockerfile else context.given
        changed = Context(context.folder, given, context.name, touched)
        plan = Plan.of(changed, self._plan.options, self._plan.tags)
        plan.use(self._plan.builder, self._plan.notes)
        return plan


def _hit(step: Step) -> bool:
    return step.status is Status.CACHED
