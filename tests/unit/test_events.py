"""The event bus: Docker's shape, filters, history, slow listeners."""

from __future__ import annotations

import asyncio
import time

from dockerlab.engine import events as module
from dockerlab.engine.events import Event, Events, describe, matches

ID = "c" * 64


def container_event(action: str = "start", **attributes: str) -> Event:
    return describe("container", action, ID, {"image": "alpine", "name": "web", **attributes}, 5)


async def take(subscription: module.Subscription) -> list[Event]:
    return [event async for event in subscription]


def test_a_container_event_has_docker_s_shape() -> None:
    assert describe("container", "die", ID, {"name": "web", "image": "alpine"}, 1_500_000_000) == {
        "status": "die",
        "id": ID,
        "from": "alpine",
        "Type": "container",
        "Action": "die",
        "Actor": {"ID": ID, "Attributes": {"image": "alpine", "name": "web"}},
        "scope": "local",
        "time": 1,
        "timeNano": 1_500_000_000,
    }


def test_a_network_event_has_no_old_names() -> None:
    event = describe("network", "connect", "n1", {"name": "bridge"}, 1)
    assert not {"status", "id", "from"} & set(event)


def test_filters() -> None:
    start = container_event(course="demo")
    probe = container_event("health_status: healthy")
    exec_ = container_event("exec_create: ls -l")
    assert matches(start, {})
    assert matches(start, {"type": ["container"], "event": ["start", "die"]})
    assert not matches(start, {"event": ["star"]})
    assert matches(exec_, {"event": ["exec_create"]})
    assert matches(probe, {"event": ["health_status"]})
    assert matches(start, {"container": ["web"]})
    assert matches(start, {"container": [ID[:12]]})
    assert not matches(start, {"container": ["other"]})
    assert matches(start, {"label": ["course=demo"]})
    assert matches(start, {"label": ["course"]})
    assert not matches(start, {"label": ["course=other"]})
    assert matches(start, {"image": ["alpine"]})
    assert not matches(start, {"image": ["busybox"]})
    assert not matches(start, {"nonsense": ["x"]})
    assert matches(start, {"nonsense": []})


def test_an_image_is_matched_without_its_tag() -> None:
    event = describe("image", "pull", "alpine:3.19", {"name": "alpine:3.19"}, 1)
    assert matches(event, {"image": ["alpine"]})
    assert matches(event, {"image": ["alpine:3.19"]})


def test_history_is_handed_out_from_since_until_until() -> None:
    async def run() -> None:
        events = Events()
        events.publish("container", "create", ID)
        since = time.time_ns()
        events.publish("container", "start", ID)
        async with events.subscribe(since=since, until=time.time_ns()) as found:
            assert [event["Action"] for event in await take(found)] == ["start"]
        assert events.listeners() == 0

    asyncio.run(run())


def test_what_comes_later_is_heard_and_until_ends_the_stream() -> None:
    async def run() -> None:
        events = Events()
        subscription = events.subscribe({"event": ["die"]}, until=time.time_ns() + 50_000_000)
        events.publish("container", "start", ID)
        events.publish("container", "die", ID)
        assert [event["Action"] for event in await take(subscription)] == ["die"]

    asyncio.run(run())


def test_a_listener_that_does_not_listen_is_let_go(monkeypatch) -> None:
    monkeypatch.setattr(module, "BACKLOG", 3)

    async def run() -> None:
        events = Events()
        subscription = events.subscribe()
        for _ in range(10):
            events.publish("container", "start", ID)
        assert events.listeners() == 0
        assert len(await take(subscription)) == 4

    asyncio.run(run())


def test_close_ends_all_streams() -> None:
    async def run() -> None:
        events = Events()
        reading = asyncio.create_task(take(events.subscribe()))
        await asyncio.sleep(0)
        events.close()
        assert await asyncio.wait_for(reading, 1) == []

    asyncio.run(run())
