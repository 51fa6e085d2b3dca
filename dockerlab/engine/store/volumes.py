"""Volumes: ``DIR/volumes/NAME/_data`` with what is known of it in ``volume.json`` beside.

A volume is made under a name that no volume can have and then renamed, and goes the other way
when removed: whatever was half-done when the engine was killed is swept at the next start.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dockerlab.engine.errors import BadParameter, Conflict, NotFound, NotImplementedHere
from dockerlab.engine.events import Events
from dockerlab.engine.store.files import full_disk, remove_tree, sync_directory, write_json

Filters = Mapping[str, list[str]]
Users = Callable[[str], Sequence[str]]
"""The ids of the containers that use a volume, by its name."""

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
_LONGEST = 255
_OPTIONS = ("type", "o", "device", "size")


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume; ``labels`` is None when create had none, which inspect echoes."""

    name: str
    created: str
    labels: dict[str, str] | None
    mountpoint: str

    def view(self) -> dict[str, Any]:
        """As Docker's API shows it."""
        return {
            "CreatedAt": self.created,
            "Driver": "local",
            "Labels": self.labels,
            "Mountpoint": self.mountpoint,
            "Name": self.name,
            "Options": None,
            "Scope": "local",
        }


class Volumes:
    """All volumes of this engine; ``root`` is its folder."""

    def __init__(self, root: Path, events: Events) -> None:
        self._folder = root / "volumes"
        self._events = events
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._volumes: dict[str, Volume] = {}
        for path in sorted(self._folder.iterdir()):
            if path.name.startswith("."):
                remove_tree(path)
            elif _NAME.fullmatch(path.name) and (path / "_data").is_dir():
                self._volumes[path.name] = _load(path)

    def create(
        self,
        name: str = "",
        *,
        driver: str = "",
        options: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Volume:
        """Make a volume, with a name of 64 hex digits if none is given.

        A volume that is there already is returned as it is. Raises StoreFull on a full disk.
        """
        anonymous = not name
        name = name or secrets.token_hex(32)
        _check(name, driver, options or {})
        if name in self._volumes:
            return self._volumes[name]
        volume = Volume(
            name,
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            dict(labels) if labels is not None else None,
            str(self._folder / name / "_data"),
        )
        self._make(volume, anonymous)
        self._volumes[name] = volume
        self._events.publish("volume", "create", name, {"driver": "local"})
        return volume

    def get(self, name: str) -> Volume:
        try:
            return self._volumes[name]
        except KeyError:
            raise NotFound(f"get {name}: no such volume") from None

    def path(self, name: str) -> Path:
        """The folder with the volume's files."""
        return Path(self.get(name).mountpoint)

    def all(self, filters: Filters | None = None, users: Users = lambda _: ()) -> list[Volume]:
        filters = filters or {}
        _check_filters(filters, ("dangling", "driver", "label", "name"))
        dangling = _dangling(filters)
        found = []
        for volume in self._volumes.values():
            if not _matches(volume, filters):
                continue
            if dangling is None or dangling == (not users(volume.name)):
                found.append(volume)
        return found

    def size(self, name: str) -> int:
        """Bytes in the volume's files; links to the same file count once."""
        total, seen = 0, set()
        for folder, _, files in os.walk(self.path(name)):
            for file in files:
                try:
                    info = os.lstat(os.path.join(folder, file))
                except OSError:
                    continue  # a container is at work in there
                if info.st_ino not in seen:
                    seen.add(info.st_ino)
                    total += info.st_size
        return total

    def remove(self, name: str, *, force: bool = False, users: Sequence[str] = ()) -> None:
        """Remove a volume that no container uses; ``force``: none of that name is fine."""
        if force and name not in self._volumes:
            return
        self.get(name)
        if users:
            raise Conflict(f"remove {name}: volume is in use - [{', '.join(users)}]")
        gone = self._folder / f".gone-{secrets.token_hex(8)}"
        os.rename(self._folder / name, gone)
        del self._volumes[name]
        remove_tree(gone)
        self._events.publish("volume", "destroy", name, {"driver": "local"})

    def prune(self, filters: Filters, users: Users) -> tuple[list[str], int]:
        """Remove all volumes that no container uses; their names, and the bytes they had.

        In the API's version 1.41 that is also those with a name of their own.
        """
        _check_filters(filters, ("label", "label!"))
        removed, reclaimed = [], 0
        for volume in list(self._volumes.values()):
            if _matches(volume, filters) and not users(volume.name):
                size = self.size(volume.name)
                self.remove(volume.name)
                removed.append(volume.name)
                reclaimed += size
        self._events.publish("volume", "prune", "", {"reclaimed": str(reclaimed)})
        return removed, reclaimed

    def _make(self, volume: Volume, anonymous: bool) -> None:
        new = self._folder / f".new-{secrets.token_hex(8)}"
        try:
            with full_disk():
                new.mkdir(mode=0o700)
                (new / "_data").mkdir()
                (new / "_data").chmod(0o755)
                write_json(new / "volume.json", {**asdict(volume), "anonymous": anonymous})
                os.rename(new, self._folder / volume.name)
                sync_directory(self._folder)
        except BaseException:
            remove_tree(new)
            raise


def _load(path: Path) -> Volume:
    """A volume from disk. Its files count more than its record, which may be damaged."""
    try:
        data = json.loads((path / "volume.json").read_text())
        created, labels = str(data["created"]), data["labels"]
    except (OSError, ValueError, KeyError, TypeError):
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(path.stat().st_mtime))
        labels = None
    return Volume(path.name, created, labels, str(path / "_data"))


