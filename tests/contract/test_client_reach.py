"""Who reaches whom, tried out on every engine: by name, by address, across networks."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker.client import DockerClient

from dockerlab import CommandError, Lab, NotFoundHere
from dockerlab.client.reach import reach as reaching
from dockerlab.formats.composed.reach import Reach

SERVE = "mkdir -p /tmp/w; exec httpd -f -p 8080 -h /tmp/w"
DUMB = "FROM scratch\nCOPY --from=busybox /bin/busybox /busybox\nCMD {command}\n"
QUIET = 'trap "exit 0" TERM; while :; do sleep 0.2; done'


@pytest.fixture
def networks(client: DockerClient, name: str) -> Iterator[tuple[str, str]]:
    made = [client.networks.create(f"{name}-{letter}") for letter in "ab"]
    yield tuple(str(network.name) for network in made)  # type: ignore[misc]
    for network in made:
        network.reload()
        for box in network.attrs.get("Containers") or {}:
            with contextlib.suppress(docker.errors.NotFound):
                client.containers.get(box).remove(force=True)
        network.remove()


@pytest.fixture
def boxes(client: DockerClient, networks: tuple[str, str], name: str) -> dict[str, str]:
    """web serves in a, db is known by an alias in a and serves in both, lone is in b only."""
    front, back = networks
    both = {key: f"{name}-{key}" for key in ("web", "db", "lone")}
    api = client.api

    def run(key: str, network: str, script: str, *aliases: str) -> None:
        box = api.create_container(
            "busybox",
            ["sh", "-c", script],
            name=both[key],
            networking_config=api.create_networking_config(
                {network: api.create_endpoint_config(aliases=list(aliases) or None)}
            ),
            host_config=api.create_host_config(network_mode=network),
        )
        api.start(box)

    run("web", front, SERVE)
    run("db", front, SERVE, "store")
    api.connect_container_to_network(both["db"], back, aliases=["behind"])
    run("lone", back, QUIET)
    return both


def look(lab: Lab, *what: str, **options: Any) -> Reach:
    """Tried again for a moment: a server takes a while to listen."""
    for _ in range(40):
        found = lab.reach(*what, **options)
        if any(8080 in way.open_ports for way in found.ways):
            break
        time.sleep(0.2)
    return found


def test_names_lead_where_a_network_is_shared(
    lab: Lab, networks: tuple[str, str], boxes: dict[str, str]
) -> None:
    found = look(lab, *networks, timeout=1)
    web, db, lone = boxes["web"], boxes["db"], boxes["lone"]
    assert {place.name for place in found.places} == {web, db, lone}
    assert found.reaches(web, db, 8080)
    assert found.reaches(db, web, 8080)
    assert found.reaches(lone, db)
    assert not found.reaches(lone, web)
    assert not found.reaches(web, lone)

    there = found.way(web, db)
    assert there is not None
    assert there.networks == (networks[0],)
    # An alias is of one network only.
    assert set(there.names) == {db, "store"}
    back = found.way(lone, db)
    assert back is not None
    assert set(back.names) == {db, "behind"}

    away = found.way(lone, web)
    assert away is not None
    assert away.names == ()
    assert away.verdict == "nowhere"
    assert {one.by for one in away.attempts} == {"name", "address"}

    # Where nobody listens, a refusal still shows that there is a way.
    closed = found.way(db, lone)
    assert closed is not None
    assert closed.verdict == "closed"
    assert closed.names == (lone,)


def test_the_ports_asked_for(lab: Lab, networks: tuple[str, str], boxes: dict[str, str]) -> None:
    look(lab, networks[0])
    found = lab.reach(networks[0], ports=[8080, 8081], timeout=1)
    way = found.way(boxes["web"], boxes["db"])
    assert way is not None
    assert way.open_ports == (8080,)
    assert {one.port: one.outcome for one in way.attempts if one.name == "store"} == {
        8080: "open",
        8081: "refused",
    }


def test_an_image_without_any_tool_gets_a_helper(
    lab: Lab,
    client: DockerClient,
    networks: tuple[str, str],
    boxes: dict[str, str],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = '["/busybox", "httpd", "-f", "-p", "9000"]'
    built = client.images.build(
        fileobj=io.BytesIO(DUMB.format(command=command).encode()), tag=f"{name}-dumb", rm=True
    )[0]
    try:
        client.containers.run(f"{name}-dumb", name=f"{name}-dumb", network=networks[0], detach=True)
        found = look(lab, networks[0], timeout=1)
        dumb = next(place for place in found.places if place.name == f"{name}-dumb")
        assert (dumb.tool, dumb.why) == ("nc-e of busybox", "")
        assert found.reaches(f"{name}-dumb", boxes["web"], 8080)
        left = {"label": f"dockerlab.reach={dumb.container}"}
        assert client.api.containers(all=True, filters=left) == []

        # Without a helper, it is said that nothing could be tried.
        monkeypatch.setattr("dockerlab.client.reach.probing.HELPERS", ())
        found = lab.reach(networks[0], timeout=1)
        dumb = next(place for place in found.places if place.name == f"{name}-dumb")
        assert dumb.tool == ""
        assert "no tool to connect with" in dumb.why
        way = found.way(f"{name}-dumb", boxes["web"])
        assert way is not None
        assert way.verdict == "unasked"
        assert not found.reaches(f"{name}-dumb", boxes["web"])
    finally:
        client.containers.get(f"{name}-dumb").remove(force=True)
        client.images.remove(built.id, force=True)


def test_the_default_bridge_has_no_names(lab: Lab, client: DockerClient, name: str) -> None:
    for letter in "ab":
        client.containers.run("busybox", ["sh", "-c", SERVE], name=f"{name}-{letter}", detach=True)
    found = look(lab, "bridge", timeout=1, ports=[8080])
    way = found.way(f"{name}-a", f"{name}-b")
    assert way is not None
    assert way.names == ()
    assert way.verdict == "address"
    assert not found.reaches(f"{name}-a", f"{name}-b")


def test_what_is_not_there(lab: Lab, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFoundHere, match=f"no project and no network is called {name}-no"):
        lab.reach(f"{name}-no")
    assert lab.reach("none").ways == ()
    monkeypatch.setattr(reaching, "MOST", -1)
    with pytest.raises(CommandError, match="too many to look at"):
        lab.reach("none")


def test_a_shell_that_never_answers(
    lab: Lab,
    client: DockerClient,
    networks: tuple[str, str],
    boxes: dict[str, str],
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a container calls sh may be anything."""
    monkeypatch.setattr("dockerlab.client.reach.probing.SPARE", 0.5)
    monkeypatch.setattr("dockerlab.client.reach.probing.HELPERS", ())
    for script in ("while :; do sleep 1; done", "while :; do echo dlreach; done"):
        evil = f"printf '#!/bin/busybox sh\\n{script}\\n' > /tmp/sh; cp /tmp/sh /bin/sh2"
        swap = "chmod 755 /bin/sh2; rm /bin/sh; mv /bin/sh2 /bin/sh; exec /bin/busybox sleep 600"
        box = client.containers.run(
            "busybox",
            ["/bin/busybox", "ash", "-c", f"{evil}; {swap}"],
            name=f"{name}-evil",
            network=networks[0],
            detach=True,
        )
        time.sleep(1)
        begun = time.monotonic()
        found = lab.reach(networks[0], timeout=1, ports=[8080])
        assert time.monotonic() - begun < 60
        place = next(one for one in found.places if one.name == f"{name}-evil")
        assert place.why
        assert not found.reaches(f"{name}-evil", boxes["web"])
        box.remove(force=True)
