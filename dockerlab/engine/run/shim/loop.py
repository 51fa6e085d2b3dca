"""A poll loop of a few lines: asyncio would cost each running container several megabytes."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable

READ, WRITE = select.POLLIN, select.POLLOUT
HANGUP = select.POLLHUP | select.POLLERR | select.POLLNVAL

Handler = Callable[[int], None]
"""Called with the poll events of its descriptor."""


class Loop:
    """Calls handlers when their descriptors are ready. Single-threaded; handlers must not block."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._handlers: dict[int, Handler] = {}
        self._asked: dict[int, int] = {}

    def watch(self, descriptor: int, events: int, handler: Handler) -> None:
        """Watch a descriptor, or change what is watched. Hang-ups are reported in any case."""
        self._handlers[descriptor] = handler
        if self._asked.get(descriptor) != events:
            self._asked[descriptor] = events
            self._poll.register(descriptor, events)

    def forget(self, descriptor: int) -> None:
        """Stop watching; must be called before the descriptor is closed."""
        if self._handlers.pop(descriptor, None) is not None:
            del self._asked[descriptor]
            self._poll.unregister(descriptor)

    def once(self, timeout: float | None = None) -> bool:
        """Wait (seconds; None: for ever) and call what is ready; False if nothing was."""
        ready = self._poll.poll(None if timeout is None else timeout * 1000)
        for descriptor, events in ready:
            handler = self._handlers.get(descriptor)
            if handler is None:
                continue  # forgotten by a handler just before
            try:
                handler(events)
            except Exception:  # one bad connection must not end a container
                sys.excepthook(*sys.exc_info())  # unlike traceback.print_exc, free to import
                self.forget(descriptor)
        return bool(ready)
