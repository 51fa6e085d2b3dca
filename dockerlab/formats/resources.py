"""What an engine answers, as frozen records: pure functions from its JSON, no I/O.

Each record keeps the few facts a learner meets; ``of`` reads the JSON of the Engine API and
does not fail on what an older or other engine leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dockerlab.formats.text import parse_time

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container; ``public`` is 0 when it is not published on the host."""

    private: int
    public: int = 0
    address: str = ""
    protocol: str = "tcp"

    @classmethod
    def of(cls, data: Json) -> Port:
        return cls(
            int(data.get("PrivatePort", 0)),
            int(data.get("PublicPort") or 0),
            str(data.get("IP") or ""),
            str(data.get("Type") or "tcp"),
        )


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """A line of ``docker ps``. ``created`` in Unix seconds, sizes in bytes (None: not asked)."""

    id: str
    name: str
    image: str
    image_id: str
    command: str
    created: float
    state: str
    status: str
    ports: tuple[Port, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    mounts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    size: int | None = None
    root_size: int | None = None

    @classmethod
    def of(cls, data: Json) -> ContainerRecord:
        names = [name.lstrip("/") for name in data.get("Names") or []]
        # A name with a slash inside is the alias of an old-style link, not the container's own.
        own = [name for name in names if "/" not in name] or names or [""]
        networks = (data.get("NetworkSettings") or {}).get("Networks") or {}
        return cls(
            id=str(data.get("Id", "")),
            name=own[0],
            image=str(data.get("Image", "")),
            image_id=str(data.get("ImageID", "")),
            command=str(data.get("Command") or ""),
            created=float(data.get("Created") or 0),
            state=str(data.get("State", "")),
            status=str(data.get("Status", "")),
            ports=tuple(Port.of(port) for port in data.get("Ports") or []),
            labels=tuple(sorted((data.get("Labels") or {}).items())),
            mounts=tuple(m.get("Name") or m.get("Source") or "" for m in data.get("Mounts") or []),
            networks=tuple(sorted(networks)),
            size=data.get("SizeRw", 0) if "SizeRootFs" in data else None,
            root_size=data.get("SizeRootFs"),
        )


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image as ``GET /images/json`` gives it; one image may have several names."""

    id: str
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    created: float
    size: int
    containers: int = -1
    labels: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, data: Json) -> ImageRecord:
        return cls(
            id=str(data.get("Id", "")),
            tags=tuple(t for t in data.get("RepoTags") or [] if t != "<none>:<none>"),
            digests=tuple(d for d in data.get("RepoDigests") or [] if "<none>" not in d),
            created=float(data.get("Created") or 0),
            size=int(data.get("Size") or 0),
            containers=int(data.get("Containers", -1)),
            labels=tuple(sorted((data.get("Labels") or {}).items())),
        )


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """One step in an image's history; ``id`` is ``<missing>`` where only the record is left."""

    id: str
    created: float
    created_by: str
    size: int
    comment: str = ""

    @classmethod
    def of(cls, data: Json) -> HistoryRecord:
        return cls(
            str(data.get("Id") or "<missing>"),
            float(data.get("Created") or 0),
            str(data.get("CreatedBy") or ""),
            int(data.get("Size") or 0),
            str(data.get("Comment") or ""),
        )


@dataclass(frozen=True, slots=True)
class VolumeRecord:
    """A volume; ``size`` and ``users`` are -1 unless ``system df`` was asked."""

    name: str
    driver: str
    mountpoint: str
    created: float = 0.0
    labels: tuple[tuple[str, str], ...] = ()
    size: int = -1
    users: int = -1

    @classmethod
    def of(cls, data: Json) -> VolumeRecord:
        usage = data.get("UsageData") or {}
        return cls(
            str(data.get("Name", "")),
            str(data.get("Driver", "local")),
            str(data.get("Mountpoint") or ""),
            parse_time(str(data.get("CreatedAt") or "")),
            tuple(sorted((data.get("Labels") or {}).items())),
            int(usage.get("Size", -1)),
            int(usage.get("RefCount", -1)),
        )


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened in the engine; ``time_ns`` is Unix time in nanoseconds."""

    time_ns: int
    kind: str
    action: str
    id: str
    attributes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, data: Json) -> EventRecord:
        actor = data.get("Actor") or {}
        return cls(
            int(data.get("timeNano") or int(data.get("time") or 0) * 1_000_000_000),
            str(data.get("Type") or "container"),
            str(data.get("Action") or data.get("status") or ""),
            str(actor.get("ID") or data.get("id") or ""),
            tuple(sorted((actor.get("Attributes") or {}).items())),
        )

    @property
    def name(self) -> str:
        """The name of what it happened to, where the engine said it."""
        return dict(self.attributes).get("name", "")


@dataclass(frozen=True, slots=True)
class StatsRecord:
    """What a container uses at one moment. Bytes; ``cpu`` and ``memory_share`` in per cent."""

    id: str
    name: str
    cpu: float
    memory: int
    memory_limit: int
    network_in: int
    network_out: int
    block_read: int
    block_written: int
    processes: int

    @property
    def memory_share(self) -> float:
        return 100.0 * self.memory / self.memory_limit if self.memory_limit else 0.0

    @classmethod
    def of(cls, data: Json) -> StatsRecord:
        networks = (data.get("networks") or {}).values()
        memory = data.get("memory_stats") or {}
        return cls(
            id=str(data.get("id", "")),
            name=str(data.get("name", "")).lstrip("/"),
            cpu=_cpu_share(data),
            memory=_used_memory(memory),
            memory_limit=int(memory.get("limit") or 0),
            network_in=sum(int(n.get("rx_bytes", 0)) for n in networks),
            network_out=sum(int(n.get("tx_bytes", 0)) for n in networks),
            block_read=_block_bytes(data, "read"),
            block_written=_block_bytes(data, "write"),
            processes=int((data.get("pids_stats") or {}).get("current") or 0),
        )


def _cpu_share(data: Json) -> float:
    """Used CPU time between the two samples of one answer; 100 is one whole processor."""
    now, before = data.get("cpu_stats") or {}, data.get("precpu_stats") or {}
    used = _total_cpu(now) - _total_cpu(before)
    system = int(now.get("system_cpu_usage") or 0) - int(before.get("system_cpu_usage") or 0)
    count = now.get("online_cpus") or len((now.get("cpu_usage") or {}).get("percpu_usage") or [1])
    return 100.0 * used / system * int(count) if used > 0 and system > 0 else 0.0


def _total_cpu(stats: Json) -> int:
    return int((stats.get("cpu_usage") or {}).get("total_usage") or 0)


def _used_memory(memory: Json) -> int:
    """Usage less the page cache that the kernel can drop, as docker counts it."""
    usage, details = int(memory.get("usage") or 0), memory.get("stats") or {}
    for key in ("total_inactive_file", "inactive_file"):
        if 0 < int(details.get(key) or 0) < usage:
            return usage - int(details[key])
    return usage


def _block_bytes(data: Json, operation: str) -> int:
    entries = (data.get("blkio_stats") or {}).get("io_service_bytes_recursive") or []
    return sum(int(e["value"]) for e in entries if str(e.get("op", "")).lower() == operation)


@dataclass(frozen=True, slots=True)
class Change:
    """A file that differs from the image: ``A`` added, ``C`` changed, ``D`` deleted."""

    kind: str
    path: str

    @classmethod
    def of(cls, data: Json) -> Change:
        return cls("CAD"[int(data.get("Kind", 0))], str(data.get("Path", "")))


@dataclass(frozen=True, slots=True)
class Usage:
    """A line of ``docker system df``."""

    kind: str
    total: int
    active: int
    size: int
    reclaimable: int


def disk_usage(data: Json) -> tuple[Usage, ...]:
    """The four lines of ``docker system df`` out of ``GET /system/df``."""
    return (
        _image_usage(data),
        _container_usage(data.get("Containers") or []),
        _volume_usage([VolumeRecord.of(volume) for volume in data.get("Volumes") or []]),
        _cache_usage(data.get("BuildCache") or []),
    )


def _image_usage(data: Json) -> Usage:
    images = data.get("Images") or []
    used = [image for image in images if int(image.get("Containers") or 0) > 0]
    total = int(data.get("LayersSize") or 0)
    # What a used image shares with others cannot be won back; docker counts it the same way.
    kept = sum(
        int(image.get("Size") or 0) - int(image.get("SharedSize") or 0)
        for image in used
        if int(image.get("Size") or -1) != -1 and int(image.get("SharedSize", -1)) != -1
    )
    return Usage("Images", len(images), len(used), total, total - kept)


def _container_usage(containers: Iterable[Json]) -> Usage:
    rows = list(containers)
    active = [row for row in rows if row.get("State") in ("running", "paused", "restarting")]
    sizes = sum(int(row.get("SizeRw") or 0) for row in rows)
    kept = sum(int(row.get("SizeRw") or 0) for row in active)
    return Usage("Containers", len(rows), len(active), sizes, sizes - kept)


def _volume_usage(volumes: list[VolumeRecord]) -> Usage:
    sizes = sum(max(0, volume.size) for volume in volumes)
    free = sum(max(0, volume.size) for volume in volumes if volume.users == 0)
    return Usage("Local Volumes", len(volumes), sum(v.users > 0 for v in volumes), sizes, free)


def _cache_usage(records: Iterable[Json]) -> Usage:
    rows = list(records)
    sizes = sum(int(row.get("Size") or 0) for row in rows if not row.get("Shared"))
    kept = sum(int(row.get("Size") or 0) for row in rows if row.get("InUse"))
    return Usage(
        "Build Cache", len(rows), sum(bool(r.get("InUse")) for r in rows), sizes, sizes - kept
    )


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to the engine and its answer, as ``--trace`` and the pictures show them."""

    method: str
    path: str
    status: int
    milliseconds: float
    request: str = ""
    answer: str = ""
    started: float = 0.0
    """Unix seconds."""


def port_text(ports: Iterable[Port]) -> str:
    """The PORTS column: a run of ports that are the same inside and outside becomes one range.

    >>> port_text([Port(80, 8080, "0.0.0.0"), Port(443), Port(444)])
    '443-444/tcp, 0.0.0.0:8080->80/tcp'
    """
    ranges: list[list[Port]] = []
    moved: list[str] = []
    for port in sorted(ports, key=lambda p: (p.private, p.address, p.public, p.protocol)):
        if port.address and port.public != port.private:
            moved.append(f"{_address(port)}:{port.public}->{port.private}/{port.protocol}")
            continue
        for run in ranges:
            if _continues(run[-1], port):
                run.append(port)
                break
        else:
            ranges.append([port])
    return ", ".join([*(_range_text(run[0], run[-1]) for run in ranges), *moved])


def _continues(last: Port, port: Port) -> bool:
    same = (last.address, last.protocol) == (port.address, port.protocol)
    return same and port.private == last.private + 1


def _range_text(first: Port, last: Port) -> str:
    inside = f"{first.private}" if first == last else f"{first.private}-{last.private}"
    outside = f"{_address(first)}:{inside}->" if first.address else ""
    return f"{outside}{inside}/{first.protocol}"


def _address(port: Port) -> str:
    return f"[{port.address}]" if ":" in port.address else port.address
