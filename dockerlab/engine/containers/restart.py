"""When a container that ended is started again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

from dockerlab.engine.errors import BadParameter

FIRST_DELAY = 0.1
LONGEST_DELAY = 60.0
CALM = 10.0
"""Seconds of running after which the delay starts over."""

POLICIES = ("", "no", "always", "unless-stopped", "on-failure")


@dataclass(frozen=True, slots=True)
class Policy:
    """``--restart``; ``retries`` is for on-failure only, 0 means for ever."""

    name: str = "no"
    retries: int = 0

    @property
    def restarts(self) -> bool:
        return self.name not in ("", "no")

    def wants(self, exit_code: int, restarts: int, stopped_by_hand: bool) -> bool:
        """Whether to start again after an end with this exit code."""
        if self.name == "always":
            return True
        if self.name == "unless-stopped":
            return not stopped_by_hand
        if self.name == "on-failure":
            return exit_code != 0 and (self.retries == 0 or restarts < self.retries)
        return False


def parse(data: dict[str, object]) -> Policy:
    """The policy from ``{"Name", "MaximumRetryCount"}``, refused in Docker's words."""
    name, retries = data.get("Name") or "", data.get("MaximumRetryCount") or 0
    if not isinstance(name, str) or name not in POLICIES:
        raise BadParameter(f"invalid restart policy '{name}'")
    if not isinstance(retries, int):
        raise BadParameter("maximum retry count must be a number")
    if retries and name != "on-failure":
        raise BadParameter(f"maximum retry count cannot be used with restart policy '{name}'")
    if retries < 0:
        raise BadParameter("maximum retry count cannot be negative")
    return Policy(name, retries)


def next_delay(last: float, ran_for: float) -> float:
    """Seconds to wait before the next start: 0.1, doubling to a minute, from the start again
    once the container ran for ten seconds."""
    if ran_for >= CALM or last <= 0:
        return FIRST_DELAY
    return min(last * 2, LONGEST_DELAY)
