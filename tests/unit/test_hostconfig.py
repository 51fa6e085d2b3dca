"""A container's HostConfig: echoed whole, refused in Docker's words, warned about."""

from __future__ import annotations

import os
from typing import Any

import pytest

from dockerlab.engine.containers.request import hostconfig
from dockerlab.engine.errors import BadParameter, NotImplementedHere
from dockerlab.engine.run.process import Limits


def parsed(**body: Any) -> dict[str, Any]:
    return hostconfig.parse(body)[0]


def warnings(**body: Any) -> list[str]:
    return hostconfig.parse(body)[1]


def test_defaults_as_docker_shows_them() -> None:
    made = parsed()
    assert len(made) == 65
    assert made["LogConfig"] == {"Type": "json-file", "Config": {}}
    assert made["RestartPolicy"] == {"Name": "", "MaximumRetryCount": 0}
    assert (made["NetworkMode"], made["IpcMode"], made["ShmSize"]) == (
        "default",
        "private",
        64 << 20,
    )
    assert made["Binds"] is None
    assert made["ConsoleSize"] == [0, 0]
    assert "Mounts" not in made
    assert "Init" not in made
    assert warnings() == []


def test_what_was_given_is_echoed() -> None:
    given = {
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
        "Tmpfs": {"/t": "size=1m"},
        "Isolation": "default",
        "VolumeDriver": "local",
        "DeviceCgroupRules": ["c 7:128 rwm"],
        "Dns": [],
        "Init": True,
        "GroupAdd": ["1000"],
        "Mounts": [{"Type": "volume", "Target": "/x"}],
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
    }
    made = parsed(**given)
    assert {key: made[key] for key in given} == given


def test_values_that_docker_changes() -> None:
    ports = parsed(PortBindings={"80/tcp": [{"HostPort": 8080}], "81/tcp": None})["PortBindings"]
    assert ports == {"80/tcp": [{"HostIp": "", "HostPort": "8080"}], "81/tcp": None}
    made = parsed(Memory=8 << 20, MemorySwappiness=-1, PidsLimit=-1)
    assert made["MemorySwap"] == 16 << 20
    assert made["MemorySwappiness"] is None
    assert made["PidsLimit"] is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"RestartPolicy": {"Name": "foo"}}, "invalid restart policy 'foo'"),
        (
            {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 2}},
            "maximum retry count cannot be used with restart policy 'always'",
        ),
        (
            {"RestartPolicy": {"Name": "always"}, "AutoRemove": True},
            "can't create 'AutoRemove' container with restart policy",
        ),
        ({"PortBindings": {"abc/tcp": []}}, 'invalid port specification: "abc"'),
        (
            {"PortBindings": {"80/tcp": [{"HostPort": "99999"}]}},
            'invalid port specification: "99999"',
        ),
        ({"PortBindings": {"80/tcp": {"HostPort": "1"}}}, "invalid port bindings"),
        ({"Memory": 1}, "Minimum memory limit allowed is 6MB"),
        ({"MemorySwap": 1000}, "You should always set the Memory limit"),
        ({"Memory": 10_000_000, "MemorySwap": 1000}, "Minimum memoryswap limit should be larger"),
        ({"NanoCpus": 10**12}, "Range of CPUs is from 0.01 to"),
        ({"ShmSize": -1}, "SHM size can not be less than 0"),
        ({"Runtime": "foo"}, "Unknown runtime specified foo"),
        ({"LogConfig": {"Type": "no"}}, 'plugin "no" not found'),
        ({"Dns": ["1.1.1.1\noptions x"]}, "invalid Dns"),
        ({"DnsSearch": ["x\nnameserver 192.0.2.1"]}, "invalid DnsSearch"),
        ({"DnsOptions": ["x\n"]}, "invalid DnsOptions"),
        ({"ExtraHosts": ["a"]}, 'bad format for add-host: "a"'),
        ({"CapAdd": ["FOO"]}, 'invalid CapAdd: unknown capability: "CAP_FOO"'),
        ({"Ulimits": [{"Name": "foo", "Soft": 1, "Hard": 2}]}, "invalid ulimit type: foo"),
        ({"Ulimits": [{"Name": "nofile", "Soft": 3, "Hard": 2}]}, "ulimit soft limit"),
        ({"Ulimits": ["x"]}, "invalid ulimit"),
        ({"Binds": "x"}, "cannot unmarshal string"),
    ],
)
def test_refusals(body: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter) as error:
        parsed(**body)
    assert message in error.value.message


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"Devices": [{}]}, "--device"),
        ({"DeviceRequests": [{}]}, "--gpus"),
        ({"PidMode": "host"}, "--pid"),
        ({"IpcMode": "host"}, "--ipc"),
        ({"LogConfig": {"Type": "syslog"}}, "syslog"),
    ],
)
def test_what_this_engine_cannot_do_is_refused_by_name(body: dict[str, Any], word: str) -> None:
    with pytest.raises(NotImplementedHere, match=word):
        parsed(**body)


def test_warnings() -> None:
    assert warnings(NetworkMode="host", PortBindings={"80/tcp": [{"HostPort": "80"}]}) == [
        "Published ports are discarded when using host network mode"
    ]
    assert "does not apply a choice of CPUs" in warnings(CpusetCpus="0")[0]


def test_limits() -> None:
    half = parsed(CpuQuota=50_000, PidsLimit=10, Memory=8 << 20)
    assert hostconfig.limits(half) == Limits(
        memory=8 << 20, memory_swap=16 << 20, nano_cpus=500_000_000, pids=10
    )


def test_update() -> None:
    before = parsed(Memory=8 << 20)
    policy = {"Name": "on-failure", "MaximumRetryCount": 3}
    after, _ = hostconfig.update(before, {"NanoCpus": 10_000_000, "RestartPolicy": policy})
    assert (after["NanoCpus"], after["RestartPolicy"]) == (10_000_000, policy)
    assert before["NanoCpus"] == 0
    with pytest.raises(BadParameter, match="already set memoryswap limit"):
        hostconfig.update(before, {"Memory": 64 << 20})
    after, _ = hostconfig.update(before, {"Memory": 64 << 20, "MemorySwap": 128 << 20})
    assert after["MemorySwap"] == 128 << 20


def test_one_core_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with pytest.raises(BadParameter, match="only 1 CPUs available"):
        parsed(NanoCpus=2_000_000_000)
