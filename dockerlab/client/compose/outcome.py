"""What came of an action on a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dockerlab.formats.composed.plan import Plan, Progress

if TYPE_CHECKING:
    from dockerlab.client.builds.build import Build


@dataclass(frozen=True)
class Outcome:
    """The plan that was done, and Compose's lines of it in their order.

    ``builds`` are the builds that belonged to it, by service. ``exit_code`` is that of
    ``up(detach=False)``: the container's that ended first, or of the service asked for.
    """

    plan: Plan
    progress: tuple[Progress, ...] = ()
    seconds: float = 0.0
    builds: Mapping[str, Build] = field(default_factory=dict)
    exit_code: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """`` Container shop-web-1  Started`` …: the last word on each thing."""
        last: dict[str, str] = {}
        for each in self.progress:
            if each.text and each.state == "done":
                last.pop(each.step.subject, None)
                last[each.step.subject] = f" {each.text}"
        return tuple(last.values())

    def __repr__(self) -> str:
        warnings = [f"warning: {text}" for text in self.plan.warnings]
        return "\n".join([*warnings, *self.lines]) or f"nothing to {self.plan.action}"
