"""Plan what containers need before they can be made: networks and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dockerlab.client.compose.looking.labels import NETWORK, PROJECT
from dockerlab.client.compose.looking.state import State, Thing
from dockerlab.client.compose.plans import bodies
from dockerlab.errors import DockerlabError
from dockerlab.formats.composed.plan import Step
from dockerlab.formats.composefile.model import Network, Project, Service, Volume


@dataclass(slots=True)
class Resources:
    """The steps for the networks and volumes of some services, and what is odd about them."""

    project: Project
    state: State
    steps: list[Step] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def plan(self, services: Sequence[Service]) -> Resources:
        networks = dict.fromkeys(key for one in services for key in one.networks)
        for key in networks:
            self._network(self.project.networks[key])
        sources = dict.fromkeys(
            mount.source for one in services for mount in one.volumes if mount.type == "volume"
        )
        for key in sources:
            if key in self.project.volumes:
                self._volume(self.project.volumes[key])
        return self

    def _network(self, network: Network) -> None:
        found = self.state.networks.get(network.name)
        if network.external:
            if found is None:
                raise DockerlabError(
                    f"network {network.name} declared as external, but could not be found",
                    f"make it: docker network create {network.name}",
                )
            return
        if found is not None:
            self._own_network(network, found)
            return
        users = ", ".join(_users(self.project, network.key))
        self.steps.append(
            Step(
                id=f"network {network.name}",
                action="create network",
                target=network.name,
                reason=f"{users} use{'' if ',' in users else 's'} it, and it is not there",
                call=("POST", "/networks/create", bodies.network(self.project.name, network)),
                says=("Creating", "Created"),
            )
        )

    def _own_network(self, network: Network, found: Thing) -> None:
        self._owner(f"a network with name {network.name} exists but", found)
        if found.labels.get(NETWORK, "") != network.key:
            raise DockerlabError(
                f"network {network.name} was found but has incorrect label {NETWORK} set to "
                f'"{found.labels.get(NETWORK, "")}"',
                "write external: true under it to use it as it is, or remove it with "
                f"docker network rm {network.name}",
            )

    def _volume(self, volume: Volume) -> None:
        found = self.state.volumes.get(volume.name)
        if volume.external:
            if found is None:
                raise DockerlabError(
                    f'external volume "{volume.name}" not found',
                    f"make it: docker volume create {volume.name}",
                )
            return
        if found is not None:
            self._owner(f'volume "{volume.name}" already exists but', found)
            return
        self.steps.append(
            Step(
                id=f"volume {volume.name}",
                action="create volume",
                target=volume.name,
                reason="it keeps data beyond the containers, and is not there",
                call=("POST", "/volumes/create", bodies.volume(self.project.name, volume)),
                says=("Creating", "Created"),
            )
        )

    def _owner(self, what: str, found: Thing) -> None:
        owner = found.labels.get(PROJECT)
        if owner is None:
            whose = "was not created by Docker Compose"
        elif owner != self.project.name:
            whose = f'was created for project "{owner}" (expected "{self.project.name}")'
        else:
            return
        self.warnings.append(f"{what} {whose}. Use `external: true` to use it as it is")


def _users(project: Project, key: str) -> list[str]:
    services = {**project.disabled, **project.services}.values()
    return sorted(service.name for service in services if key in service.networks)
