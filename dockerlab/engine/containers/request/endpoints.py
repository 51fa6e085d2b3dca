"""EndpointsConfig of create, and the EndpointConfig of connect: what is asked for in a network."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from dockerlab.engine.containers.request.config import Data, pick
from dockerlab.engine.errors import BadParameter, NotImplementedHere

# Key, accepted types, value when absent; ``...``: the key is left out when empty.
_ENDPOINT: tuple[tuple[str, tuple[type, ...], Any], ...] = (
    ("IPAMConfig", (dict,), None),
    ("Links", (list,), None),
    ("Aliases", (list,), None),
    ("MacAddress", (str,), ...),
    ("DriverOpts", (dict,), None),
)
_LONGEST_NAME = 253
_MOST_NAMES = 256


def parse_all(body: Mapping[str, Any], *, several: bool) -> dict[str, Data]:
    """All networks of a create request; ``several``: there may be more than one."""
    section = body.get("NetworkingConfig") or {}
    configs = (section.get("EndpointsConfig") or {}) if isinstance(section, dict) else None
    if not isinstance(configs, dict):
        raise BadParameter(
            "json: cannot unmarshal into Go struct field .NetworkingConfig of type object"
        )
    if len(configs) > 1 and not several:
        names = ", ".join(configs)
        raise BadParameter(f"Container cannot be connected to network endpoints: {names}")
    for name, config in configs.items():
        if config is None:
            raise BadParameter(f"no EndpointSettings for {name}")
    return {name: parse(config) for name, config in configs.items()}


def parse(body: Any) -> Data:
    """One network's. Raises BadParameter, and NotImplementedHere for what is not done here."""
    if not isinstance(body, dict):
        raise BadParameter("json: cannot unmarshal into Go value of type network.EndpointSettings")
    config = pick(body, _ENDPOINT)
    for key in ("Links", "Aliases"):
        _check_names(key, config[key] or ())
    _check_addresses(config["IPAMConfig"] or {})
    for key in config["DriverOpts"] or ():
        if key.startswith("com.docker.network."):
            raise NotImplementedHere(f"The embedded engine does not support the option {key}.")
    return config


def _check_names(key: str, names: Any) -> None:
    if len(names) > _MOST_NAMES:
        raise BadParameter(f"too many {key}: at most {_MOST_NAMES}")
    for name in names:
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
            raise BadParameter(f"invalid entry in {key}: {str(name)[:100]!r}")


def _check_addresses(ipam: Data) -> None:
    for key in ("IPv6Address", "LinkLocalIPs"):
        if ipam.get(key):
            raise NotImplementedHere(f"The embedded engine does not support {key} of a container.")
    address = str(ipam.get("IPv4Address") or "0.0.0.0")
    try:
        IPv4Address(address)
    except ValueError:
        raise BadParameter(f"invalid IPv4 address: {address[:100]}") from None
