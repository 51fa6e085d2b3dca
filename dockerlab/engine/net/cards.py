"""How a container is connected, as plain data: what it is given when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Interface:
    """One network card of a container, e.g. eth0 with 172.17.0.2/16 on bridge ``docker0``."""

    name: str
    bridge: str
    network_id: str
    address: str
    """IPv4 with prefix length: ``172.17.0.2/16``."""
    gateway: str
    mac: str


@dataclass(frozen=True, slots=True)
class Network:
    """``mode`` is bridge (any number of interfaces), none, host or container (``of`` = its id)."""

    mode: Literal["bridge", "none", "host", "container"] = "none"
    interfaces: tuple[Interface, ...] = ()
    of: str = ""
