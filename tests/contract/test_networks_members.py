"""Containers in networks of users' own: coming, going, several at once. The same everywhere."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from docker.api.client import APIClient
from docker.client import DockerClient
from docker.models.containers import Container
from engines import Engine
from netapi import API

SERVER = "mkdir -p /www; echo {} > /www/index.html; exec httpd -f -p {} -h /www"
ENDPOINT_KEYS = [
    "IPAMConfig", "Links", "Aliases", "NetworkID", "EndpointID", "Gateway", "IPAddress",
    "IPPrefixLen", "IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "MacAddress",
    "DriverOpts",
]  # fmt: skip


@pytest.fixture
def api(engine: Engine, client: DockerClient) -> Iterator[API]:
    api = API(engine.url)
    yield api
    api.close()


@pytest.fixture
def subnets(name: str) -> Callable[[str], str]:
    """Subnets that no other run of the tests has: ``subnets("a")`` is ``10.X.Y.``"""
    first = 8 * random.randrange(5120, 7000)

    def start(suffix: str) -> str:
        number = first + "abimz".index(suffix)
        return f"10.{number >> 8}.{number & 0xFF}."

    return start


@pytest.fixture
def net(api: API, client: DockerClient, name: str, subnets: Callable[[str], str]) -> Iterator[Any]:
    """``net("a")``: a network ``NAME-a`` with a subnet of its own; the name comes back."""
    made: list[str] = []

    def net(suffix: str, *, chosen: bool = True, **body: Any) -> str:
        if chosen:
            body["IPAM"] = {"Config": [{"Subnet": subnets(suffix) + "0/24"}]}
        status, answer = api("POST", "/networks/create", {"Name": f"{name}-{suffix}", **body})
        assert status == 201, answer
        made.append(f"{name}-{suffix}")
        return made[-1]

    yield net
    for container in client.containers.list(all=True, filters={"name": name}, ignore_removed=True):
        container.remove(force=True)
    for network in made:
        for found in client.networks.list(names=[f"^{network}$"]):
            found.remove()


def settings(container: Container) -> dict[str, Any]:
    container.reload()
    return container.attrs["NetworkSettings"]["Networks"]  # type: ignore[no-any-return]


def sleeping(client: DockerClient, name: str, **options: Any) -> Container:
    return client.containers.run("busybox", ["sleep", "600"], name=name, detach=True, **options)


def serving(client: DockerClient, name: str, port: int = 80, **options: Any) -> Container:
    """A web server that answers with the last part of its name."""
    command = ["sh", "-c", SERVER.format(name.rpartition("-")[2], port)]
    server = client.containers.run("busybox", command, name=name, detach=True, **options)
    for _ in range(100):
        if fetch(server, f"127.0.0.1:{port}"):
            break
        time.sleep(0.05)
    return server


def fetch(container: Container, where: str) -> str:
    """What the container is answered; empty when it cannot get there."""
    host, _, port = where.partition(":")
    ask = f"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 {host} {port or 80}"
    lines = container.exec_run(["sh", "-c", ask]).output.decode().splitlines()
    return str(lines[-1]) if lines and lines[0].startswith("HTTP") else ""


def test_in_a_network_from_the_start(client: DockerClient, net: Any, name: str) -> None:
    network = net("a")
    made = client.containers.create("busybox", ["sleep", "600"], name=name, network=network)
    before = settings(made)[network]
    assert list(before) == ENDPOINT_KEYS
    assert (before["Aliases"], before["NetworkID"], before["IPAddress"]) == (None, "", "")
    made.start()
    (shown,) = settings(made).values()
    start = client.networks.get(network).attrs["IPAM"]["Config"][0]["Subnet"][:-4]
    assert (shown["IPAddress"], shown["Gateway"]) == (f"{start}2", f"{start}1")
    assert shown["IPPrefixLen"] == 24
    assert shown["Aliases"] == [made.id[:12]]
    assert shown["NetworkID"] == client.networks.get(network).id
    assert made.attrs["NetworkSettings"]["IPAddress"] == ""
    inside = client.networks.get(network).attrs["Containers"]
    assert inside == {
        made.id: {
            "Name": name,
            "EndpointID": shown["EndpointID"],
            "MacAddress": shown["MacAddress"],
            "IPv4Address": f"{start}2/24",
            "IPv6Address": "",
        }
    }
    made.stop(timeout=0)
    after = settings(made)[network]
    assert (after["IPAddress"], after["EndpointID"], after["NetworkID"]) == (
        "",
        "",
        shown["NetworkID"],
    )
    assert after["Aliases"] == [made.id[:12]]
    assert client.networks.get(network).attrs["Containers"] == {}


def test_what_was_asked_for(api: API, client: DockerClient, net: Any, name: str) -> None:
    network = net("a")
    start = client.networks.get(network).attrs["IPAM"]["Config"][0]["Subnet"][:-4]
    config = {"Aliases": ["db", "store"], "IPAMConfig": {"IPv4Address": f"{start}77"}}
    body = {
        "Image": "busybox",
        "Cmd": ["sleep", "600"],
        "Hostname": "hosty",
        "MacAddress": "02:42:0a:00:00:99",
        "HostConfig": {"NetworkMode": network},
        "NetworkingConfig": {"EndpointsConfig": {network: config}},
    }
    assert api("POST", "/containers/create", body, name=name)[0] == 201
    assert api("POST", f"/containers/{name}/start")[0] == 204
    container = client.containers.get(name)
    shown = settings(container)[network]
    assert shown["IPAddress"] == f"{start}77"
    assert shown["IPAMConfig"] == {"IPv4Address": f"{start}77"}
    assert shown["MacAddress"] == "02:42:0a:00:00:99"
    assert shown["Aliases"] == ["db", "store", container.id[:12], "hosty"]
    hosts = container.exec_run(["cat", "/etc/hosts"]).output.decode()
    assert hosts.endswith(f"{start}77\thosty\n")
    container.restart(timeout=0)
    again = settings(container)[network]
    assert (again["IPAddress"], again["Aliases"]) == (shown["IPAddress"], shown["Aliases"])


@pytest.mark.parametrize("port", [80, 6379])
def test_the_same_port_everywhere(client: DockerClient, net: Any, name: str, port: int) -> None:
    """Two servers on a port in one network, one in another: reached by address, not across."""
    one, two = net("a"), net("b")
    servers = {
        suffix: serving(client, f"{name}-{suffix}", port, network=network)
        for suffix, network in (("web", one), ("shop", one), ("other", two))
    }
    address = {
        suffix: f"{next(iter(settings(server).values()))['IPAddress']}:{port}"
        for suffix, server in servers.items()
    }
    assert len(set(address.values())) == 3
    assert fetch(servers["web"], address["shop"]) == "shop"
    assert fetch(servers["shop"], address["web"]) == "web"
    assert (
        fetch(servers["web"], address["web"]) == fetch(servers["web"], f"127.0.0.1:{port}") == "web"
    )
    assert fetch(servers["other"], address["other"]) == "other"
    assert fetch(servers["web"], address["other"]) == ""
    assert fetch(servers["other"], address["web"]) == ""


def test_the_default_bridge_is_apart(client: DockerClient, net: Any, name: str) -> None:
    inside = serving(client, f"{name}-inside", network=net("a"))
    plain = serving(client, f"{name}-plain")
    (theirs,) = settings(inside).values()
    assert fetch(plain, theirs["IPAddress"]) == ""
    assert fetch(inside, settings(plain)["bridge"]["IPAddress"]) == ""


def test_coming_and_going_while_it_runs(client: DockerClient, net: Any, name: str) -> None:
    one, two = net("a"), net("b")
    guest = serving(client, f"{name}-guest", network=one)
    host = serving(client, f"{name}-host", network=two)
    at = settings(host)[two]["IPAddress"]
    assert fetch(guest, at) == ""
    client.networks.get(two).connect(guest, aliases=["visitor"])
    shown = settings(guest)
    assert list(shown) == sorted([one, two])
    assert shown[two]["Aliases"] == ["visitor", guest.id[:12]]
    assert fetch(guest, at) == "host"
    assert fetch(host, shown[two]["IPAddress"]) == "guest"
    hosts = guest.exec_run(["cat", "/etc/hosts"]).output.decode().splitlines()
    assert hosts[-2:] == [
        f"{shown[network]['IPAddress']}\t{guest.id[:12]}" for network in (one, two)
    ]
    client.networks.get(two).disconnect(guest)
    assert list(settings(guest)) == [one]
    assert (fetch(guest, at), fetch(host, shown[two]["IPAddress"])) == ("", "")
    assert shown[two]["IPAddress"] not in guest.exec_run(["cat", "/etc/hosts"]).output.decode()
    assert guest.id not in client.networks.get(two).attrs["Containers"]
    guest.restart(timeout=0)
    assert list(settings(guest)) == [one]


def test_cards_and_the_default_route(
    client: DockerClient, net: Any, engine: Engine, name: str
) -> None:
    """Of the networks that lead out, the first by name has the default route, as in Docker."""
    if engine.kind.startswith("proot"):
        pytest.skip("there are no cards without privileges (its limitations say so)")
    middle, first, last = net("m"), net("b"), net("z")
    guest = sleeping(client, f"{name}-guest", network=middle)

    def cards() -> list[str]:
        out = guest.exec_run(["ip", "-o", "-4", "addr"]).output.decode()
        return sorted(line.split()[1] for line in out.splitlines())

    def gateway() -> str:
        out = guest.exec_run(["ip", "route"]).output.decode().splitlines()
        (way,) = [line.split()[2] for line in out if line.startswith("default")]
        return str(way)

    def gateway_of(network: str) -> str:
        return str(settings(guest)[network]["Gateway"])

    client.networks.get(last).connect(guest)
    assert (cards(), gateway()) == (["eth0", "eth1", "lo"], gateway_of(middle))
    client.networks.get(first).connect(guest)
    assert (cards(), gateway()) == (["eth0", "eth1", "eth2", "lo"], gateway_of(first))
    client.networks.get(middle).disconnect(guest)
    assert (cards(), gateway()) == (["eth1", "eth2", "lo"], gateway_of(first))
    client.networks.get(first).disconnect(guest)
    assert gateway() == gateway_of(last)
    client.networks.get(middle).connect(guest)
    assert (cards(), gateway()) == (["eth1", "eth3", "lo"], gateway_of(middle))
    guest.restart(timeout=0)
    assert cards() == ["eth0", "eth1", "lo"]
    assert gateway() == gateway_of(middle)


def test_a_stopped_container_comes_and_goes(
    api: API, client: DockerClient, net: Any, name: str
) -> None:
    one, two = net("a"), net("b")
    guest = client.containers.create("busybox", ["sleep", "600"], name=name, network=one)
    connect, leave = f"/networks/{two}/connect", f"/networks/{two}/disconnect"
    config = {"Aliases": ["bar"]}
    assert api("POST", connect, {"Container": name, "EndpointConfig": config})[0] == 200
    assert settings(guest)[two]["Aliases"] == ["bar", guest.id[:12]]
    other = {"Container": name, "EndpointConfig": {"Aliases": ["baz"]}}
    assert api("POST", connect, other)[0] == 200
    assert settings(guest)[two]["Aliases"] == ["bar", guest.id[:12]]
    assert client.networks.get(two).attrs["Containers"] == {}
    guest.start()
    assert sorted(client.networks.get(two).attrs["Containers"]) == [guest.id]
    assert settings(guest)[two]["IPAddress"]
    guest.stop(timeout=0)
    assert api("POST", leave, {"Container": name})[0] == 200
    assert list(settings(guest)) == [one]
    message = f"container {guest.id} is not connected to the network {two}"
    assert api("POST", leave, {"Container": name}) == (500, {"message": message})
    guest.start()
    message = f"container {guest.id} is not connected to network {two}"
    assert api("POST", leave, {"Container": name}) == (500, {"message": message})


def test_in_no_network_at_all(client: DockerClient, net: Any, name: str) -> None:
    one = net("a")
    guest = sleeping(client, f"{name}-guest", network=one)
    server = serving(client, f"{name}-server", network=one)
    at = settings(server)[one]["IPAddress"]
    assert fetch(guest, at) == "server"
    client.networks.get(one).disconnect(guest)
    assert settings(guest) == {}
    assert fetch(guest, at) == ""
    guest.restart(timeout=0)
    assert settings(guest) == {}
    assert guest.exec_run(["true"]).exit_code == 0
    client.networks.get(one).connect(guest)
    assert fetch(guest, at) == "server"


def test_refusals(api: API, client: DockerClient, net: Any, name: str) -> None:
    one = net("a")
    guest = sleeping(client, name, network=one)

    def connect(network: str, **config: Any) -> tuple[int, str]:
        body = {"Container": name, "EndpointConfig": config}
        status, answer = api("POST", f"/networks/{network}/connect", body)
        return status, answer["message"]

    again = f"endpoint with name {name} already exists in network {one}"
    assert connect(one) == (403, again)
    host = "container cannot be disconnected from host network or connected to host network"
    assert connect("host") == (400, host)
    none = "container cannot be connected to multiple networks with one of the networks in private"
    assert connect("none") == (400, f"{none} (none) mode")
    assert connect(f"{name}-gone") == (404, f"network {name}-gone not found")
    id = client.networks.get(one).id
    busy = f"error while removing network: network {one} id {id} has active endpoints"
    assert api("DELETE", f"/networks/{one}") == (403, {"message": busy})
    status, answer = api("POST", f"/networks/{one}/connect", {"Container": ""})
    assert (status, answer["message"]) == (400, 'invalid name or ID supplied: ""')
    status, answer = api("POST", f"/networks/{one}/connect")
    assert (status, answer["message"]) == (400, "got EOF while reading request body")
    assert api("DELETE", f"/networks/{one}")[0] == 403
    guest.remove(force=True)
    assert api("DELETE", f"/networks/{one}")[0] == 204


def test_addresses_that_cannot_be_had(
    api: API, client: DockerClient, net: Any, subnets: Callable[[str], str], name: str
) -> None:
    chosen, given = net("a"), net("b", chosen=False)
    start = subnets("a")
    sleeping(client, f"{name}-first", network=chosen)
    guest = sleeping(client, name, network=given)

    def connect(network: str, address: str) -> tuple[int, str]:
        config = {"IPAMConfig": {"IPv4Address": address}}
        body = {"Container": name, "EndpointConfig": config}
        status, answer = api("POST", f"/networks/{network}/connect", body)
        # Docker Engine remembers even what it has refused.
        api("POST", f"/networks/{network}/disconnect", {"Container": name, "Force": True})
        return status, answer["message"]

    taken = 403, "Address already in use"
    assert connect(chosen, f"{start}2") == taken
    assert connect(chosen, f"{start}1") == taken
    assert connect(chosen, f"{start}255") == taken
    outside = "Invalid address 10.1.1.1: It does not belong to any of this network's subnets"
    assert connect(chosen, "10.1.1.1")[1] == outside
    guest.stop(timeout=0)
    only = "supported only when connecting to networks with user configured subnets"
    assert connect(given, "10.1.1.1") == (400, f"user specified IP address is {only}")
    body = {
        "Image": "busybox",
        "HostConfig": {"NetworkMode": "bridge"},
        "NetworkingConfig": {"EndpointsConfig": {"bridge": {"IPAMConfig": {}}}},
    }
    endpoint = body["NetworkingConfig"]["EndpointsConfig"]["bridge"]
    endpoint["IPAMConfig"] = {"IPv4Address": "zz"}
    status, answer = api("POST", "/containers/create", body)
    assert (status, answer["message"]) == (400, "invalid IPv4 address: zz")


def test_one_network_at_create(api: API, net: Any, engine: Engine, name: str) -> None:
    one, two = net("a"), net("b")
    body: dict[str, Any] = {
        "Image": "busybox",
        "Cmd": ["sleep", "600"],
        "HostConfig": {"NetworkMode": one},
        "NetworkingConfig": {"EndpointsConfig": {one: {}, two: {}}},
    }
    status, answer = api("POST", "/containers/create", body, name=name)
    assert status == 400
    assert answer["message"].startswith("Container cannot be connected to network endpoints: ")
    body["NetworkingConfig"]["EndpointsConfig"] = {two: None}
    expected = 400, {"message": f"no EndpointSettings for {two}"}
    assert api("POST", "/containers/create", body, name=name) == expected
    body["NetworkingConfig"]["EndpointsConfig"] = {two: {}}
    assert api("POST", "/containers/create", body, name=name)[0] == 201
    assert api("POST", f"/containers/{name}/start")[0] == 204
    _, shown = api("GET", f"/containers/{name}/json")
    assert list(shown["NetworkSettings"]["Networks"]) == [two]


def test_several_networks_at_create_from_api_1_44_on(
    client: DockerClient, net: Any, engine: Engine, name: str
) -> None:
    if not engine.embedded:
        pytest.skip("this Docker Engine speaks no 1.44")
    one, two = net("a"), net("b")
    newer = APIClient(base_url=engine.url, version="1.44")
    config = newer.create_networking_config(
        {one: newer.create_endpoint_config(), two: newer.create_endpoint_config(aliases=["x"])}
    )
    newer.create_container(
        "busybox",
        ["sleep", "600"],
        name=name,
        host_config=newer.create_host_config(network_mode=two),
        networking_config=config,
    )
    newer.start(name)
    newer.close()
    shown = settings(client.containers.get(name))
    assert sorted(shown) == sorted([one, two])
    assert shown[two]["Aliases"][0] == "x"


def test_a_network_that_is_gone(client: DockerClient, net: Any, name: str) -> None:
    """A container never started takes a new network of the name; one that ran does not."""
    one = net("a")
    guest = client.containers.create("busybox", ["sleep", "600"], name=name, network=one)
    client.networks.get(one).remove()
    with pytest.raises(Exception, match=f"network {one} not found"):
        guest.start()
    net("a")
    guest.start()
    old = client.networks.get(one).id
    guest.stop(timeout=0)
    client.networks.get(one).remove()
    net("a")
    with pytest.raises(Exception, match=f"network {old} not found"):
        guest.start()
    client.networks.get(one).disconnect(guest)
    client.networks.get(one).connect(guest)
    guest.start()
    assert list(settings(guest)) == [one]


def test_host_none_and_anothers_network(
    api: API, client: DockerClient, net: Any, engine: Engine, name: str
) -> None:
    one = net("a")
    sleeping(client, f"{name}-host", network_mode="host")
    none = sleeping(client, f"{name}-none", network_mode="none")
    server = serving(client, f"{name}-server", network=one)
    guest = sleeping(client, f"{name}-guest", network_mode=f"container:{name}-server")
    assert settings(guest) == {}
    assert fetch(guest, "127.0.0.1") == "server"
    shared = "container sharing network namespace with another container or host cannot be "
    connect = f"/networks/{one}/connect"
    status, answer = api("POST", connect, {"Container": f"{name}-host"})
    assert (status, answer["message"]) == (400, f"{shared}connected to any other network")
    if engine.embedded:  # Docker Engine 20.10 falls over this
        status, answer = api("POST", connect, {"Container": f"{name}-guest"})
        assert (status, answer["message"]) == (400, f"{shared}connected to any other network")
    assert api("POST", connect, {"Container": none.id})[0] == 400
    assert api("POST", "/networks/none/disconnect", {"Container": none.id})[0] == 200
    assert settings(none) == {}
    assert api("POST", connect, {"Container": none.id})[0] == 200
    assert list(settings(none)) == [one]
    assert fetch(none, settings(server)[one]["IPAddress"]) == "server"


def test_published_ports_follow_the_networks(
    client: DockerClient, net: Any, engine: Engine, name: str
) -> None:
    one, two = net("m"), net("z")
    server = serving(client, f"{name}-server", network=one, ports={"80/tcp": None})

    def port() -> str:
        server.reload()
        bindings = server.ports.get("80/tcp")
        return bindings[0]["HostPort"] if bindings else ""

    def answer() -> str:
        for _ in range(20):
            try:
                return requests.get(f"http://127.0.0.1:{port()}/", timeout=30).text.strip()
            except requests.ConnectionError:
                time.sleep(0.1)
        return ""

    assert answer() == "server"
    client.networks.get(two).connect(server)
    client.networks.get(one).disconnect(server)
    assert answer() == "server"
    before = port()
    client.networks.get(two).disconnect(server)
    assert port() == ""
    assert not answers(before)
    client.networks.get(two).connect(server)
    assert answer() == "server"


def test_internal_networks_publish_nothing(client: DockerClient, net: Any, name: str) -> None:
    inner, outer = net("a", Internal=True), net("b")
    server = serving(client, name, network=inner, ports={"80/tcp": None})
    server.reload()
    assert server.ports == {}
    client.networks.get(outer).connect(server)
    server.reload()
    (binding, *_) = server.ports["80/tcp"]
    answer = requests.get(f"http://127.0.0.1:{binding['HostPort']}/", timeout=30)
    assert answer.text.strip() == name.rpartition("-")[2]


def answers(port: str) -> bool:
    with socket.socket() as sock:
        sock.settimeout(2)
        return sock.connect_ex(("127.0.0.1", int(port))) == 0


def test_ps_filters_by_network(client: DockerClient, net: Any, docker: Any, name: str) -> None:
    one, two = net("a"), net("b")
    guest = sleeping(client, f"{name}-guest", network=one)
    client.containers.create("busybox", name=f"{name}-idle", network=two)

    def listed(term: str) -> list[str]:
        words = ("ps", "-a", "--filter", f"network={term}", "--format", "{{.Names}} {{.Networks}}")
        found = [line.split() for line in docker(*words).out.splitlines()]
        return sorted(f"{who} {','.join(sorted(where.split(',')))}" for who, where in found)

    assert listed(one) == [f"{guest.name} {one}"]
    assert listed(client.networks.get(one).id) == [f"{guest.name} {one}"]
    assert listed(two) == [f"{name}-idle {two}"]
    client.networks.get(two).connect(guest)
    assert listed(two) == [f"{guest.name} {one},{two}", f"{name}-idle {two}"]


def test_coming_and_going_are_events(client: DockerClient, net: Any, name: str) -> None:
    one, two = net("a"), net("b")
    since = time.time()
    guest = sleeping(client, name, network=one)
    client.networks.get(two).connect(guest)
    client.networks.get(two).disconnect(guest)
    guest.remove(force=True)
    found = [
        (event["Action"], event["Actor"]["Attributes"]["name"])
        for event in client.events(
            decode=True,
            since=since,
            until=time.time() + 0.5,
            filters={"type": "network"},
        )
        if event["Actor"]["Attributes"].get("container") == guest.id
    ]
    assert found[:3] == [("connect", one), ("connect", two), ("disconnect", two)]
    assert found[-1] == ("disconnect", one)


@pytest.mark.parametrize(
    "config",
    [
        [],
        {"Aliases": "x"},
        {"Aliases": [1]},
        {"Links": {"a": "b"}},
        {"IPAMConfig": "10.1.1.1"},
        {"IPAMConfig": {"IPv4Address": 5}},
        {"MacAddress": 5},
        {"DriverOpts": []},
    ],
)
def test_bodies_of_a_wrong_shape(api: API, net: Any, name: str, config: Any) -> None:
    one = net("a")
    body = {
        "Image": "busybox",
        "HostConfig": {"NetworkMode": one},
        "NetworkingConfig": {"EndpointsConfig": {one: config}},
    }
    assert api("POST", "/containers/create", body, name=name)[0] in (400, 500)
    status, _ = api("POST", "/containers/create", {"Image": "busybox"}, name=name)
    assert status == 201
    request = {"Container": name, "EndpointConfig": config}
    assert api("POST", f"/networks/{one}/connect", request)[0] in (400, 500)
    assert list(api("GET", f"/containers/{name}/json")[1]["NetworkSettings"]["Networks"]) == [
        "bridge"
    ]


def test_a_list_does_not_say_who_is_in_a_network(
    api: API, client: DockerClient, net: Any, name: str
) -> None:
    one = net("a")
    sleeping(client, name, network=one)
    (listed,) = api("GET", "/networks", filters={"name": [one]})[1]
    assert listed["Containers"] == {}
    assert len(api("GET", f"/networks/{one}")[1]["Containers"]) == 1


def test_the_gateway_stays_the_same_card_when_others_go(
    net: Callable[..., str], engine: Engine, client: DockerClient, name: str
) -> None:
    """Who has its hardware address in mind would send into nothing otherwise."""
    if engine.kind.startswith("proot"):
        pytest.skip("with PRoot there are no cards")
    network = net("a")
    subnet = client.networks.get(network).attrs["IPAM"]["Config"][0]["Subnet"]
    gateway = subnet.replace(".0/24", ".1")
    ask = f"nc -w 1 {gateway} 9 </dev/null 2>/dev/null"
    look = f"until {ask}; grep '^{gateway} .* 0x2 ' /proc/net/arp; do sleep 0.1; done"  # 0x2: known
    stays = client.containers.run(
        "alpine", ["sleep", "100"], name=f"{name}-stays", network=network, detach=True
    )
    # A bridge without an address of its own has the lowest of its cards': one of many goes.
    others = [
        client.containers.run(
            "alpine", ["sleep", "100"], name=f"{name}-{n}", network=network, detach=True
        )
        for n in range(8)
    ]
    before = stays.exec_run(["sh", "-c", look]).output.split()[3]
    for other in others:
        other.remove(force=True)
    last = client.containers.run(
        "alpine", ["sleep", "100"], name=f"{name}-last", network=network, detach=True
    )
    assert last.exec_run(["sh", "-c", look]).output.split()[3] == before
