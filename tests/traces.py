"""What an engine and its containers are to the machine: processes, mounts, memory, cgroups."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
from engines import Engine

from dockerlab.engine.run import proctree


def processes_of(engine: Engine, client: docker.DockerClient) -> dict[int, int]:
    """Engine, keeper, shims, what they started, and the containers' processes: pid and birth."""
    assert engine.process is not None
    assert engine.root is not None
    seeds = set(proctree.descendants([engine.process.pid]))
    seeds |= set(proctree.with_argument(str(engine.root / "run" / "keeper.sock")))
    for container in client.containers.list(ignore_removed=True):
        seeds |= set(proctree.with_argument("dockerlab-shim", container.id[:12]))
        seeds.add(container.attrs["State"]["Pid"])
    return {pid: proctree.start_time(pid) for pid in proctree.descendants(seeds)}


def same(pid: int, since: int) -> bool:
    return proctree.alive(pid) and proctree.start_time(pid) == since


def mounts_of(root: Path) -> list[str]:
    """In every mount namespace of this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            found += [f"{path}: {line}" for line in path.open() if str(root) in line]
        except OSError:
            continue
    return found


def memory_of(container: str) -> list[Path]:
    return list(Path("/dev/shm").glob(f"*{container[:12]}*"))


def cgroups_of(container: str) -> Iterator[Path]:
    for folder, names, _ in os.walk("/sys/fs/cgroup"):
        if container in names:
            yield Path(folder) / container


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come about in time"
        time.sleep(0.05)
