"""Everything that has to be there before a container's process starts, and goes after its end."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Mapping, Sequence

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.links import Links
from dockerlab.engine.containers.request import config as configs
from dockerlab.engine.containers.request import hostconfig, mounts
from dockerlab.engine.containers.request.config import Data
from dockerlab.engine.containers.roster import Roster
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import APIError, Conflict, ServerError
from dockerlab.engine.net.endpoints import empty_settings, network_settings
from dockerlab.engine.net.names import files as namefiles
from dockerlab.engine.net.names.files import Names
from dockerlab.engine.net.places import Allocation
from dockerlab.engine.run.process import (
    ContainerSpec,
    Interface,
    Mount,
    Network,
    Process,
    ProcessSpec,
    StartError,
)
from dockerlab.engine.store.mounted import Graft

log = logging.getLogger("dockerlab.engine.run")

# Written for each container at its start, and bound over the image's own.
_NAME_FILES = ("resolv.conf", "hostname", "hosts")

Bindings = Mapping[str, Sequence[Mapping[str, str]]]


class Launcher:
    """Connects a container, publishes its ports and has the runtime start it."""

    def __init__(self, services: Services, roster: Roster) -> None:
        self._services = services
        self._roster = roster
        self.links = Links(roster)

    async def launch(self, container: Container) -> Process:
        """Start it. After an error nothing of it is left; StartError is in Docker's words."""
        try:
            place = self._connect(container)
            wanted = port_bindings(container.config, container.host)
            await self._publish_ports(container, place, wanted)
            self._check_volumes(container)
            self._tell_volumes(container, "mount")
            if any(card["gateway"] for card in place.interfaces):
                await self._services.networks.uplink.ready()
            resolver = self._services.networks.has_resolver(container.id)
            spec = self.spec(container, _network(place, resolver))
            process = await self._services.runtime.start(spec)
            if resolver:
                with contextlib.suppress(APIError):  # it has ended already
                    await self._answer_names(container, process)
            return process
        except BaseException as error:
            with contextlib.suppress(APIError, OSError):
                await self.release(container)
            if isinstance(error, StartError):
                raise _explained(error) from error
            raise

    async def release(self, container: Container) -> None:
        """Close its ports and give its addresses back."""
        self._services.resolvers.forget(container.id)
        self._services.ports.unpublish(container.id)
        self._services.networks.release(container.id)
        self._tell_volumes(container, "unmount")
        if container.network:
            container.network = _disconnected(container.network)

    async def rejoin(self, container: Container, process: Process) -> None:
        """Take up what a container needs that went on while the engine was away, as before."""
        named = self._services.networks.has_resolver(container.id)
        if named or namefiles.asks_resolver(container.directory):
            try:
                await self._answer_names(container, process)
            except APIError as error:  # its ports can be opened all the same
                log.error("no names for %s: %s", container.name, error)
        place = self._services.networks.current(container.id)
        before = container.network.get("Ports") or {}
        opened = {port: bindings for port, bindings in before.items() if bindings}
        if place is not None:
            await self._publish_ports(container, place, opened)

    async def renew_names(self, container: Container) -> None:
        """Give a container that runs a name server when it came into a network with names.

        As in Docker it keeps it until its end, whatever networks it leaves. Raises ServerError.
        """
        if container.process and self._services.networks.has_resolver(container.id):
            await self._answer_names(container, container.process)
            namefiles.add_resolver(container.directory)

    async def _answer_names(self, container: Container, process: Process) -> None:
        dns = _names(container).dns
        await self._services.resolvers.serve(
            container.id, process, lambda: namefiles.outside_servers(dns)
        )

    def _connect(self, container: Container) -> Allocation:
        """Its addresses and the files with names; what inspect shows of them is noted."""
        networks = self._services.networks
        place = networks.allocate(
            container.id,
            self._network_mode(container),
            name=container.name,
            hostname=container.hostname,
            endpoints=container.endpoints,
            mac_address=container.config.get("MacAddress", ""),
        )
        container.endpoints = dict(place.endpoints)
        shared = place.mode == "container"
        sandbox = "" if shared else hashlib.sha256(f"{container.id} sandbox".encode()).hexdigest()
        container.network = network_settings(place.settings, {}, sandbox)
        if not shared:
            others = self.links.prepare(container)
            networks.write_files(container.directory, container.id, _names(container), others)
            self.links.moved(container)
        return place

    def _network_mode(self, container: Container) -> str:
        mode = str(container.host["NetworkMode"])
        if not mode.startswith("container:"):
            return mode
        other = self._roster.get(mode.partition(":")[2])
        if not other.state.running:
            raise Conflict(f"cannot join network of a non running container: {other.id}")
        for key in ("Hostname", "Domainname"):
            container.config[key] = other.config[key]
        for name in _NAME_FILES:
            with contextlib.suppress(OSError):
                text = (other.directory / name).read_bytes()
                (container.directory / name).write_bytes(text)
        return f"container:{other.id}"

    async def _publish_ports(
        self, container: Container, place: Allocation, wanted: Bindings
    ) -> None:
        exposed: Data = {_with_protocol(port): None for port in _exposed(container.config)}
        if wanted and place.address:
            exposed |= await self._services.ports.publish(
                container.id,
                wanted,
                place.address,
                name=container.name,
                endpoint_id=place.endpoint_id,
                host=place.binding,
            )
        reachable = place.mode == "bridge" and place.address
        container.network["Ports"] = exposed if reachable else {}

    async def move_ports(self, container: Container, place: Allocation) -> None:
        """Have its ports published where its networks let it be reached by now."""
        ports = self._services.ports
        opened = ports.published(container.id)
        if place.address and opened:
            ports.move(container.id, place.address)
            return
        ports.unpublish(container.id)
        wanted = port_bindings(container.config, container.host)
        await self._publish_ports(container, place, wanted)

    def _check_volumes(self, container: Container) -> None:
        """A volume that is a folder of the host may have lost it."""
        for point in container.mounts:
            if point.type == "volume" and not os.path.isdir(point.source):
                raise ServerError(
                    f"error while mounting volume '{point.name}': failed to mount local volume: "
                    f"mount {point.source}: no such file or directory"
                )

    def _tell_volumes(self, container: Container, action: str) -> None:
        for point in container.mounts:
            if point.type != "volume":
                continue
            told = {"container": container.id, "driver": "local"}
            if action == "mount":
                told |= {"destination": point.destination, "propagation": ""}
                told |= {"read/write": str(point.read_write).lower()}
            self._services.events.publish("volume", action, point.name, told)

    def spec(self, container: Container, network: Network) -> ContainerSpec:
        """All that the runtime must know."""
        config, host = container.config, container.host
        return ContainerSpec(
            id=container.id,
            directory=str(container.directory),
            process=_process(container),
            rootfs=container.rootfs,
            hostname=container.hostname,
            domainname=config["Domainname"],
            mounts=tuple(self._mounts(container)),
            network=network,
            limits=hostconfig.limits(host),
            init=bool(host.get("Init")),
            read_only=host["ReadonlyRootfs"],
            privileged=host["Privileged"],
            cap_add=tuple(host["CapAdd"] or ()),
            cap_drop=tuple(host["CapDrop"] or ()),
            sysctls={str(k): str(v) for k, v in (host.get("Sysctls") or {}).items()},
            shm_size=int(host["ShmSize"]),
            ulimits=tuple(map(hostconfig.ulimit, host["Ulimits"] or ())),
        )

    def grafts(self, container: Container) -> list[Graft]:
        """The mounts of the container that its files as they lie on the disk do not show."""
        if container.process is not None and self._services.runtime.overlay:
            return []
        binds = [mount for mount in self._mounts(container) if mount.kind == "bind"]
        return [
            Graft(mount.target, mount.source, mount.read_only, mount.beneath) for mount in binds
        ]

    def _mounts(self, container: Container) -> list[Mount]:
        tmpfs = container.host.get("Tmpfs") or {}
        beneath = self._services.binds.beneath
        wanted = mounts.runtime_mounts(container.mounts, tmpfs, beneath)
        taken = {mount.target for mount in wanted}
        read_only = bool(container.host.get("ReadonlyRootfs"))
        names = [
            Mount("bind", f"/etc/{name}", str(container.directory / name), read_only)
            for name in _NAME_FILES
            if f"/etc/{name}" not in taken and (container.directory / name).exists()
        ]
        return [*names, *wanted]


