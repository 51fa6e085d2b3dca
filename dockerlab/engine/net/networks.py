"""The networks and who is in them.

There are the three that Docker always has: bridge, host and none. Each is a record in
``DIR/networks/ID.json`` with a driver, and for a bridge a subnet. Networks of users' own are not
here yet; nothing below assumes that there are only three.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dockerlab.engine.errors import (
    BadParameter,
    Forbidden,
    NotFound,
    NotImplementedHere,
    ServerError,
)
from dockerlab.engine.events import Events
from dockerlab.engine.net import loopback, records
from dockerlab.engine.net import names as namefiles
from dockerlab.engine.net.endpoints import Endpoint, Member, Members
from dockerlab.engine.net.keeper import Keeper
from dockerlab.engine.net.pool import Pool, mac
from dockerlab.engine.net.records import PREDEFINED, Filters, Record

Mode = Literal["bridge", "none", "host", "container"]

_SUBNET = "172.17.0.0/16"
_DOCKER0 = {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.enable_icc": "true",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
    "com.docker.network.bridge.name": "docker0",
    "com.docker.network.driver.mtu": "1500",
}


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a container is given when it starts.

    ``interfaces``: one dict a network card, keys as the fields of ``run.process.Interface``.
    ``settings``: its NetworkSettings.Networks. ``address``: where its published ports are really
    to be found, and ``endpoint_id`` for messages about them.
    """

    mode: Mode
    interfaces: tuple[dict[str, str], ...] = ()
    of: str = ""
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    address: str = ""
    endpoint_id: str = ""


