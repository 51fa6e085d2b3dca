"""Keys that Compose takes and that change nothing here, or that mean nothing outside a swarm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerlab.formats.composefile.text.findings import Findings
from dockerlab.formats.composefile.text.tree import Tree, place_of

_SWARM = "It is for a swarm; leave it away."
RESTARTS = ("no", "always", "on-failure", "unless-stopped")
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
        _warn_of_drives(tree, name, service, findings)
        _warn_of_restart(tree, name, service, findings)


def _warn_of_drives(
    tree: dict[str, Tree], name: str, service: Mapping[str, Any], findings: Findings
) -> None:
    for index, mount in enumerate(service.get("volumes") or ()):
        target = str(mount.get("target", ""))
        if target[1:2] == ":" and mount.get("type") == "volume" and not mount.get("source"):
            path = ("services", name, "volumes", str(index))
            findings.warn(
                f"`{target}` is taken for a path of Windows, with its drive",
                "Give the volume a name of two letters or more.",
                at=place_of(tree, path),
                key=path,
            )


def _warn_of_restart(
    tree: dict[str, Tree], name: str, service: Mapping[str, Any], findings: Findings
) -> None:
    policy = str(service.get("restart") or "no")
    if policy.split(":")[0] not in RESTARTS:
        path = ("services", name, "restart")
        findings.warn(
            f"invalid restart policy '{policy}'",
            f"Write one of {', '.join(RESTARTS)}.",
            at=place_of(tree, path),
            key=path,
        )
