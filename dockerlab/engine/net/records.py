"""The record of a network on disk, and the filters of ``docker network ls``."""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dockerlab.engine.errors import BadParameter, ServerError
from dockerlab.engine.net.pool import Pool
from dockerlab.formats import patterns

log = logging.getLogger("dockerlab.engine.net")

Filters = Mapping[str, list[str]]

PREDEFINED = ("bridge", "host", "none")
FILTERS = ("dangling", "driver", "id", "label", "name", "scope", "type")
BRIDGE_NAME = "com.docker.network.bridge.name"
BINDING = "com.docker.network.bridge.host_binding_ipv4"
MTU = "com.docker.network.driver.mtu"

_SUBNET = "172.17.0.0/16"
_DOCKER0 = {
    "com.docker.network.bridge.default_bridge": "true",
    "com.docker.network.bridge.enable_icc": "true",
    "com.docker.network.bridge.enable_ip_masquerade": "true",
    BINDING: "127.0.0.1",
    BRIDGE_NAME: "docker0",
    MTU: "1500",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One network as it is on disk."""

    id: str
    name: str
    driver: str
    created: str
    subnet: str = ""
    options: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    gateway: str = ""
    ip_range: str = ""
    """Where in the subnet containers get their addresses; empty: anywhere."""
    auxiliary: dict[str, str] = field(default_factory=dict)
    """Addresses by name that are kept for others."""
    ipam: dict[str, Any] = field(default_factory=dict)
    """As inspect shows it."""
    internal: bool = False
    attachable: bool = False
    chosen_subnet: bool = False
    """Its subnet was asked for, so addresses in it can be asked for, too."""

    @property
    def pool(self) -> Pool | None:
        if not self.subnet:
            return None
        return Pool(self.subnet, self.gateway, self.ip_range, self.auxiliary.values())

    @property
    def bridge(self) -> str:
        """The name of its bridge in the kernel; empty without one."""
        if self.driver != "bridge":
            return ""
        return self.options.get(BRIDGE_NAME) or f"br-{self.id[:12]}"

    @property
    def builtin(self) -> bool:
        """One of the three that cannot be removed."""
        return self.name in PREDEFINED

    @property
    def isolated(self) -> bool:
        """Its containers cannot reach each other."""
        return self.option("com.docker.network.bridge.enable_icc", True) is False

    @property
    def mtu(self) -> int:
        """Of its cards; 0: the kernel's own choice."""
        return 0 if self.builtin else int(self.options.get(MTU) or 0)

    @property
    def binding(self) -> str:
        """The host's address at which ports are published that name none; empty: the usual."""
        return self.options.get(BINDING, "")

    def option(self, name: str, default: bool) -> bool:
        text = self.options.get(name)
        return default if text is None else text in TRUE


TRUE = ("1", "t", "T", "TRUE", "true", "True")
FALSE = ("0", "f", "F", "FALSE", "false", "False")
"""What Go takes for a truth value."""


def load(folder: Path) -> list[Record]:
    """All networks, the oldest first. One that cannot be read is left for its owner to mend."""
    found = []
    for path in folder.glob("*.json"):
        try:
            found.append(_read(path))
        except (OSError, ValueError, TypeError):
            log.error("%s is damaged: this network is left out", path)
    return sorted(found, key=lambda record: (record.created, record.name))


def _read(path: Path) -> Record:
    record = Record(**json.loads(path.read_text()))
    if record.builtin and not record.ipam:  # of an earlier version
        fresh = predefined(record.name, record.driver)
        return replace(fresh, id=record.id, created=record.created)
    return record


def keep(folder: Path, record: Record) -> Record:
    """Have the record on disk."""
    _write(folder / f"{record.id}.json", json.dumps(asdict(record)))
    return record


def drop(folder: Path, record: Record) -> None:
    (folder / f"{record.id}.json").unlink(missing_ok=True)


def predefined(name: str, driver: str) -> Record:
    """One of the three that Docker always has."""
    if driver != "bridge":
        ipam: dict[str, Any] = {"Driver": "default", "Options": None, "Config": []}
        return Record(new_id(), name, driver, now(), ipam=ipam)
    pool = Pool(_SUBNET)
    config = {"Subnet": _SUBNET, "Gateway": str(pool.gateway)}
    return Record(
        new_id(),
        name,
        driver,
        now(),
        _SUBNET,
        dict(_DOCKER0),
        gateway=str(pool.gateway),
        ipam={"Driver": "default", "Options": None, "Config": [config]},
    )


def new_id() -> str:
    return secrets.token_hex(32)


def matches(record: Record, filters: Filters, used: bool) -> bool:
    """Whether the filters let the network through; ``used``: containers are in it."""
    dangling = not used and not record.builtin
    tests: dict[str, Callable[[str], bool]] = {
        "id": lambda v: _like(v, record.id),
        "name": lambda v: _like(v, record.name),
        "driver": lambda v: v == record.driver,
        "scope": lambda v: v == "local",
        "label": lambda v: has_label(record.labels, v),
        "type": lambda v: (_type(v) == "builtin") == record.builtin,
        "dangling": lambda v: as_bool("dangling", v) == dangling,
    }
    for key, values in filters.items():
        results = [tests[key](value) for value in values]
        if results and not (all(results) if key == "label" else any(results)):
            return False
    return True


def prunable(record: Record, filters: Filters, until: int | None) -> bool:
    """Whether the filters of ``docker network prune`` let it go."""
    if not all(has_label(record.labels, value) for value in filters.get("label", ())):
        return False
    if any(has_label(record.labels, value) for value in filters.get("label!", ())):
        return False
    return until is None or record.created < _stamp(until)


def check_filters(filters: Filters, known: Sequence[str]) -> None:
    for key in filters:
        if key not in known:
            raise BadParameter(f"Invalid filter '{key}'")


def as_bool(key: str, value: str) -> bool:
    if value.lower() in ("true", "1"):
        return True
    if value.lower() in ("false", "0"):
        return False
    raise BadParameter(
        f'invalid value for filter \'{key}\', must be "true" (or "1"), or "false" (or "0")'
    )


def has_label(labels: Mapping[str, str], wanted: str) -> bool:
    """Whether ``key`` or ``key=value`` is among the labels."""
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)


def _like(pattern: str, text: str) -> bool:
    """Docker takes these as regular expressions that may match anywhere."""
    try:
        return patterns.search(pattern, text)
    except ValueError:
        return False


def _type(value: str) -> str:
    if value not in ("builtin", "custom"):
        raise ServerError(f"invalid filter: 'type'='{value}'")
    return value


def now() -> str:
    return _stamp(time.time_ns())


def _stamp(at: int) -> str:
    """Unix ns as text that sorts by time."""
    seconds, nanoseconds = divmod(at, 10**9)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanoseconds:09d}Z"


def _write(path: Path, text: str) -> None:
    """Replace a file, all or nothing, and have it on the disk."""
    new = path.with_name(path.name + ".new")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
