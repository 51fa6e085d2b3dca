"""One body of tests, run on every engine there is.

``engine`` takes each of: Docker Engine; the embedded engine with namespaces as root; the same as
an ordinary user; with PRoot as an ordinary user. A missing engine is a skip on a laptop and a
failure in CI. DOCKERLAB_TEST_ENGINES=docker,proot-user picks some.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator

import docker
import pytest
from buildlab import Builder
from commandline import CommandLine
from docker.client import DockerClient
from engines import Engine, running, wanted

MINE = f"dltest-{uuid.uuid4().hex[:6]}-"
"""How the names of this run of the tests begin: another run may be using the same Docker Engine."""


@pytest.fixture(scope="session", params=wanted())
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with running(request.param) as started:
        yield started


@pytest.fixture(scope="session")
def engine_url(engine: Engine) -> str:
    return engine.url


@pytest.fixture(scope="session")
def session_client(engine: Engine) -> Iterator[DockerClient]:
    client = docker.DockerClient(base_url=engine.url, timeout=60, version="1.41")
    yield client
    client.close()


@pytest.fixture(scope="session")
def images(session_client: DockerClient) -> None:
    """The course's images are in the engine."""
    if os.environ.get("DOCKERLAB_TEST_IMAGES") != "present":
        from dockerlab.course.prepare import prepare

        prepare(session_client)


@pytest.fixture
def client(session_client: DockerClient, images: None, engine: Engine) -> Iterator[DockerClient]:
    """docker-py on the engine; what the test made is removed after it.

    On a Docker Engine that others use too, only what carries a name of this run is touched.
    """
    mine = MINE if engine.kind == "docker" else ""
    yield session_client
    for container in session_client.containers.list(
        all=True, filters={"name": mine}, ignore_removed=True
    ):
        remove(container)
    for volume in session_client.volumes.list(filters={"name": mine}):
        volume.remove(force=True)


def remove(container: docker.models.containers.Container) -> None:
    try:
        container.remove(force=True, v=True)
    except docker.errors.NotFound:
        pass
    except docker.errors.APIError as error:
        if "in progress" not in str(error.explanation):  # what made it removes it just now
            raise


@pytest.fixture
def name() -> str:
    """A container name that is surely free."""
    return MINE + uuid.uuid4().hex[:10]


@pytest.fixture(scope="session")
def cli(engine: Engine) -> list[str]:
    """The real docker command line, pointed at the engine."""
    found = shutil.which("docker")
    if not found:
        pytest.skip("the docker command line is not installed")
    return [found, "--host", engine.url]


@pytest.fixture(name="docker")
def command_line(cli: list[str], client: DockerClient) -> CommandLine:
    """``docker("ps", "-a")``: the real command line; what the test made is removed after it."""
    return CommandLine(cli)


@pytest.fixture
def build(engine_url: str, client: DockerClient) -> Iterator[Builder]:
    """``build("FROM busybox\\nRUN true", {"file": "text"}, t="name")``, cleared away after it."""
    builder = Builder(engine_url, client)
    yield builder
    builder.clear()


@pytest.fixture
def lab(engine_url: str, images: None):  # type: ignore[no-untyped-def]
    import dockerlab

    return dockerlab.connect(engine_url)
