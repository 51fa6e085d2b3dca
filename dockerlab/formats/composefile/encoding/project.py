"""The structure of a project around its services, and the hash of a service."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from dockerlab.formats.composefile.encoding import shapes as of
from dockerlab.formats.composefile.encoding.gojson import encode
from dockerlab.formats.composefile.encoding.service import OPTIONS, SERVICE
from dockerlab.formats.composefile.encoding.shapes import (
    PLAIN,
    SET,
    Field,
    Kind,
    Out,
    listed,
    structure,
    write,
)

_POOL = structure(
    Field("subnet", of.text),
    Field("gateway", of.text),
    Field("ip_range", of.text),
    Field("aux_addresses", of.labels),
    own=False,
)
_NETWORK = structure(
    Field("name", of.text),
    Field("driver", of.text),
    Field("driver_opts", OPTIONS),
    Field("ipam", structure(Field("driver", of.text), Field("config", listed(_POOL))), PLAIN),
    Field("external", of.flag),
    Field("internal", of.flag),
    Field("attachable", of.flag),
    Field("labels", of.labels),
    Field("enable_ipv4", of.flag, SET),
    Field("enable_ipv6", of.flag, SET),
)
_VOLUME = structure(
    Field("name", of.text),
    Field("driver", of.text),
    Field("driver_opts", OPTIONS),
    Field("external", of.flag),
    Field("labels", of.labels),
)
_FILE = structure(
    Field("name", of.text),
    Field("file", of.text),
    Field("environment", of.text),
    Field("content", of.text),
    Field("external", of.flag),
    Field("labels", of.labels),
    Field("driver", of.text),
    Field("driver_opts", OPTIONS),
    Field("template_driver", of.text),
)


def _source(value: Any, out: Out) -> Any:
    """A config or a secret, without the content that a variable gave it."""
    hidden = ("x-#value", "content") if value.get("environment") else ("x-#value",)
    return _FILE({key: one for key, one in value.items() if key not in hidden}, out)


KINDS: dict[str, Kind] = {
    "services": SERVICE,
    "networks": _NETWORK,
    "volumes": _VOLUME,
    "secrets": _source,
    "configs": _source,
}
_NOT_HASHED = ("build", "pull_policy", "scale")


def canonical(tree: Mapping[str, Any], out: Out) -> dict[str, Any]:
    """A tree in long form as ``docker compose config`` writes it."""
    written: dict[str, Any] = {"name": str(tree["name"]), "services": {}}
    for kind, shape in KINDS.items():
        resources = {
            str(key): write(shape, value, out, (kind, key), tree)
            for key, value in sorted((tree.get(kind) or {}).items())
        }
        if resources or kind == "services":
            written[kind] = resources
    own = {key: value for key, value in tree.items() if key.startswith("x-")}
    written |= of.plain(own)
    return written


def config_hash(service: Mapping[str, Any]) -> str:
    """The hash of a service, given as JSON has it: what changes it means a new container.

    How the image is built, how many containers there are and when to pull are left out.
    """
    counted = {key: value for key, value in service.items() if key not in _NOT_HASHED}
    if "deploy" in counted:
        deploy = counted["deploy"].items()
        counted["deploy"] = {key: value for key, value in deploy if key != "replicas"}
    return hashlib.sha256(encode(counted).encode()).hexdigest()
