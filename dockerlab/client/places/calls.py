"""What ``lab`` says about places: an image's layers, published ports, a container's mounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockerlab.client.container import Container
from dockerlab.client.containers import Named
from dockerlab.client.explain import explained
from dockerlab.client.places.layers import layers
from dockerlab.client.places.mounts import mount_map
from dockerlab.client.places.ports import port_map
from dockerlab.formats.layers import LayerStack
from dockerlab.formats.mounts import MountMap
from dockerlab.formats.ports import PortMap

if TYPE_CHECKING:
    import docker


class PlaceCalls:
    """The part of ``Lab`` that tells where things come from."""

    docker: docker.DockerClient
    url: str

    @explained()
    def layers(self, image: str) -> LayerStack:
        """An image's layers with their files, their sizes and what of them is wasted.

        >>> lab.layers("node").efficiency.score  # doctest: +SKIP
        0.9999
        """
        return layers(self.docker.api, image)

    @explained()
    def ports(self, *containers: Named) -> PortMap:
        """Which port of the host leads to which container: of those named, or of all that run.

        >>> print(*lab.ports("web").ports)  # doctest: +SKIP
        *:8080 → web:80/tcp
        """
        names = [_name(one) for one in containers]
        return port_map(self.docker.api, names, engine=self.url)

    @explained()
    def mounts(self, container: Named) -> MountMap:
        """Which path of a container comes from where, and what hides what.

        >>> lab.mounts("web").origin("/etc/hosts")  # doctest: +SKIP
        /etc/hosts: made by the engine for this container
        """
        return mount_map(self.docker.api, _name(container))


def _name(container: Named) -> str:
    return container.id if isinstance(container, Container) else container
