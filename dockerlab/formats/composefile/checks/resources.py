"""Whether volumes, configs and secrets say one thing about where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dockerlab.formats.composefile.encoding.shapes import Kind, Out, integer, real, size_text, test
from dockerlab.formats.composefile.encoding.values import ValueProblem
from dockerlab.formats.composefile.text.findings import fail_in
from dockerlab.formats.composefile.text.tree import Path, Tree


def check_resources(tree: dict[str, Tree]) -> None:
    for name, volume in (tree.get("volumes") or {}).items():
        if volume and volume.get("external") is True:
            _check_external(tree, ("volumes", name), volume)
    for kind, sources in (
        ("configs", ("file", "environment", "content")),
        ("secrets", ("file", "environment")),
    ):
        for name, resource in (tree.get(kind) or {}).items():
            _check_source(tree, (kind, name), resource or {}, sources)
    _check_devices(tree)


def _check_external(tree: Tree, key: Path, volume: dict[str, Tree]) -> None:
    for other in volume:
        if other not in ("name", "external") and not other.startswith("x-"):
            fail_in(
                tree,
                (*key, other),
                f'conflicting parameters "external" and "{other}" specified',
                "An external volume is there already; only its `name` can be said.",
            )


def _check_source(
    tree: Tree, key: Path, resource: dict[str, Tree], sources: tuple[str, ...]
) -> None:
    given = [source for source in sources if source in resource]
    if len(given) > 1:
        fail_in(tree, key, f"{'|'.join(sources)} attributes are mutually exclusive", "Keep one.")
    if not given and "driver" not in resource and "external" not in resource:
        fail_in(
            tree, key, f"one of {'|'.join(sources)} must be set", "Write `file: ./PATH` below it."
        )


def _check_devices(tree: Tree) -> None:
    for name, service in (tree.get("services") or {}).items():
        for index, request in enumerate((service or {}).get("gpus") or ()):
            if "count" in request and "device_ids" in request:
                fail_in(
                    tree,
                    ("services", name, "gpus", str(index)),
                    '"count" and "device_ids" attributes are exclusive',
                    "Keep one.",
                )


def check_limits(name: str, service: dict[str, Tree]) -> Iterator[tuple[Path, str, str]]:
    """Numbers that can be said in two places must be the same; ``scale`` is written to both."""
    deploy = service.get("deploy") or {}
    limits = (deploy.get("resources") or {}).get("limits")
    reservations = (deploy.get("resources") or {}).get("reservations")
    for key, other, there, place, kind in (
        ("cpus", "cpus", limits, "limits.cpus", real),
        ("mem_limit", "memory", limits, "limits.memory", size_text),
        ("mem_reservation", "memory", reservations, "reservations.memory", size_text),
        ("pids_limit", "pids", limits, "limits.pids", integer),
    ):
        mine = _value(kind, service.get(key))
        if mine and there is not None and _value(kind, there.get(other)) != mine:
            yield (
                (key,),
                f"services.{name}: can't set distinct values on '{key}' and "
                f"'deploy.resources.{place}'",
                "Keep one.",
            )
    scale, replicas = service.get("scale"), deploy.get("replicas")
    if None not in (scale, replicas) and _value(integer, scale) != _value(integer, replicas):
        text = f"services.{name}: can't set distinct values on 'scale' and 'deploy.replicas'"
        yield ("scale",), text, "Keep one."
    count = _value(integer, scale if scale is not None else replicas)
    if count and count > 1 and service.get("container_name"):
        attribute = "deploy.replicas" if scale is None else "scale"
        yield (
            ("container_name",),
            f"services.{name}: can't set container_name and {attribute} as container name must "
            "be unique",
            "Leave container_name away: the containers are then numbered.",
        )
    test = healthcheck(service)
    if test and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
        yield (
            ("healthcheck", "test"),
            'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"',
            f'Write `test: ["CMD", "{test[0]}", …]`, or the command as one text.',
        )
    for index, watch in enumerate((service.get("develop") or {}).get("watch") or ()):
        if not watch.get("target") and watch.get("action") not in ("rebuild", "restart"):
            text = f"services.{name}.develop.watch: target is required for non-rebuild actions"
            yield ("develop", "watch", str(index)), text, "Add `target: PATH`."


def _value(kind: Kind, value: Tree) -> Any:
    """None for what is no such value at all, which is told when it is written."""
    try:
        return kind(value, Out.JSON)
    except ValueProblem:
        return None


def healthcheck(service: dict[str, Tree]) -> list[str]:
    return test((service.get("healthcheck") or {}).get("test"), Out.JSON)
