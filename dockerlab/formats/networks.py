"""Networks: what an engine says of them, and the JSON that asks for one or joins one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.text import parse_time

Json = Mapping[str, Any]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A running container in a network, and its address there."""

    id: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """A network; ``subnets`` in CIDR form. Only inspect tells the ``members``; a list has none."""

    id: str
    name: str
    driver: str
    scope: str
    subnets: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    created: float = 0.0
    internal: bool = False
    ipv6: bool = False
    labels: Pairs = ()
    members: tuple[Member, ...] = ()

    @classmethod
    def of(cls, data: Json) -> NetworkRecord:
        ranges = (data.get("IPAM") or {}).get("Config") or []
        return cls(
            str(data.get("Id", "")),
            str(data.get("Name", "")),
            str(data.get("Driver") or ""),
            str(data.get("Scope") or "local"),
            tuple(str(item["Subnet"]) for item in ranges if item.get("Subnet")),
            tuple(str(item["Gateway"]) for item in ranges if item.get("Gateway")),
            parse_time(str(data.get("Created") or "")),
            bool(data.get("Internal")),
            bool(data.get("EnableIPv6")),
            tuple(sorted((data.get("Labels") or {}).items())),
            tuple(sorted(_members(data.get("Containers") or {}), key=lambda one: one.name)),
        )


def _members(containers: Json) -> Iterator[Member]:
    for identifier, facts in containers.items():
        address = str(facts.get("IPv4Address") or facts.get("IPv6Address") or "")
        yield Member(identifier, str(facts.get("Name") or ""), address.partition("/")[0])


# --- a new network ---


@dataclass(frozen=True, slots=True)
class NetworkCreation:
    """A network to be. Addresses are texts as on the command line: ``10.77.0.0/24``."""

    name: str
    driver: str = "bridge"
    subnets: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    reserved: Pairs = ()
    """Names and addresses that no container gets (``--aux-address``)."""
    internal: bool = False
    attachable: bool = False
    ipv6: bool = False
    labels: Pairs = ()
    options: Pairs = ()
    ipam_driver: str = "default"
    ipam_options: Pairs = ()

    def body(self) -> dict[str, Any]:
        """The JSON of ``POST /networks/create``."""
        return {
            "Name": self.name,
            "CheckDuplicate": True,
            "Driver": self.driver,
            "Internal": self.internal,
            "Attachable": self.attachable,
            "EnableIPv6": self.ipv6,
            "IPAM": {
                "Driver": self.ipam_driver,
                "Options": dict(self.ipam_options),
                "Config": _pools(self),
            },
            "Options": dict(self.options),
            "Labels": dict(self.labels),
        }


def _pools(wanted: NetworkCreation) -> list[dict[str, Any]]:
    """One pool a subnet, and every other address with the subnet that it is in."""
    if not wanted.subnets and (wanted.ranges or wanted.gateways):
        raise FormatError(
            "every ip-range or gateway must have a corresponding subnet",
            "name the addresses too, as --subnet 10.77.0.0/24",
        )
    subnets = {text: _network(text) for text in wanted.subnets}
    pools: dict[str, dict[str, Any]] = {text: {"Subnet": text} for text in subnets}
    for text in wanted.ranges:
        _once(pools[_home(text, subnets, "range")], "IPRange", text)
    for text in wanted.gateways:
        _once(pools[_home(text, subnets, "gateway")], "Gateway", text)
    for name, text in wanted.reserved:
        home = pools[_home(text, subnets, "aux-address")]
        home.setdefault("AuxiliaryAddresses", {})[name] = text
    return list(pools.values())


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise FormatError(
            f"invalid CIDR address: {text}", "an address and the length of its prefix: 10.77.0.0/24"
        ) from None


