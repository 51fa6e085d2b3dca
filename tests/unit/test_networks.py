from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockerlab.engine.errors import (
    BadParameter,
    Forbidden,
    NotFound,
    NotImplementedHere,
    ServerError,
)
from dockerlab.engine.events import Events
from dockerlab.engine.net import creation, loopback
from dockerlab.engine.net.endpoints import empty_settings, network_settings
from dockerlab.engine.net.names.files import Names
from dockerlab.engine.net.networks import Networks

A, B = "a" * 64, "b" * 64


@pytest.fixture
def networks(tmp_path: Path) -> Networks:
    return Networks(tmp_path, Events(), None)


def again(tmp_path: Path) -> Networks:
    """What an engine sees that was killed and started again."""
    return Networks(tmp_path, Events(), None)


def test_three_networks_exist_and_stay(networks: Networks, tmp_path: Path) -> None:
    found = {record.name: record.driver for record in networks.all()}
    assert found == {"bridge": "bridge", "host": "host", "none": "null"}
    ids = {record.id for record in networks.all()}
    assert {record.id for record in again(tmp_path).all()} == ids


def test_names_ids_and_starts_of_ids_are_found(networks: Networks) -> None:
    record = networks.get("bridge")
    assert networks.get(record.id) is record
    assert networks.get(record.id[:12]) is record
    for term in ("nope", "", "../bridge"):
        with pytest.raises(NotFound, match=f"^network {term} not found$"):
            networks.get(term)


def test_inspect_has_dockers_shape(networks: Networks) -> None:
    shown = networks.inspect(networks.get("bridge"))
    assert list(shown) == [
        "Name", "Id", "Created", "Scope", "Driver", "EnableIPv6", "IPAM", "Internal",
        "Attachable", "Ingress", "ConfigFrom", "ConfigOnly", "Containers", "Options", "Labels",
    ]  # fmt: skip
    assert shown["IPAM"]["Config"] == [{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}]
    assert shown["Options"]["com.docker.network.bridge.name"] == "docker0"
    none = networks.inspect(networks.get("none"))
    assert (none["Driver"], none["IPAM"]["Config"], none["Options"]) == ("null", [], {})


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"name": ["ost"]}, ["host"]),
        ({"name": ["^b", "none"]}, ["bridge", "none"]),
        ({"driver": ["null"]}, ["none"]),
        ({"scope": ["swarm"]}, []),
        ({"type": ["builtin"]}, ["bridge", "host", "none"]),
        ({"type": ["custom"]}, []),
        ({"dangling": ["true"]}, []),
        ({"dangling": ["0"]}, ["bridge", "host", "none"]),
        ({"label": ["a=b"]}, []),
        ({"name": ["bridge"], "driver": ["host"]}, []),
        ({"name": ["("]}, []),
        ({}, ["bridge", "host", "none"]),
    ],
)
def test_filters(networks: Networks, filters: dict[str, list[str]], names: list[str]) -> None:
    assert [record.name for record in networks.all(filters)] == names


def test_bad_filters_in_dockers_words(networks: Networks) -> None:
    with pytest.raises(BadParameter, match="Invalid filter 'foo'"):
        networks.all({"foo": ["x"]})
    with pytest.raises(BadParameter, match="invalid value for filter 'dangling'"):
        networks.all({"dangling": ["zz"]})
    with pytest.raises(ServerError, match="invalid filter: 'type'='zz'"):
        networks.all({"type": ["zz"]})
    with pytest.raises(BadParameter, match="Invalid filter 'foo'"):
        networks.prune({"foo": ["x"]})


def test_what_is_not_there_is_refused_by_name(networks: Networks) -> None:
    with pytest.raises(NotImplementedHere, match="overlay"):
        creation.parse({"Name": "shop", "Driver": "overlay"})
    with pytest.raises(Forbidden, match="not permitted on predefined bridge network"):
        creation.parse({"Name": "bridge"})
    with pytest.raises(ServerError, match="invalid name"):
        creation.parse({})
    with pytest.raises(Forbidden, match="none is a pre-defined network and cannot be removed"):
        networks.remove("none")
    assert networks.prune() == []


def test_a_container_gets_an_address_and_gives_it_back(networks: Networks) -> None:
    first = networks.allocate(A, "default", name="web")
    second = networks.allocate(B, "bridge", name="db")
    assert first.mode == "bridge"
    assert [card["address"] for card in first.interfaces] == ["172.17.0.2/16"]
    assert first.interfaces[0]["bridge"] == "docker0"
    settings = second.settings["bridge"]
    assert settings["IPAddress"] == "172.17.0.3"
    assert settings["MacAddress"] == "02:42:ac:11:00:03"
    assert settings["NetworkID"] == networks.get("bridge").id
    assert set(settings) == set(empty_settings())
    networks.release(A)
    networks.release(A)
    assert networks.allocate(A, "").settings["bridge"]["IPAddress"] == "172.17.0.2"


