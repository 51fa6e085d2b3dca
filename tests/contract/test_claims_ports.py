"""Claims of ports, pages and folders of the host, on every engine."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from docker.client import DockerClient
from engines import Engine

from dockerlab import Lab
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.disks import bind
from dockerlab.grading.claims.networks import page, port
from dockerlab.grading.exercise import Claim, Spot
from dockerlab.grading.outcome import Saying
from dockerlab.grading.spots import ports as spots

WAIT = ["sh", "-c", "trap exit TERM; sleep 1000 & wait"]


class Pages:
    """What stands behind the ports of the host."""

    def __init__(self, **bodies: tuple[int, str]) -> None:
        self.bodies = bodies

    def __call__(self, port: int, path: str = "/", *, patience: float = 5.0) -> tuple[int, str]:
        with contextlib.suppress(KeyError):
            return self.bodies[f"p{port}"]
        raise OSError("connection refused")


@pytest.fixture
def bench(lab: Lab, tmp_path: Path) -> Bench:
    return Bench(
        lab, tmp_path, Pages(p1=(200, "Hello World"), p2=(404, "lost"), p3=(200, "x" * 9999))
    )


def found(bench: Bench, claim: Claim) -> str:
    finding = claim.look(bench)
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
        assert "{" not in saying.text("en")
        assert len(saying.text("en")) < 600
    return "met" if finding else finding.why.key


def seen(bench: Bench, spot: Spot) -> bool:
    fields = spot.see(bench)
    if fields is not None:
        hint = Saying(f"spot.{spot.name}", fields)
        assert hint.text("en") != hint.text("ko")
    return fields is not None


def outside(client: DockerClient, name: str, inside: int) -> int:
    ports = client.containers.get(name).attrs["NetworkSettings"]["Ports"]
    return int(ports[f"{inside}/tcp"][0]["HostPort"])


def test_no_container(bench: Bench, name: str) -> None:
    claims = [
        port(name, 80).is_published(),
        port(name, 80).is_closed(),
        port(name, 80).is_only_here(),
    ]
    assert [found(bench, claim) for claim in claims] == ["container.absent"] * 3
    assert not seen(bench, spots.no_port(name))
    assert not seen(bench, spots.wrong_port(name, inside=80, outside=81))


def test_a_wall_without_a_door(bench: Bench, client: DockerClient, name: str) -> None:
    box = client.containers.run("busybox", WAIT, name=name, detach=True, ports={})
    assert found(bench, port(name, 80).is_published()) == "port.none"
    assert found(bench, port(name, 80).is_only_here()) == "port.none"
    assert found(bench, port(name, 80).is_closed()) == "met"
    assert seen(bench, spots.no_port(name))
    assert not seen(bench, spots.everywhere(name))
    box.kill()
    assert found(bench, port(name, 80).is_published()) == "port.not_running"


def test_doors(bench: Bench, client: DockerClient, name: str) -> None:
    ports = {"8080/tcp": ("127.0.0.1", None), "9090/tcp": None}
    client.containers.run("busybox", WAIT, name=name, detach=True, ports=ports)
    there = outside(client, name, 8080)
    assert found(bench, port(name, 8080).is_published(at=there)) == "met"
    assert found(bench, port(name, 8080).is_published()) == "met"
    assert found(bench, port(name, 8080).is_published(at=1)) == "port.elsewhere"
    assert found(bench, port(name, 80).is_published()) == "port.other"
    assert found(bench, port(name, 8080).is_only_here()) == "met"
    assert found(bench, port(name, 9090).is_only_here()) == "port.wide"
    assert found(bench, port(name, 8080).is_closed()) == "port.open"
    assert seen(bench, spots.everywhere(name))
    assert seen(bench, spots.wrong_port(name, inside=80, outside=81))
    assert seen(bench, spots.swapped_ports(name, inside=there, outside=8080))
    assert not seen(bench, spots.wrong_port(name, inside=there, outside=8080))
    assert not seen(bench, spots.no_port(name))


@pytest.mark.parametrize(
    ("claim", "key"),
    [
        (page(1).says("Hello"), "met"),
        (page(1).answers(), "met"),
        (page(1).says("Bye"), "page.other"),
        (page(2).says("lost"), "page.status"),
        (page(2).answers(404), "met"),
        (page(3).says("Bye"), "page.other"),
        (page(4).says("Hello"), "page.unreachable"),
        (page(4).is_silent(), "met"),
        (page(1).is_silent(), "page.heard"),
    ],
)
def test_pages(bench: Bench, claim: Claim, key: str) -> None:
    assert found(bench, claim) == key


def test_folders_of_the_host(bench: Bench, client: DockerClient, engine: Engine, name: str) -> None:
    app = bind(name, "/app")
    assert found(bench, app.is_there()) == "container.absent"
    volumes = [f"{engine.shared_folder()}:/app:ro", "/data"]
    client.containers.create("busybox", WAIT, name=name, volumes=volumes)
    assert found(bench, app.is_there()) == "met"
    assert found(bench, app.is_there(read_only=True)) == "met"
    assert found(bench, app.is_there(read_only=False)) == "bind.is_read_only"
    assert found(bench, app.spares("node_modules")) == "bind.hides"
    assert found(bench, bind(name, "/data").is_there()) == "bind.volume"
    assert found(bench, bind(name, "/srv").is_there()) == "bind.none"
    assert seen(bench, spots.bind_hides(name, "/app"))
    assert not seen(bench, spots.no_bind(name, "/app"))
    assert seen(bench, spots.no_bind(name, "/srv"))


def test_the_modules_are_kept(
    bench: Bench, client: DockerClient, engine: Engine, name: str
) -> None:
    volumes = [f"{engine.shared_folder()}:/app", "/app/node_modules"]
    client.containers.create("busybox", WAIT, name=name, volumes=volumes)
    assert found(bench, bind(name, "/app").spares("node_modules")) == "met"
    assert not seen(bench, spots.bind_hides(name, "/app"))
