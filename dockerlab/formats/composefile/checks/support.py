"""Keys that Compose takes and that change nothing here, or that mean nothing outside a swarm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dockerlab.formats.composefile.text.findings import Findings
from dockerlab.formats.composefile.text.tree import Path, Tree, place_of

_SWARM = "It is for a swarm; leave it away."
_WINDOWS = "It is for Windows containers."
_BUILDER = "The builder is not told of it here."
RESTARTS = ("no", "always", "on-failure", "unless-stopped")
_SERVICE = {
    "build.cache_from": "Steps are found again in the engine's own cache.",
    "build.extra_hosts": _BUILDER,
    "build.isolation": _WINDOWS,
    "build.shm_size": _BUILDER,
    "build.ulimits": _BUILDER,
    "cpu_count": _WINDOWS,
    "cpu_percent": _WINDOWS,
    "credential_spec": _WINDOWS,
    "deploy.endpoint_mode": _SWARM,
    "deploy.labels": _SWARM,
    "deploy.mode": _SWARM,
    "deploy.placement": _SWARM,
    "deploy.resources.reservations.cpus": _SWARM,
    "deploy.resources.reservations.generic_resources": _SWARM,
    "deploy.restart_policy.delay": _SWARM,
    "deploy.restart_policy.window": _SWARM,
    "deploy.rollback_config": _SWARM,
    "deploy.update_config": _SWARM,
    "develop": "Files are not watched here: use a bind mount for live changes.",
    "healthcheck.start_interval": "The checks come every `interval` from the start.",
    "isolation": _WINDOWS,
    "networks.*.gw_priority": "It takes a newer Docker Compose than 2.26, and Docker Engine 28.",
    "post_start": "Docker Compose 2.26 does not run hooks either.",
    "pre_stop": "Docker Compose 2.26 does not run hooks either.",
    "volumes.*.bind.recursive": "What is mounted below the folder comes along.",
}
_TOP = {
    "configs.*.template_driver": _SWARM,
    "networks.*.enable_ipv4": "A network has IPv4 addresses here, whatever is said.",
    "secrets.*.driver": _SWARM,
    "secrets.*.template_driver": _SWARM,
}
KEYS = [(f"services.*.{name}", name, hint) for name, hint in _SERVICE.items()]
KEYS += [(name, name.rpartition("*.")[2], hint) for name, hint in _TOP.items()]
"""Where a key is said, what it is called, what to do about it."""


def warn_of_unsupported(
    tree: dict[str, Tree], enabled: Mapping[str, Any], findings: Findings
) -> None:
    switched_on = {**tree, "services": enabled}
    for pattern, name, hint in KEYS:
        for path in _said(switched_on, tuple(pattern.split("."))):
            shown = name.replace(".*", "")
            findings.warn(f"`{shown}` has no effect", hint, at=place_of(tree, path), key=path)
    for name, service in enabled.items():
        _warn_of_owners(tree, name, service, findings)
        _warn_of_drives(tree, name, service, findings)
        _warn_of_restart(tree, name, service, findings)


def _said(tree: Tree, pattern: Path, above: Path = ()) -> Iterator[Path]:
    """Where something is said at a pattern, in which ``*`` is any one part."""
    if not pattern:
        if tree is not None:
            yield above
        return
    below: Mapping[str, Tree] = tree if isinstance(tree, Mapping) else {}
    if isinstance(tree, list):
        below = {str(index): value for index, value in enumerate(tree)}
    for key in below if pattern[0] == "*" else pattern[:1]:
        yield from _said(below.get(key), pattern[1:], (*above, key))


def _warn_of_owners(
    tree: dict[str, Tree], name: str, service: Mapping[str, Any], findings: Findings
) -> None:
    """A config or secret that is a file is mounted, and keeps its owner and mode."""
    for kind, word in (("configs", "config"), ("secrets", "secrets")):
        for index, use in enumerate(service.get(kind) or ()):
            if not tree[kind][use["source"]].get("file") or not {"uid", "gid", "mode"} & set(use):
                continue
            path = ("services", name, kind, str(index))
            findings.warn(
                f"{word} `uid`, `gid` and `mode` are not supported, they will be ignored",
                "The file itself is mounted: give it its owner and its mode.",
                at=place_of(tree, path),
                key=path,
            )


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
