"""What ``lab`` can do with the engine as a whole."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dockerlab.client.explain import explained
from dockerlab.errors import NotFoundHere
from dockerlab.formats.resources import EventRecord, Usage, disk_usage
from dockerlab.formats.table import Table, html_record
from dockerlab.formats.text import parse_duration, parse_time, size

if TYPE_CHECKING:
    import docker

DF = ("TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE")
EVENTS = ("TIME", "TYPE", "ACTION", "NAME")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a clean-up removed, by kind, and the bytes it won back."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    build_cache: tuple[str, ...] = ()
    reclaimed: int = 0

    def __repr__(self) -> str:
        parts = [
            f"Deleted {title}:\n" + "".join(f"{item}\n" for item in items)
            for title, items in self._parts()
            if items
        ]
        return "\n".join([*parts, f"Total reclaimed space: {size(self.reclaimed, 4)}"])

    def _repr_html_(self) -> str:
        facts = [(f"deleted {title}", str(len(items))) for title, items in self._parts()]
        return html_record("Clean-up", [*facts, ("bytes won", size(self.reclaimed, 4))])

    def _parts(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (
            ("Containers", self.containers),
            ("Networks", self.networks),
            ("Volumes", self.volumes),
            ("Images", self.images),
            ("build cache objects", self.build_cache),
        )


def df_cells(row: Usage) -> tuple[str, ...]:
    """The columns of ``docker system df``."""
    share = f" ({100 * row.reclaimable // row.size}%)" if row.size else ""
    return (
        row.kind,
        str(row.total),
        str(row.active),
        size(row.size, 4),
        size(row.reclaimable, 4) + share,
    )


def event_cells(event: EventRecord) -> tuple[str, ...]:
    moment = dt.datetime.fromtimestamp(event.time_ns / 1e9)
    name = event.name or event.id[:12]
    return moment.strftime("%H:%M:%S.%f")[:-3], event.kind, event.action, name


def moment(text: str) -> float:
    """``--since`` and ``--until``: a Unix time, an RFC 3339 time, or a while ago, as ``10m``."""
    if text.replace(".", "", 1).isdigit():
        return float(text)
    return parse_time(text) or time.time() - parse_duration(text.lstrip("-"))


class SystemCalls:
    """The part of ``Lab`` that deals with the engine as a whole."""

    docker: docker.DockerClient
    api: Any

    @property
    @explained()
    def embedded(self) -> bool:
        """Whether this is the course's own engine, which holds nothing but what lessons made."""
        platform = self.docker.version().get("Platform") or {}
        return str(platform.get("Name", "")).startswith("dockerlab")

    @explained()
    def inspect(self, name: str) -> dict[str, Any]:
        """All facts about whatever has this name: a container, image, network or volume.

        >>> lab.inspect("web")["State"]["Status"]  # doctest: +SKIP
        'running'
        """
        for look in (
            self.api.inspect_container,
            self.api.inspect_image,
            self.api.inspect_network,
            self.api.inspect_volume,
        ):
            try:
                return dict(look(name))
            except Exception as error:
                if getattr(error, "status_code", 0) != 404:
                    raise
        raise NotFoundHere(
            f"No such object: {name}", "docker ps -a and docker images list names", status=404
        )

    @explained()
    def prune(
        self,
        *,
        all_images: bool = False,
        volumes: bool = False,
        filters: Mapping[str, Any] | None = None,
    ) -> Pruned:
        """Remove stopped containers, unused networks, nameless images and the build cache.

        Nothing that runs is touched. ``all_images``: every image that no container uses;
        ``volumes``: unused volumes too; ``filters``: only what matches, ``{"label": "a=b"}``.
        The build cache has no labels: with a filter by label it is left alone.
        """
        only = dict(filters or {})
        containers = self.api.prune_containers(only)
        networks = self.api.prune_networks(only)
        emptied = self.api.prune_volumes(only) if volumes else {}
        images = self.api.prune_images({**only, "dangling": not all_images})
        cache = {} if {"label", "label!"} & set(only) else self.api.prune_builds()
        answers = (containers, emptied, images, cache)
        return Pruned(
            containers=tuple(containers.get("ContainersDeleted") or ()),
            networks=tuple(networks.get("NetworksDeleted") or ()),
            volumes=tuple(emptied.get("VolumesDeleted") or ()),
            images=deleted_images(images),
            build_cache=tuple(cache.get("CachesDeleted") or ()),
            reclaimed=sum(int(answer.get("SpaceReclaimed") or 0) for answer in answers),
        )

    @explained()
    def df(self) -> Table[Usage]:
        """How much disk images, containers, volumes and the build cache use."""
        return Table(DF, disk_usage(self.api.df()), df_cells, caption="Disk usage")

    @explained()
    def events(
        self,
        *,
        since: str | float = "",
        until: str | float = "",
        filters: Mapping[str, Any] | None = None,
    ) -> Table[EventRecord]:
        """What happened in the engine from ``since`` to ``until`` (now, unless given).

        Both are Unix times or texts as ``"10m"`` (ago). ``follow_events`` waits for new ones.

        >>> lab.events(since="1m")  # doctest: +SKIP
        """
        start = moment(str(since)) if since else 0.0
        end = moment(str(until)) if until else time.time()
        found = list(self.follow_events(since=start, until=end, filters=filters))
        return Table(EVENTS, found, event_cells, caption="Events")

    def follow_events(
        self,
        *,
        since: float = 0.0,
        until: float = 0.0,
        filters: Mapping[str, Any] | None = None,
    ) -> Iterator[EventRecord]:
        """Events as they happen, for a ``for`` loop; ends at ``until`` or when interrupted."""
        with explained():
            stream = self.api.events(
                since=f"{since:.9f}" if since else None,
                until=f"{until:.9f}" if until else None,
                filters=dict(filters or {}),
                decode=True,
            )
            try:
                for event in stream:
                    yield EventRecord.of(event)
            finally:
                stream.close()

    @explained()
    def info(self) -> dict[str, Any]:
        """Facts about the engine: its name, storage, number of containers."""
        return dict(self.docker.info())

    @explained()
    def version(self) -> dict[str, Any]:
        """The engine's version and that of its API."""
        return dict(self.docker.version())


def deleted_images(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """``untagged: …`` and ``deleted: …``, as prune words it."""
    return tuple(
        f"{what.lower()}: {which}"
        for item in answer.get("ImagesDeleted") or ()
        for what, which in item.items()
    )
