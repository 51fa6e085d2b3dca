"""``docker stats``: what a container uses, in the JSON that the docker CLI calculates with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.containers.request.config import Data

_IO_TABLES = (
    "io_service_bytes_recursive io_serviced_recursive io_queue_recursive "
    "io_service_time_recursive io_wait_time_recursive io_merged_recursive io_time_recursive "
    "sectors_recursive"
)
_NETWORK = "rx_bytes rx_packets rx_errors rx_dropped tx_bytes tx_packets tx_errors tx_dropped"


async def sample(container: Container, before: Data | None = None) -> Data:
    """One reading; with the one ``before`` it, the CLI can tell the share of the CPU."""
    process = container.process
    raw = await process.usage() if process is not None else {}
    running = bool(raw)
    return {
        "read": clock.stamp(clock.now()) if running else clock.NEVER,
        "preread": before["read"] if before else clock.NEVER,
        "pids_stats": {"current": raw.get("pids", 0)} if running else {},
        "blkio_stats": _block_io(raw),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _cpu(raw),
        "precpu_stats": before["cpu_stats"] if before else _cpu({}),
        "memory_stats": _memory(raw, container),
        "name": f"/{container.name}",
        "id": container.id,
        **({"networks": _networks(raw)} if raw.get("networks") else {}),
    }


def _cpu(raw: Mapping[str, Any]) -> Data:
    total = int(raw.get("cpu_ns", 0))
    usage = {"total_usage": total, "usage_in_kernelmode": 0, "usage_in_usermode": total}
    throttling = {"periods": 0, "throttled_periods": 0, "throttled_time": 0}
    if not raw:
        return {"cpu_usage": usage, "throttling_data": throttling}
    return {
        "cpu_usage": usage,
        "system_cpu_usage": machine_cpu(),
        "online_cpus": os.cpu_count() or 1,
        "throttling_data": throttling,
    }


def machine_cpu() -> int:
    """CPU time of the whole machine, idle included, in ns."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = sum(map(int, file.readline().split()[1:8]))
    return ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def machine_memory() -> int:
    """Memory of the machine, bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _memory(raw: Mapping[str, Any], container: Container) -> Data:
    if not raw:
        return {}
    used = int(raw.get("memory", 0))
    limit = int(container.host["Memory"]) or machine_memory()
    return {
        "usage": used,
        "max_usage": max(int(raw.get("memory_max", 0)), used),
        "stats": {"cache": 0, "total_inactive_file": 0, "inactive_file": 0},
        "limit": limit,
    }


def _block_io(raw: Mapping[str, Any]) -> Data:
    tables: Data = dict.fromkeys(_IO_TABLES.split(), [] if raw else None)
    io = raw.get("io") or {}
    if io:
        tables["io_service_bytes_recursive"] = [
            {"major": 0, "minor": 0, "op": op, "value": int(io.get(op.lower(), 0))}
            for op in ("Read", "Write")
        ]
    return tables


def _networks(raw: Mapping[str, Any]) -> Data:
    cards = raw.get("networks") or {}
    return {
        name: {key: int(card.get(key, 0)) for key in _NETWORK.split()}
        for name, card in cards.items()
    }
