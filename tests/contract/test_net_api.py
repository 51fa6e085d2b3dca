"""/networks and /volumes: shapes, filters and refusals, the same on every engine."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from engines import Engine
from netapi import API, NETWORK_KEYS

VOLUME_KEYS = ["CreatedAt", "Driver", "Labels", "Mountpoint", "Name", "Options", "Scope"]


@pytest.fixture(scope="module")
def api(engine: Engine) -> Iterator[API]:
    api = API(engine.url)
    yield api
    api.close()


@pytest.fixture
def volume(api: API) -> Iterator[str]:
    name = f"dltest-{uuid.uuid4().hex[:10]}"
    yield name
    api("DELETE", f"/volumes/{name}", force="1")


# ---- networks


def test_the_three_networks(api: API) -> None:
    status, found = api("GET", "/networks")
    networks = {network["Name"]: network for network in found}
    assert status == 200
    for name, driver in (("bridge", "bridge"), ("host", "host"), ("none", "null")):
        assert list(networks[name]) == NETWORK_KEYS
        assert networks[name]["Driver"] == driver
        assert networks[name]["Scope"] == "local"
        assert re.fullmatch("[0-9a-f]{64}", networks[name]["Id"])
    assert networks["bridge"]["IPAM"]["Config"][0]["Subnet"] == "172.17.0.0/16"
    assert networks["none"]["IPAM"] == {"Driver": "default", "Options": None, "Config": []}
    assert set(networks["bridge"]["Options"]) >= {"com.docker.network.bridge.name"}


def test_a_network_by_name_id_and_short_id(api: API) -> None:
    _, bridge = api("GET", "/networks/bridge")
    for term in (bridge["Id"], bridge["Id"][:12]):
        status, found = api("GET", f"/networks/{term}")
        assert (status, found["Name"]) == (200, "bridge")


def test_an_unknown_network(api: API) -> None:
    expected = 404, {"message": "network dltest-nope not found"}
    assert api("GET", "/networks/dltest-nope") == expected
    assert api("DELETE", "/networks/dltest-nope") == expected
    status, _ = api("GET", "/networks/bridge", scope="swarm")
    assert status == 404


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"name": ["ost"], "type": ["builtin"]}, {"host"}),
        ({"name": ["^bridge$", "^none$"]}, {"bridge", "none"}),
        ({"driver": {"null": True}}, {"none"}),
        ({"scope": ["swarm"]}, set()),
        ({"type": ["builtin"]}, {"bridge", "host", "none"}),
        ({"label": ["dltest=nope"]}, set()),
    ],
)
def test_network_filters(api: API, filters: Any, names: set[str]) -> None:
    status, found = api("GET", "/networks", filters=filters)
    assert (status, {network["Name"] for network in found}) == (200, names)


def test_bad_network_filters(api: API) -> None:
    expected = 400, {"message": "Invalid filter 'foo'"}
    assert api("GET", "/networks", filters={"foo": ["x"]}) == expected
    assert api("POST", "/networks/prune", filters={"foo": ["x"]}) == expected
    status, answer = api("GET", "/networks", filters={"type": ["zz"]})
    assert (status, answer["message"]) == (500, "invalid filter: 'type'='zz'")
    status, answer = api("GET", "/networks", filters={"dangling": ["zz"]})
    assert status == 400
    assert answer["message"].startswith("invalid value for filter 'dangling'")


def test_predefined_networks_are_protected(api: API) -> None:
    for name in ("bridge", "host", "none"):
        message = f"{name} is a pre-defined network and cannot be removed"
        assert api("DELETE", f"/networks/{name}") == (403, {"message": message})
    message = "operation is not permitted on predefined bridge network "
    assert api("POST", "/networks/create", {"Name": "bridge"}) == (403, {"message": message})
    assert api("POST", "/networks/create", {"Name": ""})[0] == 500


def test_pruning_networks_with_nothing_to_prune(api: API) -> None:
    filters = {"label": ["dltest=nope"]}
    expected = 200, {"NetworksDeleted": None}
    assert api("POST", "/networks/prune", filters=filters) == expected


@pytest.mark.parametrize("action", ["connect", "disconnect"])
def test_connecting_an_unknown_container(api: API, action: str) -> None:
    expected = 404, {"message": "No such container: dltest-nope"}
    body = {"Container": "dltest-nope"}
    assert api("POST", f"/networks/bridge/{action}", body) == expected


# ---- volumes


def test_making_and_removing_a_volume(api: API, volume: str) -> None:
    body = {"Name": volume, "Driver": "local", "Labels": {"course": "demo"}}
    status, made = api("POST", "/volumes/create", body)
    assert (status, list(made)) == (201, VOLUME_KEYS)
    assert (made["Labels"], made["Options"], made["Scope"]) == ({"course": "demo"}, None, "local")
    assert made["Mountpoint"].endswith(f"/volumes/{volume}/_data")
    assert re.fullmatch(r"\d{4}(-\d\d){2}T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", made["CreatedAt"])
    assert api("GET", f"/volumes/{volume}") == (200, made)
    assert api("POST", "/volumes/create", {"Name": volume, "Labels": {}}) == (201, made)
    assert api("DELETE", f"/volumes/{volume}") == (204, None)
    expected = 404, {"message": f"get {volume}: no such volume"}
    assert api("GET", f"/volumes/{volume}") == expected
    assert api("DELETE", f"/volumes/{volume}") == expected
    assert api("DELETE", f"/volumes/{volume}", force="1") == (204, None)


def test_labels_are_echoed_as_given(api: API, volume: str) -> None:
    assert api("POST", "/volumes/create", {"Name": volume})[1]["Labels"] is None
    api("DELETE", f"/volumes/{volume}")
    assert api("POST", "/volumes/create", {"Name": volume, "Labels": {}})[1]["Labels"] == {}


def test_a_volume_without_a_name(api: API) -> None:
    _, made = api("POST", "/volumes/create", {})
    assert re.fullmatch("[0-9a-f]{64}", made["Name"])
    assert api("DELETE", f"/volumes/{made['Name']}") == (204, None)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"Name": "a"}, 400, "create a: volume name is too short, names should be at least two"),
        ({"Name": "../x"}, 400, 'create ../x: "../x" includes invalid characters for a local vo'),
        ({"Name": "-x"}, 400, '[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed.'),
        ({"Name": "dltest", "Driver": "foo"}, 404, 'looking up volume plugin foo: plugin "foo"'),
        ({"Name": "dltest", "DriverOpts": {"foo": "b"}}, 400, 'create dltest: invalid option: "f'),
    ],
)
def test_volumes_that_cannot_be(api: API, body: Any, status: int, words: str) -> None:
    found, answer = api("POST", "/volumes/create", body)
    assert found == status
    assert words in answer["message"]


def test_creating_without_a_body(api: API) -> None:
    expected = 400, {"message": "got EOF while reading request body"}
    assert api("POST", "/volumes/create") == expected


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ({"label": ["course"]}, True),
        ({"label": {"course=demo": True}}, True),
        ({"label": ["course=other"]}, False),
        ({"driver": ["local"]}, True),
        ({"driver": ["loc"]}, False),
        ({"dangling": ["true"]}, True),
        ({"dangling": ["false"]}, False),
    ],
)
def test_volume_filters(api: API, volume: str, filters: Any, shown: bool) -> None:
    api("POST", "/volumes/create", {"Name": volume, "Labels": {"course": "demo"}})
    # One form or the other, not both: Docker reads the list form only where all are lists.
    lists = all(isinstance(values, list) for values in filters.values())
    named = {"name": [volume[2:]] if lists else {volume[2:]: True}}
    status, found = api("GET", "/volumes", filters={**filters, **named})
    assert (status, found["Warnings"]) == (200, None)
    assert [row["Name"] for row in found["Volumes"]] == ([volume] if shown else [])


def test_bad_volume_filters(api: API) -> None:
    expected = 400, {"message": "Invalid filter 'foo'"}
    assert api("GET", "/volumes", filters={"foo": ["x"]}) == expected
    assert api("POST", "/volumes/prune", filters={"foo": ["x"]}) == expected
    expected = 400, {"message": "Invalid filter 'dangling=[zz]'"}
    assert api("GET", "/volumes", filters={"dangling": ["zz"]}) == expected


def test_pruning_takes_named_volumes_too(api: API, volume: str) -> None:
    api("POST", "/volumes/create", {"Name": volume, "Labels": {volume: "x"}})
    nothing = {"VolumesDeleted": [], "SpaceReclaimed": 0}
    assert api("POST", "/volumes/prune", filters={"label": ["dltest=nope"]}) == (200, nothing)
    status, answer = api("POST", "/volumes/prune", filters={"label": [volume]})
    assert (status, answer) == (200, {"VolumesDeleted": [volume], "SpaceReclaimed": 0})
