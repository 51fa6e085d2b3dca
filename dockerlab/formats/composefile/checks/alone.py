"""Whether what a service says fits together, without a look at others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dockerlab.formats.composefile.encoding.shapes import (
    Kind,
    Out,
    integer,
    real,
    size_text,
    test,
)
from dockerlab.formats.composefile.encoding.values import ValueProblem
from dockerlab.formats.composefile.text.tree import Path, Tree

Found = Iterator[tuple[Path, str, str]]
"""A key, what is wrong with it, what to do."""


def check_alone(name: str, service: dict[str, Tree]) -> Found:
    yield from _limits(name, service)
    yield from _scale(name, service)
    yield from _healthcheck(service)
    yield from _watch(name, service)
    yield from _targets(service)


def _limits(name: str, service: dict[str, Tree]) -> Found:
    """Numbers that can be said in two places must be the same."""
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


def _scale(name: str, service: dict[str, Tree]) -> Found:
    deploy = service.get("deploy") or {}
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


def _healthcheck(service: dict[str, Tree]) -> Found:
    words = test((service.get("healthcheck") or {}).get("test"), Out.JSON)
    if words and words[0] not in ("CMD", "CMD-SHELL", "NONE"):
        yield (
            ("healthcheck", "test"),
            'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"',
            f'Write `test: ["CMD", "{words[0]}", …]`, or the command as one text.',
        )


def _watch(name: str, service: dict[str, Tree]) -> Found:
    for index, watch in enumerate((service.get("develop") or {}).get("watch") or ()):
        if not watch.get("target") and watch.get("action") not in ("rebuild", "restart"):
            text = f"services.{name}.develop.watch: target is required for non-rebuild actions"
            yield ("develop", "watch", str(index)), text, "Add `target: PATH`."


def _targets(service: dict[str, Tree]) -> Found:
    """A port 0 is no target either."""
    for kind, what in (("ports", "port"), ("volumes", "path"), ("devices", "path")):
        for index, item in enumerate(service.get(kind) or ()):
            if not item.get("target"):
                text = f"is missing a {'target port' if kind == 'ports' else 'mount target'}"
                yield (kind, str(index)), text, f"Say which {what} of the container: `target: …`."


def _value(kind: Kind, value: Tree) -> Any:
    """None for what is no such value at all, which is told when it is written."""
    try:
        return kind(value, Out.JSON)
    except ValueProblem:
        return None