def _check(name: str, driver: str, options: Mapping[str, str]) -> None:
    """Refuse what cannot be made, in Docker's words."""
    if driver not in ("", "local"):
        plugin = f'plugin "{driver}" not found'
        raise NotFound(f"create {name}: error looking up volume plugin {driver}: {plugin}")
    if len(name) < 2:
        raise BadParameter(
            f"create {name}: volume name is too short, "
            "names should be at least two alphanumeric characters"
        )
    if not _NAME.fullmatch(name):
        raise BadParameter(
            f'create {name}: "{name}" includes invalid characters for a local volume name, '
            'only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. '
            "If you intended to pass a host directory, use absolute path"
        )
    if len(name) > _LONGEST:
        raise BadParameter(f"create {name[:32]}…: volume name is too long, {_LONGEST} at most")
    for option in options:
        if option not in _OPTIONS:
            raise BadParameter(f'create {name}: invalid option: "{option}"')
    if options:
        given = ", ".join(options)
        raise NotImplementedHere(
            f"create {name}: the embedded engine does not support volume options ({given})"
        )


def _check_filters(filters: Filters, known: Sequence[str]) -> None:
    for key in filters:
        if key not in known:
            raise BadParameter(f"Invalid filter '{key}'")


def _dangling(filters: Filters) -> bool | None:
    values = filters.get("dangling")
    if not values:
        return None
    if len(values) > 1 or values[0].lower() not in ("true", "false", "1", "0"):
        raise BadParameter(f"Invalid filter 'dangling=[{' '.join(values)}]'")
    return values[0].lower() in ("true", "1")


def _matches(volume: Volume, filters: Filters) -> bool:
    labels = volume.labels or {}
    names, drivers = filters.get("name"), filters.get("driver")
    return (
        (not names or any(_like(pattern, volume.name) for pattern in names))
        and (not drivers or "local" in drivers)
        and all(_has(labels, wanted) for wanted in filters.get("label", ()))
        and not any(_has(labels, unwanted) for unwanted in filters.get("label!", ()))
    )


def _like(pattern: str, name: str) -> bool:
    """Docker takes filters as regular expressions that may match anywhere."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _has(labels: Mapping[str, str], wanted: str) -> bool:
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)
