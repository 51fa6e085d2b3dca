"""Where an environment stands: labels and names on the engine, and taking all of it away again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError, NotFound

from dockerlab.client.explain import explained

CLOUD, ENVIRONMENT, ROLE, INSTANCE = (
    f"dockerlab.{word}" for word in ("cloud", "environment", "role", "instance")
)


@dataclass(frozen=True, slots=True)
class Site:
    """``api`` is docker-py's; all that is made carries the ids of ``cloud`` and environment.

    ``id`` is the environment's, ``name`` what its containers' names begin with.
    """

    api: Any
    cloud: str
    name: str
    id: str

    def labels(self, role: str) -> dict[str, str]:
        return {CLOUD: self.cloud, ENVIRONMENT: self.id, ROLE: role}

    @property
    def network(self) -> str:
        return self.name

    @explained()
    def make_network(self) -> None:
        """Once; one of the same name that is not ours is an error."""
        if not any(self._mine(self.api.networks(filters={"label": f"{ENVIRONMENT}={self.id}"}))):
            labels = self.labels("network")
            self.api.create_network(self.network, labels=labels, check_duplicate=True)

    @explained()
    def containers(self) -> list[Mapping[str, Any]]:
        """Those of this environment, also stopped ones, as the engine lists them."""
        found = self.api.containers(all=True, filters={"label": f"{ENVIRONMENT}={self.id}"})
        return list(self._mine(found))

    def _mine(self, found: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for one in found:
            if (one.get("Labels") or {}).get(CLOUD) == self.cloud:
                yield one

    @explained()
    def clear(self) -> None:
        """Remove the containers, then the network."""
        remove_all(self.api, f"{ENVIRONMENT}={self.id}")


def remove_all(api: Any, label: str) -> None:
    """Containers and networks with a label; those that go meanwhile are as good as removed."""
    for one in api.containers(all=True, filters={"label": label}):
        remove_container(api, one["Id"])
    for one in api.networks(filters={"label": label}):
        with contextlib.suppress(NotFound):
            _remove_network(api, one["Id"])


def _remove_network(api: Any, network: str) -> None:
    try:
        api.remove_network(network)
    except NotFound:
        raise
    except APIError:
        # Somebody connected a container of theirs.
        for container in api.inspect_network(network).get("Containers") or {}:
            api.disconnect_container_from_network(container, network, force=True)
        api.remove_network(network)


def remove_container(api: Any, container: str) -> None:
    try:
        api.remove_container(container, force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        # Somebody else is removing it at this moment: wait until it is gone.
        if error.status_code != 409:
            raise
        with contextlib.suppress(NotFound):
            api.wait(container, timeout=30, condition="removed")


def remove_image(api: Any, image: str, *, steps: bool = False) -> bool:
    """Remove one image, and with ``steps`` those that it was made of; whether it is gone."""
    try:
        api.remove_image(image, noprune=not steps)
    except APIError as error:
        return error.status_code in (400, 404)
    return True
