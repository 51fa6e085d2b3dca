"""Images from a file and from a teacher's machine, into every engine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.client import DockerClient

from dockerlab import Lab
from dockerlab.course import prepare as preparing
from dockerlab.course.cache import Cache
from dockerlab.course.catalog import CATALOG, CourseImage
from dockerlab.course.offline import archives as taking
from dockerlab.course.offline import load as loading
from dockerlab.course.offline import writer
from dockerlab.course.offline.archives import archives
from dockerlab.course.offline.gather import bundle
from dockerlab.course.offline.load import load
from dockerlab.course.offline.mirror import MirrorUnavailable
from dockerlab.course.offline.serve import Serving, serve
from dockerlab.course.offline.writer import Item
from dockerlab.course.prepare import prepare
from dockerlab.course.progress import Step, silent
from dockerlab.errors import DockerlabError, FormatError

NAME = "dltest-offline"
HERE = ("127.0.0.1", 0)


@pytest.fixture
def made(client: DockerClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The id of an image that the course has for this test, no stand-in by its label."""
    image = CourseImage(NAME, "", (), (f"{NAME}:latest", f"{NAME}:1"), ())
    for module in (preparing, taking, loading):
        monkeypatch.setattr(module, "CATALOG", {**CATALOG, NAME: image})
    box = client.containers.create("busybox", ["true"])
    box.commit(NAME, "latest", changes=["LABEL dockerlab.standin=", "CMD echo offline"])
    box.remove()
    client.images.get(NAME).tag(NAME, "1")
    yield str(client.images.get(NAME).id)
    remove(client)


def remove(client: DockerClient) -> None:
    for tag in ("latest", "1"):
        with contextlib.suppress(docker.errors.ImageNotFound):
            client.images.remove(f"{NAME}:{tag}", force=True)


def says(client: DockerClient) -> str:
    return str(client.containers.run(f"{NAME}:1", remove=True).decode())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


# --- in a file


@pytest.fixture
def file(lab: Lab, made: str, cache: Cache, tmp_path: Path, client: DockerClient) -> Path:
    """A bundle of the image, which the engine has no more."""
    bundle(lab, tmp_path / "class.tar", [NAME], progress=silent, cache=cache)
    remove(client)
    return tmp_path / "class.tar"


def test_from_a_bundle_it_is_the_same_image(
    file: Path, lab: Lab, client: DockerClient, made: str
) -> None:
    steps: list[Step] = []
    (first,) = load(lab, file, progress=steps.append)
    assert (first.name, first.id, first.source) == (NAME, made, "bundle")
    assert sorted(client.images.get(NAME).tags) == [f"{NAME}:1", f"{NAME}:latest"]
    assert says(client) == "offline\n"
    assert [step.text for step in steps][:: len(steps) - 1] == [
        "Checking class.tar",
        f"Loading {NAME}",
    ]
    (second,) = load(lab, file, progress=silent)
    assert (second.id, second.source) == (made, "already there")


