"""What a container uses: time, processor and memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import docker

_EVERY = 0.5
_HELD = ("active_anon", "inactive_anon")


@dataclass
class Usage:
    """Of one piece of work. ``memory`` is the most that was seen of what cannot be given back:
    of programs and of files in memory, not of the copies of those on disk."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    """Says more than ``seconds`` where others are at work on the same machine."""
    memory: int = 0
    """Bytes."""

    def __str__(self) -> str:
        memory = f"{self.memory / 1e6:6.0f} MB" if self.memory else ""
        return f"{self.seconds:6.0f} s ({self.processor_seconds:4.0f} s of processor) {memory}"

    def record(self) -> dict[str, Any]:
        return asdict(self)


@contextmanager
def watched(api: docker.APIClient, container: str) -> Iterator[Usage]:
    """What the container uses while the block runs; complete at its end."""
    usage, over = Usage(), threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY):
            usage.memory = max(usage.memory, held(_look(api, container)))

    thread = threading.Thread(target=watch, daemon=True)
    started, before = time.monotonic(), _processor(_look(api, container))
    thread.start()
    try:
        yield usage
    finally:
        over.set()
        thread.join(30)
        usage.seconds = time.monotonic() - started
        usage.processor_seconds = _processor(_look(api, container)) - before


def held(seen: dict[str, Any]) -> int:
    """Bytes of programs and of files in memory."""
    details = seen["memory_stats"]["stats"]
    # Of cgroups v1 the whole tree is called total_…
    return sum(details.get(f"total_{name}", details.get(name, 0)) for name in _HELD)


def _processor(seen: dict[str, Any]) -> float:
    return float(seen["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9


def _look(api: docker.APIClient, container: str) -> dict[str, Any]:
    seen: dict[str, Any] = api.stats(container, stream=False, one_shot=True)
    return seen
