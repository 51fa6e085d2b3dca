from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dockerlab.engine.errors import BadParameter, Conflict, NotFound, NotImplementedHere
from dockerlab.engine.events import Events
from dockerlab.engine.store.volumes import Volumes


@pytest.fixture
def volumes(tmp_path: Path) -> Volumes:
    return Volumes(tmp_path, Events())


def again(tmp_path: Path) -> Volumes:
    return Volumes(tmp_path, Events())


def test_a_volume_has_dockers_shape(volumes: Volumes, tmp_path: Path) -> None:
    view = volumes.create("data", labels={"a": "b"}).view()
    assert list(view) == [
        "CreatedAt", "Driver", "Labels", "Mountpoint", "Name", "Options", "Scope",
    ]  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", view["CreatedAt"])
    assert view["Mountpoint"] == str(tmp_path / "volumes" / "data" / "_data")
    assert (view["Labels"], view["Options"], view["Driver"]) == ({"a": "b"}, None, "local")
    assert volumes.path("data").is_dir()
    assert volumes.create("plain").view()["Labels"] is None


def test_creating_again_changes_nothing(volumes: Volumes) -> None:
    first = volumes.create("data", labels={"a": "b"})
    assert volumes.create("data", labels={"a": "c"}) == first


def test_without_a_name_it_gets_64_hex_digits(volumes: Volumes) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", volumes.create().name)


@pytest.mark.parametrize(
    "name", ["../x", "-x", "a/b", ".x", "a b", "a\n", "/abs", "é1", "x" * 256, "a"]
)
def test_bad_names_are_refused(volumes: Volumes, name: str, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match=r"invalid characters|too short|too long"):
        volumes.create(name)
    assert os.listdir(tmp_path / "volumes") == []


def test_what_cannot_be_is_refused_by_name(volumes: Volumes) -> None:
    with pytest.raises(NotFound, match='error looking up volume plugin foo: plugin "foo" not fo'):
        volumes.create("data", driver="foo")
    with pytest.raises(BadParameter, match='create data: invalid option: "foo"'):
        volumes.create("data", options={"foo": "bar"})
    with pytest.raises(NotImplementedHere, match=r"type tmpfs with o=size=1m"):
        volumes.create("data", options={"type": "tmpfs", "device": "tmpfs", "o": "size=1m"})
    assert volumes.all() == []


def test_a_folder_of_the_host_as_a_volume(volumes: Volumes, tmp_path: Path) -> None:
    device = tmp_path / "mine"
    device.mkdir()
    (device / "file").write_text("kept")
    options = {"type": "none", "o": "bind", "device": str(device)}
    volumes.create("data", options=options)
    again = Volumes(tmp_path, Events())
    assert again.get("data").view()["Options"] == options
    assert again.path("data") == device
    assert again.size("data") == 0
    again.remove("data")
    assert (device / "file").read_text() == "kept"


def test_pruning_may_spare_those_with_a_name(volumes: Volumes, tmp_path: Path) -> None:
    volumes.create("named")
    anonymous = volumes.create().name
    again = Volumes(tmp_path, Events())
    assert again.prune({}, lambda _: (), named=False)[0] == [anonymous]
    assert again.prune({}, lambda _: ())[0] == ["named"]
    assert volumes.create("data", driver="local", options={}).name == "data"


def test_unknown_volumes(volumes: Volumes) -> None:
    for name in ("nope", "..", ""):
        with pytest.raises(NotFound, match=f"^get {name}: no such volume$"):
            volumes.get(name)
    with pytest.raises(NotFound):
        volumes.remove("nope")
    volumes.remove("nope", force=True)


def test_a_used_volume_stays(volumes: Volumes) -> None:
    volumes.create("data")
    with pytest.raises(Conflict, match=r"remove data: volume is in use - \[c1, c2\]"):
        volumes.remove("data", users=["c1", "c2"])
    with pytest.raises(Conflict):
        volumes.remove("data", force=True, users=["c1"])
    volumes.remove("data")
    assert volumes.all() == []


