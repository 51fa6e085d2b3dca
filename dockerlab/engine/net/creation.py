"""From the request that makes a network to its record: what is wished, and what Docker refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Any

from dockerlab.engine.errors import (
    BadParameter,
    Forbidden,
    NotFound,
    NotImplementedHere,
    ServerError,
)
from dockerlab.engine.net import pool, records
from dockerlab.engine.net.pool import Pool
from dockerlab.engine.net.records import BINDING, BRIDGE_NAME, FALSE, MTU, PREDEFINED, TRUE, Record

Data = dict[str, Any]

_BRIDGE = "com.docker.network.bridge."
_FLAGS = (f"{_BRIDGE}enable_icc", f"{_BRIDGE}enable_ip_masquerade", f"{_BRIDGE}default_bridge")
_MASQUERADE = f"{_BRIDGE}enable_ip_masquerade"
_KNOWN = (*_FLAGS, BRIDGE_NAME, BINDING, MTU)
_LEAST_MTU, _LARGEST_MTU = 68, 65535
_CARD = re.compile("[a-zA-Z0-9][a-zA-Z0-9_.+@-]{0,14}")
"""The kernel takes more, but not all of it as it is: ``br%d`` gets a number."""
_RESERVED_CARDS = ("all", "default", "docker0", "lo", "tap0")
_LONGEST_NAME, _MOST_TEXTS = 1000, 1000
_OTHER_DRIVERS = ("overlay", "macvlan", "ipvlan")
_KINDS: dict[type, str] = {str: "string", bool: "bool", list: "array", dict: "object"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What ``POST /networks/create`` asks for, checked as far as one can without the others."""

    name: str
    driver: str = "bridge"
    internal: bool = False
    attachable: bool = False
    subnet: str = ""
    gateway: str = ""
    ip_range: str = ""
    auxiliary: dict[str, str] = field(default_factory=dict)
    ipam_options: dict[str, str] | None = None
    options: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    unique: bool = False
    """A second network of the same name is not wanted."""


def parse(body: Mapping[str, Any]) -> Wish:
    """The wish. Raises what Docker says of one that it refuses, or what this engine cannot do."""
    name = _get(body, "Name", str) or ""
    _check_name(name)
    driver = _get(body, "Driver", str) or "bridge"
    _check_driver(driver)
    if _get(body, "EnableIPv6", bool):
        raise NotImplementedHere("The embedded engine does not support IPv6 in networks (--ipv6).")
    _refuse_swarm(body)
    ipam = _get(body, "IPAM", dict) or {}
    config = _config(ipam)
    options = _texts(body, "Options")
    _check_options(options)
    return Wish(
        name,
        driver,
        bool(_get(body, "Internal", bool)),
        bool(_get(body, "Attachable", bool)),
        **config,
        ipam_options=_texts(ipam, "Options") if ipam.get("Options") is not None else None,
        options=options,
        labels=_texts(body, "Labels"),
        unique=bool(_get(body, "CheckDuplicate", bool)),
    )


def record(wish: Wish, others: Sequence[Record]) -> Record:
    """The record of the network beside these others, with its subnet and its gateway."""
    taken = [IPv4Network(other.subnet) for other in others if other.subnet]
    subnet = IPv4Network(wish.subnet, strict=False) if wish.subnet else pool.free(taken)
    if any(subnet.overlaps(other) for other in taken):
        raise Forbidden(pool.OVERLAP)
    _check_bridge(wish, others)
    gateway = _gateway(wish, subnet)
    auxiliary = _auxiliary(wish, subnet, gateway)
    return Record(
        id=records.new_id(),
        name=wish.name,
        driver=wish.driver,
        created=records.now(),
        subnet=str(subnet),
        options=wish.options,
        labels=wish.labels,
        gateway=gateway,
        ip_range=wish.ip_range,
        auxiliary=auxiliary,
        ipam=_shown(wish, str(subnet), gateway),
        internal=wish.internal,
        attachable=wish.attachable,
        chosen_subnet=bool(wish.subnet),
    )


