"""Taking containers into networks and out of them, running or not.

What a container is in for good is its record's ``endpoints``. The order of the steps is such that
a crash between two of them leaves at worst a place in a network that the record does not know:
``mend`` takes it back at the next start of the engine.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.launch import Launcher
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import APIError, BadParameter, Conflict, ServerError
from dockerlab.engine.net import places
from dockerlab.engine.net.endpoints import Endpoint, empty_settings, network_settings
from dockerlab.engine.net.names import hostsfile
from dockerlab.engine.net.places import Allocation
from dockerlab.engine.net.records import Record
from dockerlab.engine.run.process import Interface, Process

log = logging.getLogger("dockerlab.engine.run")

_HOST = "container cannot be disconnected from host network or connected to host network"
_SHARED = (
    "container sharing network namespace with another container or host cannot be connected to "
    "any other network"
)
_NONE = (
    "container cannot be connected to multiple networks with one of the networks in private "
    "(none) mode"
)


class Attachments:
    """Connects and disconnects containers."""

    def __init__(self, services: Services, launcher: Launcher) -> None:
        self._services = services
        self._launcher = launcher

    async def connect(self, container: Container, term: str, config: Mapping[str, Any]) -> None:
        """Take it into the network of this id or name. Raises Docker's refusals.

        Nothing is left of a failure.
        """
        self._services.networks.get(term)
        async with container.lock:
            record = self._services.networks.get(term)  # it may be gone meanwhile
            _check_changeable(container)
            _check_mode(container, record)
            places.check(record, config)
            process = container.process
            if process is not None:
                await self._connect(container, process, record, config)
            elif record.name not in container.endpoints:
                settled = places.completed(record, config, container.id, container.hostname)
                settled.pop("NetworkID", None)  # its start finds the network by its name
                _note(container, {**container.endpoints, record.name: settled})
            container.save()

    async def disconnect(self, container: Container, term: str) -> None:
        """Take it out of a network; of one that does not run, the network may be gone."""
        async with container.lock:
            _check_changeable(container)
            name = self._name(container, term)
            if name not in container.endpoints:
                to = "network" if container.process is not None else "the network"
                raise ServerError(f"container {container.id} is not connected to {to} {name}")
            process = container.process
            if process is not None and name == "host":
                raise BadParameter(_HOST)
            rest = {key: config for key, config in container.endpoints.items() if key != name}
            _note(container, rest)
            container.save()
            if process is not None:
                await self._disconnect(container, process, name)
                container.save()

    async def mend(self, container: Container) -> None:
        """After the engine was killed: leave the networks that the record does not know."""
        process = container.process
        if process is None:
            return
        for name in self._services.networks.strays(container.id, container.endpoints):
            try:
                await self._disconnect(container, process, name)
            except (APIError, OSError) as error:
                log.error("cannot take %s out of the network %s: %s", container.name, name, error)

    def _name(self, container: Container, term: str) -> str:
        try:
            return self._services.networks.get(term).name
        except APIError:
            if container.process is not None or term not in container.endpoints:
                raise
            return term

    async def _connect(
        self, container: Container, process: Process, record: Record, config: Mapping[str, Any]
    ) -> None:
        networks = self._services.networks
        place = networks.connect(container.id, record, config)
        try:
            for card in place.interfaces:
                if card["network_id"] == record.id:
                    if card["gateway"]:
                        await networks.uplink.ready()
                    await self._plug(process, card, place)
            await self._launcher.move_ports(container, place)
            await self._launcher.renew_names(container)
        except BaseException:
            await self._disconnect(container, process, record.name)
            raise
        endpoints = {**container.endpoints, record.name: place.endpoints[record.name]}
        _note(container, endpoints, {record.name: place.settings[record.name]})
        if address := place.settings[record.name]["IPAddress"]:
            hostsfile.add(container.directory / "hosts", address, self._own_names(container))

    async def _plug(self, process: Process, card: dict[str, str], place: Allocation) -> None:
        try:
            await self._services.runtime.connect(process, Interface(**card), place.gateway)
        except OSError as error:
            raise ServerError(f"cannot add the network card {card['name']}: {error}") from None

    async def _disconnect(self, container: Container, process: Process, name: str) -> None:
        endpoint, place = self._services.networks.disconnect(container.id, name)
        if endpoint is None:
            return
        await self._unplug(process, endpoint, place)
        await self._launcher.move_ports(container, place)
        if endpoint.address:
            hostsfile.drop(container.directory / "hosts", endpoint.address)

    async def _unplug(self, process: Process, endpoint: Endpoint, place: Allocation) -> None:
        if not endpoint.card:
            return
        try:
            await self._services.runtime.disconnect(process, endpoint.card, place.gateway)
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended meanwhile, and its cards with it
        except OSError as error:
            raise ServerError(f"cannot remove the card {endpoint.card}: {error}") from None

    def _own_names(self, container: Container) -> str:
        domain = container.config["Domainname"]
        full = f"{container.hostname}.{domain}" if domain else container.hostname
        short, dot, _ = full.partition(".")
        return f"{full} {short}" if dot else full


def _note(
    container: Container, endpoints: dict[str, Any], new: Mapping[str, Any] | None = None
) -> None:
    """Write into the record which networks it is in, and what inspect shows of them."""
    container.endpoints = endpoints
    known = {**(container.network.get("Networks") or {}), **(new or {})}
    shown = {name: known.get(name) or empty_settings(endpoints[name]) for name in endpoints}
    kept = {key: container.network.get(key) for key in ("SandboxID", "SandboxKey", "Ports")}
    container.network = network_settings(shown)
    container.network |= {key: value for key, value in kept.items() if value}


def _check_changeable(container: Container) -> None:
    if container.removing or container.state.dead:
        raise Conflict(f"container {container.id} is marked for removal and cannot be changed")


def _check_mode(container: Container, record: Record) -> None:
    """What goes together: Docker's rules for host, none and another container's network."""
    mode = str(container.host["NetworkMode"])
    if mode.startswith("container:"):
        raise BadParameter(_SHARED)
    if record.name == "host" and mode != "host":
        raise BadParameter(_HOST)
    others = set(container.endpoints) - {record.name}
    if "host" in others or (others and record.name == "host"):
        raise BadParameter(_SHARED)
    if "none" in others or (others and record.name == "none"):
        raise BadParameter(_NONE)
