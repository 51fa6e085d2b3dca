"""What nobody said and everybody means, filled in at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dockerlab.formats.composefile.assembling.mounts import clean
from dockerlab.formats.composefile.encoding.values import printed
from dockerlab.formats.composefile.text.tree import Tree

RESOURCES = ("networks", "volumes", "configs", "secrets")


def fill_in(tree: dict[str, Tree]) -> None:
    """The defaults of a tree that is whole, before its paths are made absolute."""
    for service in (tree.get("services") or {}).values():
        if not isinstance(service, dict):
            continue
        if isinstance(service.get("build"), dict):
            service["build"].setdefault("context", ".")
        for secret in service.get("secrets") or ():
            secret.setdefault("target", f"/run/secrets/{secret.get('source')}")
        for port in service.get("ports") or ():
            port.setdefault("protocol", "tcp")
            port.setdefault("mode", "ingress")
        for request in (*(service.get("gpus") or ()), *_reserved_devices(service)):
            if "count" not in request and "device_ids" not in request:
                request["count"] = "all"


def _reserved_devices(service: dict[str, Tree]) -> list[dict[str, Tree]]:
    found: Any = service
    for key in ("deploy", "resources", "reservations", "devices"):
        found = (found or {}).get(key)
    return found or []


def settle(tree: dict[str, Tree], name: str, environment: Mapping[str, str]) -> None:
    """Names, networks and dependencies that follow from what is said elsewhere in the tree."""
    tree["name"] = name
    _join_default_network(tree)
    for service in (tree.get("services") or {}).values():
        _settle_service(service, environment)
    for kind in RESOURCES:
        for key, value in (tree.get(kind) or {}).items():
            resource = tree[kind][key] = value or {}
            if resource.get("name") is None:
                resource["name"] = key if resource.get("external") is True else f"{name}_{key}"


def _join_default_network(tree: dict[str, Tree]) -> None:
    used = False
    for service in (tree.get("services") or {}).values():
        if "network_mode" in service:
            continue
        if not service.get("networks"):
            service["networks"] = {"default": None}
        used = used or "default" in service["networks"]
    networks = tree.get("networks") or {}
    if used and "default" not in networks:
        networks["default"] = None
    if networks:
        tree["networks"] = networks


def _settle_service(service: dict[str, Tree], environment: Mapping[str, str]) -> None:
    if service.get("pull_policy") == "if_not_present":
        service["pull_policy"] = "missing"
    if build := service.get("build"):
        if build.get("dockerfile") is None and build.get("dockerfile_inline") is None:
            build["dockerfile"] = "Dockerfile"
        if "args" in build:
            build["args"] = resolved(build["args"], environment.get, keep_unset=False)
    if "environment" in service:
        service["environment"] = resolved(service["environment"], environment.get, keep_unset=True)
    for mount in service.get("volumes") or ():
        if isinstance(mount.get("target"), str):
            mount["target"] = clean(mount["target"])
    if waits := _implied(service):
        named = service.get("depends_on") or {}
        service["depends_on"] = {**waits, **named}


def _implied(service: dict[str, Tree]) -> dict[str, Tree]:
    """Dependencies on services whose name, network, volumes … a service uses."""
    waits: dict[str, Tree] = {}

    def wait_for(name: str, restart: bool) -> None:
        started = {"condition": "service_started", "restart": restart, "required": True}
        waits.setdefault(name, started)

    for link in service.get("links") or ():
        name, _, alias = link.partition(":")
        wait_for(link if ":" in alias else name, True)
    for namespace in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        shared = service.get(namespace)
        if isinstance(shared, str) and shared.startswith("service:"):
            wait_for(shared.removeprefix("service:"), True)
    for source in service.get("volumes_from") or ():
        if not source.startswith("container:"):
            wait_for(source.split(":")[0], False)
    return waits


def resolved(pairs: Tree, lookup: Callable[[str], str | None], *, keep_unset: bool) -> Tree:
    """``KEY`` without a value takes the environment's; without one there, it goes or stays."""
    if isinstance(pairs, dict):
        found = {}
        for key, value in pairs.items():
            value = lookup(key) if value is None else value
            if value is not None or keep_unset:
                found[key] = value
        return found
    listed = []
    for item in pairs or ():
        text = item if isinstance(item, str) else printed(item)
        if "=" not in text:
            value = lookup(text)
            if value is None and not keep_unset:
                continue
            text = text if value is None else f"{text}={value}"
        listed.append(text)
    return listed
