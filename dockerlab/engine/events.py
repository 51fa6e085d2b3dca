"""What happened in the engine, for those who listen (``docker events``) and those who ask later.

An event is a plain dict in Docker's own shape::

    {"status", "id", "from",            # the old names; containers and images only
     "Type", "Action", "Actor": {"ID", "Attributes"}, "scope", "time", "timeNano"}
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

Event = dict[str, Any]
Filters = Mapping[str, list[str]]

HISTORY = 4096
"""Events kept for ``since``; Docker keeps 256, but our learners look back further."""

BACKLOG = 8192
"""Events a slow listener may be behind before its stream is ended."""

_LEGACY = ("container", "image")
_NAMED = ("container", "network", "volume", "plugin", "daemon", "service", "node")
# Their actions carry the command or the state behind a colon: match the part before it.
_PREFIXED = ("exec_", "health_status")


class Events:
    """The engine's event bus. ``publish`` never waits and never fails."""

    def __init__(self) -> None:
        self._history: deque[Event] = deque(maxlen=HISTORY)
        self._subscriptions: set[Subscription] = set()

    def publish(
        self, type: str, action: str, id: str, attributes: Mapping[str, str] | None = None
    ) -> None:
        """Record that ``action`` happened to the object ``id`` and tell all listeners."""
        event = describe(type, action, id, dict(attributes or {}), time.time_ns())
        self._history.append(event)
        for subscription in tuple(self._subscriptions):
            subscription.offer(event)

    def subscribe(
        self,
        filters: Filters | None = None,
        *,
        since: int | None = None,
        until: int | None = None,
    ) -> Subscription:
        """Listen from now on; with ``since`` (Unix ns) also to what is still remembered.

        With ``until`` (Unix ns) the stream ends there. Use it as ``async with … as events`` and
        iterate; leaving the block ends the subscription.
        """
        past: Iterable[Event] = ()
        if since is not None:
            past = [event for event in self._history if event["timeNano"] >= since]
        subscription = Subscription(self._subscriptions, filters or {}, past, until)
        self._subscriptions.add(subscription)
        return subscription

    def close(self) -> None:
        """End every listener's stream."""
        for subscription in tuple(self._subscriptions):
            subscription.close()

    def listeners(self) -> int:
        """How many are listening (``NEventsListener`` of /info)."""
        return len(self._subscriptions)


class Subscription:
    """One listener's view of the events: an async iterator that may end (``until``, too slow)."""

    def __init__(
        self,
        registry: set[Subscription],
        filters: Filters,
        past: Iterable[Event],
        until: int | None,
    ) -> None:
        self._registry = registry
        self._filters = filters
        self._until = until
        self._waiting: deque[Event] = deque(e for e in past if self._wanted(e))
        self._arrived = asyncio.Event()
        self._loop = _running_loop()
        self._closed = False

    def offer(self, event: Event) -> None:
        """Take the event if the filters want it; end the stream of a listener too far behind."""
        if not self._wanted(event):
            return
        self._waiting.append(event)
        if len(self._waiting) > BACKLOG:
            self.close()
        self._wake()

    def close(self) -> None:
        """Stop listening; what is waiting already is still handed out."""
        self._closed = True
        self._registry.discard(self)
        self._wake()

    def _wake(self) -> None:
        """Services publish from threads too (files are made there); the loop must notice."""
        if self._loop is None or self._loop is _running_loop():
            self._arrived.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived.set)

    async def __aenter__(self) -> Subscription:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._closed or not await self._next_arrival():
                self.close()
                raise StopAsyncIteration
        return self._waiting.popleft()

    async def _next_arrival(self) -> bool:
        """Wait for another event; False when ``until`` came first."""
        self._arrived.clear()
        left = None if self._until is None else (self._until - time.time_ns()) / 1e9
        if left is not None and left <= 0:
            return False
        try:
            await asyncio.wait_for(self._arrived.wait(), left)
        except TimeoutError:
            return False
        return True

    def _wanted(self, event: Event) -> bool:
        if self._until is not None and event["timeNano"] > self._until:
            return False
        return matches(event, self._filters)


def describe(type: str, action: str, id: str, attributes: dict[str, str], at: int) -> Event:
    """The event as Docker writes it; ``at`` is Unix time in ns."""
    event: Event = {}
    if type in _LEGACY:
        event |= {"status": action, "id": id}
    if type == "container" and attributes.get("image"):
        event["from"] = attributes["image"]
    return event | {
        "Type": type,
        "Action": action,
        "Actor": {"ID": id, "Attributes": dict(sorted(attributes.items()))},
        "scope": "local",
        "time": at // 1_000_000_000,
        "timeNano": at,
    }


def matches(event: Event, filters: Filters) -> bool:
    """Whether the event passes all filters (any value of each)."""
    return all(not values or _passes(event, key, values) for key, values in filters.items())


def _passes(event: Event, key: str, values: list[str]) -> bool:
    actor, action = event["Actor"], event["Action"]
    attributes: dict[str, str] = actor["Attributes"]
    if key == "event":
        prefixed = action.startswith(_PREFIXED)
        return any(action.startswith(v) if prefixed else action == v for v in values)
    if key == "type":
        return event["Type"] in values
    if key == "scope":
        return event["scope"] in values
    if key == "label":
        return any(_has_label(attributes, v) for v in values)
    if key == "image":
        return _is_image(event, values)
    if key in _NAMED:
        # A network's connect event names the container too: it passes ``container=…``, as a
        # person who asks for one container expects.
        known = [attributes.get(key, "")]
        if event["Type"] == key:
            known += [actor["ID"], attributes.get("name", "")]
        return any(k.startswith(v) for v in values for k in known if k)
    return False


def _has_label(attributes: Mapping[str, str], wanted: str) -> bool:
    name, equals, value = wanted.partition("=")
    return name in attributes and (not equals or attributes[name] == value)


def _is_image(event: Event, values: list[str]) -> bool:
    actor = event["Actor"]
    name = actor["Attributes"].get("name" if event["Type"] == "image" else "image", "")
    known = {actor["ID"], name, name.rpartition(":")[0] or name}
    return any(v in known for v in values)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
