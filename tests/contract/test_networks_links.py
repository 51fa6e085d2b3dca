"""``--link``: on the default bridge names and variables, on networks of users' own names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from docker.client import DockerClient
from engines import Engine
from netapi import API


@pytest.fixture
def api(engine: Engine, client: DockerClient) -> Iterator[API]:
    api = API(engine.url)
    yield api
    api.close()


@pytest.fixture
def network(client: DockerClient, name: str) -> Iterator[str]:
    made = client.networks.create(f"{name}-net")
    yield f"{name}-net"
    for container in client.containers.list(all=True, filters={"name": name}, ignore_removed=True):
        container.remove(force=True)
    made.remove()


def environment(container: Any) -> dict[str, str]:
    lines = container.exec_run(["env"]).output.decode().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_on_the_default_bridge(docker: Any, client: DockerClient, name: str) -> None:
    store, web = f"{name}-store", f"{name}-web"
    words = ("-e", "COLOUR=dark blue", "--expose", "6379", "--expose", "53/udp")
    assert docker("run", "-d", "--name", store, *words, "busybox", "sleep", "600").code == 0
    links = ("--link", f"{store}:my-db", "--link", store)
    assert docker("run", "-d", "--name", web, *links, "busybox", "sleep", "600").code == 0
    other, container = client.containers.get(store), client.containers.get(web)
    address = other.attrs["NetworkSettings"]["IPAddress"]
    hosts = container.exec_run(["cat", "/etc/hosts"]).output.decode().splitlines()
    assert sorted(hosts[-3:-1]) == sorted(
        [f"{address}\tmy-db {other.id[:12]} {store}", f"{address}\t{store} {other.id[:12]}"]
    )
    found = environment(container)
    assert found["MY_DB_PORT"] == f"udp://{address}:53"
    assert found["MY_DB_PORT_6379_TCP"] == f"tcp://{address}:6379"
    assert found["MY_DB_PORT_6379_TCP_ADDR"] == address
    assert found["MY_DB_PORT_6379_TCP_PORT"] == "6379"
    assert found["MY_DB_PORT_6379_TCP_PROTO"] == "tcp"
    assert found["MY_DB_NAME"] == f"/{web}/my-db"
    assert found["MY_DB_ENV_COLOUR"] == "dark blue"
    assert "MY_DB_ENV_PATH" not in found
    shown = [f"/{store}:/{web}/my-db", f"/{store}:/{web}/{store}"]
    assert sorted(container.attrs["HostConfig"]["Links"]) == sorted(shown)
    (line,) = client.api.containers(filters={"id": other.id})
    assert sorted(line["Names"]) == sorted([f"/{store}", f"/{web}/my-db", f"/{web}/{store}"])


def test_an_address_that_changes(client: DockerClient, name: str) -> None:
    options: dict[str, Any] = {"detach": True, "command": ["sleep", "600"]}
    store = client.containers.run("busybox", name=f"{name}-store", **options)
    web = client.containers.run(
        "busybox", name=f"{name}-web", links={f"{name}-store": "db"}, **options
    )
    store.stop(timeout=0)
    client.containers.run("busybox", name=f"{name}-between", **options)
    store.start()
    store.reload()
    address = store.attrs["NetworkSettings"]["IPAddress"]
    hosts = web.exec_run(["cat", "/etc/hosts"]).output.decode()
    assert f"{address}\tdb {store.id[:12]} {name}-store\n" in hosts
    store.stop(timeout=0)
    web.stop(timeout=0)
    where = f"/{name}-store AS /{name}-web/db"
    with pytest.raises(Exception, match=f"Cannot link to a non running container: {where}"):
        web.start()


@pytest.mark.parametrize(
    ("links", "mode", "status", "message"),
    [
        (["dltest-nope:x"], "", 400, "could not get container for dltest-nope: No such container"),
        ([":x"], "", 400, 'could not get container for : invalid name or ID supplied: ""'),
        (["a:b:c"], "", 500, "bad format for links: a:b:c"),
        (["a:x"], "host", 400, "conflicting options: host type networking can't be used with l"),
        (["a:x"], "container:a", 400, "conflicting options: container type network can't be use"),
    ],
)
def test_links_that_cannot_be(
    api: API, links: list[str], mode: str, status: int, message: str
) -> None:
    host = {"Links": links, "NetworkMode": mode}
    found, answer = api("POST", "/containers/create", {"Image": "busybox", "HostConfig": host})
    assert found == status
    assert answer["message"].startswith(message)


def test_on_a_network_of_users_own(
    docker: Any, client: DockerClient, network: str, name: str
) -> None:
    options = ("--network", network, "busybox", "sleep", "600")
    assert docker("run", "-d", "--name", f"{name}-db", *options).code == 0
    linked = docker("run", "-d", "--name", f"{name}-web", "--link", f"{name}-db:store", *options)
    assert (linked.code, linked.err) == (0, "")
    db, web = client.containers.get(f"{name}-db"), client.containers.get(f"{name}-web")
    assert web.attrs["HostConfig"]["Links"] is None
    assert web.attrs["NetworkSettings"]["Networks"][network]["Links"] == [f"{name}-db:store"]
    address = db.attrs["NetworkSettings"]["Networks"][network]["IPAddress"]
    assert address in web.exec_run(["nslookup", "store"]).output.decode()
    assert address not in db.exec_run(["nslookup", "store"]).output.decode()


def test_anothers_network_comes_with_its_name(client: DockerClient, name: str) -> None:
    options: dict[str, Any] = {"detach": True, "command": ["sleep", "600"]}
    client.containers.run("busybox", name=f"{name}-a", hostname="lender", **options)
    guest = client.containers.run(
        "busybox", name=f"{name}-b", network_mode=f"container:{name}-a", **options
    )
    assert guest.exec_run(["hostname"]).output.decode().strip() == "lender"
    guest.reload()
    assert guest.attrs["Config"]["Hostname"] == "lender"
