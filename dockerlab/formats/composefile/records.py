"""A project as Compose writes it, turned into the records of ``model``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dockerlab.formats.composefile.encoding.values import nanoseconds
from dockerlab.formats.composefile.model import (
    AddressPool,
    Attachment,
    Build,
    Dependency,
    FileMount,
    FileObject,
    Healthcheck,
    Limits,
    Logging,
    Mount,
    Network,
    Place,
    Port,
    Service,
    Ulimit,
    Volume,
)

Json = Mapping[str, Any]


def service(name: str, project: str, data: Json, where: Place) -> Service:
    """``data`` is what JSON has of it; its hashes are still to come."""
    health = data.get("healthcheck")
    image = data.get("image", "")
    return Service(
        name=name,
        image=image,
        image_name=image or f"{project}-{name}",
        build=_build(data["build"]) if data.get("build") is not None else None,
        command=_words(data.get("command")),
        entrypoint=_words(data.get("entrypoint")),
        ports=tuple(_port(one) for one in data.get("ports", ())),
        volumes=tuple(_mount(one) for one in data.get("volumes", ())),
        networks=_networks(data.get("networks", {})),
        depends_on=_mapped(_dependency, data.get("depends_on", {})),
        healthcheck=_healthcheck(health) if health is not None else None,
        replicas=_replicas(data),
        limits=_limits(data),
        configs=tuple(_config(one) for one in data.get("configs", ())),
        secrets=tuple(_file(one) for one in data.get("secrets", ())),
        stop_grace_period=_seconds(data.get("stop_grace_period")),
        init=data.get("init"),
        attach=data.get("attach", True),
        devices=tuple(_device(one) for one in data.get("devices", ())),
        extra_hosts=_hosts(data),
        shm_size=int(data.get("shm_size", 0)),
        ulimits=_mapped(_ulimit, data.get("ulimits", {})),
        logging=_logging(data.get("logging")),
        canonical=data,
        where=where,
        **_alike(data, _TEXTS, _FLAGS, _LISTS, _MAPPINGS),
    )


_TEXTS = """
    network_mode restart working_dir user container_name hostname domainname mac_address
    stop_signal pull_policy platform runtime ipc pid uts cgroup userns_mode
"""
_FLAGS = "stdin_open tty read_only privileged"
_LISTS = """
    expose tmpfs links external_links volumes_from dns dns_search dns_opt profiles cap_add
    cap_drop group_add security_opt
