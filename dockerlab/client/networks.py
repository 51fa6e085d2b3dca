"""What ``lab`` can do with networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dockerlab.client.container import Container
from dockerlab.client.explain import explained
from dockerlab.formats.creation import pairs
from dockerlab.formats.networks import Attachment, NetworkCreation, NetworkRecord
from dockerlab.formats.table import Table
from dockerlab.formats.text import short_id

if TYPE_CHECKING:
    import docker

NETWORKS = ("NETWORK ID", "NAME", "DRIVER", "SCOPE")


class NetworkCalls:
    """The part of ``Lab`` that deals with networks."""

    docker: docker.DockerClient
    api: Any

    @explained()
    def networks(self, *, filters: Mapping[str, Any] | None = None) -> Table[NetworkRecord]:
        """The networks that there are.

        >>> lab.networks(filters={"type": "custom"})  # doctest: +SKIP
        """
        found = self.api.networks(filters=dict(filters or {}))
        records = sorted(map(NetworkRecord.of, found), key=lambda network: network.name)
        return Table(
            NETWORKS,
            records,
            lambda n: (short_id(n.id), n.name, n.driver, n.scope),
            caption="Networks",
        )

    @explained()
    def network(self, name: str) -> NetworkRecord:
        """A network, and the running containers in it.

        >>> lab.network("shop").members  # doctest: +SKIP
        (Member(id='0a1b…', name='web', address='172.18.0.2'),)
        """
        return NetworkRecord.of(self.api.inspect_network(name))

    @explained()
    def create_network(
        self,
        name: str,
        *,
        driver: str = "bridge",
        subnet: str = "",
        gateway: str = "",
        internal: bool = False,
        labels: Mapping[str, str] | Sequence[str] = (),
        options: Mapping[str, str] | Sequence[str] = (),
    ) -> NetworkRecord:
        """Make a network: containers in it find each other by name.

        Without a ``subnet`` (``"10.77.0.0/24"``) the engine takes a free one. From an
        ``internal`` network nothing leads out. More: ``%docker network create``.

        >>> lab.create_network("shop").subnets  # doctest: +SKIP
        ('172.18.0.0/16',)
        """
        wanted = NetworkCreation(
            name,
            driver,
            (subnet,) if subnet else (),
            (gateway,) if gateway else (),
            internal=internal,
            labels=pairs(labels),
            options=pairs(options),
        )
        return self.network(create(self.api, wanted)["Id"])

    @explained()
    def remove_network(self, *names: str) -> None:
        """Remove networks that no container is in."""
        for name in names:
            self.api.remove_network(name)

    @explained()
    def connect(
        self,
        network: str,
        container: Container | str,
        *,
        aliases: Sequence[str] = (),
        ip: str = "",
        links: Sequence[str] = (),
    ) -> None:
        """Put a container into one more network, as ``docker network connect``; it may run.

        The others there find it by its name and by each of ``aliases``. ``links`` gives it
        names of its own for others: ``["redis:store"]``.

        >>> lab.connect("shop", "web", aliases=["www"])  # doctest: +SKIP
        """
        place = Attachment(network, tuple(aliases), ip, links=tuple(links))
        join(self.api, _name(container), place)

    @explained()
    def disconnect(self, network: str, container: Container | str, *, force: bool = False) -> None:
        """Take a container out of a network; ``force`` also one that is no more."""
        self.api.disconnect_container_from_network(_name(container), network, force=force)


def create(api: Any, wanted: NetworkCreation) -> dict[str, Any]:
    """``POST /networks/create``; the answer has the ``Id``, and perhaps a ``Warning``."""
    response = api.post(api._url("/networks/create"), json=wanted.body())
    return dict(api._result(response, True))


def join(api: Any, container: str, place: Attachment) -> None:
    """``POST /networks/NETWORK/connect``."""
    body = {"Container": container, "EndpointConfig": place.body()}
    address = api._url("/networks/{0}/connect", place.network)
    api._raise_for_status(api.post(address, json=body))


def _name(container: Container | str) -> str:
    return container.id if isinstance(container, Container) else container
