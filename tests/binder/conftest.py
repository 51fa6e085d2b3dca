"""One image and one session of it for all tests, and the figures that are seen on the way."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from engines import HERE, answers

from tests.binder import session as sessions
from tests.binder.image import Image, make
from tests.binder.session import Session
from tests.binder.usage import Usage

URL = "unix:///var/run/docker.sock"
FIGURES = HERE / "build" / "binder.json"
_seen = pytest.StashKey[dict[str, Usage]]()


@pytest.fixture(scope="session")
def client() -> Iterator[docker.DockerClient]:
    if why := missing():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    client = docker.DockerClient(base_url=URL, timeout=1200)
    yield client
    client.close()


def missing() -> str:
    """What this machine lacks, or nothing."""
    if os.getuid() != 0:
        return "only root makes a file system of packages, and folders of another user's"
    if lacking := [tool for tool in ("git", "mmdebstrap") if shutil.which(tool) is None]:
        return f"not all programs are here: apt-get install {' '.join(lacking)}"
    return "" if answers(URL) else f"no Docker Engine answers at {URL}"


@pytest.fixture(scope="session")
def image(client: docker.DockerClient, figures: dict[str, Usage]) -> Iterator[Image]:
    name = f"dltest-binder-{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory(prefix="dltest-binder-") as folder:
        Path(folder).chmod(0o755)
        started = time.monotonic()
        try:
            made = make(client, name, Path(folder))
            figures["image"] = Usage(time.monotonic() - started)
            yield made
        finally:
            if client.images.list(name):
                client.images.remove(name, force=True)


@pytest.fixture(scope="session")
def session(
    client: docker.DockerClient, image: Image, figures: dict[str, Usage]
) -> Iterator[Session]:
    started = time.monotonic()
    with sessions.running(client, image, image.name) as running:
        figures["start"] = Usage(time.monotonic() - started)
        yield running


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> dict[str, Usage]:
    """What the tests measured; kept as a file and shown at the end."""
    return request.config.stash.setdefault(_seen, {})


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if found := config.stash.get(_seen, {}):
        FIGURES.parent.mkdir(exist_ok=True)
        records = {name: usage.record() for name, usage in found.items()}
        FIGURES.write_text(json.dumps(records, indent=1) + "\n")
        terminalreporter.section(f"as on Binder (kept in {FIGURES.relative_to(HERE)})")
        for name, usage in found.items():
            terminalreporter.line(f"{usage}  {name}")
