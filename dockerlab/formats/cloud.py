"""An Elastic Beanstalk environment as it stands: instances behind a load balancer, and events.

Statuses, healths and words are AWS's own. Times are seconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instance:
    """One container of the app; ``requests`` a second that the load balancer sent it lately."""

    id: str
    """As EC2 has it: ``i-0a1b2c3d4e5f60718``."""
    container: str
    """Its name on the engine."""
    version: str
    state: str = "Pending"
    """Pending, InService, OutOfService or Terminating."""
    health: str = "Grey"
    """Green, Yellow, Red or Grey."""
    cause: str = ""
    """Why it is not Green, in a sentence."""
    launched: float = 0.0
    requests: float = 0.0


@dataclass(frozen=True, slots=True)
class Event:
    """``severity`` is INFO, WARN or ERROR (TRACE, DEBUG and FATAL exist)."""

    at: float
    severity: str
    message: str
    version: str = ""
    environment: str = ""
    """The name of the environment, as ``application`` is of the application."""
    application: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """``url`` is where the load balancer answers; ``minimum`` and ``maximum`` what scaling keeps
    within; ``requests`` and ``errors`` (5xx) a second over all instances; ``events`` oldest first.
    """

    name: str
    id: str
    application: str
    version: str = ""
    status: str = "Launching"
    """Launching, Updating, Ready, Terminating or Terminated."""
    health: str = "Grey"
    """Green, Yellow, Red or Grey."""
    url: str = ""
    minimum: int = 1
    maximum: int = 4
    instances: tuple[Instance, ...] = ()
    events: tuple[Event, ...] = ()
    requests: float = 0.0
    errors: float = 0.0
    page: str = ""
    """Where a browser reaches ``url``, when it sees this machine through a notebook server only."""
    stack: str = ""
    """The platform: AWS calls it a solution stack."""
    description: str = ""
    created: float = 0.0
    updated: float = 0.0

    @property
    def in_service(self) -> tuple[Instance, ...]:
        return tuple(one for one in self.instances if one.state == "InService")


@dataclass(frozen=True, slots=True)
class Load:
    """What came of requests sent to a page: ``failed`` got no answer, or a 5xx; times in ms."""

    sent: int
    failed: int
    seconds: float
    median: float
    slowest: float
    instances: tuple[tuple[str, int], ...] = ()
    """Instance id and how many of the requests it answered."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An environment at one moment; ``serving`` of its ``instances`` are in service."""

    at: float
    requests: float
    serving: int
    instances: int
    errors: float = 0.0


@dataclass(frozen=True, slots=True)
class History:
    """How an environment went along, oldest first: requests a second, and instances for them."""

    environment: str
    samples: tuple[Sample, ...] = ()
    minimum: int = 1
    maximum: int = 4
