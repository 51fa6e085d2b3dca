"""What several checks ask after, found out once."""

from __future__ import annotations

import os
import threading
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockerlab.client.connect import Finding
    from dockerlab.client.engine_process import EngineProcess, Status


class Machine:
    """This machine as the user's settings have it. For several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._searched: tuple[Finding | None, list[Finding]] | None = None

    @property
    def wish(self) -> str:
        """DOCKERLAB_ENGINE, which overrides the search; mostly empty."""
        return os.environ.get("DOCKERLAB_ENGINE", "")

    def search(self) -> tuple[Finding | None, list[Finding]]:
        """The first engine that answers, and all that was looked at on the way."""
        from dockerlab.client.connect import find

        with self._lock:
            if self._searched is None:
                self._searched = find()
            return self._searched

    @cached_property
    def embedded(self) -> EngineProcess:
        """The user's own embedded engine."""
        from dockerlab.client.engine_process import EngineProcess

        return EngineProcess()

    @cached_property
    def status(self) -> Status:
        return self.embedded.status()

    @property
    def uses_embedded(self) -> bool:
        """Whether ``dockerlab.connect()`` would take the embedded engine."""
        chosen, seen = self.search()
        last = seen[-1].place if seen else None
        if self.wish:
            return self.wish == "embedded" or bool(last and last.ours and self.wish != "docker")
        return bool(last and last.ours) or not (chosen or (last and last.binding))
