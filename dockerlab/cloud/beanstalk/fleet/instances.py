"""Instances: containers of the app's image, from their launch to their end."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docker.errors import APIError

from dockerlab.client.explain import explained
from dockerlab.cloud.beanstalk.fleet.nginx import Target
from dockerlab.cloud.beanstalk.fleet.site import INSTANCE, Site, remove_container
from dockerlab.errors import DockerlabError
from dockerlab.formats import cloud

GRACE = 5
"""Seconds that an app has to end after SIGTERM."""
LINES = 8
WIDTH = 300


@dataclass(frozen=True, slots=True)
class Release:
    """What is deployed: a version's image, and the port that its app listens at."""

    version: str
    image: str
    port: int


@dataclass(slots=True)
class Instance:
    """One container. ``state`` and ``health`` are AWS's words; ``passed`` and ``failed`` count the
    health checks since the last of the other kind.
    """

    id: str
    name: str
    release: Release
    variables: Mapping[str, str]
    container: str = ""
    address: str = ""
    state: str = "Pending"
    health: str = "Grey"
    cause: str = ""
    launched: float = field(default_factory=time.time)
    answered: bool = False
    """Whether its last answer was one, if not a good one."""
    passed: int = 0
    failed: int = 0
    ended: str = ""
    """How it ended by itself, in a sentence; empty while it runs."""

    @property
    def target(self) -> Target:
        return Target(self.id, self.address, self.release.port)

    @property
    def age(self) -> float:
        return time.time() - self.launched

    def record(self, rate: float) -> cloud.Instance:
        return cloud.Instance(
            id=self.id,
            container=self.name,
            version=self.release.version,
            state=self.state,
            health=self.health,
            cause=self.ended or self.cause,
            launched=self.launched,
            requests=rate,
        )


def new(site: Site, release: Release, variables: Mapping[str, str]) -> Instance:
    identity = f"i-{secrets.token_hex(8)}{secrets.token_hex(1)[0]}"
    return Instance(identity, f"{site.name}-{identity}", release, variables)


@explained()
def launch(site: Site, instance: Instance) -> None:
    """Run its container. What the engine refuses, as a command that is not there, is its end."""
    try:
        instance.container = _create(site, instance)
        site.api.start(instance.container)
        facts = site.api.inspect_container(instance.container)
    except APIError as error:
        instance.ended = f"It could not be started: {error.explanation or error}"
        return
    networks = facts["NetworkSettings"].get("Networks") or {}
    instance.address = str((networks.get(site.network) or {}).get("IPAddress") or "")


def _create(site: Site, instance: Instance) -> str:
    api = site.api
    made = api.create_container(
        instance.release.image,
        name=instance.name,
        hostname=instance.id,
        environment=dict(instance.variables),
        host_config=api.create_host_config(network_mode=site.network),
        labels=site.labels("instance") | {INSTANCE: instance.id},
    )
    return str(made["Id"])


def look(site: Site, instances: Iterable[Instance]) -> Mapping[str, str]:
    """Note which of them have ended; state of all the environment's containers by their ids."""
    states = {str(one["Id"]): str(one.get("State", "")) for one in site.containers()}
    for one in instances:
        if one.container and not one.ended and states.get(one.container) not in _ALIVE:
            one.ended = _ending(site, one, there=one.container in states)
    return states


_ALIVE = ("running", "paused", "created", "restarting")


@explained()
def _ending(site: Site, instance: Instance, *, there: bool) -> str:
    if not there:
        return "Its container was removed."
    try:
        state = site.api.inspect_container(instance.container)["State"]
    except APIError:
        return "Its container was removed."
    code = state.get("ExitCode")
    told = log(site.api, instance.container)
    return f"Its app ended with exit code {code}" + (f"; it printed last:\n{told}" if told else ".")


def log(api: Any, container: str) -> str:
    """The last lines that a container printed, none too long."""
    try:
        text: bytes = api.logs(container, tail=LINES)
    except APIError:
        return ""
    return tail(text.decode("utf-8", "replace"))


def tail(text: str) -> str:
    """The last lines of a text, to be put into an event."""
    lines = [line.rstrip()[:WIDTH] for line in text.splitlines() if line.strip()]
    shown = ("".join(char if char.isprintable() else " " for char in line) for line in lines)
    return "\n".join(f"    {line}" for line in list(shown)[-LINES:])


def retire(site: Site, instance: Instance) -> None:
    """End it in an orderly way, then remove it. For a thread of its own: it may take a while."""
    if not instance.container:
        return
    # When the engine is lost, whoever comes back to it clears up by the labels.
    with contextlib.suppress(DockerlabError), explained():
        with contextlib.suppress(APIError):
            site.api.stop(instance.container, timeout=GRACE)
        remove_container(site.api, instance.container)
