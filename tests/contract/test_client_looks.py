"""What ``lab`` looks at more closely, on every engine; each record has its picture."""

from __future__ import annotations

import dataclasses

import pytest
from docker.client import DockerClient

import dockerlab
from dockerlab import ConflictHere, Lab, NotFoundHere

IMAGE = "alpine"


def test_a_story(lab: Lab) -> None:
    told = lab.story(IMAGE, "echo hi")
    assert (told.output, told.exit_code, told.removed, told.cached) == ("hi\n", 0, True, True)
    assert "echo hi" in dockerlab.show(told, "en").text


def test_an_opened_image(lab: Lab) -> None:
    box = lab.open(IMAGE)
    assert "sh" in box.command[-1]
    assert {"bin", "etc"} <= {entry.name for entry in box.entries}
    assert dockerlab.show(box, "ko").text.startswith("열어 본 이미지 alpine")
    with pytest.raises(NotFoundHere):
        lab.open("dltest-no-such-image")


def test_walls(lab: Lab, client: DockerClient, name: str) -> None:
    box = lab.run(IMAGE, "sleep 600", name=name, detach=True)
    walls = lab.isolation(box)
    again = lab.isolation(name)
    counted = {"host_processes": walls.host_processes}
    if walls.pretended:  # then the container sees the host's
        counted["container_processes"] = walls.container_processes
    assert walls == dataclasses.replace(again, **counted)
    assert walls.same_kernel
    assert all(one.separate is False for one in walls.namespaces) == walls.pretended
    assert name in dockerlab.show(walls, "en").text
    box.kill()
    box.wait()
    with pytest.raises(ConflictHere):
        lab.isolation(name)


def test_a_footprint(lab: Lab) -> None:
    weighed = lab.footprint(IMAGE, times=2)
    assert len(weighed.starts) == 2
    assert 0 < weighed.start < 60_000
    assert weighed.disk > 100_000
    assert weighed.kernel_container == weighed.kernel_host
    text = dockerlab.show(weighed, "en").text
    assert "measured here" in text
    assert text.count("typical, not measured") == 3


def test_a_life(lab: Lab, client: DockerClient, name: str) -> None:
    with lab.watch(name, IMAGE, "sleep 600", grace=1) as life:
        assert life.state == "absent"
        for action, state in (("create", "created"), ("start", "running"), ("kill", "exited")):
            life.do(action)
            assert life.wait_for(state)  # type: ignore[arg-type]
        assert [step.action for step in life.history] == ["create", "start", "kill"]
        assert name in dockerlab.show(life, "en").text
