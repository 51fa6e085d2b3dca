"""The record of a network on disk, and the filters of ``docker network ls``."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dockerlab.engine.errors import BadParameter, ServerError
from dockerlab.engine.net.pool import Pool

Filters = Mapping[str, list[str]]

PREDEFINED = ("bridge", "host", "none")
FILTERS = ("dangling", "driver", "id", "label", "name", "scope", "type")
_BRIDGE_NAME = "com.docker.network.bridge.name"


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

    @property
    def pool(self) -> Pool | None:
        return Pool(self.subnet) if self.subnet else None

    @property
    def bridge(self) -> str:
        """The name of its bridge in the kernel; empty without one."""
        return self.options.get(_BRIDGE_NAME, "")

    @property
    def builtin(self) -> bool:
        """One of the three that cannot be removed."""
        return self.name in PREDEFINED


def load(folder: Path) -> list[Record]:
    return [Record(**json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def make(folder: Path, name: str, driver: str, subnet: str, options: dict[str, str]) -> Record:
    """A new network, on disk when this returns."""
    record = Record(secrets.token_hex(32), name, driver, _now(), subnet, options)
    _write(folder / f"{record.id}.json", json.dumps(asdict(record)))
    return record


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
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _type(value: str) -> str:
    if value not in ("builtin", "custom"):
        raise ServerError(f"invalid filter: 'type'='{value}'")
    return value


def _now() -> str:
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanoseconds:09d}Z"


def _write(path: Path, text: str) -> None:
    """Replace a file, all or nothing, and have it on the disk."""
    new = path.with_name(path.name + ".new")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
