"""Follow one container's life from the engine's events, and act on it.

``watch(lab, "web")`` returns a ``Watch``; a thread of its own listens until ``close()``. The
life-cycle view takes it as it is; nothing in here draws.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import docker
from docker.errors import APIError, NotFound

from dockerlab.client.record import HasDocker
from dockerlab.formats.story import TRANSITIONS, State, Step, life_of

Listener = Callable[["Watch"], None]

_STATES: dict[str, State] = {
    "created": "created",
    "running": "running",
    "paused": "paused",
    "restarting": "restarting",
    "exited": "exited",
    "dead": "exited",
    "removing": "exited",
}


class Watch:
    """The life of the container called ``name``, as far as it has been seen.

    The container need not exist yet: with an ``image``, the action ``create`` makes it. Actions
    block until the engine has answered and raise docker-py's errors; ``listen`` calls back from
    the watching thread, after every move.
    """

    def __init__(
        self,
        client: docker.DockerClient,
        name: str,
        image: str | None = None,
        command: str | Sequence[str] | None = None,
        *,
        grace: int = 10,
        **options: Any,
    ) -> None:
        self.name = name
        self.image = image
        self.grace = grace
        self._command = command
        self._options = options
        self._client = client
        self._events: list[Mapping[str, Any]] = []
        self._listeners: list[Listener] = []
        self._changed = threading.Condition()
        self._closed = False
        self._began = self._look()
        self._id = self._known_id()
        self._opened = time.time()
        self._stream = self._listen(self._opened)
        self._thread = threading.Thread(target=self._follow, name=f"watch-{name}", daemon=True)
        self._thread.start()

    @property
    def state(self) -> State:
        history = self.history
        return history[-1].after if history else self._began

    @property
    def history(self) -> tuple[Step, ...]:
        return life_of(tuple(self._events), self._began)

    @property
    def can_create(self) -> bool:
        return self.image is not None

    def listen(self, listener: Listener) -> None:
        """Call ``listener(watch)`` after every move, until it or the watch is closed."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    def do(self, action: str) -> None:
        """Ask the engine for one of ``formats.story.ACTIONS``; the state follows by event."""
        if action == "create":
            self._create()
            return
        container = self._client.containers.get(self.name)
        if action == "stop":
            container.stop(timeout=self.grace)
        elif action == "restart":
            container.restart(timeout=self.grace)
        elif action == "rm":
            container.remove()
        elif action in ("start", "pause", "unpause", "kill"):
            getattr(container, action)()
        else:
            raise ValueError(f"unknown action {action!r}; known: {', '.join(TRANSITIONS)}")

    def wait_for(self, state: State, timeout: float = 15) -> bool:
        """Block until the container is in ``state``; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: self.state == state, timeout)

    def close(self) -> None:
        """Stop watching; the container is left as it is."""
        self._closed = True
        self._stream.close()
        self._thread.join(timeout=2)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _create(self) -> None:
        if self.image is None:
            raise ValueError("nothing to create: watch() was given no image")
        api: Any = self._client.api
        api.create_container(self.image, self._command, name=self.name, **self._options)

    def _look(self) -> State:
        try:
            status = self._client.containers.get(self.name).status
        except NotFound:
            return "absent"
        return _STATES.get(status, "exited")

    def _known_id(self) -> str:
        try:
            return str(self._client.containers.get(self.name).id)
        except NotFound:
            return ""

    def _follow(self) -> None:
        while not self._closed:
            try:
                for event in self._stream:
                    self._take(event)
            except Exception:
                # Whatever breaks the stream (the engine was restarted, the socket was closed by
                # ``close``) has one remedy: listen again, until there is nobody to listen for.
                pass
            time.sleep(0.2)
            self._again()

    def _listen(self, since: float) -> Any:
        # The stubs want whole seconds; the engine and docker-py take fractions as text.
        api: Any = self._client.api
        return api.events(since=f"{since:.6f}", decode=True, filters={"type": ["container"]})

    def _again(self) -> None:
        """Listen again from the last event on: what happened meanwhile is told, twice at worst."""
        if self._closed:
            return
        last = int(self._events[-1]["timeNano"]) / 1e9 if self._events else self._opened
        try:
            self._stream = self._listen(last)
        except (APIError, OSError):
            return

    def _take(self, event: Mapping[str, Any]) -> None:
        actor = event.get("Actor") or {}
        identity = str(actor.get("ID", ""))
        named = (actor.get("Attributes") or {}).get("name") == self.name
        if named and event.get("Action") == "create":
            self._id = identity
        if identity != self._id and not (named and not self._id):
            return
        if event in self._events:
            return
        with self._changed:
            before = len(self.history)
            self._events.append(event)
            moved = len(self.history) != before or event.get("Action") in ("stop", "restart")
            self._changed.notify_all()
        if moved:
            for listener in tuple(self._listeners):
                listener(self)


def watch(
    lab: HasDocker,
    name: str,
    image: str | None = None,
    command: str | Sequence[str] | None = None,
    *,
    grace: int = 10,
    **options: Any,
) -> Watch:
    """Watch the container ``name``; with ``image``, it may be created from within the view.

    ``grace`` is how many seconds ``stop`` waits before it kills; ``options`` go to docker-py's
    ``create_container``.
    """
    return Watch(lab.docker, name, image, command, grace=grace, **options)
