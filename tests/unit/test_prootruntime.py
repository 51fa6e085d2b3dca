from __future__ import annotations

import pytest

from dockerlab.engine.run import prootruntime
from dockerlab.engine.run.process import ContainerSpec, Limits, Mount, ProcessSpec
from dockerlab.engine.run.proot import landlock
from dockerlab.engine.store.rootfs import Rootfs


def spec(**more: object) -> ContainerSpec:
    return ContainerSpec("c", "/d", ProcessSpec(("true",)), Rootfs("/d/r"), **more)  # type: ignore[arg-type]


def test_nothing_to_warn_about() -> None:
    assert prootruntime.unsupported(spec()) == []


def test_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    asked = ContainerSpec(
        "c",
        "/d",
        ProcessSpec(("true",), groups=("1000",)),
        Rootfs("/d/r"),
        limits=Limits(memory=1 << 20, nano_cpus=5),
        mounts=(Mount("bind", "/a", "/b", True), Mount("tmpfs", "/t", options="size=1m")),
        privileged=True,
        sysctls={"net.ipv4.ip_forward": "1"},
    )
    assert len(prootruntime.unsupported(asked)) == 7


def test_limitations_follow_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    without = prootruntime.limitations()
    monkeypatch.setattr(landlock, "version", lambda: 7)
    assert len(without) == len(prootruntime.limitations()) + 1
    assert all(text.endswith(".") for text in without)