def test_containers_are_shown_in_their_network(networks: Networks) -> None:
    place = networks.allocate(A, "bridge", name="web")
    networks.rename(A, "shop")
    assert networks.inspect(networks.get("bridge"))["Containers"] == {
        A: {
            "Name": "shop",
            "EndpointID": place.endpoint_id,
            "MacAddress": "02:42:ac:11:00:02",
            "IPv4Address": "172.17.0.2/16",
            "IPv6Address": "",
        }
    }


@pytest.mark.parametrize("mode", ["host", "none"])
def test_without_a_network_of_its_own(networks: Networks, mode: str) -> None:
    place = networks.allocate(A, mode, name="c")
    assert (place.mode, place.interfaces, place.address) == (mode, (), "")
    assert place.settings[mode]["IPAddress"] == ""
    assert len(place.endpoint_id) == 64
    assert A in networks.inspect(networks.get(mode))["Containers"]


def test_another_containers_network(networks: Networks) -> None:
    place = networks.allocate(A, f"container:{B}")
    assert (place.mode, place.of, place.settings) == ("container", B, {})


def test_what_only_networks_of_users_can_do(networks: Networks) -> None:
    with pytest.raises(BadParameter, match="user specified IP address is supported on user"):
        networks.allocate(A, "bridge", endpoints={"bridge": {"IPAMConfig": {"IPv4Address": "1"}}})
    with pytest.raises(BadParameter, match="network-scoped alias is supported only"):
        networks.allocate(A, "default", endpoints={"bridge": {"Aliases": ["db"]}})
    with pytest.raises(NotFound, match="network shop not found"):
        networks.allocate(A, "shop")
    assert networks.current(A) is None


def test_places_survive_a_kill(networks: Networks, tmp_path: Path) -> None:
    networks.allocate(A, "bridge", name="web", mac_address="02:42:ac:11:00:77")
    networks.allocate(B, "bridge", name="db")
    later = again(tmp_path)
    place = later.current(A)
    assert place is not None
    assert place.settings["bridge"]["MacAddress"] == "02:42:ac:11:00:77"
    later.retain([B])
    assert later.current(A) is None
    assert later.allocate("c" * 64, "bridge").settings["bridge"]["IPAddress"] == "172.17.0.2"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": {}}', '{"x": 1}'])
def test_a_broken_record_of_places_is_as_none(
    networks: Networks, tmp_path: Path, text: str
) -> None:
    (tmp_path / "run" / "world.json").write_text(text)
    assert again(tmp_path).allocate(A, "bridge").settings["bridge"]["IPAddress"] == "172.17.0.2"


def test_prootsupervisors_find_the_neighbours(networks: Networks, tmp_path: Path) -> None:
    place = networks.allocate(A, "bridge", name="web")
    neighbour = loopback.World(str(tmp_path)).at("172.17.0.2")
    assert neighbour is not None
    assert (neighbour.id, neighbour.loopback) == (A, place.address)
    assert neighbour.networks == {networks.get("bridge").id}
    networks.release(A)
    assert json.loads((tmp_path / "run" / "world.json").read_text()) == {}


def test_coming_and_going_are_events(tmp_path: Path) -> None:
    told = []

    class Listener(Events):
        def publish(self, type, action, id, attributes=None):  # type: ignore[no-untyped-def]
            told.append((type, action, id, attributes))

    networks = Networks(tmp_path, Listener(), None)
    networks.allocate(A, "bridge")
    networks.release(A)
    id = networks.get("bridge").id
    what = {"container": A, "name": "bridge", "type": "bridge"}
    assert told == [("network", "connect", id, what), ("network", "disconnect", id, what)]


def test_name_files(networks: Networks, tmp_path: Path) -> None:
    networks.allocate(A, "bridge")
    networks.write_files(tmp_path, A, Names("web", extra_hosts=("gw:host-gateway",)))
    assert (tmp_path / "hosts").read_text().endswith("172.17.0.1\tgw\n172.17.0.2\tweb\n")
    networks.allocate(B, "host")
    networks.write_files(tmp_path, B, Names("vm"))
    assert (tmp_path / "hosts").read_text() == Path("/etc/hosts").read_text()


def test_the_default_bridge_is_repeated_on_top(networks: Networks) -> None:
    place = networks.allocate(A, "bridge")
    shown = network_settings(place.settings, {"80/tcp": None}, "d" * 64)
    assert shown["IPAddress"] == shown["Networks"]["bridge"]["IPAddress"] == "172.17.0.2"
    assert shown["SandboxKey"] == "/var/run/docker/netns/" + "d" * 12
    assert shown["Ports"] == {"80/tcp": None}
    assert network_settings({})["SandboxKey"] == ""


def test_an_orderly_stop_leaves_no_places(networks: Networks, tmp_path: Path) -> None:
    networks.allocate(A, "bridge")
    networks.close()
    networks.close()
    assert not (tmp_path / "run" / "world.json").exists()


