from __future__ import annotations

import pytest

from dockerlab.engine.errors import ServerError
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