class Networks:
    """All networks of this engine. Without a keeper (proot) there are addresses but no bridges.

    ``root`` is the engine's folder. Each change of who is where is on disk when a method returns.
    """

    def __init__(self, root: Path, events: Events, keeper: Keeper | None) -> None:
        self._root = root
        self._folder = root / "networks"
        self._events = events
        self._keeper = keeper
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (root / "run").mkdir(mode=0o700, exist_ok=True)
        self._records = {record.name: record for record in records.load(self._folder)}
        for name, driver in zip(PREDEFINED, ("bridge", "host", "null"), strict=True):
            if name not in self._records:
                self._records[name] = self._add(name, driver)
        self._members = Members(root / "run" / "world.json")
        self._build()

    # ---- for the API

    def get(self, term: str) -> Record:
        """The network of this id, name or start of an id. Raises NotFound, in this order."""
        for record in self._records.values():
            if record.id == term:
                return record
        if term in self._records:
            return self._records[term]
        found = [r for r in self._records.values() if term and r.id.startswith(term)]
        if len(found) > 1:
            matches = f"{len(found)} matches found based on ID prefix"
            raise BadParameter(f"network {term} is ambiguous ({matches})")
        if not found:
            raise NotFound(f"network {term} not found")
        return found[0]

    def all(self, filters: Filters | None = None) -> list[Record]:
        filters = filters or {}
        records.check_filters(filters, records.FILTERS)
        return [r for r in self._records.values() if records.matches(r, filters, self._used(r))]

    def inspect(self, record: Record) -> dict[str, Any]:
        pool = record.pool
        config = [{"Subnet": record.subnet, "Gateway": str(pool.gateway)}] if pool else []
        return {
            "Name": record.name,
            "Id": record.id,
            "Created": record.created,
            "Scope": "local",
            "Driver": record.driver,
            "EnableIPv6": False,
            "IPAM": {"Driver": "default", "Options": None, "Config": config},
            "Internal": False,
            "Attachable": False,
            "Ingress": False,
            "ConfigFrom": {"Network": ""},
            "ConfigOnly": False,
            "Containers": {
                container: endpoint.in_network(member.name)
                for container, member, endpoint in self._members.in_network(record.id)
            },
            "Options": dict(record.options),
            "Labels": dict(record.labels),
        }

    def create(self, name: str) -> Record:
        if not name.strip():
            raise ServerError(f"invalid name: {name}")
        if name in PREDEFINED or name == "default":
            raise Forbidden(f"operation is not permitted on predefined {name} network ")
        raise NotImplementedHere(
            f"The embedded engine cannot create networks yet: {name}. "
            "Containers share the network bridge."
        )

    def remove(self, term: str) -> None:
        record = self.get(term)
        raise Forbidden(f"{record.name} is a pre-defined network and cannot be removed")

    def prune(self, filters: Filters | None = None) -> list[str]:
        """Remove unused networks of users' own; returns their names."""
        records.check_filters(filters or {}, ("label", "label!", "until"))
        return []

    # ---- for containers

    def allocate(
        self,
        container_id: str,
        mode: str,
        *,
        name: str = "",
        endpoints: Mapping[str, Mapping[str, Any] | None] | None = None,
        mac_address: str = "",
    ) -> Allocation:
        """Give a container that starts its place; ``mode`` is HostConfig.NetworkMode.

        ``container:X`` must come with X's full id. ``endpoints`` is EndpointsConfig of create.
        """
        if mode.startswith("container:"):
            return Allocation("container", of=mode.partition(":")[2])
        record = self.get("bridge" if mode in ("", "default") else mode)
        config = _config_for(record, mode, endpoints or {})
        _check_config(record, config)
        self.release(container_id)
        member = Member(name, {record.name: self._endpoint(record, mac_address)})
        self._members.all[container_id] = member
        self._members.save()
        self._publish("connect", record, container_id)
        return self._allocation(member, {record.name: config})

    def current(self, container_id: str) -> Allocation | None:
        """What a container was given; None if it has no place (any more)."""
        member = self._members.all.get(container_id)
        return self._allocation(member, {}) if member is not None else None

    def release(self, container_id: str) -> None:
        """Take a container that has ended out of its networks; not being in any is fine."""
        member = self._members.all.pop(container_id, None)
        if member is None:
            return
        self._members.save()
        for name in member.endpoints:
            if name in self._records:
                self._publish("disconnect", self._records[name], container_id)

    def retain(self, container_ids: Sequence[str]) -> None:
        """Forget all containers but these: after a restart, those that still run."""
        gone = set(self._members.all) - set(container_ids)
        for container_id in gone:
            del self._members.all[container_id]
        if gone:
            self._members.save()

    def rename(self, container_id: str, name: str) -> None:
        if container_id in self._members.all:
            self._members.all[container_id].name = name
            self._members.save()

    def write_files(self, directory: Path, container_id: str, names: namefiles.Names) -> None:
        """Write hosts, resolv.conf and hostname into the folder of an allocated container."""
        member = self._members.all.get(container_id, Member(""))
        gateway = str(Pool(self._records["bridge"].subnet).gateway)
        if "host" in member.endpoints:
            namefiles.write_like_host(directory, names, gateway)
            return
        own = [e.address for e in member.endpoints.values() if e.address]
        namefiles.write(directory, names, own, gateway)

    def close(self) -> None:
        """At an orderly stop no container is left, nor a place to remember."""
        self._members.remove()

    # ---- inside

    def _endpoint(self, record: Record, mac_address: str) -> Endpoint:
        pool = record.pool
        if pool is None:
            return Endpoint(record.id, secrets.token_hex(32))
        address = pool.next(self._members.addresses(record.id))
        return Endpoint(
            record.id,
            secrets.token_hex(32),
            address,
            pool.subnet.prefixlen,
            str(pool.gateway),
            mac_address or mac(address),
        )

    def _allocation(self, member: Member, configs: Mapping[str, Mapping[str, Any]]) -> Allocation:
        name, first = next(iter(member.endpoints.items()))
        return Allocation(
            _mode(self._records[name]),
            tuple(self._cards(member)),
            settings={n: e.settings(configs.get(n)) for n, e in member.endpoints.items()},
            address=self._reachable(first.address),
            endpoint_id=first.endpoint,
        )

    def _reachable(self, address: str) -> str:
        """Where the engine finds what a container serves at its address."""
        if not address or self._keeper is not None:
            return address
        return loopback.address(str(self._root), address)

    def _cards(self, member: Member) -> Iterator[dict[str, str]]:
        for number, (name, endpoint) in enumerate(member.endpoints.items()):
            if endpoint.address:
                yield {
                    "name": f"eth{number}",
                    "bridge": self._records[name].bridge,
                    "network_id": endpoint.id,
                    "address": f"{endpoint.address}/{endpoint.length}",
                    "gateway": endpoint.gateway,
                    "mac": endpoint.mac,
                }

    def _build(self) -> None:
        """Make the bridges; those that a keeper has kept are left as they are."""
        if self._keeper is None:
            return
        for record in self._records.values():
            if record.bridge and (pool := record.pool):
                self._keeper.bridge(record.bridge, pool.with_length(str(pool.gateway)))

    def _used(self, record: Record) -> bool:
        return any(True for _ in self._members.in_network(record.id))

    def _publish(self, action: str, record: Record, container_id: str) -> None:
        attributes = {"container": container_id, "name": record.name, "type": record.driver}
        self._events.publish("network", action, record.id, attributes)

    def _add(self, name: str, driver: str) -> Record:
        subnet, options = (_SUBNET, dict(_DOCKER0)) if driver == "bridge" else ("", {})
        return records.make(self._folder, name, driver, subnet, options)


def _mode(record: Record) -> Mode:
    match record.driver:
        case "host":
            return "host"
        case "null":
            return "none"
        case _:
            return "bridge"


def _config_for(
    record: Record, mode: str, endpoints: Mapping[str, Mapping[str, Any] | None]
) -> Mapping[str, Any]:
    for key in (mode, record.name, record.id, "default" if record.name == "bridge" else ""):
        if key and endpoints.get(key):
            return endpoints[key] or {}
    return {}


def _check_config(record: Record, config: Mapping[str, Any]) -> None:
    """What only networks of users' own can do."""
    ipam = config.get("IPAMConfig") or {}
    if ipam.get("IPv4Address") or ipam.get("IPv6Address"):
        only = "supported on user defined networks only"
        raise BadParameter(f"user specified IP address is {only}")
    if config.get("Aliases") and record.name in PREDEFINED:
        only = "supported only for containers in user defined networks"
        raise BadParameter(f"network-scoped alias is {only}")
