"""Waiting for an environment, while it tells what happens to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from dockerlab.pipeline.deploy.target import DeployFailed, Target

RECOVERY_SECONDS = 30.0
"""How long an environment that is ready may take to become green."""
NEAR_SECONDS, FAR_SECONDS = 0.3, 5.0
"""Between two looks: at a cloud on this machine, and at AWS, which counts requests."""


class Waiting:
    def __init__(
        self, beanstalk: Any, target: Target, say: Callable[[str], None], seconds: float
    ) -> None:
        self._beanstalk = beanstalk
        self._target = target
        self._say = say
        self._end = time.monotonic() + seconds
        self._pause = NEAR_SECONDS if target.endpoint else FAR_SECONDS
        self._seen: set[tuple[Any, str]] = set()
        self._error = ""

    def look_before(self) -> None:
        """Take note of the events so far, which are not this deployment's."""
        self._seen = {_key(event) for event in self._events()}

    def until_ready(self) -> None:
        """Tell events as they come until it is done; DeployFailed if not with this version."""
        found = self._ready()
        limit = min(time.monotonic() + RECOVERY_SECONDS, self._end)
        while found.get("Health") not in ("Green", "Red") and time.monotonic() < limit:
            time.sleep(self._pause)
            found = self._look()
        self._judge(found)

    def _ready(self) -> dict[str, Any]:
        while True:
            found = self._look()
            if found.get("Status") in ("Ready", "Terminated"):
                return found
            if time.monotonic() > self._end:
                raise DeployFailed(
                    f"{self._target.environment} is still {found.get('Status')}",
                    "its events above say what it waits for",
                )
            time.sleep(self._pause)

    def _judge(self, found: dict[str, Any]) -> None:
        target, version = self._target, found.get("VersionLabel")
        if version != target.label:
            raise DeployFailed(
                f"{target.environment} is on version {version} again, not on {target.label}"
                + (f": {self._error}" if self._error else ""),
                "the old version answers; the events above say what was wrong with the new one",
            )
        if found.get("Health") == "Red":
            raise DeployFailed(
                f"{target.environment} is on version {target.label}, and its health is Red"
                + (f": {self._error}" if self._error else ""),
                "the events above say why",
            )
        page = found.get("CNAME") or found.get("EndpointURL") or ""
        self._say(
            f"{target.environment}: {found.get('Status')}, {found.get('Health')}, "
            f"version {version}" + (f", http://{page}/" if page else "")
        )

    def _look(self) -> dict[str, Any]:
        """The environment as it is, and its new events told."""
        # In this order: an environment that is ready has written its last event.
        found = self._environment()
        for event in reversed(self._events()):
            if _key(event) not in self._seen:
                self._seen.add(_key(event))
                self._tell(event)
        return found

    def _environment(self) -> dict[str, Any]:
        told = self._beanstalk.describe_environments(
            ApplicationName=self._target.application,
            EnvironmentNames=[self._target.environment],
        )["Environments"]
        # One that was terminated an hour ago is listed, too, under the same name.
        alive = [one for one in told if one.get("Status") != "Terminated"]
        return dict((alive or told or [{"Status": "Terminated"}])[0])

    def _tell(self, event: dict[str, Any]) -> None:
        if event.get("Severity") in ("ERROR", "FATAL"):
            self._error = str(event["Message"])
        self._say(f"{event.get('Severity', 'INFO'):<5} {event['Message']}")

    def _events(self) -> list[dict[str, Any]]:
        """The last events, newest first."""
        found = self._beanstalk.describe_events(
            ApplicationName=self._target.application,
            EnvironmentName=self._target.environment,
            MaxRecords=50,
        )
        return list(found["Events"])


def _key(event: dict[str, Any]) -> tuple[Any, str]:
    return event["EventDate"], str(event["Message"])
