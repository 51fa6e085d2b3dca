"""What is mounted into a container: binds, volumes and tmpfs, as asked for and as shown.

Three places of a create request name them: ``HostConfig.Binds`` (``-v``), ``HostConfig.Mounts``
(``--mount``) and ``Volumes`` of the image or the request (anonymous volumes).
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dockerlab.engine.containers.request.config import Data
from dockerlab.engine.errors import BadParameter, NotImplementedHere, ServerError
from dockerlab.engine.run.process import Mount

VOLUME_NAME = "[a-zA-Z0-9][a-zA-Z0-9_.-]"

_PRIVATE = ("private", "rprivate")
_PASSING_ON = ("shared", "rshared", "slave", "rslave")
_MODES = frozenset(
    ("ro", "rw", "z", "Z", "nocopy", "cached", "delegated", "consistent", *_PRIVATE, *_PASSING_ON)
)
_TMPFS_DATA = ("size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol")
_TMPFS_WORDS = (
    "ro rw exec noexec suid nosuid dev nodev sync async atime noatime diratime nodiratime "
    "relatime norelatime strictatime private rprivate shared rshared slave rslave"
)
_TMPFS_FLAGS = frozenset(_TMPFS_WORDS.split())

_TMPFS_APPLIED = ("ro", "rw", "exec", "noexec", "suid", "nosuid", "nodev")
"""Those that the runtimes know; the others change nothing that a container could see."""


@dataclass(frozen=True, slots=True)
class MountPoint:
    """One mount of a container; stored with it."""

    type: str
    """bind, volume or tmpfs."""
    destination: str
    source: str = ""
    """The host's path; for volumes it is known once the volume exists."""
    name: str = ""
    """Of the volume; empty until an anonymous one was made."""
    driver: str = ""
    mode: str = ""
    read_write: bool = True
    anonymous: bool = False
    copy: bool = True
    """Fill an empty volume with what the image has at this place."""
    make_source: bool = False
    """``-v`` creates the host's folder, ``--mount`` refuses when it is not there."""
    options: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    driver_options: dict[str, str] = field(default_factory=dict)
    """For the volume, should it have to be made."""

    def view(self) -> Data:
        """As inspect shows it."""
        shown: Data = {"Type": self.type}
        if self.name:
            shown["Name"] = self.name
        shown |= {"Source": self.source, "Destination": self.destination}
        if self.driver:
            shown["Driver"] = self.driver
        propagation = "rprivate" if self.type == "bind" else ""
        return shown | {"Mode": self.mode, "RW": self.read_write, "Propagation": propagation}

    def record(self) -> Data:
        """As container.json keeps it; ``MountPoint(**record)`` is the inverse."""
        return asdict(self)


def parse(config: Mapping[str, Any], host: Mapping[str, Any]) -> list[MountPoint]:
    """All mounts that the request asks for, in Docker's order; anonymous volumes last."""
    points = [parse_bind(str(text)) for text in host["Binds"] or ()]
    points += [parse_mount(data) for data in host.get("Mounts") or ()]
    taken: set[str] = set()
    for point in points:
        if point.destination in taken:
            raise BadParameter(f"Duplicate mount point: {point.destination}")
        taken.add(point.destination)
    for path in map(clean, host.get("Tmpfs") or ()):
        if path in taken:
            raise BadParameter(f"Duplicate mount point: {path}")
        taken.add(path)
    for path in config.get("Volumes") or ():
        # Docker takes a relative path of an image's VOLUME as starting at the root.
        destination = clean("/" + path.lstrip("/"))
        if destination not in taken:
            points.append(_anonymous(destination))
            taken.add(destination)
    return points


def _anonymous(destination: str, mode: str = "") -> MountPoint:
    return MountPoint("volume", destination, driver="local", mode=mode, anonymous=True)


def clean(path: str) -> str:
    """The path without doubled slashes, dots and a slash at its end."""
    return posixpath.normpath("/" + path.lstrip("/"))


