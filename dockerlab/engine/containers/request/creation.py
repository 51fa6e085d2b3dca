"""Making a container: from a request to a record on disk with everything it needs to start."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.launch import Launcher
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.containers.request import config as configs
from dockerlab.engine.containers.request import copyup, endpoints, hostconfig, mounts
from dockerlab.engine.containers.request.config import Data
from dockerlab.engine.containers.request.mounts import MountPoint
from dockerlab.engine.containers.roster import SHORT_ID, Roster
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import BadParameter, Forbidden, NotFound, ServerError
from dockerlab.engine.run.process import Limits, Network
from dockerlab.engine.store.files import remove_tree
from dockerlab.engine.store.image import Image

_NOT_CONFIG = ("HostConfig", "NetworkingConfig", "Platform")


class Creator:
    """Creates containers. The record is written last: half-made ones are cleared at a start."""

    def __init__(self, services: Services, roster: Roster, launcher: Launcher) -> None:
        self._services = services
        self._roster = roster
        self._launcher = launcher

    async def create(
        self, name: str, body: Mapping[str, Any], *, several_networks: bool = False
    ) -> tuple[Container, list[str]]:
        """The container and the warnings for its user. Raises what Docker would."""
        if not any(value for key, value in body.items() if key not in _NOT_CONFIG):
            raise BadParameter("Config cannot be empty in order to create a container")
        self._check_room()
        image = self._image(str(body.get("Image") or ""))
        config = configs.parse(body, image.runtime_config)
        host, warnings = hostconfig.parse(_section(body, "HostConfig"))
        mounts.check_tmpfs(host.get("Tmpfs") or {})
        points = mounts.parse(config, host)
        for point in points:
            if point.type == "bind":
                self._services.binds.check(point.source)
        points += self._borrowed(host["VolumesFrom"] or (), {p.destination for p in points})
        asked = endpoints.parse_all(body, several=several_networks)
        networks = dict(self._services.networks.named(host["NetworkMode"], asked))
        links = self._links(host)
        id = secrets.token_hex(32)
        config["Hostname"] = config["Hostname"] or _hostname(id, host)
        bare = self._roster.reserve(name, id)
        try:
            made = await asyncio.to_thread(
                self._make, id, bare, image, config, host, points, networks, links
            )
        except BaseException:
            self._roster.free(bare, id)
            await asyncio.to_thread(self._undo, id)
            raise
        self._roster.add(made)
        self._services.events.publish("container", "create", id, made.attributes())
        spec = self._launcher.spec(made, Network())
        return made, [*warnings, *self._services.runtime.warnings(spec)]

    def _check_room(self) -> None:
        most = self._services.most_containers
        if most and self._roster.reserved >= most:
            raise Forbidden(
                f"too many containers: this engine has {most} at most (--containers)",
                "Remove some first: docker container prune.",
            )

    def ignored(self, container: Container, host: Data) -> list[str]:
        """What of a container's new limits will not be as asked for, a sentence each."""
        spec = self._launcher.spec(container, Network())
        unlimited = self._services.runtime.warnings(replace(spec, limits=Limits()))
        limits = hostconfig.limits(host)
        if limits == spec.limits:
            return []
        found = self._services.runtime.warnings(replace(spec, limits=limits))
        return [warning for warning in found if warning not in unlimited]

    def _links(self, host: Data) -> dict[str, list[str]]:
        """Links on the default bridge; on networks of users' own they stand in the endpoints."""
        texts, host["Links"] = host["Links"] or (), None
        mode = str(host["NetworkMode"])
        kind = "container" if mode.startswith("container:") else mode
        if not texts or kind not in ("default", "bridge", "none", "host", "container"):
            return {}
        if kind in ("host", "container"):
            what = "host type networking" if kind == "host" else "container type network"
            raise BadParameter(
                f"conflicting options: {what} can't be used with links. This would result in "
                "undefined behavior"
            )
        return self._launcher.links.resolve(texts)

    def _image(self, reference: str) -> Image:
        try:
            return self._services.images.get(reference)
        except NotFound as error:
            raise NotFound(error.message, error.hint) from None

    def _make(
        self,
        id: str,
        name: str,
        image: Image,
        config: Data,
        host: Data,
        points: list[MountPoint],
        networks: Data,
        links: dict[str, list[str]],
    ) -> Container:
        """The slow part, in a thread: files, volumes, record."""
        directory = self._services.containers / id
        directory.mkdir(0o700, parents=True)
        rootfs = self._services.snapshots.prepare(id, image.layers)
        made = Container(
            id=id,
            name=name,
            created=clock.now(),
            directory=directory,
            config=config,
            host=host,
            image_id=image.id,
            image_name=config["Image"],
            layers=[layer.diff_id for layer in image.layers],
            rootfs=rootfs,
            mounts=[self._make_mount(point, image) for point in points],
            endpoints=networks,
            links=links,
        )
        made.save()
        return made

    def _undo(self, id: str) -> None:
        self._services.snapshots.remove(id)
        remove_tree(self._services.containers / id)

    def _make_mount(self, point: MountPoint, image: Image) -> MountPoint:
        """Have its source be there: the host's folder, or the volume, filled from the image."""
        if point.type == "bind":
            _make_source(point)
            return point
        if point.type == "tmpfs":
            return point
        volumes = self._services.volumes
        volume = volumes.create(
            point.name,
            driver=point.driver,
            options=point.driver_options,
            labels=point.labels or None,
        )
        path = volumes.path(volume.name)
        if point.copy and path.is_dir() and copyup.is_empty(path):
            with self._services.snapshots.image_view(image.layers) as root:
                copyup.fill(root, point.destination, path)
        return replace(point, name=volume.name, source=str(path))

    def _borrowed(self, sources: Any, taken: set[str]) -> list[MountPoint]:
        """The mounts of ``--volumes-from`` that this container has not got already."""
        found = []
        for text in map(str, sources):
            if not text:
                raise BadParameter("volumes-from specification cannot be an empty string")
            reference, _, mode = text.partition(":")
            if mode not in ("", "ro", "rw", "z", "Z"):
                raise BadParameter(f"invalid mode: {mode}")
            for point in self._lender(reference).mounts:
                if point.destination not in taken and point.type != "tmpfs":
                    read_write = point.read_write and mode != "ro"
                    found.append(replace(point, read_write=read_write, copy=False, mode=mode))
                    taken.add(point.destination)
        return found

    def _lender(self, reference: str) -> Container:
        if found := self._roster.find(reference):
            return found
        raise BadParameter(f"No such container: {reference}")


def _section(body: Mapping[str, Any], key: str) -> Data:
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadParameter(f"json: cannot unmarshal into Go struct field .{key} of type object")
    return value


def _hostname(id: str, host: Data) -> str:
    return socket.gethostname() if host["NetworkMode"] == "host" else id[:SHORT_ID]


def _make_source(point: MountPoint) -> None:
    if not point.make_source or os.path.exists(point.source):
        return
    try:
        os.makedirs(point.source)
    except OSError as error:
        raise ServerError(
            f"error while creating mount source path '{point.source}': "
            f"mkdir {error.filename}: {(error.strerror or '').lower()}"
        ) from None
