"""An image, as the store knows it, and times as Docker writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dockerlab.engine.store.layers import Layer

NEVER = "0001-01-01T00:00:00Z"
"""What Docker writes for a time that is not known."""

_TIME = re.compile(r"(.*?)(\.\d+)?(Z|[+-]\d\d:\d\d)")
_SECTION: dict[str, Any] = {
    "Hostname": "",
    "Domainname": "",
    "User": "",
    "AttachStdin": False,
    "AttachStdout": False,
    "AttachStderr": False,
    "Tty": False,
    "OpenStdin": False,
    "StdinOnce": False,
    "Env": None,
    "Cmd": None,
    "Image": "",
    "Volumes": None,
    "WorkingDir": "",
    "Entrypoint": None,
    "OnBuild": None,
    "Labels": None,
}


def runtime_section(section: Mapping[str, Any] | None) -> dict[str, Any]:
    """The ``config`` section of an image config with all keys that Docker always shows."""
    return {**_SECTION, **(section or {})}


def timestamp() -> str:
    """Now, as Docker writes times."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nanoseconds(text: str) -> int:
    """Unix time in ns of a time as Docker writes it."""
    match = _TIME.fullmatch(text)
    try:
        whole = datetime.fromisoformat((match[1] + match[3]) if match else text)
    except ValueError:
        whole, match = datetime(1, 1, 1, tzinfo=UTC), None
    fraction = (match[2] or ".0")[1:] if match else "0"
    return int(whole.timestamp()) * 10**9 + int((fraction + "0" * 9)[:9])


@dataclass(frozen=True, slots=True)
class Image:
    """One image, as it is now; after a change of names ask again."""

    id: str
    """``sha256:<hex>``."""
    config: dict[str, Any]
    """The whole config, as OCI has it. Not to be changed."""
    layers: tuple[Layer, ...]
    """Lowest first."""
    parent: str = ""
    """The image it was built on, where that is known and here."""
    tags: tuple[str, ...] = ()
    """``alpine:latest`` each."""
    digests: tuple[str, ...] = ()
    """``alpine@sha256:…`` each."""
    tagged_at: str = NEVER

    @property
    def short(self) -> str:
        """Twelve digits, as people write ids."""
        return self.id[7:19]

    @property
    def runtime_config(self) -> dict[str, Any]:
        """What a container inherits: Env, Cmd, Entrypoint …; every key Docker shows is there."""
        return runtime_section(self.config.get("config"))

    @property
    def labels(self) -> dict[str, str]:
        return dict((self.config.get("config") or {}).get("Labels") or {})

    @property
    def created(self) -> str:
        return str(self.config.get("created") or NEVER)

    @property
    def created_ns(self) -> int:
        """Unix time in ns."""
        return nanoseconds(self.created)

    @property
    def size(self) -> int:
        """Bytes of the files of all its layers."""
        return sum(layer.size for layer in self.layers)

    @property
    def architecture(self) -> str:
        return str(self.config.get("architecture") or "")

    @property
    def os(self) -> str:
        return str(self.config.get("os") or "linux")

    @property
    def references(self) -> tuple[str, ...]:
        """All its names."""
        return self.tags + self.digests
