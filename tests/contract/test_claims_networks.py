"""Claims of networks, on every engine: who is in them, and who really reaches whom."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.client import DockerClient

from dockerlab import Lab
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.networks import is_apart, network, reaches
from dockerlab.grading.exercise import Claim
from dockerlab.grading.spots.networks import (
    default_bridge,
    different_networks,
    localhost_in_files,
    published_instead,
)

SERVE = ["sh", "-c", "mkdir /w; exec httpd -f -p 6379 -h /w"]


@pytest.fixture
def bench(lab: Lab, tmp_path: Path) -> Bench:
    return Bench(lab, tmp_path, lambda *_, **__: (0, ""))


@pytest.fixture
def boxes(client: DockerClient, name: str) -> Iterator[str]:
    """In the network ``name-net``: store, which serves at 6379, and page; outside: guest, lone."""
    made = [client.networks.create(f"{name}-{each}") for each in ("net", "other")]
    kinds = {"store": "net", "page": "net", "lone": "other", "guest": "bridge"}
    for kind, place in kinds.items():
        client.containers.run(
            "busybox",
            SERVE,
            name=f"{name}-{kind}",
            detach=True,
            network=place if place == "bridge" else f"{name}-{place}",
        )
    yield name
    for kind in kinds:
        with contextlib.suppress(docker.errors.NotFound):
            client.containers.get(f"{name}-{kind}").remove(force=True)
    for each in made:
        each.remove()


def found(bench: Bench, claim: Claim) -> str:
    finding = claim.look(bench)
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
    return "met" if finding else finding.why.key


def forge(client: DockerClient, container: str, program: str, script: str) -> None:
    """Put a program in the place of one of the image's."""
    written = f"rm -f {program}; printf '#!/bin/sh\n{script}\n' > {program}; chmod +x {program}"
    assert client.containers.get(container).exec_run(["sh", "-c", written]).exit_code == 0


def call(client: DockerClient, container: str, address: str, *names: str) -> None:
    line = f"echo {address} {' '.join(names)} >> /etc/hosts"
    assert client.containers.get(container).exec_run(["sh", "-c", line]).exit_code == 0


def test_networks(bench: Bench, client: DockerClient, boxes: str) -> None:
    """One test, as its containers are the costly part."""
    store, page, guest, lone = (f"{boxes}-{kind}" for kind in ("store", "page", "guest", "lone"))
    mine = network(f"{boxes}-net")
    assert found(bench, mine.exists()) == "met"
    assert found(bench, mine.is_gone()) == "network.still"
    assert found(bench, mine.is_internal()) == "network.leads_out"
    assert found(bench, mine.has(store, page)) == "met"
    assert found(bench, mine.has(store, guest)) == "network.without"
    assert found(bench, mine.lacks(guest, lone)) == "met"
    assert found(bench, mine.lacks(page)) == "network.with"

    assert found(bench, reaches(page, store, 6379)) == "met"
    assert found(bench, reaches(page, store, 6380)) == "reach.refused"
    assert found(bench, reaches(page, "redis-server", 6379)) == "reach.noname"
    assert found(bench, reaches(guest, store, 6379)) == "reach.noname"
    assert found(bench, is_apart(page, store, 6379)) == "apart.open"
    assert found(bench, is_apart(lone, store, 6379)) == "met"

    assert default_bridge(page, guest).see(bench) == {"name": guest}
    assert default_bridge(page, store).see(bench) is None
    assert different_networks(lone, store).see(bench) is not None
    assert different_networks(page, store).see(bench) is None
    assert published_instead(store).see(bench) is None

    forge(client, page, "/bin/nc", "echo open; exit 0")
    forge(client, lone, "/bin/nc", "echo refused >&2; exit 1")
    assert found(bench, reaches(page, store, 6380)) == "reach.refused", "whatever its nc says"
    assert found(bench, is_apart(page, store, 6379)) == "apart.open"
    assert found(bench, is_apart(lone, store, 6379)) == "met"
    call(client, lone, "127.0.0.1", store, "store")
    assert found(bench, reaches(lone, store, 6379)) == "reach.elsewhere", "it serves there itself"
    assert found(bench, reaches(lone, "store", 6379)) == "reach.elsewhere"

    client.containers.get(page).kill()
    assert found(bench, reaches(page, store, 6379)) == "reach.stopped"
    client.containers.get(page).remove()
    assert found(bench, reaches(page, store, 6379)) == "container.absent"
    assert found(bench, is_apart(page, store, 6379)) == "container.absent"


def test_what_is_not_there(bench: Bench, name: str) -> None:
    assert found(bench, network(name).exists()) == "network.absent"
    assert found(bench, network(name).has(name)) == "network.absent"
    assert found(bench, network(name).lacks(name)) == "container.absent"
    assert found(bench, network(name).is_internal()) == "network.absent"
    assert found(bench, network(name).is_gone()) == "met"
    assert default_bridge(name).see(bench) is None
    assert different_networks(name, name).see(bench) is None


def test_addresses_in_files(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("const store = 'redis://127.0.0.1:6379';")
    assert localhost_in_files("none.js", "app.js").see(bench) == {
        "where": "app.js",
        "found": "127.0.0.1:6379",
    }
    (tmp_path / "app.js").write_text("const store = 'redis://store:6379'; // 10.127.0.0.1")
    assert localhost_in_files("app.js").see(bench) is None
