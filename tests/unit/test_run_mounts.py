"""Binds, mounts and volumes of a create request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerlab.engine.containers.request import mounts
from dockerlab.engine.containers.request.mounts import MountPoint
from dockerlab.engine.errors import APIError, NotImplementedHere


def parsed(volumes: Any = None, **host: Any) -> list[MountPoint]:
    return mounts.parse({"Volumes": volumes}, {"Binds": None, **host})


def test_binds() -> None:
    host, named, anonymous = parsed(Binds=["/host/dir/:/b:ro", "data:/data", "/anon"])
    assert host == MountPoint(
        "bind", "/b", "/host/dir", mode="ro", read_write=False, make_source=True
    )
    assert (named.name, named.mode, named.anonymous) == ("data", "z", False)
    assert (anonymous.type, anonymous.name, anonymous.anonymous) == ("volume", "", True)


def test_the_view_has_docker_s_keys() -> None:
    assert parsed(Binds=["/h:/b"])[0].view() == {
        "Type": "bind",
        "Source": "/h",
        "Destination": "/b",
        "Mode": "",
        "RW": True,
        "Propagation": "rprivate",
    }
    keys = " ".join(parsed(Binds=["data:/d"])[0].view())
    assert keys == "Type Name Source Destination Driver Mode RW Propagation"


def test_mounts(tmp_path: Path) -> None:
    bind, volume, tmpfs = parsed(
        Mounts=[
            {"Type": "bind", "Source": str(tmp_path), "Target": "/b", "ReadOnly": True},
            {"Type": "volume", "Target": "/v", "VolumeOptions": {"NoCopy": True}},
            {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 99, "Mode": 0o700}},
        ]
    )
    assert (bind.source, bind.read_write, bind.make_source) == (str(tmp_path), False, False)
    assert (volume.anonymous, volume.copy) == (True, False)
    assert tmpfs.options == "size=99,mode=700"


def test_image_volumes_give_way_to_what_was_asked_for() -> None:
    points = parsed({"/data": {}, "/other": {}, "/t": {}}, Binds=["x1:/data/"], Tmpfs={"/t": ""})
    assert [(p.destination, p.anonymous) for p in points] == [("/data", False), ("/other", True)]


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ({"Binds": ["rel/x:/x"]}, "If you intended to pass a host directory, use absolute path"),
        ({"Binds": ["vv:x"]}, "invalid mount path: 'x' mount path must be absolute"),
        ({"Binds": ["vv:/x:zz"]}, "invalid mode: zz"),
        ({"Binds": ["vv:/x:ro,rw"]}, "invalid mode: ro,rw"),
        ({"Binds": ["a:b:c:d"]}, "invalid volume specification: 'a:b:c:d'"),
        ({"Binds": ["vv:/"]}, "destination can't be '/'"),
        ({"Binds": ["vv:/../"]}, "destination can't be '/'"),
        ({"Binds": ["v:/x"]}, "volume name is too short"),
        ({"Binds": ["aa:/x", "bb:/x/"]}, "Duplicate mount point: /x"),
        ({"Mounts": [{"Type": "foo", "Target": "/x"}]}, "mount type unknown"),
        ({"Mounts": [{"Type": "volume"}]}, "field Target must not be empty"),
        ({"Mounts": [{"Type": "bind", "Source": "rel", "Target": "/x"}]}, "must be absolute"),
        (
            {"Mounts": [{"Type": "bind", "Source": "/nosuch/q", "Target": "/x"}]},
            "bind source path does not exist: /nosuch/q",
        ),
        ({"Mounts": ["x"]}, "an object is needed"),
    ],
)
def test_refusals(host: dict[str, Any], message: str) -> None:
    with pytest.raises(APIError) as error:
        parsed(**host)
    assert message in error.value.message


def test_mounts_are_not_passed_on_between_host_and_container() -> None:
    options = {"Propagation": "rshared"}
    with pytest.raises(NotImplementedHere, match="rshared"):
        parsed(Mounts=[{"Type": "bind", "Source": "/", "Target": "/x", "BindOptions": options}])
    with pytest.raises(NotImplementedHere, match="slave"):
        parsed(Binds=["/h:/a:slave"])


def test_a_volumes_driver_and_its_options_go_along() -> None:
    config = {"DriverConfig": {"Name": "nfs", "Options": {"o": "bind"}}, "Labels": {"a": "b"}}
    (point,) = parsed(Mounts=[{"Type": "volume", "Target": "/x", "VolumeOptions": config}])
    assert (point.driver, point.driver_options, point.labels) == ("nfs", {"o": "bind"}, {"a": "b"})


def test_tmpfs() -> None:
    mounts.check_tmpfs({"/t": "size=1m,noexec"})
    for bad in ({"t": ""}, {"/t": "foo"}, {"/t": "foo=1"}):
        with pytest.raises(APIError):
            mounts.check_tmpfs(bad)


def test_what_the_runtime_mounts_outer_before_inner() -> None:
    points = parsed(Binds=["/h:/a/b/c", "/h:/a:ro"])
    found = mounts.runtime_mounts(points, {"/a/b": "size=1m,noexec"})
    assert [(m.target, m.kind, m.read_only) for m in found] == [
        ("/a", "bind", True),
        ("/a/b", "tmpfs", False),
        ("/a/b/c", "bind", False),
    ]
    assert found[1].options == "size=1m,noexec"


def test_a_record_comes_back() -> None:
    point = parsed(Binds=["data:/d:ro"])[0]
    assert MountPoint(**point.record()) == point