def _shown(wish: Wish, subnet: str, gateway: str) -> Data:
    """IPAM of inspect: what was asked for as it was, else what was chosen."""
    config: Data = {"Subnet": wish.subnet or subnet}
    if wish.ip_range:
        config["IPRange"] = wish.ip_range
    if wish.gateway or not wish.subnet:
        config["Gateway"] = wish.gateway or gateway
    if wish.auxiliary:
        config["AuxiliaryAddresses"] = wish.auxiliary
    return {"Driver": "default", "Options": wish.ipam_options, "Config": [config]}


def _gateway(wish: Wish, subnet: IPv4Network) -> str:
    if not wish.gateway:
        try:
            return Pool(str(subnet), str(subnet.network_address), wish.ip_range).next(())
        except ServerError:
            reason = "failed to allocate gateway (): No available addresses on this pool"
            raise ServerError(reason) from None
    address = IPv4Address(wish.gateway)
    if address not in subnet:
        reason = "Requested address is out of range"
    elif address in (subnet.network_address, subnet.broadcast_address):
        reason = "Address already in use"
    else:
        return str(address)
    raise ServerError(f"failed to allocate gateway ({wish.gateway}): {reason}")


def _auxiliary(wish: Wish, subnet: IPv4Network, gateway: str) -> dict[str, str]:
    taken = {gateway}
    for name, text in wish.auxiliary.items():
        try:
            address = IPv4Address(text)
        except ValueError:
            raise ServerError(
                f"non parsable secondary ip address ({name}:{text}) passed for network {wish.name}"
            ) from None
        if address not in subnet:
            where = f"must belong to the master pool: {subnet}"
            raise Forbidden(f"auxiliary address: ({name}:{text}) {where}")
        if text in taken:
            reason = f"({name}:{text}): Address already in use"
            raise ServerError(f"failed to allocate secondary ip address {reason}")
        taken.add(text)
    return wish.auxiliary


def _config(ipam: Mapping[str, Any]) -> Data:
    """Fields of the wish from IPAM."""
    driver = _get(ipam, "Driver", str) or "default"
    if driver == "null":
        raise ServerError("ipv4 pool is empty")
    if driver != "default":
        raise NotFound(f'plugin "{driver}" not found')
    configs = _get(ipam, "Config", list) or []
    if not configs:
        return {}
    for config in configs:
        if not isinstance(config, dict):
            raise _wrong_kind(config, "Config", "network.IPAMConfig")
        _check_subnet(_get(config, "Subnet", str) or "")
    if len(configs) > 1:
        raise Forbidden("bridge driver doesn't support multiple subnets")
    found = {
        "subnet": configs[0]["Subnet"],
        "gateway": _get(configs[0], "Gateway", str) or "",
        "ip_range": _get(configs[0], "IPRange", str) or "",
        "auxiliary": _texts(configs[0], "AuxiliaryAddresses"),
    }
    _check_gateway(found["gateway"])
    _check_range(found["subnet"], found["ip_range"])
    return found


def _check_subnet(text: str) -> None:
    try:
        if "/" not in text:
            raise ValueError(text)
        subnet = ip_network(text, strict=False)
    except ValueError:
        raise ServerError(f"Invalid subnet {text} : invalid CIDR address: {text}") from None
    if subnet.version == 6:
        raise NotImplementedHere(f"The embedded engine does not support IPv6 in networks: {text}.")
    if subnet.is_loopback or subnet.is_multicast or subnet.prefixlen == 0:
        raise NotImplementedHere(
            f"The embedded engine cannot have a network in {text}: choose a subnet for private "
            "use, such as 10.20.0.0/16."
        )


def _check_gateway(text: str) -> None:
    try:
        IPv4Address(text or "0.0.0.0")
    except ValueError:
        message = f"invalid gateway address {text} in Ipam configuration"
        raise ServerError(message) from None


def _check_range(subnet: str, text: str) -> None:
    if not text:
        return
    where = f'address space "LocalDefault" pool "{subnet}" subpool "{text}"'
    try:
        within = IPv4Network(text, strict=False)
    except ValueError:
        message = f"failed to parse pool request for {where}: Invalid Address SubPool"
        raise ServerError(message) from None
    if not within.subnet_of(IPv4Network(subnet, strict=False)):
        raise BadParameter(f"the IP range {text} does not lie in the subnet {subnet}")


