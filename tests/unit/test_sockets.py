"""Which address becomes which; the calls themselves are in tests/contract/test_proot_network.py."""

from __future__ import annotations

import errno
import json
import socket
import struct
from pathlib import Path

import pytest

from dockerlab.engine.net import loopback
from dockerlab.engine.run.process import Interface, Network
from dockerlab.engine.run.proot.sockets import Address, Refused, Sockets, read_address


class Memory:
    """Stands for a call whose caller's memory is just these bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, address: int, size: int) -> bytes:
        return self.data[:size]


def ipv4(host: str, port: int) -> bytes:
    return struct.pack("H", 2) + struct.pack("!H", port) + socket.inet_aton(host) + bytes(8)


def ipv6(host: str, port: int) -> bytes:
    packed = socket.inet_pton(socket.AF_INET6, host)
    return struct.pack("H", 10) + struct.pack("!HI", port, 0) + packed + bytes(4)


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "run").mkdir()
    world = {
        "me": {"addresses": {"a": "172.17.0.2/16"}},
        "near": {"addresses": {"a": "172.17.0.3/16"}},
        "far": {"addresses": {"b": "172.18.0.2/16"}},
    }
    (tmp_path / "run" / "world.json").write_text(json.dumps(world))
    return str(tmp_path)


@pytest.fixture
def sockets(root: str) -> Sockets:
    card = Interface("eth0", "docker0", "a", "172.17.0.2/16", "172.17.0.1", "")
    return Sockets(Network("bridge", (card,)), "me", loopback.World(root))


def target(sockets: Sockets, host: str, port: int = 8080) -> tuple[str, int] | None:
    return sockets._target(Address(0, b"", socket.AF_INET, host, port), datagram=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "0.0.0.0", "172.17.0.2"])
def test_itself(sockets: Sockets, host: str) -> None:
    assert target(sockets, host) == (sockets.home, 8080)


def test_neighbours(sockets: Sockets, root: str) -> None:
    near = loopback.address(root, "172.17.0.3")
    assert target(sockets, "172.17.0.3") == (near, 8080)
    assert target(sockets, near) == (near, 8080)
    for host in ("172.18.0.2", "172.17.9.9"):
        with pytest.raises(Refused) as caught:
            target(sockets, host)
        assert caught.value.number == errno.EHOSTUNREACH


def test_the_world_outside(sockets: Sockets, root: str) -> None:
    assert target(sockets, "192.0.2.7") is None
    lonely = Sockets(Network("none"), "lonely", loopback.World(root))
    for host in ("192.0.2.7", "172.17.0.2"):
        with pytest.raises(Refused) as caught:
            target(lonely, host)
        assert caught.value.number == errno.ENETUNREACH
    assert target(lonely, "127.0.0.1") == (lonely.home, 8080)


def test_network_of_another_container(sockets: Sockets, root: str) -> None:
    guest = Sockets(Network("container", of="me"), "guest", loopback.World(root))
    assert guest.home == sockets.home
    assert target(guest, "172.17.0.3") == target(sockets, "172.17.0.3")


def test_reading_addresses() -> None:
    for data, host in (
        (ipv4("10.1.2.3", 80), "10.1.2.3"),
        (ipv6("::ffff:10.1.2.3", 80), "10.1.2.3"),
        (ipv6("::1", 80), "127.0.0.1"),
        (ipv6("::", 80), "0.0.0.0"),
        (ipv6("2001:db8::1", 80), ""),
    ):
        found = read_address(Memory(data), 1, len(data))  # type: ignore[arg-type]
        assert found is not None
        assert (found.host, found.port) == (host, 80)
    short = read_address(Memory(ipv4("1.2.3.4", 5)), 1, 8)  # type: ignore[arg-type]
    assert short is not None
    assert short.host == ""


def test_moving_addresses() -> None:
    four = Address(0, ipv4("1.2.3.4", 5), socket.AF_INET, "1.2.3.4", 5)
    assert four.moved("127.5.6.7", 99) == ipv4("127.5.6.7", 99)
    six = Address(0, ipv6("::1", 5), socket.AF_INET6, "127.0.0.1", 5)
    assert six.moved("127.5.6.7", 99) == ipv6("::ffff:127.5.6.7", 99)


def change(root: str, id: str, **entry: object) -> None:
    """Have another entry in the file that says who is where."""
    file = Path(root) / "run" / "world.json"
    world = json.loads(file.read_text())
    world[id] = {**world.get(id, {}), **entry}
    file.with_suffix(".new").write_text(json.dumps(world))
    file.with_suffix(".new").replace(file)


def test_networks_come_and_go_while_it_runs(sockets: Sockets, root: str) -> None:
    far, home = loopback.address(root, "172.18.0.2"), sockets.home
    both = {"a": "172.17.0.2/16", "b": "172.18.0.3/16"}
    change(root, "me", addresses=both, loopback=home)
    assert target(sockets, "172.18.0.2") == (far, 8080)
    assert target(sockets, "172.18.0.3") == (home, 8080)
    change(root, "near", addresses={"a": "172.17.0.3/16", "c": "172.19.0.3/16"})
    assert target(sockets, "172.17.0.3")[1] == 8080
    with pytest.raises(Refused):  # a neighbour, but not by this address
        target(sockets, "172.19.0.3")
    change(root, "me", addresses=both, networks=["a"])
    with pytest.raises(Refused) as caught:
        target(sockets, "172.18.0.2")
    assert caught.value.number == errno.EHOSTUNREACH
    change(root, "me", addresses={}, networks=[])
    for host in ("172.17.0.3", "172.18.0.2", "192.0.2.7"):
        with pytest.raises(Refused) as caught:
            target(sockets, host)
        assert caught.value.number == errno.ENETUNREACH
    assert target(sockets, "127.0.0.1") == (home, 8080)


def test_internal_networks_lead_nowhere_else(sockets: Sockets, root: str) -> None:
    change(root, "me", outside=False)
    assert target(sockets, "172.17.0.3") == (loopback.address(root, "172.17.0.3"), 8080)
    with pytest.raises(Refused) as caught:
        target(sockets, "192.0.2.7")
    assert caught.value.number == errno.ENETUNREACH


def test_the_machines_own_name_server_is_part_of_the_world_outside(
    sockets: Sockets, root: str
) -> None:
    """What it is asked it asks others: with names alone much can be told to the world."""
    sockets._resolvers = frozenset([("127.0.0.53", 53)])
    assert target(sockets, "127.0.0.53", 53) is None
    change(root, "me", outside=False)
    assert target(sockets, "127.0.0.53", 53) == (sockets.home, loopback.port(53))


def test_the_name_server_is_where_the_note_says(sockets: Sockets, root: str) -> None:
    assert target(sockets, loopback.RESOLVER, 53) == (sockets.home, loopback.port(53))
    note = Path(loopback.resolver_note(root, "me"))
    note.parent.mkdir(parents=True)
    note.write_text("41234")
    assert target(sockets, loopback.RESOLVER, 53) == (loopback.RESOLVER, 41234)
    assert target(sockets, loopback.RESOLVER, 41234) == (loopback.RESOLVER, 41234)
    assert target(sockets, loopback.RESOLVER, 80) == (sockets.home, loopback.port(80))
    guest = Sockets(Network("container", of="me"), "guest", loopback.World(root))
    assert target(guest, loopback.RESOLVER, 53) == (loopback.RESOLVER, 41234)
    near = Sockets(Network("bridge"), "near", loopback.World(root))
    assert target(near, loopback.RESOLVER, 41234) == (near.home, 41234)