class BrokenKeeper:
    """Fails where it is told to, like an engine that is killed there."""

    def __init__(self) -> None:
        self.bridges: set[str] = set()
        self.broken = False

    def bridge(self, name: str, *_: object) -> None:
        if self.broken:
            raise OSError(12, "no memory")
        self.bridges.add(name)

    def unlink(self, name: str) -> None:
        self.bridges.discard(name)

    def fence(self, *_: object, **__: object) -> None: ...


def test_a_bridge_that_cannot_be_made_leaves_no_network(tmp_path: Path) -> None:
    keeper = BrokenKeeper()
    networks = Networks(tmp_path, Events(), keeper)  # type: ignore[arg-type]
    keeper.broken = True
    with pytest.raises(ServerError, match="cannot create network shop: no memory"):
        networks.create(creation.parse({"Name": "shop"}))
    keeper.broken = False
    assert len(networks.all()) == len(again(tmp_path).all()) == 3
    record, _ = networks.create(creation.parse({"Name": "shop"}))
    assert keeper.bridges == {"docker0", record.bridge}
    networks.remove("shop")
    assert keeper.bridges == {"docker0"}


def test_networks_of_an_engine_that_was_killed_get_their_bridges_again(tmp_path: Path) -> None:
    record, _ = again(tmp_path).create(creation.parse({"Name": "shop"}))
    keeper = BrokenKeeper()
    Networks(tmp_path, Events(), keeper)  # type: ignore[arg-type]
    assert keeper.bridges == {"docker0", record.bridge}


def test_the_way_out_is_the_first_by_name_that_is_not_internal(networks: Networks) -> None:
    for name, internal in (("a-inner", True), ("m-outer", False), ("z-outer", False)):
        networks.create(creation.parse({"Name": name, "Internal": internal}))
    place = networks.allocate(A, "z-outer", endpoints={"z-outer": {}, "m-outer": {}, "a-inner": {}})
    ways = {card["name"]: card["gateway"] for card in place.interfaces}
    gateway = networks.get("m-outer").gateway
    assert ways == {"eth0": "", "eth1": gateway, "eth2": ""}
    assert place.gateway == gateway
    inner = networks.allocate(B, "a-inner")
    assert (inner.gateway, inner.address) == ("", "")


def test_a_container_keeps_its_home_whatever_networks_it_leaves(
    networks: Networks, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        networks.create(creation.parse({"Name": name}))
    home = networks.allocate(A, "one", name="web").address
    networks.connect(A, networks.get("two"), {})
    endpoint, place = networks.disconnect(A, "one")
    assert endpoint is not None
    assert place.address == home
    world = loopback.World(str(tmp_path))
    neighbour = world.container(A)
    assert neighbour is not None
    assert neighbour.loopback == home
    assert world.at(endpoint.address) is None


def test_two_containers_never_have_one_home(
    networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loopback.address
    monkeypatch.setattr(
        loopback,
        "address",
        lambda root, inside: real(root, inside) if " " in root else "127.9.9.2",
    )
    homes = {networks.allocate(id, "bridge").address for id in (A, B)}
    assert "127.9.9.2" in homes
    assert len(homes) == 2


def test_what_a_crash_left_is_known(networks: Networks) -> None:
    networks.create(creation.parse({"Name": "shop"}))
    networks.allocate(A, "bridge", endpoints={"bridge": {}, "shop": {}})
    assert networks.strays(A, ["bridge"]) == ["shop"]
    assert networks.strays(B, []) == []


def test_records_of_earlier_versions_are_understood(tmp_path: Path) -> None:
    networks = again(tmp_path)
    record = networks.get("bridge")
    path = tmp_path / "networks" / f"{record.id}.json"
    kept = ("id", "name", "driver", "created", "subnet", "options", "labels")
    old = {key: value for key, value in json.loads(path.read_text()).items() if key in kept}
    path.write_text(json.dumps(old))
    later = again(tmp_path)
    assert later.inspect(later.get("bridge")) == networks.inspect(record)
    assert later.allocate(A, "bridge").settings["bridge"]["Gateway"] == "172.17.0.1"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "x"}'])
def test_a_damaged_record_does_not_stop_the_engine(tmp_path: Path, text: str) -> None:
    record, _ = again(tmp_path).create(creation.parse({"Name": "shop"}))
    (tmp_path / "networks" / f"{record.id}.json").write_text(text)
    assert [record.name for record in again(tmp_path).all()] == ["bridge", "host", "none"]


def test_members_of_a_network_that_is_lost(tmp_path: Path) -> None:
    networks = again(tmp_path)
    record, _ = networks.create(creation.parse({"Name": "shop"}))
    networks.allocate(A, "shop", endpoints={"shop": {}, "bridge": {}})
    networks.allocate(B, "shop", endpoints={"shop": {}})
    (tmp_path / "networks" / f"{record.id}.json").unlink()
    later = again(tmp_path)
    both, none = later.current(A), later.current(B)
    assert both is not None
    assert list(both.settings) == ["bridge"]
    assert none is not None
    assert (none.settings, none.address) == ({}, "")
    later.release(A)
    later.release(B)
