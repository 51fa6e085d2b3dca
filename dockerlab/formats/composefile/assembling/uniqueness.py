"""Lists in which a later item replaces an earlier one that means the same thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerlab.formats.composefile.assembling.mounts import MountError, mount
from dockerlab.formats.composefile.text.tree import Path, Tree, matches

Identity = Callable[[Any], object]


def without_repeats(tree: Tree, path: Path = ()) -> Tree:
    """The tree with each such list shortened to the last of each kind, at the first's place."""
    if isinstance(tree, dict):
        return {key: without_repeats(value, (*path, key)) for key, value in tree.items()}
    if isinstance(tree, list):
        for pattern, identity in _LISTS:
            if matches(path, pattern):
                return _shortened(tree, identity, path)
    return tree


def _shortened(items: list[Tree], identity: Identity, path: Path) -> list[Tree]:
    kept: dict[object, Tree] = {}
    for index, item in enumerate(items):
        try:
            kept[identity(item)] = item
        except (TypeError, KeyError, AttributeError, MountError):
            # The schema says better what is wrong with it, but only of the merged whole.
            kept[("as it is", index)] = item
    return list(kept.values())


def _name(item: str) -> object:
    return _text(item).partition("=")[0]


def _text(item: object) -> str:
    if not isinstance(item, str):
        raise TypeError
    return str(item)


def _volume(item: Tree) -> object:
    return _text(item["target"] if isinstance(item, dict) else mount(item)["target"])


def _device(item: Tree) -> object:
    if isinstance(item, dict):
        return _text(item["target"])
    parts = item.split(":")
    return str(parts[1] if len(parts) > 1 else parts[0])


def _exposed(item: Tree) -> object:
    return str(item)


def _file_in(folder: str) -> Identity:
    def identity(item: Tree) -> object:
        if isinstance(item, dict):
            return _text(item["target"]) if "target" in item else f"{folder}/{item.get('source')}"
        return f"{folder}/{_text(item)}"

    return identity


def _port(item: Tree) -> object:
    """A published port as a number and the same one as a text are two things to Compose."""
    if not isinstance(item, dict):
        return str(item)
    published = item.get("published")
    return (
        item.get("host_ip", "0.0.0.0"),
        isinstance(published, str),
        published,
        item["target"],
        item.get("protocol", "tcp"),
    )


def _env_file(item: Tree) -> object:
    return _text(item["path"] if isinstance(item, dict) else item)


_SERVICE: dict[str, Identity] = {
    **dict.fromkeys(
        (
            "annotations",
            "build.args",
            "build.additional_contexts",
            "build.tags",
            "build.labels",
            "cap_add",
            "cap_drop",
            "deploy.labels",
            "dns",
            "dns_opt",
            "dns_search",
            "environment",
            "labels",
            "links",
            "networks.*.aliases",
            "networks.*.link_local_ips",
            "profiles",
            "sysctls",
            "tmpfs",
        ),
        _name,
    ),
    "devices": _device,
    "configs": _file_in(""),
    "secrets": _file_in("/run/secrets"),
    "env_file": _env_file,
    "expose": _exposed,
    "ports": _port,
    "volumes": _volume,
}
_LISTS: list[tuple[Path, Identity]] = [
    (("networks", "*", "labels"), _name),
    *((("services", "*", *name.split(".")), identity) for name, identity in _SERVICE.items()),
]
