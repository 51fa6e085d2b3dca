"""Networks of users' own: made, looked at, filtered, removed. The same on every engine."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import Any

import pytest
from docker.api.client import APIClient
from docker.client import DockerClient
from engines import Engine
from netapi import API, NETWORK_KEYS

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def api(engine: Engine) -> Iterator[API]:
    api = API(engine.url)
    yield api
    api.close()


@pytest.fixture
def make(api: API, name: str) -> Iterator[Make]:
    """``make("a", Internal=True)``: a network whose name ends in ``-a``, as inspect shows it."""
    made: list[str] = []

    def make(suffix: str = "net", **body: Any) -> dict[str, Any]:
        status, answer = api("POST", "/networks/create", {"Name": f"{name}-{suffix}", **body})
        assert status == 201, answer
        made.append(answer["Id"])
        return api("GET", f"/networks/{answer['Id']}")[1]  # type: ignore[no-any-return]

    yield make
    for id in made:
        api("DELETE", f"/networks/{id}")


def refused(api: API, name: str, **body: Any) -> tuple[int, str]:
    status, answer = api("POST", "/networks/create", {"Name": name, **body})
    if status == 201:
        api("DELETE", f"/networks/{answer['Id']}")
    return status, answer.get("message", "")


def test_a_new_network(make: Make, api: API, name: str) -> None:
    found = make("net", Labels={"course": "5"}, Attachable=True, Options={"some": "thing"})
    assert list(found) == NETWORK_KEYS
    assert (found["Name"], found["Driver"], found["Scope"]) == (f"{name}-net", "bridge", "local")
    assert (found["Internal"], found["Attachable"], found["EnableIPv6"]) == (False, True, False)
    assert (found["Labels"], found["Options"]) == ({"course": "5"}, {"some": "thing"})
    assert found["Containers"] == {}
    (config,) = found["IPAM"]["Config"]
    assert IPv4Network(config["Subnet"]).is_private
    assert config["Gateway"] == str(IPv4Network(config["Subnet"])[1])
    assert (found["IPAM"]["Driver"], found["IPAM"]["Options"]) == ("default", None)
    for term in (found["Name"], found["Id"][:12]):
        assert api("GET", f"/networks/{term}")[1] == found
    assert api("DELETE", f"/networks/{name}-net") == (204, None)
    expected = 404, {"message": f"network {name}-net not found"}
    assert api("GET", f"/networks/{name}-net") == expected


def test_what_was_asked_for_is_shown_as_it_was(make: Make) -> None:
    config = {
        "Subnet": "10.201.7.9/16",
        "Gateway": "10.201.5.7",
        "IPRange": "10.201.5.0/24",
        "AuxiliaryAddresses": {"printer": "10.201.5.9"},
    }
    found = make("net", IPAM={"Config": [config], "Options": {}}, Internal=True)
    assert found["IPAM"] == {"Driver": "default", "Options": {}, "Config": [config]}
    assert found["Internal"]


def test_a_chosen_subnet_shows_no_chosen_gateway(make: Make) -> None:
    found = make("net", IPAM={"Config": [{"Subnet": "10.202.0.0/16"}]})
    assert found["IPAM"]["Config"] == [{"Subnet": "10.202.0.0/16"}]


def test_networks_get_subnets_of_their_own(make: Make) -> None:
    subnets = [IPv4Network(make(str(number))["IPAM"]["Config"][0]["Subnet"]) for number in range(3)]
    subnets.append(IPv4Network("172.17.0.0/16"))
    assert not any(a.overlaps(b) for a in subnets for b in subnets if a is not b)


def test_a_second_network_of_the_same_name(make: Make, api: API, name: str) -> None:
    first = make("net")
    twin = f"{name}-net"
    expected = 409, f"network with name {twin} already exists"
    assert refused(api, twin, CheckDuplicate=True) == expected
    status, answer = api("POST", "/networks/create", {"Name": twin})
    warning = f"Network with name {twin} (id : {first['Id']}) already exists"
    assert (status, answer["Warning"]) == (201, warning)
    status, found = api("GET", f"/networks/{twin}")
    ambiguous = f"2 matches found based on name: network {twin} is ambiguous"
    assert (status, found["message"]) == (400, ambiguous)
    assert api("DELETE", f"/networks/{answer['Id']}") == (204, None)
    assert api("GET", f"/networks/{twin}")[1]["Id"] == first["Id"]


@pytest.mark.parametrize(
    ("config", "status", "message"),
    [
        ({"Subnet": "zz"}, 500, "Invalid subnet zz : invalid CIDR address: zz"),
        ({"Subnet": "10.203.0.0"}, 500, "Invalid subnet 10.203.0.0 : invalid CIDR address"),
        ({"Gateway": "10.203.0.1"}, 500, "Invalid subnet  : invalid CIDR address: "),
        ({"Subnet": "172.17.5.0/24"}, 403, "Pool overlaps with other one on this address space"),
        ({"Subnet": "10.203.0.0/16", "Gateway": "zz"}, 500, "invalid gateway address zz in Ipam"),
        (
            {"Subnet": "10.203.0.0/16", "Gateway": "10.98.5.5"},
            500,
            "failed to allocate gateway (10.98.5.5): Requested address is out of range",
        ),
        (
            {"Subnet": "10.203.0.0/24", "Gateway": "10.203.0.255"},
            500,
            "failed to allocate gateway (10.203.0.255): Address already in use",
        ),
        (
            {"Subnet": "10.203.0.0/32"},
            500,
            "failed to allocate gateway (): No available addresses on this pool",
        ),
        ({"Subnet": "10.204.0.0/16", "IPRange": "zz"}, 500, "Invalid Address SubPool"),
    ],
)
def test_subnets_that_cannot_be(
    api: API, name: str, config: dict[str, Any], status: int, message: str
) -> None:
    found = refused(api, name, IPAM={"Config": [config]})
    assert found[0] == status
    assert message in found[1]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("zz", "non parsable secondary ip address (a:zz) passed for network"),
        ("1", "failed to allocate secondary ip address (a:{}): Address already in use"),
        ("10.1.1.1", "auxiliary address: (a:10.1.1.1) must belong to the master pool: "),
    ],
)
def test_reserved_addresses_that_cannot_be(api: API, name: str, address: str, message: str) -> None:
    # Docker Engine never gives back the subnet of such a network: another one each time.
    start = f"10.{random.randrange(100, 200)}.{random.randrange(256)}."
    wanted = start + address if address.isdigit() else address
    config = {"Subnet": f"{start}0/24", "AuxiliaryAddresses": {"a": wanted}}
    _, found = refused(api, name, IPAM={"Config": [config]})
    assert message.format(wanted) in found


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"Driver": "foo"}, 404, 'plugin "foo" not found'),
        ({"Driver": "host"}, 403, 'only one instance of "host" network is allowed'),
        ({"Driver": "null"}, 403, 'only one instance of "null" network is allowed'),
        ({"IPAM": {"Driver": "foo"}}, 404, 'plugin "foo" not found'),
        ({"IPAM": {"Driver": "null"}}, 500, "ipv4 pool is empty"),
        ({"Scope": "swarm"}, 403, "cannot create a swarm scoped network when swarm is not active"),
        ({"Ingress": True}, 403, "Ingress network can only be global scope network"),
        (
            {"ConfigFrom": {"Network": "foo"}},
            404,
            'configuration network "foo" does not exist',
        ),
        (
            {"Options": {"com.docker.network.bridge.enable_icc": "zz"}},
            500,
            "failed to parse com.docker.network.bridge.enable_icc value: zz",
        ),
        (
            {"Options": {"com.docker.network.driver.mtu": "zz"}},
            500,
            "failed to parse com.docker.network.driver.mtu value: zz",
        ),
        (
            {"Options": {"com.docker.network.driver.mtu": "9" * 5000}},
            500,
            "failed to parse com.docker.network.driver.mtu value: 999",
        ),
        ({"Labels": {"a": 1}}, 400, "json: cannot unmarshal number into Go struct field "),
        ({"Labels": []}, 400, "json: cannot unmarshal array into Go struct field "),
        ({"Name": 3}, 400, "json: cannot unmarshal number into Go struct field "),
        ({"Name": " "}, 500, "invalid name:  "),
        ({"Name": "default"}, 403, "operation is not permitted on predefined default network "),
    ],
)
def test_networks_that_cannot_be(
    api: API, name: str, body: dict[str, Any], status: int, message: str
) -> None:
    found = refused(api, **{"name": name, **body}) if "Name" not in body else _raw(api, body)
    assert found[0] == status
    assert message in found[1]


def _raw(api: API, body: dict[str, Any]) -> tuple[int, str]:
    status, answer = api("POST", "/networks/create", body)
    return status, answer.get("message", "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"Driver": "overlay"}, "overlay"),
        ({"Driver": "macvlan"}, "macvlan"),
        ({"EnableIPv6": True}, "IPv6"),
        ({"IPAM": {"Config": [{"Subnet": "fd00::/64"}]}}, "IPv6"),
        ({"ConfigOnly": True}, "--config-only"),
        ({"Options": {"com.docker.network.container_iface_prefix": "x"}}, "container_iface_prefix"),
    ],
)
def test_what_the_embedded_engine_cannot_do_is_refused_by_name(
    api: API, engine: Engine, name: str, body: dict[str, Any], words: str
) -> None:
    if not engine.embedded:
        pytest.skip("Docker Engine can")
    status, message = refused(api, name, **body)
    assert status == 501
    assert words in message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"Name": "n" * 1001}, "1000 letters"),
        ({"Labels": {str(n): "" for n in range(1001)}}, "too many Labels"),
    ],
)
def test_more_than_anybody_needs(
    api: API, engine: Engine, name: str, body: dict[str, Any], words: str
) -> None:
    if not engine.embedded:
        pytest.skip("Docker Engine takes it")
    status, message = (
        refused(api, **{"name": name, **body}) if "Name" not in body else _raw(api, body)
    )
    assert status == 400
    assert words in message


def test_without_a_body(api: API) -> None:
    expected = 400, {"message": "got EOF while reading request body"}
    assert api("POST", "/networks/create") == expected


def test_the_last_default_subnet_is_given_out_and_then_none(
    make: Make, api: API, engine: Engine, name: str
) -> None:
    if not engine.embedded:
        pytest.skip("others use this Docker Engine's subnets")
    for number in range(40):
        status, answer = api("POST", "/networks/create", {"Name": f"{name}-{number}"})
        if status != 201:
            break
    assert status == 404
    assert answer["message"].startswith("could not find an available, non-overlapping IPv4 address")
    _, found = api("GET", "/networks", filters={"name": [f"{name}-"]})
    assert len(found) >= 3
    for network in found:
        assert api("DELETE", f"/networks/{network['Id']}")[0] == 204
    assert make("again")["IPAM"]["Config"]


# ---- lists


def test_filters(make: Make, api: API, name: str) -> None:
    one = make("one", Labels={"kind": name, "tier": "front"})
    two = make("two", Labels={"kind": name})

    def names(**filters: list[str]) -> set[str]:
        status, found = api("GET", "/networks", filters={**filters, "name": [name]})
        assert status == 200
        return {network["Name"].removeprefix(f"{name}-") for network in found}

    assert names() == {"one", "two"}
    assert names(label=[f"kind={name}"]) == {"one", "two"}
    assert names(label=[f"kind={name}", "tier"]) == {"one"}
    assert names(type=["custom"]) == {"one", "two"}
    assert names(type=["builtin"]) == set()
    assert names(driver=["bridge"]) == {"one", "two"}
    assert names(id=[one["Id"][:10]]) == {"one"}
    assert names(id=[one["Id"], two["Id"]]) == {"one", "two"}
    assert names(dangling=["true"]) == {"one", "two"}
    assert names(dangling=["false"]) == set()
    assert names(scope=["swarm"]) == set()


def test_prune_takes_what_nobody_uses(
    make: Make, api: API, client: DockerClient, name: str
) -> None:
    make("one", Labels={name: "a"})
    make("two", Labels={name: "b", "keep": ""})
    make("three", Labels={name: "c"})
    used = api("POST", "/containers/create", {**_sleep(), **_in(f"{name}-three")}, name=f"{name}-c")
    try:
        assert api("POST", f"/containers/{used[1]['Id']}/start")[0] == 204
        past = {"label": [name], "until": ["24h"]}
        assert api("POST", "/networks/prune", filters=past) == (200, {"NetworksDeleted": None})
        soon = str(int(time.time()) + 60)  # an age in seconds is cut to whole ones by Docker
        wanted = {"label": [name], "label!": ["keep"], "until": [soon]}
        status, answer = api("POST", "/networks/prune", filters=wanted)
        assert (status, answer) == (200, {"NetworksDeleted": [f"{name}-one"]})
        answer = api("POST", "/networks/prune", filters={"label": [name]})[1]
        assert answer == {"NetworksDeleted": [f"{name}-two"]}
    finally:
        api("DELETE", f"/containers/{name}-c", force="1")


def _sleep() -> dict[str, Any]:
    return {"Image": "busybox", "Cmd": ["sleep", "600"], "StopTimeout": 0}


def _in(network: str) -> dict[str, Any]:
    return {"HostConfig": {"NetworkMode": network}}


def test_coming_into_being_and_going_are_events(make: Make, api: API, client: DockerClient) -> None:
    since = time.time()
    made = make("net")
    assert api("DELETE", f"/networks/{made['Id']}")[0] == 204
    found = []
    for event in client.events(
        decode=True, since=since, until=time.time() + 0.3, filters={"network": made["Id"]}
    ):
        found.append((event["Type"], event["Action"], event["Actor"]["Attributes"]))
    attributes = {"name": made["Name"], "type": "bridge"}
    assert found == [("network", "create", attributes), ("network", "destroy", attributes)]


def test_a_prune_is_an_event(api: API, client: DockerClient) -> None:
    since = time.time()
    api("POST", "/networks/prune", filters={"label": ["dltest=nope"]})
    found = [
        event["Actor"]
        for event in client.events(
            decode=True, since=since, until=time.time() + 0.3, filters={"event": "prune"}
        )
        if event["Type"] == "network"
    ]
    assert {"ID": "", "Attributes": {"reclaimed": "0"}} in found


def test_with_the_real_command_line(docker: Any, api: API, name: str) -> None:
    made = docker("network", "create", "--label", "a=b", "--subnet", "10.207.0.0/16", f"{name}-net")
    try:
        assert (made.code, made.err) == (0, "")
        assert re.fullmatch("[0-9a-f]{64}", made.out.strip())
        listed = docker("network", "ls", "--filter", f"name={name}", "--format", "{{.Name}}")
        assert listed.out.split() == [f"{name}-net"]
        again = docker("network", "create", f"{name}-net")
        assert again.code == 1
        assert f"network with name {name}-net already exists" in again.err
    finally:
        removed = docker("network", "rm", f"{name}-net")
    assert (removed.code, removed.out.strip()) == (0, f"{name}-net")
    gone = docker("network", "rm", f"{name}-net")
    assert gone.code == 1
    assert f"network {name}-net not found" in gone.err


def test_from_api_1_44_on_names_are_unique(engine: Engine, make: Make, name: str) -> None:
    if not engine.embedded:
        pytest.skip("this Docker Engine speaks no 1.44")
    make("net")
    client = APIClient(base_url=engine.url, version="1.44")
    answer = client._post_json(f"{client.base_url}/v1.44/networks/create", {"Name": f"{name}-net"})
    client.close()
    assert answer.status_code == 409
