"""Keys that Compose takes and that change nothing here, or that mean nothing outside a swarm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerlab.formats.composefile.text.findings import Findings
from dockerlab.formats.composefile.text.tree import Tree, place_of

_SWARM = "It is for a swarm; leave it away."
_KEYS = {
    "credential_spec": "It is for Windows containers.",
    "isolation": "It is for Windows containers.",
    "develop": "Files are not watched here: use a bind mount for live changes.",
    "post_start": "Docker Compose 2.26 does not run hooks either.",
    "pre_stop": "Docker Compose 2.26 does not run hooks either.",
    "gpus": "There are no graphics cards to give to containers here.",
    "log_driver": "Write `logging: {driver: …}`.",
    "log_opt": "Write `logging: {options: …}`.",
    "net": "Write `network_mode`.",
    "dockerfile": "Write `build: {dockerfile: …}`.",
    "volume_driver": "Write the `driver` of a volume at the top of the file.",
    "deploy.endpoint_mode": _SWARM,
    "deploy.labels": _SWARM,
    "deploy.mode": _SWARM,
    "deploy.placement": _SWARM,
    "deploy.rollback_config": _SWARM,
    "deploy.update_config": _SWARM,
}


def warn_of_unsupported(
    tree: dict[str, Tree], enabled: Mapping[str, Any], findings: Findings
) -> None:
    for name, service in enabled.items():
        for key, hint in _KEYS.items():
            first, _, second = key.partition(".")
            value = service.get(first)
            if second:
                value = (value or {}).get(second)
            if value is not None:
                path = ("services", name, *key.split("."))
                findings.warn(f"`{key}` has no effect", hint, at=place_of(tree, path), key=path)
