"""What the engine is told when a container, a network or a volume of a project is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerlab.client.compose.looking import labels
from dockerlab.client.compose.looking.state import Found, FoundImage
from dockerlab.formats.composefile.model import (
    Attachment,
    Healthcheck,
    Mount,
    Network,
    Project,
    Service,
    Volume,
)

Body = dict[str, Any]
SECOND = 1_000_000_000
NO_IMAGE = FoundImage("")


def network(project: str, one: Network) -> Body:
    body: Body = {
        "Name": one.name,
        "CheckDuplicate": True,
        "Driver": one.driver,
        "Internal": one.internal,
        "Attachable": one.attachable,
        "EnableIPv6": bool(one.enable_ipv6),
        "Options": dict(one.driver_opts),
        "Labels": labels.of_network(project, one.key, one.labels),
    }
    pools = [
        filled(
            {
                "Subnet": pool.subnet,
                "Gateway": pool.gateway,
                "IPRange": pool.ip_range,
                "AuxiliaryAddresses": dict(pool.aux_addresses),
            }
        )
        for pool in one.ipam
    ]
    if pools or one.ipam_driver:
        body["IPAM"] = filled({"Driver": one.ipam_driver, "Config": pools})
    return filled(body)


def volume(project: str, one: Volume) -> Body:
    made = labels.of_volume(project, one.key, one.labels)
    return filled(
        {
            "Name": one.name,
            "Driver": one.driver,
            "DriverOpts": dict(one.driver_opts),
            "Labels": made,
        }
    )


@dataclass(frozen=True, slots=True)
class Making:
    """A container that is to be made: of which service, under which name, in whose place."""

    project: Project
    service: Service
    name: str
    number: int = 1
    image: FoundImage = NO_IMAGE
    replaced: Found | None = None
    keep_volumes: bool = True
    """Take over the anonymous volumes of the one that is replaced."""
    containers: Mapping[str, str] = field(default_factory=dict)
    """The container's name of each service whose network, processes or volumes it shares."""
    links: tuple[str, ...] = ()
    """``CONTAINER:NAME`` for each name of each container that it links to."""
    service_names: bool = True
    """Answer to the service's name too; a container of ``compose run`` does not."""

    def body(self) -> Body:
        """The body of ``POST /containers/create``."""
        service = self.service
        made = labels.of_container(self.project, service, self.number, self.image.id)
        if self.replaced is not None:
            made[labels.REPLACE] = self.replaced.id
        ports = [f"{port.target}/{port.protocol}" for port in service.ports]
        exposed: Body = {port: {} for port in (*service.expose, *ports)}
        body = filled(
            {
                "Hostname": service.hostname,
                "Domainname": service.domainname,
                "User": service.user,
                "AttachStdout": True,
                "AttachStderr": True,
                "ExposedPorts": exposed,
                "Tty": service.tty,
                "OpenStdin": service.stdin_open,
                "Env": environment(service),
                "Healthcheck": healthcheck(service.healthcheck),
                "Image": service.image_name,
                "WorkingDir": service.working_dir,
                "MacAddress": service.mac_address,
                "StopSignal": service.stop_signal,
                "Labels": made,
            },
            keep=("ExposedPorts",) if exposed else (),
        )
        # An empty command takes the image's away, which is not the same as none.
        if service.command is not None:
            body["Cmd"] = list(service.command)
        if service.entrypoint is not None:
            body["Entrypoint"] = list(service.entrypoint)
        if service.stop_grace_period is not None:
            body["StopTimeout"] = int(service.stop_grace_period + 0.999)
        body["HostConfig"] = self._host()
        main = next(iter(service.networks), None)
        if main is not None:
            name = self.project.networks[main].name
            body["NetworkingConfig"] = {"EndpointsConfig": {name: self.endpoint(main)}}
        return body

    def endpoint(self, key: str) -> Body:
        """How it is in one of its networks."""
        attachment = self.service.networks[key] or Attachment()
        names = [self.name, *([self.service.name] if self.service_names else [])]
        addresses = filled(
            {
                "IPv4Address": attachment.ipv4_address,
                "IPv6Address": attachment.ipv6_address,
                "LinkLocalIPs": list(attachment.link_local_ips),
            }
        )
        return filled(
            {
                "Aliases": [*names, *attachment.aliases],
                "Links": list(self.links),
                "IPAMConfig": addresses,
                "MacAddress": attachment.mac_address,
                "DriverOpts": dict(attachment.driver_opts),
            }
        )

    @property
    def refers(self) -> tuple[str, ...]:
        """The containers whose ids must be known before it can be made."""
        return tuple(sorted(set(self.containers.values())))

    def _host(self) -> Body:
        service, limits = self.service, self.service.limits
        mounts, binds = self._mounts()
        name, _, times = restart_policy(service).partition(":")
        bindings: dict[str, list[Body]] = {}
        for port in service.ports:
            address = {"HostIp": port.host_ip, "HostPort": port.published}
            bindings.setdefault(f"{port.target}/{port.protocol}", []).append(address)
        logging = service.logging
        return filled(
            {
                "Binds": binds,
                "Mounts": mounts,
                "Tmpfs": dict(_option(each) for each in service.tmpfs),
                "NetworkMode": self._network_mode(),
                "PortBindings": bindings,
                "RestartPolicy": filled({"Name": name, "MaximumRetryCount": int(times or 0)}),
                "LogConfig": filled(
                    {"Type": logging.driver, "Config": dict(logging.options)} if logging else {}
                ),
                "VolumesFrom": [self._container(each) for each in service.volumes_from],
                "CapAdd": list(service.cap_add),
                "CapDrop": list(service.cap_drop),
                "Dns": list(service.dns),
                "DnsOptions": list(service.dns_opt),
                "DnsSearch": list(service.dns_search),
                "ExtraHosts": list(service.extra_hosts),
                "GroupAdd": list(service.group_add),
                "IpcMode": self._shared(service.ipc),
                "PidMode": self._shared(service.pid),
                "UTSMode": service.uts,
                "UsernsMode": service.userns_mode,
                "CgroupnsMode": service.cgroup,
                "Links": [] if service.networks else list(self.links),
                "Privileged": service.privileged,
                "ReadonlyRootfs": service.read_only,
                "SecurityOpt": list(service.security_opt),
                "ShmSize": service.shm_size,
                "Sysctls": dict(service.sysctls),
                "Runtime": service.runtime,
                "Init": service.init,
                "Devices": [_device(each) for each in service.devices],
                "Ulimits": [
                    {"Name": each, "Soft": limit.soft, "Hard": limit.hard}
                    for each, limit in service.ulimits.items()
                ],
                "Memory": limits.memory,
                "MemoryReservation": limits.memory_reservation,
                "MemorySwap": limits.memory_swap,
                "MemorySwappiness": limits.memory_swappiness,
                "NanoCpus": round(limits.cpus * 1e9),
                "CpuShares": limits.cpu_shares,
                "CpuPeriod": limits.cpu_period,
                "CpuQuota": limits.cpu_quota,
                "CpusetCpus": limits.cpuset,
                "PidsLimit": limits.pids,
                "OomKillDisable": limits.oom_kill_disable,
                "OomScoreAdj": limits.oom_score_adj,
                "Annotations": dict(service.annotations),
            },
            keep=tuple(k for k, v in (("Init", service.init),) if v is not None),
        )

    def _network_mode(self) -> str:
        if self.service.network_mode:
            return self._shared(self.service.network_mode)
        main = next(iter(self.service.networks), None)
        return self.project.networks[main].name if main is not None else "none"

    def _shared(self, mode: str) -> str:
        """``container:NAME`` for ``service:NAME``; the name becomes an id when it is known."""
        kind, _, service = mode.partition(":")
        return f"container:{self.containers[service]}" if kind == "service" else mode

    def _container(self, source: str) -> str:
        """A ``volumes_from``; like Compose, without its mode."""
        if source.startswith("container:"):
            return source.removeprefix("container:")
        return self.containers[source.partition(":")[0]]

    def _mounts(self) -> tuple[list[Body], list[str]]:
        """Mounts and binds. What is mounted last at a place counts."""
        found: dict[str, Body] = {}
        binds: dict[str, str] = {}
        for mount in self.service.volumes:
            if mount.type == "bind" and mount.create_host_path:
                binds[mount.target] = _bind(mount)
            else:
                found[mount.target] = self._mount(mount)
        # Contents that are no file here are copied into the container after it was made.
        for here, uses in (
            (self.project.configs, self.service.configs),
            (self.project.secrets, self.service.secrets),
        ):
            for use in uses:
                if here[use.source].file:
                    found[use.target] = {
                        "Type": "bind",
                        "Source": here[use.source].file,
                        "Target": use.target,
                        "ReadOnly": True,
                    }
        found |= self._taken_over()
        return [found[target] for target in sorted(found)], [binds[each] for each in sorted(binds)]

    def _mount(self, mount: Mount) -> Body:
        body: Body = {"Type": mount.type, "Target": mount.target}
        if mount.source:
            named = self.project.volumes.get(mount.source) if mount.type == "volume" else None
            body["Source"] = named.name if named is not None else mount.source
        if mount.read_only:
            body["ReadOnly"] = True
        if mount.consistency:
            body["Consistency"] = mount.consistency
        if mount.type == "bind" and mount.propagation:
            body["BindOptions"] = {"Propagation": mount.propagation}
        if mount.type == "volume" and (mount.nocopy or mount.subpath):
            body["VolumeOptions"] = filled({"NoCopy": mount.nocopy, "Subpath": mount.subpath})
        if mount.type == "tmpfs":
            options = filled({"SizeBytes": mount.tmpfs_size, "Mode": mount.tmpfs_mode})
            if options:
                body["TmpfsOptions"] = options
        return body

    def _taken_over(self) -> dict[str, Body]:
        """The anonymous volumes of the container that this one replaces, with their data."""
        if self.replaced is None or not self.keep_volumes:
            return {}
        anonymous = {mount.target for mount in self.service.volumes if not mount.source}
        named = {mount.target for mount in self.service.volumes if mount.source}
        wanted = (anonymous | set(self.image.volumes)) - named
        return {
            mount.target: filled(
                {
                    "Type": mount.kind,
                    "Source": mount.source,
                    "Target": mount.target,
                    "ReadOnly": mount.read_only,
                }
            )
            for mount in self.replaced.mounts
            if mount.kind == "volume" and mount.target in wanted
        }


