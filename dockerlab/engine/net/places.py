"""A container's place in its networks: addresses, cards, its way out, and who may know it by what.

Everything here is bookkeeping; who makes bridges and cards reads it from the Allocation.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Literal

from dockerlab.engine.errors import BadParameter, Forbidden, ServerError
from dockerlab.engine.net import loopback
from dockerlab.engine.net.endpoints import Endpoint, Member, Members
from dockerlab.engine.net.names.lookup import SHORT_ID
from dockerlab.engine.net.pool import Pool, mac
from dockerlab.engine.net.records import Record

Mode = Literal["bridge", "none", "host", "container"]
Config = Mapping[str, Any]
"""One value of EndpointsConfig."""

_MAC = re.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a container is given when it starts.

    ``interfaces``: one dict a network card, keys as the fields of ``run.process.Interface``.
    ``settings``: its NetworkSettings.Networks. ``address``: where its published ports are really
    to be found (empty: nowhere), ``endpoint_id`` for messages about them, ``binding`` the host's
    address for those that name none. ``endpoints``: its EndpointsConfig with what was added to
    it, to be kept.
    """

    mode: Mode
    interfaces: tuple[dict[str, str], ...] = ()
    of: str = ""
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    address: str = ""
    endpoint_id: str = ""
    binding: str = ""
    endpoints: dict[str, Config] = field(default_factory=dict)

    @property
    def gateway(self) -> str:
        """Of its default route; empty without one."""
        return next((card["gateway"] for card in self.interfaces if card["gateway"]), "")


class Places:
    """Finds places for containers; ``root`` is the engine's folder, without bridges it matters.

    ``outside``: whether there is any way out of the networks.
    """

    def __init__(
        self,
        root: Path,
        members: Members,
        records: Mapping[str, Record],
        *,
        bridged: bool,
        outside: bool,
    ) -> None:
        self._root = root
        self._members = members
        self._records = records
        self._bridged = bridged
        self._outside = outside

    def join(self, member: Member, record: Record, config: Config, mac_address: str = "") -> None:
        """A new endpoint of a member in this network; not yet on disk."""
        endpoint = Endpoint(
            record.id,
            secrets.token_hex(32),
            aliases=tuple(map(str, config.get("Aliases") or ())),
            links=dict(_link(text) for text in config.get("Links") or ()),
        )
        if pool := record.pool:
            taken = self._members.addresses(record.id)
            address = _address(record, pool, config, taken)
            endpoint = replace(
                endpoint,
                address=address,
                length=pool.subnet.prefixlen,
                gateway=str(pool.gateway),
                mac=mac_address or str(config.get("MacAddress") or "") or mac(address),
                card=f"eth{member.cards}",
            )
            member.cards += 1
        member.endpoints[record.name] = endpoint

    def settle(self, container_id: str, member: Member) -> None:
        """Work out what follows from all networks that the member is in by now."""
        endpoints = member.endpoints.values()
        member.closed = [e.id for e in endpoints if self._records[e.id].isolated]
        member.outside = self._outside and any(_leads_out(self._records[e.id]) for e in endpoints)
        if not member.loopback:
            member.loopback = self._loopback(container_id, member)

    def allocation(self, member: Member, configs: Mapping[str, Config]) -> Allocation:
        outlet = self._outlet(member)
        if outlet is None:
            return Allocation("bridge")
        record = self._records[outlet.id]
        reached = outlet.address and not record.internal
        return Allocation(
            _mode(record),
            tuple(self._cards(member, outlet)),
            settings={n: e.settings(configs.get(n)) for n, e in member.endpoints.items()},
            address=(member.loopback or outlet.address) if reached else "",
            endpoint_id=outlet.endpoint,
            binding=record.binding,
            endpoints=dict(configs),
        )

    def _outlet(self, member: Member) -> Endpoint | None:
        """Where its default route goes and its ports are: the first by name that leads out."""

        def rank(name: str) -> tuple[bool, bool, str]:
            endpoint = member.endpoints[name]
            return self._records[endpoint.id].internal, not endpoint.gateway, name

        first = min(member.endpoints, key=rank, default=None)
        return None if first is None else member.endpoints[first]

    def _loopback(self, container_id: str, member: Member) -> str:
        """Where the engine finds what the container serves, when there are no bridges."""
        if self._bridged or "host" in member.endpoints:
            return ""
        addresses = [e.address for e in member.endpoints.values() if e.address]
        if not addresses:
            return loopback.address_without_network(str(self._root), container_id)
        taken = {other.loopback for other in self._members.all.values()}
        home = loopback.address(str(self._root), addresses[0])
        while home in taken:  # two subnets can mean the same
            home = loopback.address(f"{self._root} {secrets.token_hex(4)}", addresses[0])
        return home

    def _cards(self, member: Member, outlet: Endpoint) -> Iterator[dict[str, str]]:
        for endpoint in member.endpoints.values():
            if endpoint.address:
                record = self._records[endpoint.id]
                leads_out = self._outside and endpoint is outlet and not record.internal
                yield {
                    "name": endpoint.card,
                    "bridge": record.bridge,
                    "network_id": endpoint.id,
                    "address": f"{endpoint.address}/{endpoint.length}",
                    "gateway": endpoint.gateway if leads_out else "",
                    "mac": endpoint.mac,
                }


