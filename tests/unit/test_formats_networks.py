"""What is asked of an engine about networks, and what it says of them."""

from __future__ import annotations

from typing import Any

import pytest

from dockerlab.errors import FormatError
from dockerlab.formats.creation import Creation
from dockerlab.formats.networks import Member, NetworkCreation, NetworkRecord, attachment

ID = "e9778e86b020ef73772167477961a3191ed0ae1065e1ffcd75fec1195323d487"


def test_a_network_as_inspect_gives_it() -> None:
    facts = {
        "Name": "shop",
        "Id": ID,
        "Created": "2026-01-02T03:04:05.5Z",
        "Scope": "local",
        "Driver": "bridge",
        "EnableIPv6": False,
        "IPAM": {"Config": [{"Subnet": "10.201.0.0/16", "Gateway": "10.201.0.1"}]},
        "Internal": True,
        "Containers": {
            "b" * 64: {"Name": "web", "IPv4Address": "10.201.0.3/16", "IPv6Address": ""},
            "a" * 64: {"Name": "store", "IPv4Address": "10.201.0.2/16", "IPv6Address": ""},
        },
        "Labels": {"a": "b"},
    }
    record = NetworkRecord.of(facts)
    assert (record.name, record.internal, record.labels) == ("shop", True, (("a", "b"),))
    assert (record.subnets, record.gateways) == (("10.201.0.0/16",), ("10.201.0.1",))
    assert record.members == (
        Member("a" * 64, "store", "10.201.0.2"),
        Member("b" * 64, "web", "10.201.0.3"),
    )


def test_a_plain_network_asks_for_what_the_command_line_asks_for() -> None:
    assert NetworkCreation("shop").body() == {
        "Name": "shop",
        "CheckDuplicate": True,
        "Driver": "bridge",
        "Internal": False,
        "Attachable": False,
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": {}, "Config": []},
        "Options": {},
        "Labels": {},
    }


def test_addresses_go_to_the_subnet_that_they_are_in() -> None:
    body = NetworkCreation(
        "shop",
        subnets=("10.1.0.0/16", "fd00::/64"),
        gateways=("fd00::1", "10.1.0.1"),
        ranges=("10.1.5.0/24",),
        reserved=(("printer", "10.1.0.9"), ("door", "10.1.0.8")),
    ).body()
    assert body["IPAM"]["Config"] == [
        {
            "Subnet": "10.1.0.0/16",
            "IPRange": "10.1.5.0/24",
            "Gateway": "10.1.0.1",
            "AuxiliaryAddresses": {"printer": "10.1.0.9", "door": "10.1.0.8"},
        },
        {"Subnet": "fd00::/64", "Gateway": "fd00::1"},
    ]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"gateways": ("10.1.0.1",)}, "every ip-range or gateway must have a corresponding subnet"),
        ({"subnets": ("10.1.0.0/16",), "gateways": ("10.2.0.1",)}, "no matching subnet for gatew"),
        ({"subnets": ("10.1.0.0/16",), "ranges": ("10.2.0.0/24",)}, "no matching subnet for range"),
        ({"subnets": ("10.1.0.0/99",)}, "invalid CIDR address: 10.1.0.0/99"),
        ({"subnets": ("10.1.0.0/16",), "gateways": ("x",)}, "invalid IP address: x"),
        (
            {"subnets": ("10.1.0.0/16",), "gateways": ("10.1.0.1", "10.1.0.2")},
            r"cannot configure multiple gateways \(10.1.0.2, 10.1.0.1\) on the same subnet",
        ),
    ],
)
def test_addresses_that_do_not_fit(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(FormatError, match=words):
        NetworkCreation("shop", **wrong).body()


def test_a_container_joins_a_network() -> None:
    body = Creation("alpine", network="shop", aliases=("www",), ip="10.1.0.5").body()
    assert body["HostConfig"]["NetworkMode"] == "shop"
    assert body["NetworkingConfig"] == {
        "EndpointsConfig": {"shop": {"IPAMConfig": {"IPv4Address": "10.1.0.5"}, "Aliases": ["www"]}}
    }
    assert "NetworkingConfig" not in Creation("alpine", network="shop").body()


def test_the_long_form_says_the_same() -> None:
    text = "name=shop,alias=www,alias=web,ip=10.1.0.5"
    long = Creation("alpine", network=text).body()
    assert long == Creation("alpine", network="shop", aliases=("www", "web"), ip="10.1.0.5").body()


def test_links_are_told_where_the_engine_looks_for_them() -> None:
    old = Creation("alpine", links=("store:redis",)).body()
    assert old["HostConfig"]["Links"] == ["store:redis"]
    assert "NetworkingConfig" not in old
    new = Creation("alpine", links=("store:redis",), network="shop").body()
    assert new["NetworkingConfig"]["EndpointsConfig"]["shop"] == {"Links": ["store:redis"]}


def test_names_to_be_looked_up() -> None:
    host = Creation("alpine", dns_search=("example.org",), dns_options=("ndots:1",)).body()
    assert host["HostConfig"]["DnsSearch"] == ["example.org"]
    assert host["HostConfig"]["DnsOptions"] == ["ndots:1"]
    assert Creation("alpine", domainname="example.org").body()["Domainname"] == "example.org"


@pytest.mark.parametrize("place", ["", "default", "bridge", "host", "none", "container:web"])
def test_aliases_need_a_network_that_knows_names(place: str) -> None:
    with pytest.raises(FormatError, match="only supported for user-defined networks"):
        Creation("alpine", network=place, aliases=("www",)).body()


def test_an_address_in_the_default_network_is_left_to_the_engine_to_refuse() -> None:
    endpoints = Creation("alpine", ip="172.17.0.9").body()["NetworkingConfig"]["EndpointsConfig"]
    assert endpoints == {"default": {"IPAMConfig": {"IPv4Address": "172.17.0.9"}}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nam=shop", "invalid field key nam"),
        ("alias=www", "network name/id is not specified"),
        ("name=shop,www", "invalid field www"),
    ],
)
def test_a_long_form_that_cannot_be_read(text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        attachment(text)


def test_an_alias_is_said_in_one_place() -> None:
    with pytest.raises(FormatError, match="cannot specify both"):
        attachment("name=shop,alias=www", aliases=("web",))
