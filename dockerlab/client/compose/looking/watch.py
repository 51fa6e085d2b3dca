"""Follow a project by the engine's events, for pictures that move with it.

One stream of events a project and engine, however many pictures there are; only the newest of
them are told, so that a notebook that draws a project again and again stays light.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

from dockerlab.client.compose.looking.labels import PROJECT

Listener = Callable[[Any], None]

SETTLE = 0.1
"""Seconds that moves are gathered before anybody is told: they come in swarms."""
AGAIN, RARELY = 0.5, 15.0
"""Seconds before a broken stream is opened again, at first and when the engine stays away."""
MOST = 8
"""Pictures of one project that follow it; older ones stay as they are."""


class Watcher:
    """Calls its listeners after containers of the project have moved, until it is closed."""

    def __init__(self, api: Any, project: str) -> None:
        self._api = api
        self._project = project
        self._listeners: list[tuple[Listener, Any]] = []
        self._moved = threading.Event()
        self._closed = False
        self._stream: Any = None
        for work in (self._follow, self._tell):
            threading.Thread(target=work, name=f"compose-watch-{project}", daemon=True).start()

    def listen(self, listener: Listener, subject: Any) -> None:
        """Have ``listener(subject)`` called after every move."""
        self._listeners = [*self._listeners, (listener, subject)][-MOST:]

    def close(self) -> None:
        self._closed = True
        self._moved.set()
        self._hang_up()

    def _follow(self) -> None:
        since, pause = time.time(), AGAIN
        while not self._closed:
            # Whatever breaks it (the engine was restarted, ``close`` closed the socket) has one
            # remedy: listen again, until there is nobody to listen for.
            with contextlib.suppress(Exception):
                for event in self._listen(since):
                    since, pause = int(event.get("timeNano") or 0) / 1e9 or since, AGAIN
                    # Each health check is an exec, and moves nothing.
                    if not str(event.get("Action", "")).startswith("exec_"):
                        self._moved.set()
            self._hang_up()
            time.sleep(pause)
            pause = min(pause * 2, RARELY)

    def _listen(self, since: float) -> Any:
        self._stream = self._api.events(
            since=f"{since:.6f}",
            decode=True,
            filters={"type": ["container"], "label": [f"{PROJECT}={self._project}"]},
        )
        return self._stream

    def _hang_up(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(Exception):
                self._stream.close()

    def _tell(self) -> None:
        while True:
            self._moved.wait()
            time.sleep(SETTLE)
            self._moved.clear()
            if self._closed:
                return
            for listener, subject in self._listeners:
                self._call(listener, subject)

    def _call(self, listener: Listener, subject: Any) -> None:
        try:
            listener(subject)
        except Exception:
            # The picture could not be drawn, perhaps because the engine is away for a moment;
            # the next move draws it anew. The other pictures must hear of this one all the same.
            return


_watchers: dict[tuple[str, str], Watcher] = {}
_lock = threading.Lock()


def watcher(api: Any, url: str, project: str) -> Watcher:
    """The one of this project on this engine."""
    with _lock:
        if (url, project) not in _watchers:
            _watchers[url, project] = Watcher(api, project)
        return _watchers[url, project]


class WatchCalls:
    """The part of ``Compose`` that pictures hold on to: being told of moves, and acting."""

    lab: Any
    name: Any

    def listen(self, listener: Listener) -> None:
        """Have ``listener(compose)`` called after the project has moved, from another thread."""
        watcher(self.lab.api, self.lab.url, self.name).listen(listener, self)

    def do(self, action: str) -> None:
        """``up``, ``stop``, ``start``, ``restart`` or ``down``, as the picture's buttons say."""
        if action not in ("up", "stop", "start", "restart", "down"):
            raise ValueError(f"unknown action {action!r}: up, stop, start, restart or down")
        # The picture shows it; a line would get into whichever cell runs just now.
        getattr(self, action)(progress=lambda step: None)
