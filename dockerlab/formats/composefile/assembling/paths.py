"""Relative paths made absolute."""

from __future__ import annotations

import os.path
from collections.abc import Callable
from typing import Any

from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.text.findings import fail
from dockerlab.formats.composefile.text.tree import Path, Tree

_ADDRESSES = ("https://", "http://", "git://", "ssh://", "github.com/", "git@", "oci://")


class Paths:
    """Paths of one file: relative ones are counted from ``base``, ``~`` is ``home``."""

    def __init__(self, base: str, home: str) -> None:
        self.base = base
        self.home = home

    def absolute(self, path: str) -> str:
        if path.startswith("~") and self.home:
            path = os.path.join(self.home, path[1:].lstrip("/"))
        elif path and path[1:3] in (":\\", ":/") and path[0].isalpha():
            return path  # of Windows
        return os.path.normpath(os.path.join(self.base, path)) if _relative(path) else path

    def local(self, path: str, what: str, at: Place | None, key: Path) -> str:
        """The absolute path of a compose file that another names; one elsewhere is refused."""
        if path.startswith(_ADDRESSES):
            fail(
                f"{what} of a remote file is not supported here: {path}",
                "Download it and name the file.",
                at=at,
                key=key,
            )
        return self.absolute(path)

    def or_empty(self, path: str) -> str:
        return self.absolute(path) if path else path

    def context(self, path: str) -> str:
        remote = "://" in path or path.startswith(("service:", *_ADDRESSES))
        return path if remote else self.or_empty(path)

    def apply(self, tree: dict[str, Tree]) -> None:
        for service in (tree.get("services") or {}).values():
            if isinstance(service, dict):
                self.service(service)
        for kind in ("configs", "secrets"):
            for resource in (tree.get(kind) or {}).values():
                _change(resource, "file", self.absolute)
        for volume in (tree.get("volumes") or {}).values():
            options = (volume or {}).get("driver_opts")
            if options and volume.get("driver") == "local" and options.get("o") == "bind":
                _change(options, "device", self.absolute)

    def service(self, service: dict[str, Tree]) -> None:
        build = service.get("build")
        _change(build, "context", self.context)
        if isinstance(build, dict):
            for key in build.get("additional_contexts") or {}:
                _change(build["additional_contexts"], key, self.context)
            for key in build.get("ssh") or {}:
                _change(build["ssh"], key, self.absolute)
        for one in service.get("env_file") or ():
            _change(one, "path", self.or_empty)
        service_labels = service.get("label_file")
        if isinstance(service_labels, list):
            service["label_file"] = [self.or_empty(path) for path in service_labels]
        _change(service.get("extends"), "file", self.context)
        for watch in (service.get("develop") or {}).get("watch") or ():
            _change(watch, "path", self.or_empty)
        for mount in service.get("volumes") or ():
            if isinstance(mount, dict) and mount.get("type") == "bind":
                _change(mount, "source", self.absolute)


def _relative(path: str) -> bool:
    return not path.startswith("/")


def _change(holder: Any, key: str, how: Callable[[str], str]) -> None:
    if isinstance(holder, dict) and isinstance(holder.get(key), str):
        holder[key] = how(holder[key])