def parse_bind(text: str) -> MountPoint:
    """``source:destination[:mode]`` or ``destination`` of ``-v``.

    Docker answers a malformed one with 500, and so does this.
    """
    parts = text.split(":")
    if len(parts) > 3 or not all(parts):
        raise ServerError(f"invalid volume specification: '{text}'")
    if len(parts) == 1:
        return _anonymous(_bind_destination(text, "volume", parts[0]))
    source, target = parts[0], parts[1]
    mode = parts[2] if len(parts) == 3 else ""
    words = mode.split(",") if mode else []
    if not set(words) <= _MODES or {"ro", "rw"} <= set(words):
        raise ServerError(f"invalid mode: {mode}")
    kind = "bind" if source.startswith("/") else "volume"
    destination = _bind_destination(text, kind, target)
    _check_words(text, kind, words)
    if kind == "bind":
        return MountPoint(
            "bind",
            destination,
            clean(source),
            mode=mode,
            read_write="ro" not in words,
            make_source=True,
        )
    check_volume_name(source)
    return MountPoint(
        "volume",
        destination,
        name=source,
        driver="local",
        mode=mode or "z",
        read_write="ro" not in words,
        copy="nocopy" not in words,
    )


def _check_words(text: str, kind: str, words: list[str]) -> None:
    """Refuse what Docker refuses for this kind, and what would need mounts passed on."""
    stray = ""
    if kind == "bind" and "nocopy" in words:
        stray = "VolumeOptions"
    elif kind == "volume" and any(word in _PRIVATE + _PASSING_ON for word in words):
        stray = "BindOptions"
    if stray:
        raise ServerError(
            f"invalid volume specification: '{text}': "
            f'invalid mount config for type "{kind}": field {stray} must not be specified'
        )
    for word in words:
        _check_propagation(word)


def _check_propagation(mode: str) -> None:
    if mode in _PASSING_ON:
        raise NotImplementedHere(
            f"The embedded engine does not pass mounts on between host and container ({mode})."
        )


def _bind_destination(text: str, kind: str, target: str) -> str:
    reason = ""
    if not target.startswith("/"):
        reason = f"invalid mount path: '{target}' mount path must be absolute"
    elif clean(target) == "/":
        reason = "invalid specification: destination can't be '/'"
    if reason:
        raise ServerError(
            f"invalid volume specification: '{text}': "
            f'invalid mount config for type "{kind}": {reason}'
        )
    return clean(target)


def check_volume_name(name: str) -> None:
    """Refuse what cannot be the name of a volume, in Docker's words."""
    if not re.fullmatch(VOLUME_NAME + "*", name):
        raise BadParameter(
            f'create {name}: "{name}" includes invalid characters for a local volume name, only '
            f'"{VOLUME_NAME}" are allowed. '
            "If you intended to pass a host directory, use absolute path"
        )
    if len(name) < 2:
        raise BadParameter(
            f"create {name}: volume name is too short, "
            "names should be at least two alphanumeric characters"
        )


def parse_mount(data: Any) -> MountPoint:
    """One entry of ``Mounts`` (``--mount``)."""
    if not isinstance(data, dict):
        raise BadParameter("invalid mount config: an object is needed")
    kind, source = str(data.get("Type") or ""), str(data.get("Source") or "")
    if kind not in ("bind", "volume", "tmpfs"):
        raise BadParameter(f'invalid mount config for type "{kind}": mount type unknown')
    for key in ("BindOptions", "TmpfsOptions", "VolumeOptions"):
        if not isinstance(data.get(key) or {}, dict):
            raise _refused(kind, f"{key} must be an object")
    _check_options(kind, data)
    destination = _mount_destination(kind, str(data.get("Target") or ""))
    read_write = not data.get("ReadOnly")
    if kind == "bind":
        _check_mode((data.get("BindOptions") or {}).get("Propagation") or "")
        return _mount_bind(destination, source, read_write)
    if kind == "tmpfs":
        if source:
            raise _refused(kind, "field Source must not be specified")
        options = _tmpfs_options(data.get("TmpfsOptions") or {})
        return MountPoint("tmpfs", destination, read_write=read_write, options=options)
    return _mount_volume(destination, source, read_write, data.get("VolumeOptions") or {})