def _network(place: Allocation, resolver: bool) -> Network:
    cards = tuple(Interface(**card) for card in place.interfaces)
    return Network(place.mode, cards, place.of, resolver)


def _names(container: Container) -> Names:
    host = container.host
    return Names(
        container.hostname,
        container.config["Domainname"],
        tuple(map(str, host["ExtraHosts"] or ())),
        tuple(map(str, host["Dns"] or ())),
        tuple(map(str, host["DnsSearch"] or ())),
        tuple(map(str, host["DnsOptions"] or ())),
    )


def _process(container: Container) -> ProcessSpec:
    config, host = container.config, container.host
    rows, columns = host["ConsoleSize"] if len(host["ConsoleSize"]) == 2 else (0, 0)
    return ProcessSpec(
        args=tuple(configs.command(config)),
        env=tuple(configs.environment(config, container.hostname, container.linked)),
        cwd=config["WorkingDir"] or "/",
        user=config["User"],
        groups=tuple(map(str, host["GroupAdd"] or ())),
        tty=config["Tty"],
        open_stdin=config["OpenStdin"],
        stdin_once=config["StdinOnce"],
        privileged=host["Privileged"],
        console=(int(rows), int(columns)),
    )


def port_bindings(config: Data, host: Data) -> dict[str, list[dict[str, str]]]:
    """The ports to publish, each with its protocol; with ``-P`` all exposed ones."""
    found: dict[str, list[dict[str, str]]] = {}
    for port, bindings in (host["PortBindings"] or {}).items():
        found[_with_protocol(port)] = [
            {"HostIp": str(b.get("HostIp") or ""), "HostPort": str(b.get("HostPort") or "")}
            for b in bindings or ()
        ]
    if host["PublishAllPorts"]:
        for port in _exposed(config):
            found.setdefault(_with_protocol(port), [{"HostIp": "", "HostPort": ""}])
    return {port: bindings for port, bindings in found.items() if bindings}


def _exposed(config: Data) -> Sequence[str]:
    return tuple(config.get("ExposedPorts") or ())


def _with_protocol(port: str) -> str:
    """Clients may leave tcp out."""
    return port if "/" in port else f"{port}/tcp"


def _disconnected(settings: Data) -> Data:
    """What inspect shows of the network of a container that does not run."""
    endpoints = {
        name: {
            **endpoint,
            **{key: empty_settings()[key] for key in _LOST if key in endpoint},
        }
        for name, endpoint in settings["Networks"].items()
    }
    kept = {key: settings[key] for key in ("SandboxID", "SandboxKey")}
    return {**network_settings(endpoints, {}), **kept}


_LOST = ("EndpointID", "Gateway", "IPAddress", "IPPrefixLen", "MacAddress")


def _explained(error: StartError) -> APIError:
    """Docker's sentence around the reason, with its status: 400 only for a bad command."""
    message = error.message
    if 'exec: "' not in message:
        return ServerError(message)
    if message.startswith("exec: "):
        start = "failed to create shim task: OCI runtime create failed: runc create failed: "
        message = f"{start}unable to start container process: {message}: unknown"
    return StartError(message, error.code)
