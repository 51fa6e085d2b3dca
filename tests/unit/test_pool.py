from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from dockerlab.engine.errors import NotFound, ServerError
from dockerlab.engine.net import pool as pools
from dockerlab.engine.net.pool import Pool, mac


def test_the_first_address_is_the_gateways() -> None:
    pool = Pool("172.17.0.0/16")
    assert str(pool.gateway) == "172.17.0.1"
    assert pool.next(set()) == "172.17.0.2"


def test_the_lowest_free_address_is_next() -> None:
    taken = {"172.17.0.2", "172.17.0.4"}
    assert Pool("172.17.0.0/16").next(taken) == "172.17.0.3"


def test_a_gateway_in_the_middle_is_left_out() -> None:
    pool = Pool("10.77.0.0/29", "10.77.0.2")
    assert pool.next({"10.77.0.1"}) == "10.77.0.3"


def test_no_address_is_left() -> None:
    pool = Pool("10.77.0.0/30")
    assert pool.next(set()) == "10.77.0.2"
    with pytest.raises(ServerError, match="no available IPv4 addresses"):
        pool.next({"10.77.0.2"})


def test_addresses_with_what_follows_from_them() -> None:
    assert Pool("172.17.0.0/16").with_length("172.17.0.2") == "172.17.0.2/16"
    assert mac("172.17.0.10") == "02:42:ac:11:00:0a"


def test_a_range_gives_all_but_the_ends_of_the_subnet() -> None:
    pool = Pool("10.77.0.0/16", within="10.77.0.0/30")
    assert str(pool.gateway) == "10.77.0.1"
    assert pool.next({"10.77.0.2"}) == "10.77.0.3"
    with pytest.raises(ServerError, match="no available IPv4 addresses"):
        pool.next({"10.77.0.2", "10.77.0.3"})
    later = Pool("10.77.0.0/16", within="10.77.5.0/24")
    assert (str(later.gateway), later.next(set())) == ("10.77.5.0", "10.77.5.1")


def test_reserved_addresses_are_left_out() -> None:
    pool = Pool("10.77.0.0/24", reserved=["10.77.0.2"])
    assert pool.next(set()) == "10.77.0.3"
    assert not pool.has("10.77.0.2", ())


@pytest.mark.parametrize(
    ("address", "free"),
    [
        ("10.77.0.9", True),
        ("10.77.0.5", False),
        ("10.77.0.1", False),
        ("10.77.0.0", False),
        ("10.77.0.255", False),
    ],
)
def test_an_address_that_is_asked_for(address: str, free: bool) -> None:
    assert Pool("10.77.0.0/24").has(address, {"10.77.0.5"}) is free


def test_networks_get_dockers_subnets_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_ROUTES", "/nowhere")
    taken = [IPv4Network("172.17.0.0/16"), IPv4Network("172.18.128.0/24")]
    assert str(pools.free(taken)) == "172.19.0.0/16"
    assert str(pools.free([IPv4Network("172.16.0.0/12")])) == "192.168.0.0/20"
    with pytest.raises(NotFound, match="could not find an available, non-overlapping") as caught:
        pools.free([IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16")])
    assert "docker network prune" in caught.value.hint


def test_a_subnet_that_the_machine_itself_uses_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = tmp_path / "route"
    routes.write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    )
    monkeypatch.setattr(pools, "_ROUTES", str(routes))
    assert str(pools.free([])) == "172.18.0.0/16"
