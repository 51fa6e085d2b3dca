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
from dockerlab.engine.store.binds import ANYTHING, Binds
from dockerlab.engine.store.files import full_disk, remove_tree, sync_directory, write_json
from dockerlab.formats import patterns

Filters = Mapping[str, list[str]]
Users = Callable[[str], Sequence[str]]
"""The ids of the containers that use a volume, by its name."""

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
_LONGEST = 255
_OPTIONS = ("type", "o", "device", "size")
_BIND_WORDS = ("bind", "rbind", "rw")


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume; ``labels`` is None when create had none, which inspect echoes."""

    name: str
    created: str
    labels: dict[str, str] | None
    mountpoint: str
    options: dict[str, str] | None = None
    """Of the driver: ``type``, ``o`` and ``device`` name a folder of the host to be used."""
    anonymous: bool = False

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return Path((self.options or {}).get("device") or self.mountpoint)

    def view(self) -> dict[str, Any]:
        """As Docker's API shows it."""
        return {
            "CreatedAt": self.created,
            "Driver": "local",
            "Labels": self.labels,
            "Mountpoint": self.mountpoint,
            "Name": self.name,
            "Options": self.options,
            "Scope": "local",
        }


class Volumes:
    """All volumes of this engine; ``root`` is its folder."""

    def __init__(self, root: Path, events: Events, binds: Binds = ANYTHING) -> None:
        self._folder = root / "volumes"
        self._events = events
        self._binds = binds
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

        A volume that is there already is returned as it is. Raises StoreFull on a full disk,
        Forbidden for a folder of the host's that may not be mounted.
        """
        anonymous = not name
        name = name or secrets.token_hex(32)
        _check(name, driver)
        if name in self._volumes:
            return self._volumes[name]
        _check_options(name, options or {})
        if options:
            self._binds.check(options["device"])
        volume = Volume(
            name,
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            dict(labels) if labels is not None else None,
            str(self._folder / name / "_data"),
            dict(options) if options else None,
            anonymous,
        )
        self._make(volume)
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
        return self.get(name).folder

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
        if self.get(name).options:
            return 0  # those are the host's files, not the engine's
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

    def prune(self, filters: Filters, users: Users, *, named: bool = True) -> tuple[list[str], int]:
        """Remove all volumes that no container uses; their names, and the bytes they had.

        Without ``named`` only those that got their name from the engine.
        """
        _check_filters(filters, ("label", "label!"))
        removed, reclaimed = [], 0
        for volume in list(self._volumes.values()):
            if not (named or volume.anonymous):
                continue
            if _matches(volume, filters) and not users(volume.name):
                size = self.size(volume.name)
                self.remove(volume.name)
                removed.append(volume.name)
                reclaimed += size
        self._events.publish("volume", "prune", "", {"reclaimed": str(reclaimed)})
        return removed, reclaimed

    def _make(self, volume: Volume) -> None:
        new = self._folder / f".new-{secrets.token_hex(8)}"
        try:
            with full_disk():
                new.mkdir(mode=0o700)
                (new / "_data").mkdir()
                (new / "_data").chmod(0o755)
                write_json(new / "volume.json", asdict(volume))
                os.rename(new, self._folder / volume.name)
                sync_directory(self._folder)
        except BaseException:
            remove_tree(new)
            raise


def _load(path: Path) -> Volume:
    """A volume from disk. Its files count more than its record, which may be damaged."""
    try:
        data = json.loads((path / "volume.json").read_text())
        facts: Any = str(data["created"]), data["labels"], data.get("options"), data["anonymous"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(path.stat().st_mtime))
        facts = created, None, None, False
    created, labels, options, anonymous = facts
    return Volume(path.name, created, labels, str(path / "_data"), options, bool(anonymous))


def _check(name: str, driver: str) -> None:
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


def _check_options(name: str, options: Mapping[str, str]) -> None:
    """The local driver's: a folder of the host can be a volume, all else is refused by name."""
    for option in options:
        if option not in _OPTIONS:
            raise BadParameter(f'create {name}: invalid option: "{option}"')
    if not options:
        return
    if "size" in options:
        raise BadParameter(f"create {name}: quota size requested but no quota support")
    # In the order in which Docker misses them.
    for option in ("device", "type"):
        if not options.get(option):
            raise BadParameter(f'create {name}: missing required option: "{option}"')
    kind, words = options["type"], options.get("o", "").split(",")
    if not {"bind", "rbind"} & set(words) or not set(words) <= set(_BIND_WORDS):
        raise NotImplementedHere(
            f"create {name}: the embedded engine does not support volumes of type {kind} with "
            f"o={options.get('o', '')}, only a folder of the host: type=none, o=bind, device=/path"
        )
    if not options["device"].startswith("/"):
        raise BadParameter(f"create {name}: device must be an absolute path: {options['device']}")


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
        return patterns.search(pattern, name)
    except ValueError:
        return False


def _has(labels: Mapping[str, str], wanted: str) -> bool:
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)