def bound(body: Mapping[str, Any], ids: Mapping[str, str], hashed: Callable[..., str]) -> Body:
    """``body`` with ids where containers are named, and the config hash that goes with them.

    Compose hashes a service after that, too: one that shares another's network is made anew when
    the other one is.
    """
    host = dict(body["HostConfig"])
    changed: dict[str, Any] = {}
    for key, setting in (("NetworkMode", "network_mode"), ("IpcMode", "ipc"), ("PidMode", "pid")):
        kind, _, name = str(host.get(key, "")).partition(":")
        if kind == "container":
            host[key] = f"container:{ids.get(name, name)}"
            changed[setting] = host[key]
    if host.get("VolumesFrom"):
        host["VolumesFrom"] = [ids.get(name, name) for name in host["VolumesFrom"]]
        changed["volumes_from"] = tuple(host["VolumesFrom"])
    made = {**body["Labels"], labels.HASH: hashed(**changed)}
    return {**body, "HostConfig": host, "Labels": made}


def environment(service: Service) -> list[str]:
    """``NAME=VALUE``; a name alone where it is set nowhere."""
    found = sorted(service.environment.items())
    return [name if value is None else f"{name}={value}" for name, value in found]


def healthcheck(one: Healthcheck | None) -> Body:
    if one is None:
        return {}
    if one.disable:
        return {"Test": ["NONE"]}
    return filled(
        {
            "Test": list(one.test),
            "Interval": round((one.interval or 0) * SECOND),
            "Timeout": round((one.timeout or 0) * SECOND),
            "StartPeriod": round((one.start_period or 0) * SECOND),
            "Retries": one.retries or 0,
        }
    )