def _home(text: str, subnets: Mapping[str, IPv4Network | IPv6Network], what: str) -> str:
    try:
        address = ip_address(text.partition("/")[0])
    except ValueError:
        raise FormatError(f"invalid IP address: {text}", "write it as 10.77.0.1") from None
    found = [name for name, subnet in subnets.items() if address in subnet]
    if not found:
        raise FormatError(
            f"no matching subnet for {what} {text}", f"it must lie in {' or '.join(subnets)}"
        )
    return found[0]


def _once(pool: dict[str, Any], key: str, text: str) -> None:
    if key in pool:
        what = {"IPRange": "ranges", "Gateway": "gateways"}[key]
        raise FormatError(
            f"cannot configure multiple {what} ({text}, {pool[key]}) on the same subnet"
            f" ({pool['Subnet']})",
            "give one for each subnet",
        )
    pool[key] = text


# --- joining one ---


@dataclass(frozen=True, slots=True)
class Attachment:
    """How a container is in a network: under which other names, at which address.

    ``links`` as ``container:name``.
    """

    network: str
    aliases: tuple[str, ...] = ()
    ip: str = ""
    ip6: str = ""
    links: tuple[str, ...] = ()
    link_local: tuple[str, ...] = ()
    options: Pairs = ()

    @property
    def user_defined(self) -> bool:
        """Whether it is a network that somebody made, where names are known."""
        special = self.network in ("", "default", "bridge", "host", "none")
        return not special and not self.network.startswith("container:")

    def body(self) -> dict[str, Any]:
        """The JSON of an endpoint's settings; empty parts are left out."""
        addresses = {
            "IPv4Address": self.ip,
            "IPv6Address": self.ip6,
            "LinkLocalIPs": list(self.link_local),
        }
        body = {
            "IPAMConfig": {key: value for key, value in addresses.items() if value},
            "Links": list(self.links),
            "Aliases": list(self.aliases),
            "DriverOpts": dict(self.options),
        }
        return {key: value for key, value in body.items() if value}


def attachment(text: str, *, aliases: Sequence[str] = (), ip: str = "") -> Attachment:
    """``--network``'s value, a name or ``name=web,alias=www``, with what other flags add to it.

    >>> attachment("name=web,alias=www").aliases
    ('www',)
    """
    found = _long(text) if re.match(r"\w+=", text) else Attachment(text)
    if aliases and found.aliases:
        raise FormatError(
            "conflicting options: cannot specify both --network-alias and per-network alias",
            "keep one of the two",
        )
    found = replace(found, aliases=found.aliases or tuple(aliases), ip=found.ip or ip)
    if found.aliases and not found.user_defined:
        raise FormatError(
            "network-scoped aliases are only supported for user-defined networks",
            "make a network first (docker network create NAME) and use --network NAME",
        )
    return found


_ONE = {"name": "network", "ip": "ip", "ip6": "ip6"}
_MANY = {"alias": "aliases", "link-local-ip": "link_local"}


def _long(text: str) -> Attachment:
    fields: dict[str, Any] = {"network": ""}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        key, value = key.strip().lower(), value.strip()
        if not equals:
            raise FormatError(f"invalid field {part}", "write every part as key=value")
        if key in _ONE:
            fields[_ONE[key]] = value
        elif key in _MANY:
            fields[_MANY[key]] = (*fields.get(_MANY[key], ()), value)
        elif key == "driver-opt":
            name, _, setting = value.partition("=")
            fields["options"] = (*fields.get("options", ()), (name, setting))
        else:
            raise FormatError(
                f"invalid field key {key}", f"known: {', '.join([*_ONE, *_MANY, 'driver-opt'])}"
            )
    if not fields["network"]:
        raise FormatError("network name/id is not specified", "begin with name=NETWORK")
    return Attachment(**fields)


def networking(found: Iterable[Attachment]) -> dict[str, Any]:
    """``NetworkingConfig`` of a new container: only what says more than the network's name."""
    endpoints = {one.network or "default": one.body() for one in found}
    told = {name: body for name, body in endpoints.items() if body}
    return {"EndpointsConfig": told} if told else {}
