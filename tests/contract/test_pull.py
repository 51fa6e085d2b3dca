"""``docker pull`` from a real registry, by the real command line, on every engine."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import CommandLine
from registry import PROGRAM, Registry, Wire, installed, serving


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    if not installed():
        if os.environ.get("CI"):
            pytest.fail(f"{PROGRAM} is not installed")
        pytest.skip(f"{PROGRAM} is not installed")
    with serving(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def digests(registry: Registry, docker: CommandLine, tmp_path: Path) -> dict[str, str]:
    """Fresh copies of two images are in the registry."""
    return upload(registry, docker, tmp_path)


def upload(registry: Registry, docker: CommandLine, folder: Path) -> dict[str, str]:
    archive = folder / "saved.tar"
    docker("save", "-o", str(archive), "hello-world:latest", "alpine:latest")
    return registry.upload(archive, uuid.uuid4().hex)


@pytest.fixture
def hub(registry: Registry, digests: dict[str, str], docker: CommandLine) -> Iterator[str]:
    """The registry's address; what was pulled from it is removed."""
    yield registry.address
    forget(docker, registry.address)


def forget(docker: CommandLine, address: str) -> None:
    for row in docker("images", "--digests", "--format", "json").out.splitlines():
        image = json.loads(row)
        if image["Repository"].startswith(f"{address}/"):
            docker("rmi", "-f", image["ID"])


def test_pull_by_tag(docker: CommandLine, hub: str, digests: dict[str, str]) -> None:
    name = f"{hub}/alpine:latest"
    first = docker("pull", name)
    assert first.code == 0, first.err
    lines = first.out.splitlines()
    assert lines[0] == "latest: Pulling from alpine"
    assert re.search(r"^[0-9a-f]{12}: Pull complete$", first.out, re.M)
    end = [f"Digest: {digests['alpine:latest']}", "Status: Downloaded newer image for " + name]
    assert lines[-3:] == [*end, name]
    second = docker("pull", name)
    end[1] = f"Status: Image is up to date for {name}"
    assert second.out.splitlines() == [lines[0], *end, name]
    assert docker("pull", "-q", name).out == f"{name}\n"
    assert docker("run", "--rm", name, "echo", "pulled").out == "pulled\n"


def test_pull_by_digest(docker: CommandLine, hub: str, digests: dict[str, str]) -> None:
    digest = digests["alpine:latest"]
    name = f"{hub}/alpine@{digest}"
    done = docker("pull", name)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == f"{hub}/alpine@{digest}: Pulling from alpine"
    assert done.out.splitlines()[-3:] == [
        *(f"Digest: {digest}", f"Status: Downloaded newer image for {name}", name),
    ]
    shown = docker("images", "--digests", f"{hub}/alpine").out
    assert re.search(rf"^{hub}/alpine +<none> +{digest} +[0-9a-f]{{12}} ", shown, re.M)
    found = json.loads(docker("image", "inspect", name).out)[0]
    assert (found["RepoTags"], found["RepoDigests"]) == ([], [name])
    assert docker("run", "--rm", name, "echo", "pulled").out == "pulled\n"


def test_run_pulls_what_is_missing(docker: CommandLine, hub: str) -> None:
    done = docker("run", "--rm", f"{hub}/hello-world")
    assert done.code == 0, done.err
    assert done.out.startswith("\nHello from ")
    assert done.err.startswith(f"Unable to find image '{hub}/hello-world:latest' locally\n")
    assert "Status: Downloaded newer image" in done.err
    assert docker("run", "--rm", f"{hub}/hello-world").err == ""
    assert docker("run", "--rm", "--pull", "always", f"{hub}/hello-world").code == 0


def test_a_tag_that_moved(
    docker: CommandLine, hub: str, registry: Registry, tmp_path: Path
) -> None:
    name = f"{hub}/alpine:latest"
    docker("pull", name)
    before = docker("image", "inspect", "-f", "{{.Id}}", name).out
    upload(registry, docker, tmp_path)
    assert f"Downloaded newer image for {name}" in docker("pull", name).out
    assert docker("image", "inspect", "-f", "{{.Id}}", name).out != before
    docker("rmi", before.strip())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("alpine:nosuch", "manifest for HUB/alpine:nosuch not found: manifest unknown"),
        ("nosuch", "manifest for HUB/nosuch:latest not found: manifest unknown"),
        ("alpine@sha256:" + "0" * 64, "manifest for HUB/alpine@sha256:0+ not found: manifest unk"),
        ("UPPER", "invalid reference format"),
    ],
)
def test_what_the_registry_lacks(
    docker: CommandLine, registry: Registry, name: str, sentence: str
) -> None:
    hub = registry.address
    done = docker("pull", f"{hub}/{name}")
    assert done.code == 1
    assert re.search(sentence.replace("HUB", hub), done.err), done.err
    assert docker("run", "--rm", f"{hub}/{name}").code == 125


def test_a_download_that_breaks_off_is_continued(
    docker: CommandLine, hub: str, registry: Registry
) -> None:
    wire = Wire(registry.address, cut_after=600_000)
    try:
        name = f"{wire.address}/alpine:latest"
        done = docker("pull", name)
        assert done.code == 0, done.err
        assert wire.cuts == 1
        starts = [int(n) for n in re.findall(rb"(?i)\r\nrange: bytes=(\d+)-", wire.requests)]
        assert any(start > 0 for start in starts), starts
        assert docker("run", "--rm", name, "echo", "whole").out == "whole\n"
    finally:
        wire.close()
        forget(docker, wire.address)
