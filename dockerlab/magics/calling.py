"""Names for Tab inside a call in Python: ``lab.run("al``, ``lab.logs("we``, ``project.logs("w``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_CALL = re.compile(r"""(\w+)\.(\w+)\(([^()]*?)(["'])([^"'()\s]*)$""")
"""An object, its method, what stands before, and a text that is not closed yet."""
_KEYWORD = re.compile(r"(\w+)\s*=\s*\[?\s*$")
_LAB = {
    "image": "run create story pull image images history layers footprint rmi tag save",
    "container": (
        "container start stop kill restart pause unpause rm rename wait logs exec top stats diff"
        " isolation mounts ports open fetch has"
    ),
    "network": "network remove_network connect disconnect",
    "volume": "remove_volume",
    "any": "inspect",
}
_COMPOSE = {
    "service": "up build pull start stop restart kill rm logs exec run ps top follow container"
}
_SECOND = {"connect": "container", "disconnect": "container"}
"""Of these the second thing is of another kind than the first."""
_ONE = {"run", "create", "story", "footprint", "tag", "rename", "exec", "open", "fetch", "layers"}
"""Of these only the first thing is a name that is there."""
_KEYWORDS = {"network": "network", "image": "image", "container": "container"}


def called(
    text: str, variables: Mapping[str, Any], names: Callable[[str, Any], Iterable[str]]
) -> tuple[str, list[str]] | None:
    """The begun word at the end of ``text``, and what it may become; None where that is no call
    of ours. ``names`` gives the names of a kind, asked of the object that is called."""
    found = _CALL.search(text)
    if found is None:
        return None
    variable, method, before, _, word = found.groups()
    owner = variables.get(variable)
    kind = _kind(type(owner).__name__, method, before)
    if not kind:
        return None
    return word, sorted(one for one in names(kind, owner) if one.startswith(word))


def _kind(owner: str, method: str, before: str) -> str:
    """The kind of thing whose name comes next; empty if it is none."""
    methods = {"Lab": _LAB, "Compose": _COMPOSE}.get(owner, {})
    kinds = [kind for kind, those in methods.items() if method in those.split()]
    if not kinds:
        return ""
    if "=" in before:
        keyword = _KEYWORD.search(before)
        return _KEYWORDS.get(keyword.group(1), "") if keyword else ""
    place = before.count(",")
    if place and method in _SECOND:
        return _SECOND[method]
    return "" if place and method in _ONE else kinds[0]
