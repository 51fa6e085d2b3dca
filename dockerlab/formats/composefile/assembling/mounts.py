"""The short form of a mount, ``SOURCE:TARGET:OPTIONS``, written out."""

from __future__ import annotations

import posixpath
from typing import Any

PROPAGATIONS = ("rprivate", "private", "rshared", "shared", "rslave", "slave")


class MountError(ValueError):
    """A short form that cannot be understood."""


def mount(spec: str) -> dict[str, Any]:
    """The long form of a mount of a service."""
    if not spec:
        raise MountError("invalid empty volume spec")
    if len(spec.encode()) <= 2:
        return {"type": "volume", "target": clean(spec)}
    parts = _parts(spec)
    if not all(parts):
        raise MountError(f"invalid spec: {spec}: empty section between colons")
    if len(parts) > 3:
        raise MountError(f"invalid spec: {spec}: too many colons")
    source = parts[0] if len(parts) > 1 else ""
    target = parts[1] if len(parts) > 1 else parts[0]
    long: dict[str, Any] = {"type": "bind" if _is_path(source) else "volume"}
    if source:
        long["source"] = source
    long["target"] = clean(target)
    for option in parts[2].split(",") if len(parts) > 2 else ():
        _take_option(long, option)
    if long["type"] == "bind":
        # The first Compose made missing folders, and the short form still does.
        long.setdefault("bind", {})["create_host_path"] = True
    else:
        long.setdefault("volume", {})
    return long


def clean(path: str) -> str:
    """A path of the container without needless dots and slashes."""
    cleaned = posixpath.normpath(path) if path else ""
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def _parts(spec: str) -> list[str]:
    """Cut at colons, but not after a drive letter of Windows."""
    parts = [""]
    for letter in spec:
        if letter == ":" and not (len(parts[-1]) == 1 and parts[-1].isalpha()):
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _is_path(source: str) -> bool:
    if source[:1] in (".", "/", "~") or source.startswith("\\\\"):
        return bool(source)
    return len(source) > 1 and source[0].isalpha() and source[1] == ":"


def _take_option(long: dict[str, Any], option: str) -> None:
    if option == "ro":
        long["read_only"] = True
    elif option == "rw":
        long.pop("read_only", None)
    elif option == "nocopy":
        long["volume"] = {"nocopy": True}
    elif option in PROPAGATIONS:
        long.setdefault("bind", {})["propagation"] = option
    elif option in ("z", "Z"):
        long.setdefault("bind", {})["selinux"] = option
