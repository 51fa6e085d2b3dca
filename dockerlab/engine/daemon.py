"""Builds the engine's services and starts and stops them together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dockerlab.engine.build import leftovers
from dockerlab.engine.containers.containers import Containers
from dockerlab.engine.containers.services import Services
from dockerlab.engine.events import Events
from dockerlab.engine.net.dns.forwarder import Forwarder
from dockerlab.engine.net.dns.server import Resolvers
from dockerlab.engine.net.dns.ways import Ways
from dockerlab.engine.net.networks import Networks
from dockerlab.engine.net.ports import Ports
from dockerlab.engine.net.relay import Source
from dockerlab.engine.registry import access
from dockerlab.engine.run.choose import Choice
from dockerlab.engine.run.home import Home
from dockerlab.engine.run.prootruntime import ProotRuntime
from dockerlab.engine.run.runtimes import NamespacesRuntime
from dockerlab.engine.settings import Settings, identity
from dockerlab.engine.store.arrivals import Arrival
from dockerlab.engine.store.binds import Binds
from dockerlab.engine.store.blobs import Blobs
from dockerlab.engine.store.copies import Copy
from dockerlab.engine.store.files import write_json
from dockerlab.engine.store.images import Images
from dockerlab.engine.store.layers import Layers
from dockerlab.engine.store.overlay import Overlay
from dockerlab.engine.store.snapshots import Snapshots
from dockerlab.engine.store.volumes import Volumes

if TYPE_CHECKING:
    from dockerlab.engine.build.builder import Builds

VERSION = "20.10.24"
"""The Docker Engine whose behaviour is followed."""

NOTE = "engine.json"
FOLDERS = ("run", "containers", "volumes", "networks", "images", "layers", "blobs")


@dataclass
class Daemon:
    """The services, for the API's handlers."""

    root: Path
    choice: Choice
    home: Home
    events: Events
    blobs: Blobs
    layers: Layers
    images: Images
    snapshots: Snapshots
    volumes: Volumes
    networks: Networks
    ports: Ports
    runtime: NamespacesRuntime | ProotRuntime
    services: Services
    containers: Containers

    @cached_property
    def builds(self) -> Builds:
        """The builder. Loaded at the first build: most engines are idle most of the time."""
        from dockerlab.engine.build.builder import Builds

        return Builds(self.root, self.services, self.containers, self._arrival)

    def _arrival(self) -> Arrival:
        return Arrival(self.blobs, self.layers, self.images)

    def using_image(self, id: str) -> list[tuple[str, bool]]:
        """The containers and builds that need an image: name, and whether it runs."""
        building = self.builds.using_image(id) if "builds" in self.__dict__ else []
        return self.containers.using_image(id) + building

    @property
    def run(self) -> Path:
        """The folder for sockets and whatever is gone after a stop."""
        return self.root / "run"

    @property
    def id(self) -> str:
        return identity(self.root)

    @property
    def can_limit(self) -> bool:
        """Whether memory, CPU and processes can be limited here."""
        text = " ".join(self.runtime.limitations)
        return "cannot be limited" not in text and "no limit on" not in text

    async def start(self) -> None:
        """Take up what is on disk: containers that still run, half-made things, policies."""
        await self.runtime.prepare()
        await self.containers.load()
        await leftovers.sweep(self.containers, self.run)
        await asyncio.to_thread(self.images.sweep)
        await self.containers.revive()

    def ready(self, socket: Path) -> None:
        """The API answers: say so on disk."""
        note = {
            "pid": os.getpid(),
            "started_at": time.time(),
            "runtime": self.runtime.name,
            "version": VERSION,
            "api": "1.41",
            "socket": str(socket),
            "why": self.choice.why,
        }
        write_json(self.root / NOTE, note)

    async def stop(self) -> None:
        """End all containers and let go of everything, as an orderly stop does."""
        await self.containers.close()
        self.events.close()
        self.services.resolvers.close()
        self.ports.close()
        self.networks.close()
        await self.runtime.close()
        self.home.leave()
        self.networks.uplink.close()
        with contextlib.suppress(FileNotFoundError):
            (self.root / NOTE).unlink()


def build(root: Path, choice: Choice, home: Home, settings: Settings) -> Daemon:
    """All services in the order in which they need each other; inside the event loop."""
    for name in FOLDERS:
        (root / name).mkdir(0o700, exist_ok=True)
    events = Events()
    library = settings.images
    blobs = Blobs(root, library)
    layers = Layers(root, blobs, library=library)
    images = Images(root, blobs, layers, events, library)
    runtime = _runtime(root, choice, home, settings)
    snapshots = Overlay(root, layers) if runtime.overlay else Copy(root, layers)
    networks = Networks(root, events, home.keeper, outside=settings.uplink)
    if not settings.uplink:
        access.confine()
    ports = Ports(home.keeper)
    binds = Binds(settings.binds, str(root / "volumes"))
    volumes = Volumes(root, events, binds)
    ways = Ways(networks, Source(home.keeper))
    resolvers = Resolvers(networks, Forwarder(ways.to))
    services = Services(
        *(root, events, runtime, images, layers, snapshots, volumes, networks, ports, resolvers),
        binds=binds,
        most_containers=settings.containers,
    )
    return Daemon(
        root=root,
        choice=choice,
        home=home,
        events=events,
        blobs=blobs,
        layers=layers,
        images=images,
        snapshots=snapshots,
        volumes=volumes,
        networks=networks,
        ports=ports,
        runtime=runtime,
        services=services,
        containers=Containers(services),
    )


def _runtime(
    root: Path, choice: Choice, home: Home, settings: Settings
) -> NamespacesRuntime | ProotRuntime:
    if choice.name == "proot":
        return ProotRuntime(root)
    keeper = home.keeper.path if home.keeper is not None else ""
    return NamespacesRuntime(root, keeper, outside=settings.uplink, spawner=home.spawner)
