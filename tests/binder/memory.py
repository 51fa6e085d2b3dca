"""How much memory a container holds: all but the page cache, which the kernel gives back."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

import docker

_EVERY = 0.5


class Watch:
    """Looks at a container while the block runs; ``peak`` is the most that was seen, in bytes."""

    def __init__(self, api: docker.APIClient, container: str) -> None:
        self._api, self._container = api, container
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak = 0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(30)

    def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, held(self._api, self._container))
            if self._over.wait(_EVERY):
                return


def held(api: docker.APIClient, container: str) -> int:
    """Bytes of programs, of files in memory and of the kernel for them, at this moment."""
    memory: dict[str, Any] = api.stats(container, stream=False, one_shot=True)["memory_stats"]
    details = memory["stats"]
    # Of cgroups v1 the whole tree is called total_…
    cached = [details.get(f"total_{name}", details.get(name, 0)) for name in FILES]
    return int(memory["usage"]) - sum(cached)


FILES = ("active_file", "inactive_file")