def completed(record: Record, config: Config, container_id: str, hostname: str) -> dict[str, Any]:
    """The config with what Docker adds to it when the container comes into the network."""
    if record.builtin:
        return dict(config)
    aliases = list(config.get("Aliases") or ())
    for extra in (container_id[:SHORT_ID], hostname):
        if extra and extra not in aliases:
            aliases.append(extra)
    return {**config, "Aliases": aliases, "NetworkID": record.id}


def check(record: Record, config: Config) -> None:
    """What only networks of users' own can do, and fixed addresses only in chosen subnets."""
    ipam = config.get("IPAMConfig") or {}
    wanted = ipam.get("IPv4Address") or ipam.get("IPv6Address")
    if record.builtin and wanted:
        only = "supported on user defined networks only"
        raise BadParameter(f"user specified IP address is {only}")
    if record.builtin and config.get("Aliases"):
        only = "supported only for containers in user defined networks"
        raise BadParameter(f"network-scoped alias is {only}")
    if wanted and not record.chosen_subnet:
        only = "supported only when connecting to networks with user configured subnets"
        raise BadParameter(f"user specified IP address is {only}")
    hardware = str(config.get("MacAddress") or "")
    if hardware and not _MAC.fullmatch(hardware):
        raise BadParameter(f"invalid MAC address: {hardware}")


def _address(record: Record, pool: Pool, config: Config, taken: set[str]) -> str:
    wanted = str((config.get("IPAMConfig") or {}).get("IPv4Address") or "")
    if not wanted:
        try:
            return pool.next(taken)
        except ServerError as error:
            raise ServerError(f"{error.message}: {record.name} ({record.id})") from None
    try:
        address = IPv4Address(wanted)
    except ValueError:
        raise ServerError(f"Invalid IPv4 address: {wanted}") from None
    if address not in pool.subnet:
        where = "It does not belong to any of this network's subnets"
        raise ServerError(f"Invalid address {wanted}: {where}")
    if not pool.has(wanted, taken):
        raise Forbidden("Address already in use")
    return str(address)


def _leads_out(record: Record) -> bool:
    return not record.internal and record.driver != "null"


def _mode(record: Record) -> Mode:
    match record.driver:
        case "host":
            return "host"
        case "null":
            return "none"
        case _:
            return "bridge"


def _link(text: object) -> tuple[str, str]:
    """``db:database`` as (alias, container); ``db`` alone is its own alias."""
    container, _, alias = str(text).partition(":")
    return alias or container, container
