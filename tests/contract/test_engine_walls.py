"""What an embedded engine can be started with, so that somebody else's work may run in it.

Each of its images is another engine's, its bind mounts come from one folder, nothing leaves it.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
from docker.client import DockerClient
from docker.errors import APIError, ContainerError, ImageNotFound
from engines import Engine, running

MOST = 4


@pytest.fixture(scope="module")
def shared(engine: Engine) -> Path:
    """The folder from below which the engine may mount."""
    if not engine.embedded:
        pytest.skip("Docker Engine is not ours to start")
    folder = engine.shared_folder()
    (folder / "hello").write_text("hello")
    return folder


@pytest.fixture(scope="module")
def walled(engine: Engine, images: None, shared: Path) -> Iterator[DockerClient]:
    words = ["--images", str(engine.root), "--binds", str(shared), "--no-uplink"]
    with running(engine.kind, *words, "--containers", str(MOST)) as started:
        client = docker.DockerClient(base_url=started.url, timeout=60, version="1.41")
        yield client
        client.close()


@pytest.fixture(autouse=True)
def tidy(walled: DockerClient) -> Iterator[None]:
    yield
    for container in walled.containers.list(all=True):
        container.remove(force=True, v=True)


def sh(client: DockerClient, command: str, **options: Any) -> str:
    output: bytes = client.containers.run("alpine", ["sh", "-c", command], remove=True, **options)
    return output.decode().strip()


def test_images_of_another_engine(walled: DockerClient, session_client: DockerClient) -> None:
    theirs = session_client.images.get("alpine")
    assert walled.images.get("alpine").id == theirs.id
    assert sh(walled, "rm /etc/passwd; echo hi > /etc/hello; cat /etc/hello") == "hi"
    assert "root" in sh(session_client, "cat /etc/passwd")
    walled.images.remove("busybox", force=True)
    with pytest.raises(ImageNotFound):
        walled.images.get("busybox")
    assert session_client.images.get("busybox")


def test_images_on_top(walled: DockerClient, session_client: DockerClient) -> None:
    lines = b"FROM alpine\nRUN echo built > /built\n"
    image, _ = walled.images.build(fileobj=io.BytesIO(lines), tag="dltest-walled", rm=True)
    built = walled.containers.run(image.id, "cat /built", remove=True)
    assert built == b"built\n"
    base = walled.images.get("alpine").attrs["RootFS"]["Layers"]
    assert image.attrs["RootFS"]["Layers"][:-1] == base
    with pytest.raises(ImageNotFound):
        session_client.images.get("dltest-walled")


def test_binds_from_below(walled: DockerClient, shared: Path) -> None:
    (shared / "inner").mkdir()
    (shared / "inner").chmod(0o777)
    assert sh(walled, "cat /at/hello", volumes=[f"{shared}:/at"]) == "hello"
    assert sh(walled, "echo in > /at/out; ls /at", volumes=[f"{shared}/inner:/at"]) == "out"
    assert sh(walled, "echo kept > /v/x; cat /v/x", volumes=["mine:/v"]) == "kept"


@pytest.mark.parametrize("source", ["/etc", "{shared}/../secret", "{shared}/way", "{shared}x", "/"])
def test_binds_from_elsewhere(walled: DockerClient, shared: Path, source: str) -> None:
    with contextlib.suppress(FileExistsError):
        (shared / "way").symlink_to("/etc")
    path = source.format(shared=shared)
    mount = docker.types.Mount("/at", os.path.realpath("/etc"), type="bind")
    for options in ({"volumes": [f"{path}:/at"]}, {"mounts": [mount]}):
        with pytest.raises(APIError, match="mounts denied: the path") as refused:
            sh(walled, "ls /at", **options)
        assert refused.value.status_code == 403


def test_a_folder_as_a_volume(walled: DockerClient, shared: Path) -> None:
    options = {"type": "none", "o": "bind", "device": "/etc"}
    with pytest.raises(APIError, match="mounts denied: the path /etc is not shared"):
        walled.volumes.create("etc", driver_opts=options)
    walled.volumes.create("fine", driver_opts={**options, "device": str(shared)})
    assert sh(walled, "cat /at/hello", volumes=["fine:/at"]) == "hello"


def test_a_link_that_comes_later(walled: DockerClient, shared: Path) -> None:
    """The path is looked at again when it is mounted, and when it is copied from."""
    folder = shared / "later"
    folder.mkdir()
    options = {"volumes": [f"{folder}:/at"]}
    made = walled.containers.create("alpine", "cat /at/hostname", **options)
    folder.rmdir()
    folder.symlink_to("/etc")
    with pytest.raises(APIError, match="--binds"):
        made.start()
    with pytest.raises(APIError):
        made.get_archive("/at/hostname")
    archive = io.BytesIO()
    tarfile.open(fileobj=archive, mode="w").close()
    with pytest.raises(APIError):
        made.put_archive("/at", archive.getvalue())


def test_nothing_gets_out(walled: DockerClient) -> None:
    begun = time.monotonic()
    own = walled.networks.create("dltest-own")
    try:
        for options in ({}, {"network": "dltest-own"}):
            with pytest.raises(ContainerError):
                sh(walled, "nslookup -type=a example.com 2>&1", **options)
            with pytest.raises(ContainerError):
                sh(walled, "nc -w 3 192.0.2.1 80 </dev/null", **options)
        server = walled.containers.run("nginx", name="web", network="dltest-own", detach=True)
        assert server.id
        wait = "until wget -qO- http://web; do sleep 0.1; done"
        assert "nginx" in sh(walled, wait, network="dltest-own")
        server.remove(force=True)
    finally:
        own.remove()
    assert time.monotonic() - begun < 60


def test_the_hosts_network(walled: DockerClient) -> None:
    with pytest.raises(APIError, match="network host is switched off") as refused:
        walled.containers.create("alpine", "true", network_mode="host")
    assert refused.value.status_code == 403


def test_the_engine_itself_stays_at_home(walled: DockerClient) -> None:
    with pytest.raises(APIError, match="--no-uplink"):
        walled.images.pull("dltest-none", tag="latest")
    with pytest.raises(APIError, match="--no-uplink"):
        walled.images.pull("192.0.2.1:5000/dltest-none", tag="latest")
    lines = b"FROM alpine\nADD http://192.0.2.1/file /\n"
    with pytest.raises(docker.errors.BuildError, match="--no-uplink"):
        walled.images.build(fileobj=io.BytesIO(lines))
    with pytest.raises(APIError, match="--no-uplink"):
        walled.images.search("alpine")


def test_published_ports_are_still_open(walled: DockerClient) -> None:
    server = walled.containers.run("nginx", ports={"80/tcp": None}, detach=True)
    server.reload()
    port = server.ports["80/tcp"][0]["HostPort"]
    end = time.monotonic() + 60
    while True:
        with contextlib.suppress(requests.ConnectionError):
            assert "nginx" in requests.get(f"http://127.0.0.1:{port}", timeout=30).text
            break
        assert time.monotonic() < end


def test_so_many_containers(walled: DockerClient) -> None:
    for _ in range(MOST):
        walled.containers.create("alpine", "true")
    with pytest.raises(APIError, match="this engine has 4 at most") as refused:
        walled.containers.create("alpine", "true")
    assert refused.value.status_code == 403


def test_bad_folders(engine: Engine, shared: Path) -> None:
    for folder in (shared, shared / "none"):
        words = [*engine.command, "--images", str(folder)]
        words[4] = f"{shared}/root"
        options = {k: v for k, v in engine.options.items() if k != "start_new_session"}
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, **options)
        assert done.returncode == 1
        assert f"--images {folder}: " in done.stderr
        assert "another embedded engine" in done.stderr
