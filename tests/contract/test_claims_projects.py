"""Claims of Compose projects, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlab import Lab
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.projects import project
from dockerlab.grading.claims.projects.running import ProjectOf
from dockerlab.grading.exercise import Claim

FILE = """\
name: {name}
services:
  store:
    image: busybox
    command: sh -c "mkdir /w && exec httpd -f -p 6379 -h /w"
    volumes: ["data:/data", "/anonymous"]
    healthcheck: {{test: "true", interval: 1s}}
  page:
    image: busybox
    command: sh -c "trap exit TERM; sleep 1000 & wait"
    scale: 2
  bad:
    image: busybox
    command: sh -c "exit 3"
volumes:
  data:
"""


@pytest.fixture
def bench(lab: Lab, tmp_path: Path) -> Bench:
    return Bench(lab, tmp_path, lambda *_, **__: (0, ""))


@pytest.fixture
def mine(bench: Bench, name: str) -> Iterator[ProjectOf]:
    there = bench.lab.compose(FILE.format(name=name), name=name)
    try:
        there.up()
        there.container("store").wait_healthy()
        there.container("bad").wait(timeout=60)
        yield project(name)
    finally:
        there.down(volumes=True, timeout=0)


def found(bench: Bench, claim: Claim) -> str:
    finding = claim.look(bench)
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
    return "met" if finding else finding.why.key


def test_a_project(bench: Bench, mine: ProjectOf) -> None:
    """One test, as the project is the costly part."""
    assert found(bench, mine.runs("store")) == "met"
    assert found(bench, mine.runs("page", 2)) == "met"
    assert found(bench, mine.runs("page", 1)) == "project.other_number"
    assert found(bench, mine.runs("page", 3)) == "project.other_number"
    assert found(bench, mine.runs("bad")) == "project.stopped"
    assert found(bench, mine.runs("none")) == "project.no_service"
    assert found(bench, mine.is_healthy("store")) == "met"
    assert found(bench, mine.is_healthy("page")) == "project.no_health"
    assert found(bench, mine.ended("bad", 3)) == "met"
    assert found(bench, mine.ended("bad", 0)) == "project.other_code"
    assert found(bench, mine.ended("page")) == "project.not_ended"
    assert found(bench, mine.keeps("store", "/data")) == "met"
    assert found(bench, mine.keeps("store", "/anonymous")) == "data.anonymous"
    assert found(bench, mine.keeps("page", "/data")) == "data.layer"
    assert found(bench, mine.reaches("page", "store", 6379)) == "met"
    assert found(bench, mine.reaches("page", "redis", 6379)) == "reach.noname"
    assert found(bench, mine.reaches("bad", "store", 6379)) == "reach.stopped"
    assert found(bench, mine.says("page", ["echo", "41"], "41")) == "met"
    assert found(bench, mine.says("page", ["echo", "42"], "41")) == "command.otherwise"
    assert found(bench, mine.says("page", ["echo", "41"], "41", of="busybox")) == "met"
    assert found(bench, mine.says("bad", ["echo", "41"], "41")) == "reach.stopped"
    assert found(bench, mine.is_down()) == "project.still"


def test_what_is_not_there(bench: Bench, name: str) -> None:
    none = project(name)
    for claim in (none.runs("x"), none.is_healthy("x"), none.keeps("x", "/"), none.ended("x")):
        assert found(bench, claim) == "project.absent"
    assert found(bench, none.is_down()) == "met"
