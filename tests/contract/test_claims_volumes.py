"""Claims of volumes and of data, on every engine: right states, wrong ones and hostile ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient

from dockerlab import Lab
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers import command
from dockerlab.grading.claims.disks import data, volume
from dockerlab.grading.exercise import Claim, Spot
from dockerlab.grading.spots.volumes import (
    data_in_the_container_layer,
    no_volume,
    volume_elsewhere,
)

FILL = (
    "mkfifo /data/pipe; ln -s note.txt /data/link; echo 'visits 41' > /data/note.txt;"
    "head -c 2000000 /dev/zero > /data/large; mkdir /data/folder;"
    "mkdir /tmp/anonymous; trap exit TERM; sleep 1000 & wait"
)


@pytest.fixture
def bench(lab: Lab, tmp_path: Path) -> Bench:
    return Bench(lab, tmp_path, lambda *_, **__: (0, ""))


@pytest.fixture
def store(client: DockerClient, name: str) -> Iterator[str]:
    """A container ``name`` whose /data is the volume ``name-data``; /anonymous has no name."""
    box = client.containers.run(
        "busybox",
        ["sh", "-c", FILL],
        name=name,
        detach=True,
        volumes=[f"{name}-data:/data", "/anonymous"],
        tmpfs={"/fleeting": ""},
    )
    while box.exec_run("test -e /tmp/anonymous").exit_code:
        pass
    yield name
    box.remove(force=True, v=True)
    client.volumes.get(f"{name}-data").remove(force=True)


def found(bench: Bench, claim: Claim) -> str:
    """The key of what was found; both sentences can be said."""
    finding = claim.look(bench)
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
    return "met" if finding else finding.why.key


def seen(bench: Bench, spot: Spot) -> bool:
    return spot.see(bench) is not None


def test_a_volume_with_data(bench: Bench, store: str) -> None:
    kept = volume(f"{store}-data")
    assert found(bench, kept.exists()) == "met"
    assert found(bench, kept.is_gone()) == "volume.still"
    assert found(bench, kept.holds("note.txt")) == "met"
    assert found(bench, kept.holds("/note.txt", "visits 41")) == "met"
    assert found(bench, kept.holds("note.txt", "42")) == "volume.no_text"
    assert found(bench, kept.holds("other.txt")) == "volume.no_file"
    assert found(bench, kept.is_mounted(store, "/data")) == "met"
    assert found(bench, kept.is_mounted(store, "/data/", read_only=False)) == "met"
    assert found(bench, kept.is_mounted(store, "/data", read_only=True)) == "volume.writable"
    assert found(bench, kept.is_mounted(store, "/var")) == "volume.elsewhere"
    assert found(bench, kept.is_shared_by(store)) == "met"
    assert seen(bench, volume_elsewhere(f"{store}-data", store, "/var"))
    assert not seen(bench, volume_elsewhere(f"{store}-data", store, "/data"))


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("pipe", "volume.no_regular_file"),
        ("link", "volume.no_regular_file"),
        ("folder", "volume.no_regular_file"),
        ("large", "volume.large_file"),
        ("../etc/passwd", "volume.no_file"),
    ],
)
def test_what_is_no_ordinary_file(bench: Bench, store: str, path: str, key: str) -> None:
    assert found(bench, volume(f"{store}-data").holds(path, "x")) == key


def test_what_is_not_there(bench: Bench, name: str) -> None:
    none = volume(f"{name}-none")
    assert found(bench, none.exists()) == "volume.absent"
    assert found(bench, none.holds("x")) == "volume.absent"
    assert found(bench, none.is_gone()) == "met"
    assert found(bench, none.is_mounted(name, "/data")) == "container.absent"
    assert found(bench, none.is_shared_by(name)) == "container.absent"
    assert found(bench, data(name, "/data").survives()) == "container.absent"
    assert not seen(bench, no_volume(name, "/data"))
    assert not bench.lab.volumes(filters={"name": name}), "looking has made no volume"


def test_what_survives(bench: Bench, store: str) -> None:
    assert found(bench, data(store, "/data/deep/inside").survives()) == "met"
    assert found(bench, data(store, "/anonymous").survives()) == "data.anonymous"
    assert found(bench, data(store, "/fleeting").survives()) == "data.tmpfs"
    assert found(bench, data(store, "/database").survives()) == "data.layer"
    assert seen(bench, no_volume(store, "/anonymous"))
    assert seen(bench, data_in_the_container_layer(store, "/database"))
    assert not seen(bench, data_in_the_container_layer(store, "/data"))


def test_commands(bench: Bench, store: str) -> None:
    read = command(store, "cat", "/data/note.txt")
    assert found(bench, read.says("visits 41")) == "met"
    assert found(bench, read.says("41")) == "command.otherwise", "a whole line counts"
    assert found(bench, command(store, "no-such-program").says("x")) == "command.refused"
    assert found(bench, command(store, "yes").says("n")) == "command.otherwise"
    assert found(bench, command(f"{store}-none", "true").says("x")) == "container.absent"


def test_a_program_put_in_the_place_of_another_is_not_asked(
    bench: Bench, client: DockerClient, store: str
) -> None:
    """What answers is the container's own server; who asks is a program of the lent image."""
    box = client.containers.get(store)
    box.exec_run(["sh", "-c", "mkdir /w; echo 7 > /w/visits; httpd -p 6379 -h /w"])
    box.exec_run(["sh", "-c", "rm $(which wget); printf '#!/bin/sh\necho 41' > /bin/wget"])
    box.exec_run(["chmod", "+x", "/bin/wget"])
    words = ("wget", "-qO-", "http://127.0.0.1:6379/visits")
    assert found(bench, command(store, *words).says("41")) == "met", "it can say what it likes"
    assert found(bench, command(store, *words, of="busybox").says("41")) == "command.otherwise"
    assert found(bench, command(store, *words, of="busybox").says("7")) == "met"
    assert found(bench, command(store, *words, of="no-such-image").says("7")) == "command.unasked"
    assert found(bench, command(store, "no-such", of="busybox").says("7")) == "command.refused"


def test_looking_leaves_nothing(bench: Bench, client: DockerClient, store: str) -> None:
    def users() -> set[str]:
        found = client.containers.list(
            all=True, filters={"volume": f"{store}-data"}, ignore_removed=True
        )
        return {one.id for one in found}

    before = users()
    volume(f"{store}-data").holds("note.txt", "41").look(bench)
    assert users() == before
