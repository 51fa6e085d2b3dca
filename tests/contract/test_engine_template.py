"""Engines forked from a template: as they are, and in namespaces that somebody else made."""

from __future__ import annotations

import contextlib
import io
import os
import re
import select
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from boxes import box
from docker.client import DockerClient
from engines import Engine

from dockerlab.client.engine_template import Forked, Template
from dockerlab.client.sockets import ping
from dockerlab.errors import EngineUnavailable


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    with Template() as started:
        yield started


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: its long names would not fit into a socket's address.
    with tempfile.TemporaryDirectory(prefix="dltest-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


def ended(engine: Forked, seconds: float = 60) -> bool:
    return bool(select.select([engine.process], [], [], seconds)[0])


def pid(engine: Forked) -> int:
    text = Path(f"/proc/self/fdinfo/{engine.process}").read_text()
    return int(re.findall(r"^Pid:\s*(-?\d+)", text, re.MULTILINE)[0])


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@contextlib.contextmanager
def client_of(url: str) -> Iterator[DockerClient]:
    client = docker.DockerClient(base_url=url, timeout=60, version="1.41")
    try:
        yield client
    finally:
        client.close()


def test_it_answers_and_ends(template: Template, folder: Path) -> None:
    engines = [template.start(["--root", f"{folder}/{name}"]) for name in "ab"]
    for engine, name in zip(engines, "ab", strict=True):
        assert engine.url == f"unix://{folder}/{name}/docker.sock"
        assert ping(folder / name / "docker.sock").ok
        assert pid(engine) != template.pid
    engines[0].close()
    assert not (folder / "a" / "docker.sock").exists()
    assert ping(folder / "b" / "docker.sock").ok
    engines[1].kill()
    assert not ping(folder / "b" / "docker.sock").ok


def test_it_ends_with_its_line_and_not_with_the_template(folder: Path) -> None:
    with Template() as template:
        engine = template.start(["--root", str(folder)])
    assert ping(folder / "docker.sock").ok
    engine.line.close()  # as when whoever holds it dies
    assert ended(engine)
    os.close(engine.process)
    with pytest.raises(EngineUnavailable, match="has ended"):
        template.start(["--root", str(folder)])


def test_environment_and_output(template: Template, folder: Path) -> None:
    with open(folder / "output", "wb") as log:
        environment = {**os.environ, "DLTEST": "seen"}
        words = ["--root", f"{folder}/root"]
        engine = template.start(words, environment=environment, log=log.fileno(), folder="/usr")
        assert os.readlink(f"/proc/{pid(engine)}/cwd") == "/usr"
        output = os.readlink(f"/proc/{pid(engine)}/fd/2")
        engine.close()
        with pytest.raises(EngineUnavailable, match="no arguments"):
            template.start(["--rot", "/"], log=log.fileno())
    assert output == str(folder / "output")
    assert "unrecognized arguments: --rot" in (folder / "output").read_text()


def test_why_there_is_none(template: Template, folder: Path) -> None:
    engine = template.start(["--root", str(folder)])
    with pytest.raises(EngineUnavailable, match="another engine already uses"):
        template.start(["--root", str(folder)])
    engine.close()
    with pytest.raises(EngineUnavailable, match=r"--images .*nothing"):
        template.start(["--root", str(folder), "--images", f"{folder}/nothing"])
    with pytest.raises(EngineUnavailable, match="Not a directory"):
        template.start(["--root", "/dev/null/engine"])


@pytest.fixture
def library(engine: Engine, images: None) -> Path:
    """A folder with the course's images that is the machine's root's."""
    if engine.kind != "namespaces-root":
        pytest.skip("needs images that are root's")
    assert engine.root is not None
    return engine.root


@pytest.mark.parametrize("ids", [65536, 1])
def test_in_namespaces_of_a_graders(
    template: Template, folder: Path, library: Path, ids: int
) -> None:
    with box(folder, library, ids) as namespaces:
        words = ["--root", f"{folder}/engine", "--images", f"{folder}/library"]
        words += ["--runtime", "namespaces", "--no-uplink", "--binds", ""]
        engine = template.start(words, namespaces=namespaces)
        inside = f"/proc/{pid(engine)}/root{folder}/engine/docker.sock"
        with client_of(f"unix://{inside}") as client:
            _use(client, several=ids > 1)
        assert os.readlink(f"/proc/{pid(engine)}/ns/net") != os.readlink("/proc/self/ns/net")
        status = Path(f"/proc/{pid(engine)}/status").read_text()
        assert f"PPid:\t{template.pid}\n" in status
        # A spawner is forked, too, where Python cannot belong to anybody in there.
        assert bool(children(pid(engine))) == (ids == 1)
    assert ended(engine)  # with the namespaces
    assert pid(engine) == -1, "it is reaped as well"
    engine.kill()
    assert not (folder / "engine").exists()


def _use(client: DockerClient, several: bool) -> None:
    """Run, build, publish: what an exercise does."""
    words = ["sh", "-c", "rm /etc/passwd; echo hi > /etc/new; cat /etc/new"]
    assert client.containers.run("alpine", words, remove=True) == b"hi\n"
    lines = b"FROM alpine\nRUN rm -r /etc/profile.d; echo built > /built\nCMD cat /built\n"
    image, _ = client.images.build(fileobj=io.BytesIO(lines), rm=True)
    assert client.containers.run(image.id, remove=True) == b"built\n"
    client.containers.run("nginx", ports={"80/tcp": 8080}, detach=True)
    # As nothing leads out of the engine's own network, containers may be in it.
    words = ["sh", "-c", "until wget -qO- http://127.0.0.1:8080; do sleep 0.1; done"]
    assert b"nginx" in client.containers.run("alpine", words, network="host", remove=True)
    assert client.containers.run("alpine", ["id", "-u"], user="65", remove=True) == b"65\n"
    kept = client.containers.run("alpine", ["sleep", "600"], init=True, detach=True)
    assert b"docker-init" in kept.exec_run(["cat", "/proc/1/cmdline"]).output
    kept.exec_run(["sh", "-c", "echo x > /made"])
    assert kept.get_archive("/made")[1]["size"] == 2
    kept.remove(force=True)
    if several:
        owned = ["sh", "-c", "chown 1000:1000 /etc/group; stat -c %u /etc/group"]
        assert client.containers.run("alpine", owned, remove=True) == b"1000\n"


def test_folders_are_shut(template: Template, folder: Path, library: Path) -> None:
    """Images that are another user's are refused in a sentence."""
    locked = folder / "locked"
    shutil.copytree(library / "images", locked / "images")
    for name in ("layers", "blobs"):
        (locked / name).mkdir(parents=True)
    locked.chmod(0o700)
    (folder / "box").mkdir()
    words = ["--root", f"{folder}/box/engine", "--images", str(locked)]
    denied = pytest.raises(EngineUnavailable, match="Permission denied")
    with box(folder / "box", library) as namespaces, denied:
        template.start(words, namespaces=namespaces)
