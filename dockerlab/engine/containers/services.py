"""What the life of a container needs besides itself; daemon.py puts it together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dockerlab.engine.events import Events
from dockerlab.engine.net.dns.server import Resolvers
from dockerlab.engine.net.networks import Networks
from dockerlab.engine.net.ports import Ports
from dockerlab.engine.run.process import Runtime
from dockerlab.engine.store.binds import ANYTHING, Binds
from dockerlab.engine.store.images import Images
from dockerlab.engine.store.layers import Layers
from dockerlab.engine.store.snapshots import Snapshots
from dockerlab.engine.store.volumes import Volumes


@dataclass(frozen=True, slots=True)
class Services:
    """The engine's other services."""

    root: Path
    events: Events
    runtime: Runtime
    images: Images
    layers: Layers
    snapshots: Snapshots
    volumes: Volumes
    networks: Networks
    ports: Ports
    resolvers: Resolvers
    binds: Binds = ANYTHING
    most_containers: int = 0
    """0: any number."""

    @property
    def containers(self) -> Path:
        """The folder with one folder a container."""
        return self.root / "containers"
