"""The way out of the containers' network: what can be told without one."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path

import pytest

from dockerlab.engine.net.kernel import uplink
from dockerlab.engine.net.kernel.keeper import Keeper
from dockerlab.engine.net.kernel.uplink import Uplink, free_range

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"


def route(destination: str, mask: str) -> str:
    return f"eth0\t{destination}\t00000000\t0001\t0\t0\t0\t{mask}\t0\t0\t0\n"


class WithoutUplink(Keeper):
    """A keeper that would take one."""

    def __init__(self) -> None:
        super().__init__("/nonexistent")
        self.asked = 0

    def has_uplink(self) -> bool:
        self.asked += 1
        return False

    def namespaces(self) -> dict[str, int]:
        return {"net": os.open("/proc/self/ns/net", os.O_RDONLY)}


@pytest.fixture
def usable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uplink, "missing", lambda: "")


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    monkeypatch.setenv("DOCKERLAB_SLIRP4NETNS", str(path))


def test_the_range_is_one_that_the_host_has_no_route_to() -> None:
    default = route("00000000", "00000000")
    assert str(free_range("")) == "169.254.187.0/24"
    assert str(free_range(HEAD + default)) == "169.254.187.0/24"
    link_local = route("0000FEA9", "0000FFFF")  # 169.254.0.0/16, as the kernel writes it
    assert str(free_range(HEAD + default + link_local)) == "198.51.100.0/24"
    nonsense = "eth0\tx\n\n"
    assert str(free_range(HEAD + nonsense)) == "169.254.187.0/24"


def test_what_is_missing_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERLAB_SLIRP4NETNS", "/nonexistent/slirp4netns")
    assert "install the package slirp4netns" in uplink.missing()
    (sentence,) = uplink.limitations()
    assert "cannot reach the internet" in sentence
    assert "install the package slirp4netns" in sentence
    monkeypatch.setenv("DOCKERLAB_SLIRP4NETNS", "/bin/true")
    monkeypatch.setattr(uplink, "_DEVICE", "/nonexistent/tun")
    assert "sudo modprobe tun" in uplink.missing()
    monkeypatch.setattr(uplink, "_DEVICE", "/dev/null")
    assert uplink.missing() == ""


def test_the_one_that_the_set_up_unpacked_is_the_last_to_be_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKERLAB_SLIRP4NETNS", raising=False)
    monkeypatch.setattr(uplink, "_TOOLS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert uplink.program() == ""
    for folder in ("bin", "path"):
        own = tmp_path / folder / "slirp4netns"
        own.parent.mkdir()
        own.touch(0o755)
        assert uplink.program() == str(own)


def test_nothing_is_done_without_a_keeper() -> None:
    asyncio.run(Uplink(None).ready())


def test_a_program_that_fails_is_told_in_its_words_and_not_tried_at_each_start(
    usable: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program(tmp_path, monkeypatch, "echo 'no tap for you' >&2; exit 1")
    keeper = WithoutUplink()

    async def twice() -> None:
        one = Uplink(keeper)
        await one.ready()
        await one.ready()
        one.close()

    with caplog.at_level(logging.WARNING):
        asyncio.run(twice())
    assert [record.message for record in caplog.records] == [
        "containers cannot reach the internet: slirp4netns: no tap for you"
    ]
    assert keeper.asked == 1


def test_the_same_failure_is_told_once(
    usable: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program(tmp_path, monkeypatch, "exit 1")
    monkeypatch.setattr(uplink, "_PAUSE", 0.0)
    keeper = WithoutUplink()

    async def twice() -> None:
        one = Uplink(keeper)
        await one.ready()
        await one.ready()

    asyncio.run(twice())
    assert keeper.asked == 2
    assert len(caplog.records) == 1


def test_a_program_that_hangs_does_not_hold_a_container_up_for_ever(
    usable: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr(uplink, "_PATIENCE", 0.1)
    before = time.monotonic()
    asyncio.run(Uplink(WithoutUplink()).ready())
    assert time.monotonic() - before < 30
    assert "it did not answer" in caplog.text
