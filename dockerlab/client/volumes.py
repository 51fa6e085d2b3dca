"""What ``lab`` can do with volumes and networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dockerlab.client.explain import explained
from dockerlab.formats.resources import NetworkRecord, VolumeRecord
from dockerlab.formats.table import Table
from dockerlab.formats.text import short_id

if TYPE_CHECKING:
    import docker

VOLUMES = ("DRIVER", "VOLUME NAME")
NETWORKS = ("NETWORK ID", "NAME", "DRIVER", "SCOPE")


class VolumeCalls:
    """The part of ``Lab`` that deals with volumes and networks."""

    docker: docker.DockerClient
    api: Any

    @explained()
    def volumes(self, *, filters: Mapping[str, Any] | None = None) -> Table[VolumeRecord]:
        """The volumes that there are.

        >>> lab.volumes(filters={"dangling": True})  # doctest: +SKIP
        """
        found = self.api.volumes(filters=dict(filters or {}))["Volumes"] or []
        records = sorted(map(VolumeRecord.of, found), key=lambda volume: volume.name)
        return Table(VOLUMES, records, lambda v: (v.driver, v.name), caption="Volumes")

    @explained()
    def create_volume(
        self, name: str = "", *, labels: Mapping[str, str] | None = None
    ) -> VolumeRecord:
        """Make a volume; without a name the engine gives one."""
        answer = self.api.create_volume(name or None, labels=dict(labels or {}))
        return VolumeRecord.of(answer)

    @explained()
    def remove_volume(self, *names: str, force: bool = False) -> None:
        """Remove volumes that no container uses."""
        for name in names:
            self.api.remove_volume(name, force=force)

    @explained()
    def networks(self, *, filters: Mapping[str, Any] | None = None) -> Table[NetworkRecord]:
        """The networks that there are."""
        found = self.api.networks(filters=dict(filters or {}))
        records = sorted(map(NetworkRecord.of, found), key=lambda network: network.name)
        return Table(
            NETWORKS,
            records,
            lambda n: (short_id(n.id), n.name, n.driver, n.scope),
            caption="Networks",
        )

    @explained()
    def create_network(self, name: str, *, driver: str = "bridge") -> NetworkRecord:
        """Make a network: containers in it find each other by name."""
        answer = self.api.create_network(name, driver=driver)
        return NetworkRecord.of(self.api.inspect_network(answer["Id"]))

    @explained()
    def remove_network(self, *names: str) -> None:
        """Remove networks that no container is in."""
        for name in names:
            self.api.remove_network(name)
