"""The course's own registry: a pull is real on every engine, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from docker.client import DockerClient

from dockerlab import EngineUnavailable, Lab, NotFoundHere
from dockerlab.course.registry import Registry, registry


def pulled_from(lab: Lab, address: str) -> list[str]:
    return [tag for image in lab.images() for tag in image.tags if tag.startswith(address)]


def test_the_first_run_pulls_and_the_second_does_not(lab: Lab) -> None:
    with registry(lab, "hello-world", "alpine") as hub:
        first = lab.story(f"{hub}/hello-world")
        asked = list(hub.asked)
        second = lab.story(f"{hub}/hello-world")
        assert (first.cached, second.cached) == (False, True)
        assert (first.error, first.exit_code, first.output) == ("", 0, second.output)
        # Although the engine has the original: every layer came over the wire.
        assert len(first.pulled) == first.layers >= 1
        assert sum("/blobs/" in line for line in asked) == first.layers + 1
        assert hub.asked == asked
        listed = lab.story(f"{hub}/alpine", "ls /").output
        assert listed == lab.story("alpine", "ls /").output
        assert len(pulled_from(lab, str(hub))) == 2
    assert pulled_from(lab, hub.address) == []


def test_what_a_container_uses_is_left(lab: Lab, client: DockerClient, name: str) -> None:
    with registry(lab, "hello-world") as hub:
        image = f"{hub}/hello-world:latest"
        lab.run(image, name=name)
    assert pulled_from(lab, hub.address) == [image]
    lab.rm(name)
    lab.rmi(image)


def test_an_image_that_is_not_here(lab: Lab) -> None:
    with pytest.raises(NotFoundHere):
        registry(lab, "dltest-no-such-image")
    with registry(lab, "hello-world") as hub:
        assert "manifest unknown" in lab.story(f"{hub}/other").error


def test_a_registry_out_of_reach_is_said(lab: Lab) -> None:
    with silent(Registry(lab)) as hub, pytest.raises(EngineUnavailable, match="cannot reach"):
        hub.check()


@contextmanager
def silent(hub: Registry) -> Iterator[Registry]:
    """As one that listens on another machine than the engine's: nobody answers at its address."""
    hub._server.shutdown()
    hub._server.server_close()
    with hub:
        yield hub