"""
_MAPPINGS = "environment labels annotations sysctls"
_BUILD_TEXTS = "context dockerfile dockerfile_inline target network isolation"
_BUILD_LISTS = "cache_from cache_to tags platforms ssh entitlements"
_BUILD_MAPPINGS = "args labels additional_contexts"


def _alike(data: Json, texts: str, flags: str, lists: str, mappings: str) -> dict[str, Any]:
    """The fields that are taken over as they are, by their kind."""
    found: dict[str, Any] = {key: data.get(key, "") for key in texts.split()}
    found |= {key: bool(data.get(key)) for key in flags.split()}
    found |= {key: tuple(data.get(key, ())) for key in lists.split()}
    return found | {key: MappingProxyType(data.get(key, {})) for key in mappings.split()}


def _words(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _mapped(record: Any, values: Json) -> Mapping[str, Any]:
    return MappingProxyType({name: record(value) for name, value in values.items()})


def _seconds(value: str | None) -> float | None:
    return None if value is None else nanoseconds(value) / 10**9


def _hosts(data: Json) -> tuple[str, ...]:
    return tuple(one.replace("=", ":", 1) for one in data.get("extra_hosts", ()))


def _build(data: Json) -> Build:
    return Build(
        extra_hosts=_hosts(data),
        shm_size=int(data.get("shm_size", 0)),
        secrets=tuple(_file(one) for one in data.get("secrets", ())),
        ulimits=_mapped(_ulimit, data.get("ulimits", {})),
        **_alike(data, _BUILD_TEXTS, "no_cache pull privileged", _BUILD_LISTS, _BUILD_MAPPINGS),
    )


def _port(data: Json) -> Port:
    return Port(
        target=data.get("target", 0),
        published=data.get("published", ""),
        protocol=data.get("protocol", "tcp"),
        host_ip=data.get("host_ip", ""),
        mode=data.get("mode", ""),
        name=data.get("name", ""),
        app_protocol=data.get("app_protocol", ""),
    )


def _mount(data: Json) -> Mount:
    bind, volume, tmpfs = (data.get(key) or {} for key in ("bind", "volume", "tmpfs"))
    return Mount(
        type=data["type"],
        target=data.get("target", ""),
        source=data.get("source", ""),
        read_only=data.get("read_only", False),
        consistency=data.get("consistency", ""),
        propagation=bind.get("propagation", ""),
        selinux=bind.get("selinux", ""),
        create_host_path=bind.get("create_host_path", False),
        nocopy=volume.get("nocopy", False),
        subpath=volume.get("subpath", ""),
        tmpfs_size=int(tmpfs.get("size", 0)),
        tmpfs_mode=tmpfs.get("mode", 0),
    )


def _networks(data: Json) -> Mapping[str, Attachment | None]:
    def order(name: str) -> tuple[int, str]:
        return -(data[name] or {}).get("priority", 0), name

    return MappingProxyType({name: _attachment(data[name]) for name in sorted(data, key=order)})


def _attachment(data: Json | None) -> Attachment | None:
    if data is None:
        return None
    return Attachment(
        aliases=tuple(data.get("aliases", ())),
        ipv4_address=data.get("ipv4_address", ""),
        ipv6_address=data.get("ipv6_address", ""),
        link_local_ips=tuple(data.get("link_local_ips", ())),
        mac_address=data.get("mac_address", ""),
        priority=data.get("priority", 0),
        driver_opts=MappingProxyType(data.get("driver_opts", {})),
    )


def _dependency(data: Json) -> Dependency:
    return Dependency(data["condition"], data.get("restart", False), data["required"])


def _healthcheck(data: Json) -> Healthcheck:
    times = ("interval", "timeout", "start_period", "start_interval")
    return Healthcheck(
        test=tuple(data.get("test", ())),
        retries=data.get("retries"),
        disable=data.get("disable", False),
        **{key: _seconds(data.get(key)) for key in times},
    )


def _replicas(data: Json) -> int:
    replicas = (data.get("deploy") or {}).get("replicas")
    return int(data.get("scale", 1 if replicas is None else replicas))


def _limits(data: Json) -> Limits:
    resources: Json = (data.get("deploy") or {}).get("resources") or {}
    most: Json = resources.get("limits") or {}
    least: Json = resources.get("reservations") or {}
    swappiness = data.get("mem_swappiness")
    return Limits(
        memory=int(most.get("memory", data.get("mem_limit", 0))),
        memory_reservation=int(least.get("memory", data.get("mem_reservation", 0))),
        memory_swap=int(data.get("memswap_limit", 0)),
        memory_swappiness=None if swappiness is None else int(swappiness),
        cpus=most.get("cpus", data.get("cpus", 0)),
        cpu_shares=data.get("cpu_shares", 0),
        cpu_period=data.get("cpu_period", 0),
        cpu_quota=data.get("cpu_quota", 0),
        cpuset=data.get("cpuset", ""),
        pids=most.get("pids", data.get("pids_limit", 0)),
        oom_kill_disable=data.get("oom_kill_disable", False),
        oom_score_adj=data.get("oom_score_adj", 0),
    )


def _file(data: Json) -> FileMount:
    """A secret: beside the others in /run/secrets, unless its target is a path."""
    source = data.get("source", "")
    target = data.get("target") or source
    if not target.startswith("/"):
        target = f"/run/secrets/{target}"
    return _file_mount(data, source, target)


def _config(data: Json) -> FileMount:
    source = data.get("source", "")
    return _file_mount(data, source, data.get("target") or f"/{source}")


def _file_mount(data: Json, source: str, target: str) -> FileMount:
    return FileMount(source, target, data.get("uid", ""), data.get("gid", ""), data.get("mode"))


def _device(data: Json) -> str:
    return ":".join(data[key] for key in ("source", "target", "permissions") if data.get(key))


def _ulimit(data: Any) -> Ulimit:
    if isinstance(data, int):
        return Ulimit(data, data)
    return Ulimit(data.get("soft", 0), data.get("hard", 0))


def _logging(data: Json | None) -> Logging | None:
    if data is None:
        return None
    return Logging(data.get("driver", ""), MappingProxyType(data.get("options", {})))


def network(key: str, data: Json, where: Place) -> Network:
    ipam = data.get("ipam") or {}
    return Network(
        key=key,
        name=data.get("name", ""),
        driver=data.get("driver", ""),
        driver_opts=MappingProxyType(data.get("driver_opts", {})),
        external=data.get("external", False),
        internal=data.get("internal", False),
        attachable=data.get("attachable", False),
        enable_ipv6=data.get("enable_ipv6"),
        ipam_driver=ipam.get("driver", ""),
        ipam=tuple(_pool(one) for one in ipam.get("config", ())),
        labels=MappingProxyType(data.get("labels", {})),
        where=where,
    )


def _pool(data: Json) -> AddressPool:
    return AddressPool(
        subnet=data.get("subnet", ""),
        gateway=data.get("gateway", ""),
        ip_range=data.get("ip_range", ""),
        aux_addresses=MappingProxyType(data.get("aux_addresses", {})),
    )


def volume(key: str, data: Json, where: Place) -> Volume:
    return Volume(
        key=key,
        name=data.get("name", ""),
        driver=data.get("driver", ""),
        driver_opts=MappingProxyType(data.get("driver_opts", {})),
        external=data.get("external", False),
        labels=MappingProxyType(data.get("labels", {})),
        where=where,
    )


def file_object(key: str, data: Json, content: str, where: Place) -> FileObject:
    """``content`` is the one that its variable has, which JSON leaves out."""
    return FileObject(
        key=key,
        name=data.get("name", ""),
        file=data.get("file", ""),
        environment=data.get("environment", ""),
        content=content,
        external=data.get("external", False),
        labels=MappingProxyType(data.get("labels", {})),
        where=where,
    )
