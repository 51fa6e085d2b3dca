"""What ``lab`` can do with volumes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dockerlab.client.explain import explained
from dockerlab.formats.resources import VolumeRecord
from dockerlab.formats.table import Table

if TYPE_CHECKING:
    import docker

VOLUMES = ("DRIVER", "VOLUME NAME")


class VolumeCalls:
    """The part of ``Lab`` that deals with volumes."""

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