def _check_name(name: str) -> None:
    if not name.strip():
        raise ServerError(f"invalid name: {name}")
    if len(name) > _LONGEST_NAME:
        raise BadParameter(f"invalid name of a network: it may have {_LONGEST_NAME} letters")
    if name in (*PREDEFINED, "default") or name.startswith("container:"):
        raise Forbidden(f"operation is not permitted on predefined {name} network ")


def _check_driver(driver: str) -> None:
    if driver in ("host", "null"):
        raise Forbidden(f'only one instance of "{driver}" network is allowed')
    if driver in _OTHER_DRIVERS:
        raise NotImplementedHere(
            f"The embedded engine has no networks with the driver {driver}, only bridge."
        )
    if driver != "bridge":
        raise NotFound(f'plugin "{driver}" not found')


def _refuse_swarm(body: Mapping[str, Any]) -> None:
    if _get(body, "Ingress", bool):
        raise Forbidden("Ingress network can only be global scope network")
    if (_get(body, "Scope", str) or "local") != "local":
        raise Forbidden("cannot create a swarm scoped network when swarm is not active")
    source = (_get(body, "ConfigFrom", dict) or {}).get("Network")
    if source:
        raise NotFound(f'configuration network "{source}" does not exist')
    if _get(body, "ConfigOnly", bool):
        raise NotImplementedHere(
            "The embedded engine has no configuration-only networks (--config-only)."
        )


def _check_options(options: Mapping[str, str]) -> None:
    """Options that Docker knows are followed or refused; others mean nothing to Docker either."""
    for key, value in options.items():
        failed = f"failed to parse {key} value: {value}"
        if key in _FLAGS and value not in TRUE + FALSE:
            raise ServerError(f'{failed} (strconv.ParseBool: parsing "{value}": invalid syntax)')
        if key == MTU and not (value.isascii() and value.isdigit() and len(value) < 20):
            raise ServerError(f'{failed} (strconv.Atoi: parsing "{value}": invalid syntax)')
        if key == MTU and int(value) and not _LEAST_MTU <= int(value) <= _LARGEST_MTU:
            raise ServerError(f"{failed} (numerical result out of range)")
        if key == BINDING and not _is_address(value):
            raise ServerError(f"{failed} (nil ip)")
        unknown = key.startswith("com.docker.network.") and key not in _KNOWN
        if unknown or (key == _MASQUERADE and value in FALSE):
            raise NotImplementedHere(
                f"The embedded engine does not support the option {key}={value}."
            )


def _check_bridge(wish: Wish, others: Sequence[Record]) -> None:
    name = wish.options.get(BRIDGE_NAME, "")
    if not name:
        return
    if not _CARD.fullmatch(name):
        letters = "1 to 15 letters, digits or any of _.-+@"
        raise BadParameter(f"invalid name of a bridge: {name[:100]} (it has {letters})")
    reserved = name in _RESERVED_CARDS or name.startswith("veth")
    if reserved or any(other.bridge == name for other in others):
        raise Forbidden(f"the bridge {name} is used by another network")


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def _get(data: Mapping[str, Any], key: str, kind: type) -> Any:
    """A value of this kind, None when absent."""
    value = data.get(key)
    if value is not None and type(value) is not kind:
        raise _wrong_kind(value, key, _KINDS[kind])
    return value


def _texts(data: Mapping[str, Any], key: str) -> dict[str, str]:
    found = data.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise _wrong_kind(found, key, "map[string]string")
    if len(found) > _MOST_TEXTS:
        raise BadParameter(f"too many {key}: at most {_MOST_TEXTS}")
    for value in found.values():
        if not isinstance(value, str):
            raise _wrong_kind(value, key, "string")
    return found


def _wrong_kind(value: Any, key: str, wanted: str) -> BadParameter:
    kind = _KINDS.get(type(value), "number")
    where = "Go struct field NetworkCreateRequest"
    return BadParameter(f"json: cannot unmarshal {kind} into {where}.{key} of type {wanted}")
