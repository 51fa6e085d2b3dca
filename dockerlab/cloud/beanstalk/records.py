"""What ``Beanstalk`` answers with, besides the records of ``formats.cloud``.

Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

Options = Mapping[tuple[str, str], str]
"""Option settings: (namespace, name of the option) and its value."""

Sources = Callable[[str, str], BinaryIO]
"""Opens the object of a bucket and a key; ``SourceUnavailable`` says why not."""


@dataclass(frozen=True, slots=True)
class Application:
    name: str
    description: str = ""
    created: float = 0.0
    updated: float = 0.0
    versions: tuple[str, ...] = ()
    """The labels of its versions, newest first."""


@dataclass(frozen=True, slots=True)
class Version:
    """A source bundle with a label; what is in it is looked at when it is deployed."""

    application: str
    label: str
    bucket: str
    key: str
    description: str = ""
    created: float = 0.0
    status: str = "PROCESSED"


@dataclass(frozen=True, slots=True)
class Resources:
    """What an environment is made of: names on the engine, ids of instances."""

    environment: str
    balancer: str
    network: str
    instances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """An environment's health in the words of enhanced health reporting."""

    environment: str
    status: str
    """Ok, Info, Warning, Degraded, Severe, Pending, Unknown or Suspended (or NoData)."""
    colour: str
    """Green, Yellow, Red or Grey."""
    causes: tuple[str, ...] = ()
    requests: float = 0.0
    """A second, over all instances."""
    answers: Mapping[int, int] = field(default_factory=dict)
    """How many answers began with 2, 3, 4 and 5 in the last seconds that ``seconds`` says."""
    seconds: float = 10.0
    latency: float = 0.0
    """The median, in seconds."""
    instances: Mapping[str, int] = field(default_factory=dict)
    """How many instances are Ok, Degraded, Severe, Pending …"""
