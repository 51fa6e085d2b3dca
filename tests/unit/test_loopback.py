from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockerlab.engine.net import loopback
from dockerlab.engine.net.loopback import World


def test_addresses_are_stable_and_apart(tmp_path: Path) -> None:
    root = str(tmp_path)
    one = loopback.address(root, "172.17.0.2/16")
    assert one == loopback.address(root, "172.17.0.2")
    assert one.startswith("127.")
    assert not one.startswith("127.0.")
    assert one.endswith(".2")
    others = {
        loopback.address(root, "172.18.0.2"),
        loopback.address(root, "172.17.0.3"),
        loopback.address(f"{root}/other", "172.17.0.2"),
    }
    assert len(others | {one}) == 4


def test_without_network(tmp_path: Path) -> None:
    a, b = (loopback.address_without_network(str(tmp_path), name) for name in "ab")
    assert a != b
    assert a.rpartition(".")[2] not in ("0", "255")


def test_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "lowest_port", lambda: 1024)
    assert [loopback.port(n) for n in (0, 80, 1023, 1024)] == [0, 20080, 21023, 1024]
    monkeypatch.setattr(loopback, "lowest_port", lambda: 0)
    assert loopback.port(80) == 80


def test_world_follows_its_file(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    assert world.at("172.17.0.2") is None
    (tmp_path / "run").mkdir()
    file = tmp_path / "run" / "world.json"
    file.write_text(json.dumps({"c1": {"addresses": {"n1": "172.17.0.2", "n2": "172.18.0.9"}}}))
    found = world.at("172.18.0.9")
    assert found is not None
    assert found.networks == {"n1", "n2"}
    assert found.loopback == loopback.address(str(tmp_path), "172.17.0.2")
    assert world.behind(found.loopback) == found == world.container("c1")
    file.with_suffix(".new").write_text("{}")
    file.with_suffix(".new").rename(file)
    assert world.at("172.17.0.2") is None


def test_world_survives_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "world.json").write_text('{"c1": ')
    assert World(str(tmp_path)).container("c1") is None
