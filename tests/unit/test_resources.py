"""The engine's JSON as records: recorded answers, and answers that lack things."""

from __future__ import annotations

from dockerlab.formats.networks import NetworkRecord
from dockerlab.formats.resources import (
    Change,
    ContainerRecord,
    EventRecord,
    ImageRecord,
    Port,
    StatsRecord,
    VolumeRecord,
    disk_usage,
    port_text,
)

CONTAINER = {
    "Id": "43dc15c6d6db" + "0" * 52,
    "Names": ["/other/alias", "/web"],
    "Image": "redis",
    "ImageID": "sha256:25bdf7815f8d",
    "Command": "redis-server",
    "Created": 1790000000,
    "Ports": [
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"PrivatePort": 443, "Type": "tcp"},
    ],
    "Labels": {"course": "demo"},
    "State": "running",
    "Status": "Up 3 seconds",
    "NetworkSettings": {"Networks": {"bridge": {}}},
    "Mounts": [{"Type": "volume", "Name": "data"}],
}


def test_container() -> None:
    record = ContainerRecord.of(CONTAINER)
    assert (record.name, record.image, record.status) == ("web", "redis", "Up 3 seconds")
    assert record.networks == ("bridge",)
    assert record.mounts == ("data",)
    assert record.size is None
    assert port_text(record.ports) == "443/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp"


def test_sizes_only_when_asked() -> None:
    record = ContainerRecord.of({**CONTAINER, "SizeRootFs": 2_000_000})
    assert (record.size, record.root_size) == (0, 2_000_000)


def test_what_is_missing_does_not_fail() -> None:
    for kind in (ContainerRecord, ImageRecord, VolumeRecord, NetworkRecord, EventRecord):
        kind.of({})
    assert StatsRecord.of({}).cpu == 0
    assert [usage.total for usage in disk_usage({})] == [0, 0, 0, 0]


def test_ports_in_a_run_become_a_range() -> None:
    same = [Port(n, n, "0.0.0.0") for n in (8000, 8001, 8002, 9000)]
    assert port_text(same) == "0.0.0.0:8000-8002->8000-8002/tcp, 0.0.0.0:9000->9000/tcp"
    assert port_text([Port(2), Port(1), Port(1, protocol="udp")]) == "1-2/tcp, 1/udp"
    assert port_text([]) == ""


def test_image_without_names() -> None:
    record = ImageRecord.of({"Id": "sha256:a", "RepoTags": ["<none>:<none>"], "RepoDigests": None})
    assert record.tags == ()


def test_event() -> None:
    record = EventRecord.of(
        {
            "Type": "container",
            "Action": "die",
            "Actor": {"ID": "abc", "Attributes": {"name": "web", "exitCode": "0"}},
            "timeNano": 1790000000123456789,
        }
    )
    assert (record.name, record.action, record.time_ns) == ("web", "die", 1790000000123456789)


def test_stats_are_counted_as_docker_counts_them() -> None:
    record = StatsRecord.of(
        {
            "id": "a",
            "name": "/web",
            "cpu_stats": {
                "cpu_usage": {"total_usage": 300},
                "system_cpu_usage": 2000,
                "online_cpus": 2,
            },
            "precpu_stats": {"cpu_usage": {"total_usage": 100}, "system_cpu_usage": 1000},
            "memory_stats": {"usage": 1000, "limit": 4000, "stats": {"total_inactive_file": 200}},
            "networks": {"eth0": {"rx_bytes": 5, "tx_bytes": 7}},
            "blkio_stats": {
                "io_service_bytes_recursive": [
                    {"op": "Read", "value": 11},
                    {"op": "Write", "value": 13},
                    {"op": "Read", "value": 1},
                ]
            },
            "pids_stats": {"current": 3},
        }
    )
    assert record.cpu == 40.0
    assert (record.memory, record.memory_share) == (800, 20.0)
    assert (record.network_in, record.network_out) == (5, 7)
    assert (record.block_read, record.block_written, record.processes) == (12, 13, 3)


def test_disk_usage() -> None:
    usage = disk_usage(
        {
            "LayersSize": 1000,
            "Images": [
                {"Size": 600, "SharedSize": 100, "Containers": 1},
                {"Size": 500, "SharedSize": 100, "Containers": 0},
            ],
            "Containers": [
                {"State": "running", "SizeRw": 5},
                {"State": "exited", "SizeRw": 7},
            ],
            "Volumes": [
                {"Name": "a", "UsageData": {"Size": 10, "RefCount": 0}},
                {"Name": "b", "UsageData": {"Size": 20, "RefCount": 1}},
            ],
        }
    )
    assert [(u.kind, u.total, u.active, u.size, u.reclaimable) for u in usage] == [
        ("Images", 2, 1, 1000, 500),
        ("Containers", 2, 1, 12, 7),
        ("Local Volumes", 2, 1, 30, 10),
        ("Build Cache", 0, 0, 0, 0),
    ]


def test_change() -> None:
    kinds = [Change.of({"Kind": kind, "Path": "/x"}).kind for kind in (0, 1, 2)]
    assert kinds == ["C", "A", "D"]
