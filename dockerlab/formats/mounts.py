"""Where each path of a container comes from: image layers, its own layer, volumes, the host.

A mount hides what was at its place before, as long as it is there. The deepest mount above a
path decides.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dockerlab.formats.filetree import Change, Entry, Kind
from dockerlab.formats.layers import LayerStack

MountKind = Literal["bind", "volume", "anonymous", "tmpfs"]
OriginKind = Literal["layer", "container", "bind", "volume", "anonymous", "tmpfs", "engine", "none"]

ENGINE_FILES = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev", "/proc", "/sys")
"""What the engine puts into every container."""

_HEX = frozenset("0123456789abcdef")
_MOST_LINKS = 40


@dataclass(frozen=True, slots=True, order=True)
class Mount:
    """Something mounted at ``path``.

    ``source`` is the host's path of a bind, the name of a volume, empty for a tmpfs. ``image``:
    the volume is there because the image asks for it (VOLUME). ``size`` is a tmpfs's limit.
    """

    path: str
    kind: MountKind
    source: str = ""
    writable: bool = True
    image: bool = False
    size: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Files that a mount hides: ``files`` and ``size`` (bytes) of those at ``path``.

    ``layer`` is the image's layer that most of them come from; ``kept`` when another mount is
    at that path again, so that they are not what is missing.
    """

    path: str
    files: int
    size: int
    layer: int
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a path comes from, and what lies hidden below: the layer or mounts underneath.

    ``layer`` is a number of the image's stack, for the kind ``layer``. ``source`` is the path on
    the host for a bind, the path inside the volume for a volume.
    """

    path: str
    kind: OriginKind
    mount: Mount | None = None
    layer: int = 0
    command: str = ""
    source: str = ""
    below: tuple[Origin, ...] = ()

    def __str__(self) -> str:
        where = {
            "layer": f"image layer {self.layer} ({self.command})",
            "container": "written by the container itself",
            "bind": f"host folder or file {self.source}",
            "volume": f"volume {self.mount.source if self.mount else ''}",
            "anonymous": f"anonymous volume {(self.mount.source if self.mount else '')[:12]}",
            "tmpfs": "memory (tmpfs)",
            "engine": "made by the engine for this container",
            "none": "not there",
        }[self.kind]
        hidden = "".join(f"; hides: {one}" for one in self.below[:1])
        return f"{where}{hidden}"

    def __repr__(self) -> str:
        return f"{self.path}: {self}"


@dataclass(frozen=True, slots=True)
class MountMap:
    """A container's file tree by origin. ``changes`` is ``docker diff``."""

    container: str
    image: LayerStack
    mounts: tuple[Mount, ...] = ()
    changes: tuple[Change, ...] = ()
    workdir: str = "/"
    read_only: bool = False

    def origin(self, path: str) -> Origin:
        """Where the file or folder at ``path`` comes from; relative paths count from WORKDIR.

        >>> lab.mounts("web").origin("/usr/src/app/server.js")  # doctest: +SKIP
        /usr/src/app/server.js: host folder or file /home/kim/app/server.js; hides: image layer …
        """
        path = posixpath.normpath(posixpath.join("/", self.workdir, path))
        path = "/" + path.lstrip("/")
        tree = self.image.tree()
        path = self._resolved(path, tree)
        chain = [self._mounted(mount, path) for mount in self._above(path)]
        bottom = self._written(path, tree)
        chain += [] if chain and bottom.kind == "none" else [bottom]
        return _joined(chain)

    def hidden(self, mount: Mount) -> tuple[Hidden, ...]:
        """What of the image lies hidden below a mount, one a name in its folder, by size."""
        owners = self.image.origins()
        tree = self.image.tree()
        groups: dict[str, list[str]] = {}
        for path in tree:
            inside = _relative(path, mount.path)
            if inside is not None and tree[path].type != "dir":
                name = inside.partition("/")[0]
                at = posixpath.join(mount.path, name).rstrip("/")
                groups.setdefault(at, []).append(path)
        again = {one.path for one in self.mounts if one.path != mount.path}
        found = [_hidden(at, paths, tree, owners, again) for at, paths in groups.items()]
        return tuple(sorted(found, key=lambda one: (-one.size, one.path)))

    def under(self, mount: Mount) -> Mount | None:
        """The mount that this one stands in, if it stands in one."""
        return next((one for one in self._above(mount.path) if one.path != mount.path), None)

    def _above(self, path: str) -> Iterator[Mount]:
        """The mounts that a path is in, the deepest first."""
        for mount in sorted(self.mounts, key=lambda one: -len(one.path)):
            if _relative(path, mount.path) is not None:
                yield mount

    def _mounted(self, mount: Mount, path: str) -> Origin:
        inside = _relative(path, mount.path) or ""
        source = posixpath.join(mount.source, inside) if inside else mount.source
        if mount.kind in ("volume", "anonymous"):
            source = inside
        return Origin(path, mount.kind, mount, source=source)

    def _written(self, path: str, tree: Mapping[str, Entry]) -> Origin:
        kinds = {change.path: change.kind for change in self.changes}
        owners = self.image.origins()
        below: tuple[Origin, ...] = ()
        if path in owners or path == "/":
            number = owners.get(path, 1)
            command = self.image.layers[number - 1].command if self.image.layers else ""
            below = (Origin(path, "layer", layer=number, command=command),)
        changed = kinds.get(path)
        # A folder counts as changed as soon as something in it is.
        folder = (path in tree and tree[path].type == "dir") or path == "/"
        if changed is Kind.DELETED:
            return Origin(path, "none", below=below)
        if changed is not None and not folder:
            return Origin(path, "container", below=below)
        if any(_relative(path, one) is not None for one in ENGINE_FILES):
            return Origin(path, "engine")
        return below[0] if below else Origin(path, "none")

    def _resolved(self, path: str, tree: Mapping[str, Entry]) -> str:
        """``path`` with the image's links to folders followed, as ``/bin`` → ``/usr/bin``."""
        for _ in range(_MOST_LINKS):
            step = next((at for at in _folders(path) if self._link(at, tree)), None)
            if step is None:
                break
            target = posixpath.join(posixpath.dirname(step), tree[step].link)
            path = posixpath.normpath(posixpath.join(target, path[len(step) :].lstrip("/")))
            path = "/" + path.lstrip("/")
        return path

    def _link(self, path: str, tree: Mapping[str, Entry]) -> bool:
        covered = next(self._above(path), None)
        return covered is None and path in tree and tree[path].type == "symlink"


