"""How one compose file is laid over another.

Mappings are merged key by key, lists are joined, anything else is replaced; the tables below
name what is done otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerlab.formats.composefile.encoding.values import printed
from dockerlab.formats.composefile.text.findings import fail_in
from dockerlab.formats.composefile.text.tree import Path, Tree, matches

Rule = Callable[[Tree, Tree, Path], Tree]


def merge(below: Tree, above: Tree, path: Path = ()) -> Tree:
    """What ``above`` says over ``below``; both may be changed."""
    for pattern, rule in _RULES:
        if matches(path, pattern):
            return rule(below, above, path)
    if above is None:
        return below
    if isinstance(below, dict):
        return merge_mappings(below, _same_kind(above, dict, "mapping", path), path)
    if isinstance(below, list):
        return below + _same_kind(above, list, "list", path)
    return above


def _same_kind(above: Tree, kind: type, name: str, path: Path) -> Any:
    if isinstance(above, kind):
        return above
    fail_in(
        above,
        path,
        f"cannot override {'.'.join(path)}: it is a {name} in the file before",
        f"Write a {name} here too, or put the tag !override before the value to replace it all.",
    )


def merge_mappings(below: dict[str, Tree], above: dict[str, Tree], path: Path) -> dict[str, Tree]:
    merged = dict(below)
    for key, value in above.items():
        if key in merged and not key.startswith("x-"):
            value = merge(merged[key], value, (*path, key))
        # The later key is the one whose line is to be named.
        merged.pop(key, None)
        merged[key] = value
    return merged


def as_list(value: Tree) -> list[Tree]:
    """A mapping as a list of ``KEY=VALUE``, in order of the keys."""
    if isinstance(value, dict):
        items: list[str] = []
        for key, one in value.items():
            if one is None:
                items.append(key)
            else:
                items += [
                    f"{key}={printed(part)}" for part in (one if isinstance(one, list) else [one])
                ]
        return list(sorted(items))
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, str) else []


def as_mapping(value: Tree, default: dict[str, Tree] | None) -> dict[str, Tree]:
    """A list of names as a mapping of each to the default."""
    if isinstance(value, dict):
        return value
    names = value if isinstance(value, list) else []
    return {
        name: None if default is None else dict(default) for name in names if isinstance(name, str)
    }


def _lists(below: Tree, above: Tree, path: Path) -> Tree:
    return as_list(below) + as_list(above)


def _replaced(below: Tree, above: Tree, path: Path) -> Tree:
    return above


def _build(below: Tree, above: Tree, path: Path) -> Tree:
    def long(value: Tree) -> dict[str, Tree]:
        return {"context": value} if isinstance(value, str) else value or {}

    return merge_mappings(long(below), long(above), path)


def _depends_on(below: Tree, above: Tree, path: Path) -> Tree:
    default = {"condition": "service_started", "required": True}
    return merge_mappings(as_mapping(below, default), as_mapping(above, default), path)


def _networks(below: Tree, above: Tree, path: Path) -> Tree:
    return merge_mappings(as_mapping(below, None), as_mapping(above, None), path)


def _extra_hosts(below: Tree, above: Tree, path: Path) -> Tree:
    hosts = as_list(below)
    return hosts + [host for host in as_list(above) if host not in hosts]


def _logging(below: Tree, above: Tree, path: Path) -> Tree:
    """Options of one driver mean nothing to another, so they are merged for the same only."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return below if above is None else above
    drivers = [part["driver"] for part in (below, above) if "driver" in part]
    if len(drivers) == 2 and drivers[0] != drivers[1]:
        return above
    return merge_mappings(below, above, path)


def _pools(below: Tree, above: Tree, path: Path) -> Tree:
    """Address pools of the same subnet are merged, others are put beside each other."""
    if not isinstance(below, list) or not isinstance(above, list):
        return below if above is None else above
    pools: list[dict[str, Tree]] = []
    for old in (as_mapping(pool, None) for pool in below):
        for new in (as_mapping(pool, None) for pool in above):
            known = [pool.get("subnet") for pool in pools]
            if new.get("subnet") != old.get("subnet") and new.get("subnet") not in known:
                pools.append(new)
                continue
            merged = merge_mappings(old, new, path)
            old = merged
            if merged.get("subnet") in known:
                pools[known.index(merged.get("subnet"))] = merged
            else:
                pools.append(merged)
    return pools


_SERVICE: dict[str, Rule] = {
    "annotations": _lists,
    "build": _build,
    "build.args": _lists,
    "build.additional_contexts": _lists,
    "build.extra_hosts": _extra_hosts,
    "build.labels": _lists,
    "command": _replaced,
    "depends_on": _depends_on,
    "deploy.labels": _lists,
    "dns": _lists,
    "dns_opt": _lists,
    "dns_search": _lists,
    "entrypoint": _replaced,
    "env_file": _lists,
    "label_file": _lists,
    "environment": _lists,
    "extra_hosts": _extra_hosts,
    "healthcheck.test": _replaced,
    "labels": _lists,
    "logging": _logging,
    "networks": _networks,
    "sysctls": _lists,
    "tmpfs": _lists,
    "ulimits.*": _replaced,
}
_RULES: list[tuple[Path, Rule]] = [
    (("networks", "*", "ipam", "config"), _pools),
    (("networks", "*", "labels"), _lists),
    (("volumes", "*", "labels"), _lists),
    *((("services", "*", *name.split(".")), rule) for name, rule in _SERVICE.items()),
]