def test_removing_takes_the_files_and_follows_no_link(volumes: Volumes, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    path = volumes.path(volumes.create("data").name)
    (path / "link").symlink_to(outside)
    locked = path / "locked"
    locked.mkdir()
    (locked / "inner").touch()
    locked.chmod(0)
    volumes.remove("data")
    assert (outside / "file").exists()
    assert os.listdir(tmp_path / "volumes") == []


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"name": ["dat"]}, ["data"]),
        ({"name": ["^a", "^o"]}, ["other"]),
        ({"name": ["["]}, []),
        ({"driver": ["local"]}, ["data", "other"]),
        ({"driver": ["loc"]}, []),
        ({"label": ["a"]}, ["data"]),
        ({"label": ["a=b"]}, ["data"]),
        ({"label": ["a=c"]}, []),
        ({"label": ["a", "z"]}, []),
        ({"dangling": ["true"]}, ["other"]),
        ({"dangling": ["0"]}, ["data"]),
    ],
)
def test_filters(volumes: Volumes, filters: dict[str, list[str]], names: list[str]) -> None:
    volumes.create("data", labels={"a": "b"})
    volumes.create("other")
    found = volumes.all(filters, lambda name: ["c1"] if name == "data" else [])
    assert [volume.name for volume in found] == names


def test_bad_filters_in_dockers_words(volumes: Volumes) -> None:
    with pytest.raises(BadParameter, match="Invalid filter 'foo'"):
        volumes.all({"foo": ["x"]})
    with pytest.raises(BadParameter, match=r"Invalid filter 'dangling=\[zz\]'"):
        volumes.all({"dangling": ["zz"]})
    with pytest.raises(BadParameter, match="Invalid filter 'name'"):
        volumes.prune({"name": ["x"]}, lambda _: [])


def test_prune_takes_all_unused_ones(volumes: Volumes) -> None:
    for name in ("used", "data", "kept"):
        (volumes.path(volumes.create(name, labels={"n": name}).name) / "f").write_bytes(b"x" * 10)
    filters = {"label!": ["n=kept"]}
    removed, reclaimed = volumes.prune(filters, lambda name: ["c"] if name == "used" else [])
    assert (removed, reclaimed) == (["data"], 10)
    assert [volume.name for volume in volumes.all()] == ["used", "kept"]


def test_size_counts_a_linked_file_once(volumes: Volumes) -> None:
    path = volumes.path(volumes.create("data").name)
    (path / "a").write_bytes(b"x" * 100)
    os.link(path / "a", path / "b")
    (path / "out").symlink_to("/etc/passwd")
    assert volumes.size("data") == 100 + len("/etc/passwd")


def test_volumes_survive_a_kill_and_half_done_ones_do_not(volumes: Volumes, tmp_path: Path) -> None:
    made = volumes.create("data", labels={"a": "b"})
    (volumes.path("data") / "file").write_text("kept")
    folder = tmp_path / "volumes"
    (folder / ".new-1" / "_data").mkdir(parents=True)
    (folder / ".gone-2" / "_data").mkdir(parents=True)
    (folder / "stray").mkdir()
    later = again(tmp_path)
    assert later.all() == [made]
    assert (later.path("data") / "file").read_text() == "kept"
    assert sorted(os.listdir(folder)) == ["data", "stray"]


def test_files_outlive_a_damaged_record(volumes: Volumes, tmp_path: Path) -> None:
    volumes.create("data")
    (tmp_path / "volumes" / "data" / "volume.json").write_text("{")
    assert [volume.name for volume in again(tmp_path).all()] == ["data"]


def test_what_happens_is_told(tmp_path: Path) -> None:
    told = []

    class Listener(Events):
        def publish(self, type, action, id, attributes=None):  # type: ignore[no-untyped-def]
            told.append((type, action, id, attributes))

    volumes = Volumes(tmp_path, Listener())
    volumes.create("data")
    volumes.create("data")
    volumes.remove("data")
    volumes.prune({}, lambda _: [])
    assert told == [
        ("volume", "create", "data", {"driver": "local"}),
        ("volume", "destroy", "data", {"driver": "local"}),
        ("volume", "prune", "", {"reclaimed": "0"}),
    ]
