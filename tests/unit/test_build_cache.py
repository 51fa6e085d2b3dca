"""What the build cache finds, and why it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerlab.engine.build.cache.cache import LocalCache, NoCache, Probe, Records
from dockerlab.formats.buildtrace import Cause, Inputs, Reason


class World:
    """Records on disk, and the images that exist."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.there = folder, set[str]()
        self.open()

    def open(self) -> None:
        self.records = Records(self.folder, self.there.__contains__)

    def keep(self, probe: Probe, image: str) -> None:
        self.there.add(image)
        self.records.keep(probe, image)

    def find(self, probe: Probe) -> str:
        return LocalCache(self.records).find(probe)

    def why(self, probe: Probe) -> Reason:
        cache = LocalCache(self.records)
        assert not cache.find(probe)
        reason = cache.why(probe)
        assert reason is not None
        return reason


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def probe(text: str = "RUN a", parent: str = "sha256:" + "1" * 64, **more: Any) -> Probe:
    inputs = Inputs(
        instruction=text, files=more.pop("files", {}), arguments=more.pop("arguments", {})
    )
    config = {"Cmd": [text], **more.pop("config", {})}
    settings = {"base": "alpine", "position": 1, "family": "app 0", **more}
    return Probe(parent=parent, config=config, inputs=inputs, **settings)


def test_the_same_step_on_the_same_image(world: World) -> None:
    world.keep(probe(), "image")
    assert world.find(probe()) == "image"
    assert not world.find(probe("RUN b"))
    assert not world.find(probe(parent="sha256:2"))
    assert not world.find(probe(config={"Env": ["A=1"]}))
    assert not world.find(probe(extra="a mount"))


@pytest.mark.parametrize("key", ["WorkingDir", "StopSignal", "Healthcheck", "Hostname", "Shell"])
def test_what_docker_does_not_compare(world: World, key: str) -> None:
    world.keep(probe(), "image")
    assert world.find(probe(config={key: "other"})) == "image"


def test_an_entry_lives_as_long_as_its_image(world: World) -> None:
    world.keep(probe(), "old")
    world.keep(probe(), "new")
    assert world.find(probe()) == "new"
    world.there.remove("new")
    assert world.find(probe()) == "old"
    world.there.remove("old")
    assert world.why(probe()) == Reason(cause=Cause.GONE)


def test_records_are_found_again(world: World) -> None:
    world.keep(probe(files={"a": "1"}), "image")
    world.open()
    assert world.find(probe()) == "image"
    assert world.why(probe("RUN a", config={"Env": ["x"]}, files={"a": "2"})).changed == ("a",)


def test_a_damaged_record_is_a_miss(world: World) -> None:
    world.keep(probe(), "image")
    (world.folder / f"{probe().key}.json").write_text("{")
    world.open()
    assert not world.find(probe())
    assert list(world.folder.iterdir()) == []


def test_a_sweep_drops_what_is_gone(world: World) -> None:
    world.keep(probe(files={"a": "1"}), "image")
    world.keep(probe("RUN b"), "other")
    world.there.remove("image")
    world.records.sweep()
    assert len(list(world.folder.iterdir())) == 1
    assert world.find(probe("RUN b")) == "other"


def test_nothing_below_a_miss_is_looked_for(world: World) -> None:
    world.keep(probe("RUN b"), "image")
    cache = LocalCache(world.records)
    assert not cache.find(probe("RUN a"))
    assert not cache.find(probe("RUN b"))
    assert cache.why(probe("RUN b")) is None


def test_reasons(world: World) -> None:
    assert world.why(probe()).cause is Cause.FIRST
    world.keep(probe("COPY . /x", files={"a": "1", "b": "1"}), "image")
    reason = world.why(probe("COPY . /x", files={"a": "2", "c": "1"}, config={"Cmd": ["new"]}))
    assert (reason.changed, reason.added, reason.removed) == (("a",), ("c",), ("b",))
    reason = world.why(probe("COPY a /x"))
    assert (reason.before, reason.after) == ("COPY . /x", "COPY a /x")
    assert NoCache().why(probe()) == Reason(cause=Cause.NO_CACHE)


def test_another_base(world: World) -> None:
    world.keep(probe(parent="sha256:" + "a" * 64), "image")
    moved = world.why(probe(parent="sha256:" + "b" * 64))
    assert moved == Reason(cause=Cause.BASE, before="a" * 12, after="b" * 12)
    other = world.why(probe(parent="sha256:" + "b" * 64, base="busybox"))
    assert other == Reason(cause=Cause.BASE, before="alpine", after="busybox")
    stage = world.why(probe(parent="sha256:c", base="build", on_stage=True))
    assert stage == Reason(cause=Cause.STAGE, name="build")


def test_other_builds_are_no_reason(world: World) -> None:
    world.keep(probe("RUN of another", family="other 0"), "image")
    assert world.why(probe("RUN a")).cause is Cause.FIRST
