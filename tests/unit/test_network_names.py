"""Who is called what in which network."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.engine.events import Events
from dockerlab.engine.net import creation
from dockerlab.engine.net.networks import Networks

A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture
def networks(tmp_path: Path) -> Networks:
    networks = Networks(tmp_path, Events(), None)
    for number, name in enumerate(("shop", "back.office")):
        config = [{"Subnet": f"10.{number + 1}.0.0/16"}]
        networks.create(creation.parse({"Name": name, "IPAM": {"Config": config}}))
    return networks


def test_names_aliases_and_short_ids(networks: Networks) -> None:
    networks.allocate(A, "shop", name="web")
    networks.allocate(B, "shop", name="db", endpoints={"shop": {"Aliases": ["Database"]}})
    for name in ("db", "DB", "db.", "database", B[:12], "db.shop", "database.shop"):
        assert networks.lookup(A, name) == ["10.1.0.3"], name
    assert networks.lookup(A, "web") == ["10.1.0.2"]
    for name in ("", "b", "shop", "db.other", "db.back.office", B):
        assert networks.lookup(A, name) == [], name


def test_names_end_at_the_edge_of_a_network(networks: Networks) -> None:
    networks.allocate(A, "shop", name="web")
    networks.allocate(B, "back.office", name="db")
    networks.allocate(C, "bridge", name="plain")
    assert networks.lookup(A, "db") == networks.lookup(B, "web") == []
    assert networks.lookup(C, "plain") == networks.lookup(A, "plain") == []
    assert networks.lookup("d" * 64, "web") == []
    assert [networks.has_resolver(id) for id in (A, B, C, "d" * 64)] == [True, True, False, False]


def test_a_container_in_two_networks(networks: Networks) -> None:
    both = {"back.office": {"Aliases": ["boss"]}, "shop": {}}
    networks.allocate(A, "shop", name="web", endpoints=both)
    networks.allocate(B, "back.office", name="db")
    networks.allocate(C, "shop", name="till")
    assert networks.lookup(B, "web") == networks.lookup(B, "web.back.office") == ["10.2.0.2"]
    assert networks.lookup(C, "web") == ["10.1.0.2"]
    assert networks.lookup(C, "boss") == []
    assert networks.lookup(A, "web") == ["10.2.0.2"]  # in the first by name
    assert (networks.lookup(A, "db"), networks.lookup(A, "till")) == (["10.2.0.3"], ["10.1.0.3"])


def test_one_name_for_several_takes_turns(networks: Networks) -> None:
    for id, name in ((A, "one"), (B, "two"), (C, "three")):
        networks.allocate(id, "shop", name=name, endpoints={"shop": {"Aliases": ["web"]}})
    answers = [networks.lookup(A, "web") for _ in range(3)]
    assert {tuple(sorted(answer)) for answer in answers} == {("10.1.0.2", "10.1.0.3", "10.1.0.4")}
    assert len({answer[0] for answer in answers}) == 3


def test_links_are_names_for_one_container_only(networks: Networks) -> None:
    networks.allocate(B, "shop", name="db")
    networks.allocate(A, "shop", name="web", endpoints={"shop": {"Links": ["db:store", "db"]}})
    assert networks.lookup(A, "store") == networks.lookup(A, "db") == ["10.1.0.2"]
    assert networks.lookup(B, "store") == []


def test_from_addresses_back_to_names(networks: Networks) -> None:
    networks.allocate(A, "shop", name="web")
    networks.allocate(B, "back.office", name="db")
    assert networks.reverse(A, "10.1.0.2") == "web.shop"
    assert networks.reverse(B, "10.2.0.2") == "db.back.office"
    assert networks.reverse(A, "10.2.0.2") == networks.reverse(A, "10.1.0.9") == ""


def test_a_new_name_counts_at_once(networks: Networks) -> None:
    networks.allocate(A, "shop", name="web")
    networks.rename(A, "site")
    assert (networks.lookup(A, "site"), networks.lookup(A, "web")) == (["10.1.0.2"], [])


def test_where_a_neighbour_really_is(networks: Networks) -> None:
    networks.allocate(A, "shop", name="web")
    networks.allocate(B, "shop", name="db")
    networks.allocate(C, "back.office", name="far")
    assert networks.behind(A, "10.1.0.3").startswith("127.")
    assert networks.behind(A, "10.1.0.9") == networks.behind(A, "10.2.0.2") == ""
    assert networks.behind("d" * 64, "10.1.0.3") == ""


def test_who_reaches_what_is_outside(networks: Networks) -> None:
    networks.create(creation.parse({"Name": "vault", "Internal": True}))
    networks.allocate(A, "vault", name="web")
    networks.allocate(B, "vault", name="db", endpoints={"vault": {}, "shop": {}})
    networks.allocate(C, "shop", name="far")
    networks.allocate("e" * 64, "none", name="alone")
    networks.allocate("f" * 64, "host", name="open")
    assert [networks.reaches_outside(id) for id in (A, B, C, "d" * 64)] == [
        False,
        True,
        True,
        False,
    ]
    assert not networks.reaches_outside("e" * 64)
    assert networks.reaches_outside("f" * 64)
