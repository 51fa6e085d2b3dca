"""What an environment does of itself: replace what has ended, scale, mind who is in service."""

from __future__ import annotations

import contextlib
import time

from dockerlab.cloud.beanstalk.environment.deployment import PATIENCE, Work, removed
from dockerlab.cloud.beanstalk.environment.kept import Kept
from dockerlab.cloud.beanstalk.environment.scaling import Decision, Scaling
from dockerlab.cloud.beanstalk.fleet.fleet import Fleet, explain
from dockerlab.cloud.beanstalk.fleet.instances import Instance, Release
from dockerlab.cloud.beanstalk.options import Settings
from dockerlab.errors import DockerlabError, EngineRefused, EngineUnavailable

LONGEST = 30.0
"""Seconds between two tries to replace an instance whose app ends again and again."""


class Tending:
    """``turn`` is called while no operation is under way."""

    def __init__(self, env: Kept) -> None:
        self._env = env
        self._scaling = Scaling(env.settings)
        self._setbacks = 0
        self._not_before = self._revive_at = 0.0

    def use(self, settings: Settings) -> None:
        self._scaling.settings = settings

    def turn(self) -> Work | None:
        """What takes longer than a moment is given back, to be done step by step."""
        env, fleet = self._env, self._env.fleet
        for one in fleet.instances:
            self._mind(one)
        if fleet.stale:
            with contextlib.suppress(EngineRefused):  # not now: the balancer has just ended
                fleet.serve()
        if env.release is None:
            return None
        env.wanted = max(env.settings.minimum, min(env.settings.maximum, env.wanted))
        self._scale()
        return self._towards(env.wanted, env.release)

    def keep_balancer(self) -> None:
        """Start it again when it has ended; also while an operation is under way."""
        fleet, now = self._env.fleet, time.monotonic()
        if fleet.balancer_runs or now < self._revive_at:
            return
        self._revive_at = now + LONGEST / 6
        self._env.journal.warn("The load balancer had ended and is started again.")
        try:
            fleet.balancer.revive()
        except EngineUnavailable:
            raise
        except DockerlabError as error:
            self._env.journal.error(f"The load balancer cannot be started: {error.message}")

    # --- one instance ---

    def _mind(self, one: Instance) -> None:
        if one.ended:
            self._lost(one, one.ended)
        elif one.state == "Pending":
            self._starting(one)
        elif one.state == "InService" and one.health == "Red":
            self._out(one)
        elif one.state == "OutOfService" and one.health == "Green":
            one.state = "InService"
            self._env.journal.info(f"Instance {one.id} is back in service.", one.release.version)

    def _starting(self, one: Instance) -> None:
        if one.health == "Green":
            one.state = "InService"
            self._setbacks = 0
            self._env.journal.info(f"Instance {one.id} is in service.", one.release.version)
        elif one.age > PATIENCE:
            self._lost(one, explain(self._env.fleet.site, [one]))

    def _out(self, one: Instance) -> None:
        """Unless nobody else is left: a sick answer is better than none."""
        if len(self._env.fleet.in_service) > 1:
            one.state = "OutOfService"
            self._env.journal.warn(
                f"Instance {one.id} is taken out of service: {one.cause}", one.release.version
            )

    def _lost(self, one: Instance, why: str) -> None:
        self._env.journal.warn(f"Instance {one.id} is replaced. {why}", one.release.version)
        if one.age < LONGEST:
            self._setbacks += 1
            self._not_before = time.monotonic() + min(LONGEST, 2.0**self._setbacks / 2)
        self._env.fleet.retire([one])

    # --- how many ---

    def _scale(self) -> None:
        fleet, now = self._env.fleet, time.monotonic()
        serving, traffic = len(fleet.in_service), fleet.balancer.traffic
        value = self._scaling.measure(sum(traffic.rates().values()), traffic.latency(), serving)
        # While some are starting, their share of the load is not yet to be seen.
        if serving == len(fleet.instances) == self._env.wanted:
            decision = self._scaling.decide(now, value, serving)
            if decision is not None:
                self._told(decision)
                self._env.wanted = serving + decision.change

    def _told(self, decision: Decision) -> None:
        number = abs(decision.change)
        verb = "Adding" if decision.change > 0 else "Removing"
        self._env.journal.info(
            f"{verb} {number} instance{'s' if number > 1 else ''}: {decision.reason}.",
            self._env.version,
        )

    def _towards(self, wanted: int, release: Release) -> Work | None:
        fleet = self._env.fleet
        missing = wanted - len(fleet.instances)
        if missing > 0 and time.monotonic() >= self._not_before:
            fleet.launch(missing, release)
        if missing < 0:
            self._scaling.rest(time.monotonic())
            return removed(fleet, _youngest(fleet, -missing))
        return None


def _youngest(fleet: Fleet, number: int) -> list[Instance]:
    """Those that serve least first."""
    ranked = sorted(fleet.instances, key=lambda one: (one.state == "InService", -one.launched))
    return ranked[:number]
