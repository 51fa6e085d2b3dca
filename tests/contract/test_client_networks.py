"""Networks by ``lab`` and by ``%docker``: names are known in a network of one's own only."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence

import pytest
from docker.client import DockerClient

from dockerlab import ConflictHere, EngineRefused, Lab, NotFoundHere
from dockerlab.magics.output import Output
from dockerlab.magics.runner import Runner

IMAGE = "alpine"


class Typed:
    """Types commands and keeps what they wrote."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.out = self.err = ""

    def __call__(self, text: str) -> int:
        out, err = io.StringIO(), io.StringIO()
        code = Runner(lambda: self.lab, Output(out, err)).run(text, None)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def ok(self, text: str) -> str:
        code = self(text)
        assert code == 0, f"docker {text} → {code}\n{self.out}{self.err}"
        return self.out


@pytest.fixture
def docker(lab: Lab, client: DockerClient) -> Typed:
    return Typed(lab)


@pytest.fixture
def net(lab: Lab, client: DockerClient, name: str) -> Iterator[str]:
    """A network, removed after the test with all that is in it."""
    network = f"{name}-net"
    lab.create_network(network)
    yield network
    for member in lab.networks(filters={"name": name}):
        for one in lab.network(member.id).members:
            lab.disconnect(member.id, one.id, force=True)
        lab.remove_network(member.id)


def sleeper(lab: Lab, name: str, network: str = "", aliases: Sequence[str] = ()) -> str:
    lab.create(IMAGE, "sleep 600", name=name, network=network, aliases=tuple(aliases)).start()
    return name


def found(lab: Lab, container: str, host: str) -> str:
    """The address that ``container`` finds for ``host``; empty if it knows no such name.

    ``ping`` says it before it tries, which not every mode allows.
    """
    done = lab.exec(container, ["sh", "-c", f"ping -c 1 -W 1 {host} 2>&1 || true"])
    match = re.search(rf"PING {re.escape(host)} \(([0-9.]+)\)", done.output)
    return match.group(1) if match else ""


# --- lab


def test_a_network_is_made_listed_and_removed(lab: Lab, client: DockerClient, name: str) -> None:
    made = lab.create_network(name, subnet="10.231.7.0/24", gateway="10.231.7.9", labels={"a": "b"})
    try:
        assert (made.name, made.driver, made.internal) == (name, "bridge", False)
        assert (made.subnets, made.gateways) == (("10.231.7.0/24",), ("10.231.7.9",))
        assert (made.labels, made.members) == ((("a", "b"),), ())
        assert [one.name for one in lab.networks(filters={"name": name})] == [name]
    finally:
        lab.remove_network(name)
    with pytest.raises(NotFoundHere, match=f"network {name} not found"):
        lab.network(name)


def test_containers_of_a_network_find_each_other_by_name(lab: Lab, net: str, name: str) -> None:
    store = sleeper(lab, f"{name}-store", net, ["redis"])
    web = sleeper(lab, f"{name}-web", net)
    addresses = {one.name: one.address for one in lab.network(net).members}
    assert set(addresses) == {store, web}
    for word in (store, "redis", lab.container(store).short_id):
        assert found(lab, web, word) == addresses[store], word
    assert found(lab, store, web) == addresses[web]
    assert not found(lab, web, f"{name}-nobody")


def test_the_default_network_knows_no_names(lab: Lab, client: DockerClient, name: str) -> None:
    sleeper(lab, f"{name}-store")
    assert not found(lab, sleeper(lab, f"{name}-web"), f"{name}-store")


def test_a_running_container_joins_and_leaves(lab: Lab, net: str, name: str) -> None:
    store, web = sleeper(lab, f"{name}-store", net), sleeper(lab, f"{name}-web")
    assert not found(lab, web, store)
    lab.connect(net, web, aliases=["www"])
    assert found(lab, web, store)
    assert found(lab, store, "www") == found(lab, store, web) != ""
    with pytest.raises(EngineRefused, match="already exists in network"):
        lab.connect(net, web)
    lab.disconnect(net, lab.container(web))
    assert not found(lab, store, "www")
    assert [one.name for one in lab.network(net).members] == [store]
    with pytest.raises(EngineRefused, match="is not connected to"):
        lab.disconnect(net, web)


def test_a_link_is_a_name_for_one_container_only(lab: Lab, net: str, name: str) -> None:
    store, web = sleeper(lab, f"{name}-store", net), sleeper(lab, f"{name}-web")
    other = sleeper(lab, f"{name}-other", net)
    lab.connect(net, web, links=[f"{store}:kept"])
    assert found(lab, web, "kept") == found(lab, web, store) != ""
    assert not found(lab, other, "kept")


def test_a_network_in_use_stays(lab: Lab, net: str, name: str) -> None:
    sleeper(lab, name, net)
    with pytest.raises(EngineRefused, match="has active endpoints") as error:
        lab.remove_network(net)
    assert "docker network disconnect" in error.value.hint


