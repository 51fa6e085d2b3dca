"""Everything that has to be there before a container's process starts, and goes after its end."""

from __future__ import annotations

import hashlib

from dockerlab.engine.errors import APIError, Conflict, ServerError
from dockerlab.engine.run import config as configs
from dockerlab.engine.run import hostconfig, inspection, mounts
from dockerlab.engine.run.config import Data
from dockerlab.engine.run.container import Container
from dockerlab.engine.run.process import (
    ContainerSpec,
    Mount,
    Network,
    Process,
    ProcessSpec,
    StartError,
)
from dockerlab.engine.run.roster import Roster
from dockerlab.engine.run.services import Services

# Written for each container at its start, and bound over the image's own.
_NAME_FILES = ("resolv.conf", "hostname", "hosts")


class Launcher:
    """Connects a container, publishes its ports and has the runtime start it."""

    def __init__(self, services: Services, roster: Roster) -> None:
        self._services = services
        self._roster = roster

    async def launch(self, container: Container) -> Process:
        """Start it. After an error nothing of it is left; StartError is in Docker's words."""
        try:
            network = self._connect(container)
            await self._publish_ports(container, network)
            self._tell_volumes(container, "mount")
            return await self._services.runtime.start(self._spec(container, network))
        except StartError as error:
            await self.release(container)
            raise _explained(error) from error
        except BaseException:
            await self.release(container)
            raise

    async def release(self, container: Container) -> None:
        """Close its ports and give its addresses back."""
        self._services.ports.unpublish(container.id)
        self._services.networks.release(container.id)
        self._tell_volumes(container, "unmount")
        if container.network:
            container.network = _disconnected(container.network)

    async def rejoin(self, container: Container) -> None:
        """Take up the network of a container that went on while the engine was away."""
        network = self._connect(container)
        await self._publish_ports(container, network)

    def _connect(self, container: Container) -> Network:
        """Its addresses and the files with names; what inspect shows of them is noted."""
        mode = self._network_mode(container)
        network, endpoints = self._services.networks.allocate(
            container.id, mode, container.endpoints, container.config.get("MacAddress", "")
        )
        sandbox = hashlib.sha256(f"{container.id} sandbox".encode()).hexdigest()
        container.network = inspection.network_settings(endpoints, {}, sandbox)
        return network

    def _network_mode(self, container: Container) -> str:
        mode = str(container.host["NetworkMode"])
        if not mode.startswith("container:"):
            return mode
        other = self._roster.get(mode.partition(":")[2])
        if not other.state.running:
            raise Conflict(f"cannot join network of a non running container: {other.id}")
        return f"container:{other.id}"

    async def _publish_ports(self, container: Container, network: Network) -> None:
        wanted = port_bindings(container.config, container.host)
        exposed: Data = dict.fromkeys(container.config.get("ExposedPorts") or ())
        if wanted and network.mode == "bridge" and network.interfaces:
            settings = container.network
            opened = await self._services.ports.publish(
                container.id,
                wanted,
                network.interfaces[0].address.partition("/")[0],
                name=container.name,
                endpoint_id=settings["EndpointID"],
            )
            exposed.update(opened)
        container.network["Ports"] = exposed if network.mode == "bridge" else {}

    def _tell_volumes(self, container: Container, action: str) -> None:
        for point in container.mounts:
            if point.type != "volume":
                continue
            told = {"container": container.id, "driver": "local"}
            if action == "mount":
                told |= {"destination": point.destination, "propagation": ""}
                told |= {"read/write": str(point.read_write).lower()}
            self._services.events.publish("volume", action, point.name, told)

    def _spec(self, container: Container, network: Network) -> ContainerSpec:
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

    def _mounts(self, container: Container) -> list[Mount]:
        wanted = mounts.runtime_mounts(container.mounts, container.host.get("Tmpfs") or {})
        taken = {mount.target for mount in wanted}
        names = [
            Mount("bind", f"/etc/{name}", str(container.directory / name))
            for name in _NAME_FILES
            if f"/etc/{name}" not in taken and (container.directory / name).exists()
        ]
        return [*names, *wanted]


def _process(container: Container) -> ProcessSpec:
    config, host = container.config, container.host
    rows, columns = host["ConsoleSize"] if len(host["ConsoleSize"]) == 2 else (0, 0)
    return ProcessSpec(
        args=tuple(configs.command(config)),
        env=tuple(configs.environment(config, container.hostname)),
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
        name = port if "/" in port else f"{port}/tcp"
        found[name] = [
            {"HostIp": str(b.get("HostIp") or ""), "HostPort": str(b.get("HostPort") or "")}
            for b in bindings or ()
        ]
    if host["PublishAllPorts"]:
        for port in config.get("ExposedPorts") or ():
            found.setdefault(port, [{"HostIp": "", "HostPort": ""}])
    return {port: bindings for port, bindings in found.items() if bindings}


def _disconnected(settings: Data) -> Data:
    """What inspect shows of the network of a container that does not run."""
    endpoints = {
        name: {
            **endpoint,
            **{key: inspection.EMPTY_ENDPOINT[key] for key in _LOST if key in endpoint},
        }
        for name, endpoint in settings["Networks"].items()
    }
    kept = {key: settings[key] for key in ("SandboxID", "SandboxKey")}
    return {**inspection.network_settings(endpoints, {}), **kept}


_LOST = ("EndpointID", "Gateway", "IPAddress", "IPPrefixLen", "MacAddress")


def _explained(error: StartError) -> APIError:
    """Docker's sentence around the reason, with its status: 400 only for a bad command."""
    message = error.message
    if message.startswith("exec: "):
        start = "failed to create shim task: OCI runtime create failed: runc create failed: "
        message = f"{start}unable to start container process: {message}: unknown"
    if error.code in (126, 127):
        return StartError(message, error.code)
    return ServerError(message)
