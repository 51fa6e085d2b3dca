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
            missing = f"network {network.name} declared as external, but could not be found"
            self._somebodys("network", network.name, found, missing)
        elif found is not None:
            self._own_network(network, found)
        else:
            users = ", ".join(_users(self.project, network.key))
            reason = f"{users} use{'' if ',' in users else 's'} it, and it is not there"
            self._create("network", reason, bodies.network(self.project.name, network))

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
            missing = f'external volume "{volume.name}" not found'
            self._somebodys("volume", volume.name, found, missing)
        elif found is not None:
            self._owner(f'volume "{volume.name}" already exists but', found)
        else:
            reason = "it keeps data beyond the containers, and is not there"
            self._create("volume", reason, bodies.volume(self.project.name, volume))

    def _create(self, noun: str, reason: str, body: bodies.Body) -> None:
        name = body["Name"]
        self.steps.append(
            Step(
                id=f"{noun} {name}",
                action=f"create {noun}",
                target=name,
                reason=reason,
                call=("POST", f"/{noun}s/create", body),
                says=("Creating", "Created"),
            )
        )

    def _somebodys(self, noun: str, name: str, found: Thing | None, missing: str) -> None:
        if found is None:
            raise DockerlabError(missing, f"make it: docker {noun} create {name}")

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
    return sorted(service.name for service in project.every.values() if key in service.networks)
