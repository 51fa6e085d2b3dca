"""Health checks: a command run in the container again and again, and what follows from it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dockerlab.engine.containers.container import Container, Health
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.containers.programs.execs import Execs
from dockerlab.engine.errors import APIError
from dockerlab.engine.events import Events

KEPT = 5
"""Results that inspect shows."""

OUTPUT_LIMIT = 4096
DEFAULT_INTERVAL = DEFAULT_TIMEOUT = 30.0
DEFAULT_RETRIES = 3
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Probe:
    """A container's health check; times in seconds."""

    command: tuple[str, ...]
    interval: float
    timeout: float
    start_period: float
    retries: int


def parse(data: Mapping[str, Any] | None, shell: Sequence[str] | None = None) -> Probe | None:
    """The check of ``Config.Healthcheck``; None when there is none, or ``NONE``.

    ``shell``: ``Config.Shell``, which executes a check in shell form.
    """
    test: list[str] = (data or {}).get("Test") or []
    if data is None or len(test) < 2 or test[0] not in ("CMD", "CMD-SHELL"):
        return None
    before = (shell or ("/bin/sh", "-c")) if test[0] == "CMD-SHELL" else ()
    command = (*before, test[1]) if before else tuple(test[1:])
    return Probe(
        command,
        (data.get("Interval") or 0) / _NS or DEFAULT_INTERVAL,
        (data.get("Timeout") or 0) / _NS or DEFAULT_TIMEOUT,
        (data.get("StartPeriod") or 0) / _NS,
        data.get("Retries") or DEFAULT_RETRIES,
    )


class Monitor:
    """Checks one container for as long as it runs."""

    def __init__(self, container: Container, probe: Probe, execs: Execs, events: Events) -> None:
        self._container = container
        self._probe = probe
        self._execs = execs
        self._events = events
        container.health = Health()

    async def run(self) -> None:
        """Check for ever; the container's end cancels it."""
        while True:
            await asyncio.sleep(self._probe.interval)
            if self._container.state.paused:
                continue
            started = clock.now()
            code, output = await self._check()
            self._note(started, code, output)

    async def _check(self) -> tuple[int, str]:
        timeout = self._probe.timeout
        try:
            code, output = await self._execs.run(
                self._container, list(self._probe.command), timeout, OUTPUT_LIMIT
            )
        except TimeoutError:
            return -1, f"Health check exceeded timeout ({timeout:g}s)"
        except APIError as error:
            return -1, error.message
        return code, output.decode(errors="replace")

    def _note(self, started: int, code: int, output: str) -> None:
        health = self._container.health
        if health is None:
            return
        entry = {"Start": clock.stamp(started), "End": clock.stamp(clock.now())}
        health.log.append({**entry, "ExitCode": code, "Output": output})
        del health.log[:-KEPT]
        before = health.status
        self._judge(health, started, code)
        if health.status != before:
            action = f"health_status: {health.status}"
            container = self._container
            self._events.publish("container", action, container.id, container.attributes())

    def _judge(self, health: Health, started: int, code: int) -> None:
        if code == 0:
            health.failing_streak, health.status = 0, "healthy"
            return
        ran_for = (started - clock.unix(self._container.state.started_at)) / _NS
        if health.status == "starting" and ran_for < self._probe.start_period:
            return
        health.failing_streak += 1
        if health.failing_streak >= self._probe.retries:
            health.status = "unhealthy"