def _hidden(
    at: str,
    paths: list[str],
    tree: Mapping[str, Entry],
    owners: Mapping[str, int],
    again: set[str],
) -> Hidden:
    layer = Counter(owners[path] for path in paths).most_common(1)[0][0]
    size = sum(tree[path].size for path in paths)
    return Hidden(at, len(paths), size, layer, at in again)


def _joined(chain: list[Origin]) -> Origin:
    first, *rest = chain
    below = (*rest, *(one for last in chain[-1:] for one in last.below))
    return Origin(
        first.path, first.kind, first.mount, first.layer, first.command, first.source, below
    )


def _folders(path: str) -> Iterator[str]:
    """The folders above a path, the uppermost first: links are followed one by one."""
    parts = path.strip("/").split("/")
    for depth in range(1, len(parts)):
        yield "/" + "/".join(parts[:depth])


def _relative(path: str, folder: str) -> str | None:
    """``path`` as seen from ``folder``; None when it is not in it."""
    if path == folder or folder == "/":
        return path[len(folder) :].lstrip("/")
    return path[len(folder) + 1 :] if path.startswith(folder + "/") else None


def mounts_of(facts: Mapping[str, Any], image_volumes: Mapping[str, Any]) -> tuple[Mount, ...]:
    """The mounts of an inspected container, sorted by path.

    ``image_volumes`` are those that the image asks for. A volume whose name is 64 hexadecimal
    digits was named by the engine: it is anonymous.
    """
    found = [_mount(one, image_volumes) for one in facts.get("Mounts") or ()]
    paths = {mount.path for mount in found}
    for path, options in ((facts.get("HostConfig") or {}).get("Tmpfs") or {}).items():
        path = posixpath.normpath(path)
        if path not in paths:
            found.append(_tmpfs(path, str(options)))
    return tuple(sorted(found))


def _mount(one: Mapping[str, Any], image_volumes: Mapping[str, Any]) -> Mount:
    path = posixpath.normpath(str(one.get("Destination") or "/"))
    writable, name = bool(one.get("RW", True)), str(one.get("Name") or "")
    if one.get("Type") == "tmpfs":
        return Mount(path, "tmpfs", writable=writable)
    if one.get("Type") != "volume":
        return Mount(path, "bind", str(one.get("Source") or ""), writable)
    anonymous = len(name) == 64 and set(name) <= _HEX
    wanted = any(posixpath.normpath(volume) == path for volume in image_volumes)
    return Mount(path, "anonymous" if anonymous else "volume", name, writable, anonymous and wanted)


def _tmpfs(path: str, options: str) -> Mount:
    words = options.split(",")
    size = next((word.partition("=")[2] for word in words if word.startswith("size=")), "")
    return Mount(path, "tmpfs", writable="ro" not in words, size=size)