def test_what_is_not_there(lab: Lab, net: str, name: str) -> None:
    with pytest.raises(NotFoundHere, match="network dltest-nothing not found"):
        lab.connect("dltest-nothing", sleeper(lab, name))
    with pytest.raises(NotFoundHere, match="No such container: dltest-nobody"):
        lab.connect(net, "dltest-nobody")


def test_a_taken_name_and_taken_addresses(lab: Lab, net: str, name: str) -> None:
    with pytest.raises(ConflictHere, match=f"network with name {net} already exists") as error:
        lab.create_network(net)
    assert "docker network rm" in error.value.hint
    (subnet,) = lab.network(net).subnets
    with pytest.raises(EngineRefused, match="Pool overlaps with other one") as overlap:
        lab.create_network(f"{name}-two", subnet=subnet)
    assert "subnet" in overlap.value.hint


# --- %docker


def test_typed(docker: Typed, name: str) -> None:
    flags = "--subnet 10.231.8.0/24 --ip-range 10.231.8.128/25 --aux-address door=10.231.8.130"
    made = docker.ok(f"network create {flags} --internal --label a=b {name}").strip()
    try:
        assert re.fullmatch("[0-9a-f]{64}", made)
        line = docker.ok(f"network ls --filter name={name}").splitlines()[1].split()
        assert line == [made[:12], name, "bridge", "local"]
        assert docker.ok(f"network ls -q --no-trunc --filter name={name}").strip() == made
        form = "{{.Name}} {{.Internal}} {{.IPv6}} {{.Labels}}"
        assert docker.ok(f"network ls --filter name={name} --format '{form}'") == (
            f"{name} true false a=b\n"
        )
        (facts,) = json.loads(docker.ok(f"network inspect {name}"))
        assert facts["IPAM"]["Config"][0]["IPRange"] == "10.231.8.128/25"
        docker.ok(f"run -d --name {name}-a --network {name} --ip 10.231.8.140 alpine sleep 600")
        docker.ok(f"run -d --name {name}-b --network name={name},alias=www alpine sleep 600")
        shown = docker.ok(f"inspect --format '{{{{json .NetworkSettings.Networks}}}}' {name}-a")
        assert json.loads(shown)[name]["IPAddress"] == "10.231.8.140"
        assert found(docker.lab, f"{name}-a", "www")
        assert docker(f"network rm {name}") == 1
        assert "has active endpoints" in docker.err
        docker.ok(f"network disconnect -f {name} {name}-a")
        docker.ok(f"network connect --ip 10.231.8.150 --alias ten {name} {name}-a")
        assert found(docker.lab, f"{name}-b", "ten") == "10.231.8.150"
    finally:
        docker(f"rm -f {name}-a {name}-b")
        assert docker.ok(f"network rm {name}") == f"{name}\n"
    assert docker(f"network rm {name}") == 1
    assert docker.err.startswith(f"Error response from daemon: network {name} not found")
    assert docker.ok(f"network rm -f {name}") == ""


def test_pruned(docker: Typed, net: str, name: str) -> None:
    docker.ok(f"network create --label dltest={name} {name}-unused")
    docker.ok(f"network create --label dltest={name} {name}-used")
    docker.ok(f"run -d --name {name} --network {name}-used alpine sleep 600")
    said = docker.ok(f"network prune -f --filter label=dltest={name}")
    assert said == f"Deleted Networks:\n{name}-unused\n\n"
    docker.ok(f"network inspect {name}-used {net}")
    docker.ok(f"rm -f {name}")


def test_names_and_name_servers_of_a_container(docker: Typed) -> None:
    flags = "--add-host door:10.0.0.7 --dns 10.0.0.8 --dns-search example.org --dns-option ndots:3"
    said = docker.ok(f"run --rm {flags} -h box alpine cat /etc/hosts /etc/resolv.conf")
    assert re.search(r"^10\.0\.0\.7\s+door$", said, re.M)
    assert re.search(r"^nameserver 10\.0\.0\.8$", said, re.M)
    assert re.search(r"^search example\.org$", said, re.M)
    assert re.search(r"^options ndots:3$", said, re.M)


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("run --rm --network-alias www alpine true", 125, "only supported for user-defined netw"),
        ("run --rm --ip 172.17.0.99 alpine true", 125, "supported on user defined networks only"),
        ("run --rm --network nam=x,alias=y alpine true", 125, "invalid field key nam"),
        ("network create --gateway 10.1.0.1 dltest-x", 1, "must have a corresponding subnet"),
        ("network create --driver dltest-nosuch dltest-x", 1, 'plugin "dltest-nosuch" not found'),
        ("network connect dltest-nothing dltest-nobody", 1, "dltest-no(thing|body)"),
    ],
)
def test_refused(docker: Typed, line: str, code: int, words: str) -> None:
    assert docker(line) == code, docker.out + docker.err
    assert re.search(words, docker.err)
