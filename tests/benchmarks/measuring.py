"""Measuring: the same action on several engines in turns, and rows of a table of it."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import docker
from engines import Engine

SETTLE = 0.1
"""Seconds between two measurements: the engines tidy up after they have answered."""
Row = tuple[str, str, str, str, str]
"""What, engine, measured, against Docker Engine, goal."""
Clients = dict[str, docker.DockerClient]


def client_of(engine: Engine) -> docker.DockerClient:
    return docker.DockerClient(base_url=engine.url, version="1.41")


def milliseconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return (time.perf_counter() - begun) * 1000


def interleaved(actions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each action."""
    times: dict[str, list[float]] = {kind: [] for kind in actions}
    for action in actions.values():
        action()
    order = list(actions)
    for _ in range(rounds):
        # Whoever comes right after Docker Engine shares the machine with its tidying up.
        random.shuffle(order)
        for kind in order:
            time.sleep(SETTLE)
            times[kind].append(milliseconds(actions[kind]))
    return {kind: statistics.median(each) for kind, each in times.items()}


def against_docker(what: str, times: dict[str, float], goals: dict[str, str]) -> list[Row]:
    base = times.get("docker")
    rows = []
    for kind, each in times.items():
        ratio = f"{base / each:.1f}x faster" if base and kind != "docker" else "–"
        rows.append((what, kind, f"{each:.1f} ms", ratio, goals.get(kind, "")))
    return rows


def goals(clients: Clients, namespaces: str, proot: str = "") -> dict[str, str]:
    """The goal of each embedded kind."""
    kinds = (kind for kind in clients if kind != "docker")
    return {kind: namespaces if kind.startswith("namespaces") else proot for kind in kinds}