def test_an_interrupted_load_is_done_again(file: Path, lab: Lab, client: DockerClient) -> None:
    def interrupt(step: Step) -> None:
        if step.text.startswith("Loading"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(lab, file, progress=interrupt)
    assert load(lab, file, progress=silent)[0].source == "bundle"
    assert says(client) == "offline\n"


def test_nothing_of_a_damaged_bundle_is_loaded(file: Path, lab: Lab, client: DockerClient) -> None:
    with file.open("r+b") as stream:
        stream.seek(-2000, os.SEEK_END)
        stream.write(b"\xff")
    with pytest.raises(FormatError, match="damaged"):
        load(lab, file, progress=silent)
    with pytest.raises(docker.errors.ImageNotFound):
        client.images.get(NAME)


def test_a_bundle_for_other_machines(file: Path, lab: Lab, tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    writer.write(other, [Item("tools/x", b"")], version="1", platform="linux/s390x")
    with pytest.raises(
        DockerlabError, match=r"for linux/s390x, and the engine here runs linux/\w+"
    ):
        load(lab, other, progress=silent)
    with pytest.raises(DockerlabError, match=r"does not hold redis") as error:
        load(lab, file, ["redis"], progress=silent)
    assert NAME in error.value.hint


def test_an_image_is_saved_once(lab: Lab, made: str, cache: Cache, client: DockerClient) -> None:
    steps: list[Step] = []
    (first,) = archives(lab, [NAME], cache, steps.append)
    assert steps[-1].text == f"Saving {NAME}"
    steps.clear()
    assert archives(lab, [NAME], cache, steps.append) == [first]
    assert steps == []
    client.images.remove(f"{NAME}:1")
    client.images.get("alpine").tag(NAME, "1")
    archives(lab, [NAME], cache, steps.append)
    assert steps


# --- from the teacher's machine


@pytest.fixture
def serving(lab: Lab, made: str, cache: Cache, client: DockerClient) -> Iterator[Serving]:
    """A teacher's machine, whose image the engine, as a learner's, does not have."""
    names = [NAME, "hello-world"]
    told: list[str] = []
    running = serve(lab, names, address=HERE, told=told.append, progress=silent, cache=cache)
    remove(client)
    with running:
        running.told = told  # type: ignore[attr-defined]
        yield running


def test_from_the_teacher_it_is_the_same_image(
    serving: Serving, lab: Lab, client: DockerClient, made: str, cache: Cache
) -> None:
    found = prepare(
        lab, [NAME, "hello-world"], mirror=str(serving), progress=silent, offline=True, cache=cache
    )
    assert [each.source for each in found] == ["mirror", "already there"]
    assert found[0].id == made
    assert says(client) == "offline\n"
    assert serving.told == [f"127.0.0.1 takes {NAME}"]  # type: ignore[attr-defined]
    assert not (cache.root / "mirror").exists()


def test_an_engine_pulls_from_it_as_from_any_registry(
    serving: Serving, client: DockerClient, made: str
) -> None:
    name = f"{serving.url.removeprefix('http://')}/{NAME}:1"
    try:
        assert client.images.pull(name).id == made
    finally:
        client.images.remove(name, force=True)


def test_the_address_may_come_from_the_environment(
    serving: Serving, lab: Lab, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKERLAB_MIRROR", serving.url)
    assert prepare(lab, [NAME], progress=silent, cache=cache)[0].source == "mirror"


def test_somebody_else_who_answers_is_noticed(
    serving: Serving, lab: Lab, client: DockerClient, cache: Cache
) -> None:
    wrong = f"{serving.url}#{'0' * 16}"
    with pytest.raises(MirrorUnavailable, match="is not what #0000000000000000 stands for"):
        prepare(lab, [NAME], mirror=wrong, progress=silent, cache=cache)
    with pytest.raises(docker.errors.ImageNotFound):
        client.images.get(NAME)


def test_nobody_answers(serving: Serving, lab: Lab, cache: Cache) -> None:
    serving.close()
    with pytest.raises(MirrorUnavailable, match="cannot be reached: no connection") as error:
        prepare(lab, [NAME], mirror=serving.url, progress=silent, cache=cache)
    assert "images serve --address" in error.value.hint


def test_a_taken_port(serving: Serving, lab: Lab, cache: Cache) -> None:
    taken = ("127.0.0.1", serving.port)
    with pytest.raises(DockerlabError, match="Nothing can listen") as error:
        serve(lab, ["hello-world"], address=taken, progress=silent, cache=cache)
    assert "--port" in error.value.hint


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_the_command_says_what_it_opens_and_leaves_nothing(
    engine_url: str, images: None, tmp_path: Path, address: str
) -> None:
    words = ["images", "serve", "hello-world", "--address", address, "--port", "0"]
    with subprocess.Popen(
        [sys.executable, "-m", "dockerlab", *words],
        env={**os.environ, "DOCKER_HOST": engine_url, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("Ctrl-C"):
                break
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert re.search(r"prepare --from 'http://[\w.:]+#[0-9a-f]{16}'", said)
    assert ("Everybody in this network" in said) == (address == "0.0.0.0")
    assert ("Only this machine reaches it" in said) == (address == "127.0.0.1")
    assert list(tmp_path.iterdir()) == []