def _check_options(kind: str, data: Mapping[str, Any]) -> None:
    """Options of another kind of mount are a mistake, not to be passed over."""
    for other in ("bind", "volume", "tmpfs"):
        key = f"{other.capitalize()}Options"
        if other != kind and data.get(key):
            raise _refused(kind, f"field {key} must not be specified")


def _check_mode(mode: str) -> None:
    if mode and mode not in _PRIVATE + _PASSING_ON:
        raise _refused("bind", f"invalid propagation mode: {mode}")
    _check_propagation(mode)


def _refused(kind: str, reason: str) -> BadParameter:
    return BadParameter(f'invalid mount config for type "{kind}": {reason}')


def _mount_destination(kind: str, target: str) -> str:
    if not target:
        raise _refused(kind, "field Target must not be empty")
    if not target.startswith("/"):
        raise _refused(kind, f"invalid mount path: '{target}' mount path must be absolute")
    if clean(target) == "/":
        raise _refused(kind, "invalid specification: destination can't be '/'")
    return clean(target)


def _mount_bind(destination: str, source: str, read_write: bool) -> MountPoint:
    if not source:
        raise _refused("bind", "field Source must not be empty")
    if not source.startswith("/"):
        raise _refused("bind", f"invalid mount path: '{source}' mount path must be absolute")
    if not os.path.exists(source):
        raise _refused("bind", f"bind source path does not exist: {source}")
    return MountPoint("bind", destination, clean(source), read_write=read_write)


def _mount_volume(
    destination: str, source: str, read_write: bool, options: Mapping[str, Any]
) -> MountPoint:
    config = options.get("DriverConfig") or {}
    if source:
        check_volume_name(source)
    return MountPoint(
        "volume",
        destination,
        name=source,
        driver=str(config.get("Name") or "local"),
        mode="z",
        read_write=read_write,
        anonymous=not source,
        copy=not options.get("NoCopy"),
        labels=_texts(options.get("Labels")),
        driver_options=_texts(config.get("Options")),
    )


def _texts(data: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(key): str(value) for key, value in (data or {}).items()}


def _tmpfs_options(options: Mapping[str, Any]) -> str:
    words = []
    if size := options.get("SizeBytes"):
        words.append(f"size={int(size)}")
    if mode := options.get("Mode"):
        words.append(f"mode={int(mode):o}")
    return ",".join(words)


def check_tmpfs(tmpfs: Mapping[str, Any]) -> None:
    """Refuse a bad ``--tmpfs``."""
    for path, options in tmpfs.items():
        if not path.startswith("/"):
            raise BadParameter(f"invalid mount path: '{path}' mount path must be absolute")
        if clean(path) == "/":
            raise BadParameter("invalid specification: destination can't be '/'")
        for word in str(options or "").split(","):
            if word and not _is_tmpfs_option(word):
                raise BadParameter(f'invalid tmpfs option ["{word}"]')


def _is_tmpfs_option(word: str) -> bool:
    key, equals, value = word.partition("=")
    if not equals:
        return word in _TMPFS_FLAGS
    # The kernel would refuse a bad size in words that say nothing of it.
    return key in _TMPFS_DATA and bool(key != "size" or re.fullmatch(r"\d+[kKmMgG%]?", value))


def runtime_mounts(
    points: Iterable[MountPoint], tmpfs: Mapping[str, Any], beneath: tuple[str, ...] = ()
) -> list[Mount]:
    """What the runtime shall mount, outer paths before inner ones; binds only from ``beneath``."""
    mounts = [_runtime_tmpfs(clean(path), str(options or "")) for path, options in tmpfs.items()]
    for point in points:
        read_only = not point.read_write
        if point.type == "tmpfs":
            mounts.append(Mount("tmpfs", point.destination, "", read_only, point.options))
        else:
            mounts.append(
                Mount("bind", point.destination, point.source, read_only, beneath=beneath)
            )
    return sorted(mounts, key=lambda mount: mount.target.count("/"))


def _runtime_tmpfs(path: str, options: str) -> Mount:
    words = [word for word in options.split(",") if "=" in word or word in _TMPFS_APPLIED]
    return Mount("tmpfs", path, read_only="ro" in words, options=",".join(words))
