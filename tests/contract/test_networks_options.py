"""Driver options of networks: followed, the same on every engine, or refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from docker.client import DockerClient
from engines import Engine
from netapi import API

BRIDGE = "com.docker.network.bridge."
MTU = "com.docker.network.driver.mtu"


@pytest.fixture
def api(engine: Engine, client: DockerClient) -> Iterator[API]:
    api = API(engine.url)
    yield api
    api.close()


@pytest.fixture
def net(api: API, client: DockerClient, name: str) -> Iterator[Any]:
    def make(**options: str) -> str:
        body = {"Name": f"{name}-net", "Options": options}
        status, answer = api("POST", "/networks/create", body)
        assert status == 201, answer
        return f"{name}-net"

    yield make
    for container in client.containers.list(all=True, filters={"name": name}, ignore_removed=True):
        container.remove(force=True)
    api("DELETE", f"/networks/{name}-net")


def reaches(container: Any, address: str) -> bool:
    ask = f"nc -w 2 {address} 80 </dev/null"
    return bool(container.exec_run(["sh", "-c", ask]).output == b"hello\n")


def test_containers_that_cannot_reach_each_other(
    client: DockerClient, net: Any, engine: Engine, name: str
) -> None:
    network = net(**{f"{BRIDGE}enable_icc": "false"})
    serve = ["sh", "-c", "while true; do echo hello | nc -l -p 80; done"]
    options: dict[str, Any] = {"network": network, "detach": True, "command": serve}
    a = client.containers.run("busybox", name=f"{name}-a", ports={"80/tcp": None}, **options)
    b = client.containers.run("busybox", name=f"{name}-b", **options)
    for container in (a, b):
        container.reload()
    address = {c.name: c.attrs["NetworkSettings"]["Networks"][network]["IPAddress"] for c in (a, b)}
    assert reaches(a, address[a.name])
    assert not reaches(a, address[b.name])
    assert not reaches(b, address[a.name])


def test_the_size_of_packets(
    api: API, client: DockerClient, net: Any, engine: Engine, name: str
) -> None:
    if engine.kind.startswith("proot"):
        body = {"Name": f"{name}-net", "Options": {MTU: "1400"}}
        status, answer = api("POST", "/networks/create", body)
        assert status == 501
        assert MTU in answer["message"]
        return
    network = net(**{MTU: "1400"})
    out = client.containers.run(
        "busybox", ["cat", "/sys/class/net/eth0/mtu"], name=name, network=network, remove=True
    )
    assert out == b"1400\n"


def test_where_ports_are_published(client: DockerClient, net: Any, name: str) -> None:
    network = net(**{f"{BRIDGE}host_binding_ipv4": "127.0.0.5"})
    made = client.containers.run(
        "busybox",
        ["sleep", "600"],
        name=name,
        network=network,
        ports={"80/tcp": None, "81/tcp": ("127.0.0.6", None)},
        detach=True,
    )
    made.reload()
    assert [row["HostIp"] for row in made.ports["80/tcp"]] == ["127.0.0.5"]
    assert [row["HostIp"] for row in made.ports["81/tcp"]] == ["127.0.0.6"]


def test_a_name_for_the_bridge(api: API, client: DockerClient, net: Any, name: str) -> None:
    network = net(**{f"{BRIDGE}name": f"b{name[-8:]}"})
    shown = api("GET", f"/networks/{network}")[1]["Options"]
    assert shown == {f"{BRIDGE}name": f"b{name[-8:]}"}
    out = client.containers.run("busybox", ["echo", "x"], name=name, network=network, remove=True)
    assert out == b"x\n"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("enable_ip_masquerade", "false"),
        ("inhibit_ipv4", "true"),
    ],
)
def test_options_that_are_refused_by_name(
    api: API, engine: Engine, name: str, option: str, value: str
) -> None:
    if not engine.embedded:
        pytest.skip("Docker Engine has it")
    body = {"Name": f"{name}-net", "Options": {BRIDGE + option: value}}
    status, answer = api("POST", "/networks/create", body)
    assert status == 501
    assert option in answer["message"]


@pytest.mark.parametrize(
    "bridge", ["docker0", "lo", "a name", "a-name-that-is-too-long", "br%d", "all", "veth0", "brü"]
)
def test_names_that_a_bridge_cannot_have(api: API, engine: Engine, name: str, bridge: str) -> None:
    if not engine.embedded:
        pytest.skip("Docker Engine takes docker0, and loses its own")
    body = {"Name": f"{name}-net", "Options": {f"{BRIDGE}name": bridge}}
    status, answer = api("POST", "/networks/create", body)
    assert status in (400, 403)
    assert bridge in answer["message"]