def restart_policy(service: Service) -> str:
    """``always``, ``on-failure:3`` …; what ``deploy`` says counts more, as with Compose."""
    deploy = service.canonical.get("deploy") or {}
    policy = deploy.get("restart_policy")
    if not policy:
        return service.restart
    names = {"none": "no", "on-failure": "on-failure", "any": "always"}
    name = names.get(str(policy.get("condition") or ""), "unless-stopped")
    return f"{name}:{policy.get('max_attempts') or 0}"


def filled(body: Mapping[str, Any], keep: Iterable[str] = ()) -> Body:
    """Without what is empty: the engine takes that as not said, and a reader need not read it."""
    kept = set(keep)
    return {key: value for key, value in body.items() if value or key in kept}


def _bind(mount: Mount) -> str:
    options = ["ro" if mount.read_only else "rw", mount.selinux, mount.propagation]
    return f"{mount.source}:{mount.target}:{','.join(filter(None, options))}"


def _option(tmpfs: str) -> tuple[str, str]:
    path, _, options = tmpfs.partition(":")
    return path, options


def _device(text: str) -> Body:
    outside, _, rest = text.partition(":")
    inside, _, permissions = rest.partition(":")
    return {
        "PathOnHost": outside,
        "PathInContainer": inside or outside,
        "CgroupPermissions": permissions or "rwm",
    }
