"""Wait until a container runs well, is healthy or has ended; say plainly when it never will."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerlab.client.compose.looking.wire import Wire
from dockerlab.errors import DockerlabError
from dockerlab.formats.composed.plan import Step

FIRST, LONGEST = 0.02, 0.25
"""Seconds between two looks: a healthy container is seen at once, a slow one costs little."""


class NeverReady(DockerlabError):
    """A container that others wait for ended, is unhealthy, or takes too long."""


@dataclass(frozen=True, slots=True)
class Waiting:
    wire: Wire
    step: Step
    stop: threading.Event
    patience: float

    def wait(self) -> None:
        """Come back when the step's condition holds, or, if it is not a must, when it cannot."""
        condition, _, optional = self.step.condition.partition(", ")
        try:
            self._until(condition)
        except NeverReady:
            if not optional:
                raise

    def _until(self, condition: str) -> None:
        assert self.step.call is not None
        end, pause = time.monotonic() + self.patience, FIRST
        while True:
            found = self.wire.send(self.step.call, timeout=30)
            if self._there(condition, found["State"]):
                return
            if time.monotonic() > end:
                raise NeverReady(
                    f"waited {self.patience:g} seconds for container {self.step.target} to be "
                    f"{condition} in vain",
                    "give it more time (wait_timeout=…), or see why it takes so long",
                )
            if self.stop.wait(pause):
                raise NeverReady(f"stopped waiting for container {self.step.target}")
            pause = min(pause * 1.5, LONGEST)

    def _there(self, condition: str, state: Mapping[str, Any]) -> bool:
        ended = state.get("Status") in ("exited", "dead")
        code = int(state.get("ExitCode") or 0)
        if condition.startswith("completed"):
            if ended and code:
                raise NeverReady(
                    f'service "{self.step.service}" didn\'t complete successfully: exit {code}'
                )
            return ended
        health = (state.get("Health") or {}).get("Status")
        if ended:
            raise NeverReady(
                f"dependency failed to start: container {self.step.target} exited ({code})"
            )
        if health in (None, "", "none"):
            if condition == "healthy":
                raise NeverReady(
                    f"dependency failed to start: container {self.step.target} has no healthcheck "
                    "configured",
                    f"give the service {self.step.service} a healthcheck, or wait for "
                    "service_started only",
                )
            return state.get("Status") == "running"
        if health == "unhealthy":
            raise NeverReady(
                f"dependency failed to start: container {self.step.target} is unhealthy"
            )
        return bool(health == "healthy")
