"""The networks and who is in them.

There are the three that Docker always has (bridge, host and none), and those of users' own. Each
is a record in ``DIR/networks/ID.json`` with a driver, and for a bridge a subnet.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from dockerlab.engine.errors import (
    APIError,
    BadParameter,
    Conflict,
    Forbidden,
    NotFound,
    NotImplementedHere,
    ServerError,
)
from dockerlab.engine.events import Events
from dockerlab.engine.net import creation, places, records
from dockerlab.engine.net.creation import Wish
from dockerlab.engine.net.endpoints import Endpoint, Member, Members
from dockerlab.engine.net.kernel.keeper import Keeper
from dockerlab.engine.net.kernel.uplink import Uplink, alone
from dockerlab.engine.net.names import files as namefiles
from dockerlab.engine.net.names import lookup
from dockerlab.engine.net.places import Allocation, Config, Places
from dockerlab.engine.net.pool import Pool, mac
from dockerlab.engine.net.records import PREDEFINED, Filters, Record


class Networks:
    """All networks of this engine. Without a keeper (proot) there are addresses but no bridges.

    ``root`` is the engine's folder. Each change of who is where is on disk when a method returns.
    Without ``outside`` no network leads out, as if each were an internal one.
    """

    def __init__(
        self, root: Path, events: Events, keeper: Keeper | None, *, outside: bool = True
    ) -> None:
        self._root = root
        self._folder = root / "networks"
        self._events = events
        self._keeper = keeper
        self._outside = outside
        self.uplink = Uplink(keeper if outside else None)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (root / "run").mkdir(mode=0o700, exist_ok=True)
        self._records = {record.id: record for record in records.load(self._folder)}
        self._add_predefined()
        self._members = Members(root / "run" / "world.json")
        self._members.keep(self._records)
        bridged = keeper is not None
        self._places = Places(root, self._members, self._records, bridged=bridged, outside=outside)
        self._turn = 0
        self._build()

    # ---- for the API

    def get(self, term: str) -> Record:
        """The network of this id, name or start of an id. Raises NotFound, in this order."""
        if term in self._records:
            return self._records[term]
        found = [record for record in self._records.values() if record.name == term]
        how = "name"
        if not found:
            found = [r for r in self._records.values() if term and r.id.startswith(term)]
            how = "ID prefix"
        if len(found) > 1:
            matches = f"{len(found)} matches found based on {how}"
            raise BadParameter(f"{matches}: network {term} is ambiguous")
        if not found:
            raise NotFound(f"network {term} not found")
        return found[0]

    def all(self, filters: Filters | None = None) -> list[Record]:
        filters = filters or {}
        records.check_filters(filters, records.FILTERS)
        return [r for r in self._records.values() if records.matches(r, filters, self._used(r))]

    def inspect(self, record: Record) -> dict[str, Any]:
        return {
            "Name": record.name,
            "Id": record.id,
            "Created": record.created,
            "Scope": "local",
            "Driver": record.driver,
            "EnableIPv6": False,
            "IPAM": record.ipam,
            "Internal": record.internal,
            "Attachable": record.attachable,
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

    def create(self, wish: Wish) -> tuple[Record, str]:
        """A new network, and a warning; raises Docker's refusals."""
        twins = [r for r in self._records.values() if r.name == wish.name]
        if twins and wish.unique:
            raise Conflict(f"network with name {wish.name} already exists")
        record = creation.record(wish, tuple(self._records.values()))
        if self._keeper is None and record.mtu:
            raise NotImplementedHere(
                f"The embedded engine has no network cards without privileges: {records.MTU} "
                "cannot be set here."
            )
        try:
            # The record first: a bridge that is missing is made at the next start.
            records.keep(self._folder, record)
            self._make_bridge(record)
        except OSError as error:
            self._unmake_bridge(record)
            records.drop(self._folder, record)
            raise ServerError(f"cannot create network {record.name}: {error.strerror}") from None
        self._records[record.id] = record
        self._tell(record, "create")
        same = f"Network with name {wish.name} (id : {twins[0].id}) already exists" if twins else ""
        return record, same

    def remove(self, term: str) -> None:
        record = self.get(term)
        if record.builtin:
            raise Forbidden(f"{record.name} is a pre-defined network and cannot be removed")
        if self._used(record):
            raise Forbidden(
                f"error while removing network: network {record.name} id {record.id} has active "
                "endpoints"
            )
        self._unmake_bridge(record)
        records.drop(self._folder, record)
        del self._records[record.id]
        self._tell(record, "destroy")

    def prune(self, filters: Filters | None = None, until: int | None = None) -> list[str]:
        """Remove unused networks of users' own; returns their names.

        ``until``: only those that were made before, Unix time in ns.
        """
        filters = filters or {}
        records.check_filters(filters, ("label", "label!"))
        removed = []
        for record in tuple(self._records.values()):
            if (
                not record.builtin
                and not self._used(record)
                and records.prunable(record, filters, until)
            ):
                self.remove(record.id)
                removed.append(record.name)
        self._events.publish("network", "prune", "", {"reclaimed": "0"})
        return removed

    # ---- names

    def lookup(self, container_id: str, name: str) -> list[str]:
        """Addresses of a name in the networks that the container is in, the first one in turn.

        ``name``: of a container, the beginning of its id, an alias; also ``NAME.NETWORK``.
        """
        found = lookup.addresses(self._members, container_id, name)
        if len(found) < 2:
            return found
        self._turn += 1
        start = self._turn % len(found)
        return found[start:] + found[:start]

    def reverse(self, container_id: str, address: str) -> str:
        """``NAME.NETWORK`` of an address in the container's networks, empty when unknown."""
        return lookup.name_of(self._members, container_id, address)

    def has_resolver(self, container_id: str) -> bool:
        """Whether the container is in a network that has names."""
        return lookup.knows_names(self._members, container_id)

    def reaches_outside(self, container_id: str) -> bool:
        """Whether the container is in a network that is not internal."""
        member = self._members.all.get(container_id)
        return member is not None and member.outside

    def behind(self, container_id: str, address: str) -> str:
        """Where whoever has this address in one of the container's networks really is."""
        return lookup.behind(self._members, container_id, address)

    # ---- for containers

    def named(self, mode: str, endpoints: Mapping[str, Config]) -> dict[str, Config]:
        """EndpointsConfig of a new container by the names of the networks, as far as known.

        Nothing asked for means the network of ``mode``. Raises Forbidden for the host's network
        where that leads out and nothing may.
        """
        if mode.startswith("container:"):
            return {}
        found: dict[str, Config] = {}
        for key, config in (endpoints or {default_name(mode): {}}).items():
            name = default_name(key)
            with contextlib.suppress(APIError):  # that it is not there, its start will say
                name = self.get(name).name
            found[name] = {**found.get(name, {}), **config}
        if "host" in found and not self._outside and not alone():
            raise Forbidden(
                "network host is switched off: it would lead out, and this engine was started "
                "with --no-uplink"
            )
        return found

    def allocate(
        self,
        container_id: str,
        mode: str,
        *,
        name: str = "",
        hostname: str = "",
        endpoints: Mapping[str, Config] | None = None,
        mac_address: str = "",
    ) -> Allocation:
        """Give a container that starts its place in all its networks.

        ``mode`` is HostConfig.NetworkMode; ``container:X`` must come with X's full id.
        ``endpoints`` is EndpointsConfig by network name; None: the network of ``mode`` alone.
        """
        if mode.startswith("container:"):
            return Allocation("container", of=mode.partition(":")[2])
        wanted = self._configs(mode, endpoints)
        self.release(container_id)
        member = Member(name, hostname=hostname)
        kept: dict[str, Config] = {}
        for number, (record, config) in enumerate(wanted):
            kept[record.name] = places.completed(record, config, container_id, hostname)
            self._places.join(member, record, kept[record.name], "" if number else mac_address)
        self._places.settle(container_id, member)
        self._members.all[container_id] = member
        self._members.save()
        for record, _ in wanted:
            self._tell(record, "connect", container_id)
        return self._places.allocation(member, kept)

    def connect(self, container_id: str, record: Record, config: Config) -> Allocation:
        """Take a container that runs into one more network."""
        places.check(record, config)
        member = self._members.all.setdefault(container_id, Member(""))
        if record.name in member.endpoints:
            raise Forbidden(
                f"endpoint with name {member.name} already exists in network {record.name}"
            )
        kept = places.completed(record, config, container_id, member.hostname)
        self._places.join(member, record, kept)
        self._places.settle(container_id, member)
        self._members.save()
        self._tell(record, "connect", container_id)
        return self._places.allocation(member, {record.name: kept})

    def disconnect(self, container_id: str, name: str) -> tuple[Endpoint | None, Allocation]:
        """Take it out of a network: the endpoint that it had there, and the place it has left."""
        member = self._members.all.get(container_id, Member(""))
        endpoint = member.endpoints.pop(name, None)
        if endpoint is not None:
            self._places.settle(container_id, member)
            self._members.save()
            if record := self._records.get(endpoint.id):
                self._tell(record, "disconnect", container_id)
        return endpoint, self._places.allocation(member, {})

    def strays(self, container_id: str, names: Collection[str]) -> list[str]:
        """Networks that the container is in, though it should be in these only: after a crash."""
        member = self._members.all.get(container_id, Member(""))
        return [name for name in member.endpoints if name not in names]

    def current(self, container_id: str) -> Allocation | None:
        """What a container was given; None if it has no place (any more)."""
        member = self._members.all.get(container_id)
        return self._places.allocation(member, {}) if member is not None else None

    def release(self, container_id: str) -> None:
        """Take a container that has ended out of its networks; not being in any is fine."""
        member = self._members.all.pop(container_id, None)
        if member is None:
            return
        self._members.save()
        for endpoint in member.endpoints.values():
            if record := self._records.get(endpoint.id):
                self._tell(record, "disconnect", container_id)

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

    def write_files(
        self,
        directory: Path,
        container_id: str,
        names: namefiles.Names,
        others: Sequence[tuple[str, Sequence[str]]] = (),
    ) -> None:
        """Write hosts, resolv.conf and hostname into the folder of an allocated container.

        ``others``: more addresses with their names for hosts.
        """
        member = self._members.all.get(container_id, Member(""))
        gateway = str(Pool(self.get("bridge").subnet).gateway)
        if "host" in member.endpoints:
            namefiles.write_like_host(directory, names, gateway)
            return
        own = [e.address for e in member.endpoints.values() if e.address]
        resolver = self.has_resolver(container_id)
        namefiles.write(directory, names, own, gateway, others, resolver=resolver)

    def close(self) -> None:
        """At an orderly stop no container is left, nor a place to remember."""
        self._members.remove()

    # ---- inside

    def _configs(
        self, mode: str, endpoints: Mapping[str, Config] | None
    ) -> list[tuple[Record, Config]]:
        """The networks of a container, in the order of its cards: the default bridge first."""
        first = default_name(mode)
        wanted: dict[str, tuple[Record, Config]] = {}
        for key, config in ({first: {}} if endpoints is None else endpoints).items():
            record = self.get(str(config.get("NetworkID") or "") or key)
            places.check(record, config)
            wanted[record.name] = record, config
        return sorted(
            wanted.values(), key=lambda pair: (pair[0].name != "bridge", pair[0].name != first)
        )

    def _build(self) -> None:
        """Make the bridges; those that a keeper has kept are left as they are."""
        for record in self._records.values():
            self._make_bridge(record)

    def _make_bridge(self, record: Record) -> None:
        if self._keeper is not None and record.bridge and (pool := record.pool):
            gateway = str(pool.gateway)
            address = pool.with_length(gateway)
            self._keeper.bridge(record.bridge, mac(gateway), address, record.mtu, record.isolated)
            self._keeper.fence(record.bridge, record.subnet, let_out=not record.internal)

    def _unmake_bridge(self, record: Record) -> None:
        if self._keeper is not None and record.bridge:
            with contextlib.suppress(OSError):  # it goes with the keeper at the latest
                self._keeper.unlink(record.bridge)

    def _used(self, record: Record) -> bool:
        return any(True for _ in self._members.in_network(record.id))

    def _tell(self, record: Record, action: str, container_id: str = "") -> None:
        attributes = {"name": record.name, "type": record.driver}
        if container_id:
            attributes["container"] = container_id
        self._events.publish("network", action, record.id, attributes)

    def _add_predefined(self) -> None:
        have = {record.name for record in self._records.values()}
        for name, driver in zip(PREDEFINED, ("bridge", "host", "null"), strict=True):
            if name not in have:
                record = records.predefined(name, driver)
                self._records[record.id] = records.keep(self._folder, record)


def default_name(mode: str) -> str:
    """The network that HostConfig.NetworkMode means."""
    return "bridge" if mode in ("", "default") else mode
