"""The React app of chapter 6: tested, built and served in containers, on every engine.

npm and the bundler are the heaviest programs of the course: many threads, native libraries, a
server that waits for changes of files. Each test does much, as each build takes seconds.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient
from engines import HERE, Engine
from freeports import free_port
from projects import cleared

import dockerlab
from dockerlab.client.lab import Lab
from dockerlab.course.prepare import prepare

APP = HERE / "notebooks" / "apps" / "react-app"
CAPTION = "${count === 1 ? 'container' : 'containers'}"
COLOUR = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")


@pytest.fixture(scope="module")
def react(engine_url: str, session_client: DockerClient) -> Iterator[str]:
    """The name of the image that Dockerfile.dev makes, and ``NAME:small`` that of Dockerfile."""
    prepare(session_client, ["node", "nginx"])
    lab, image = dockerlab.connect(engine_url, quiet=True), f"dltest-react-{uuid.uuid4().hex[:6]}"
    lab.build(APP, dockerfile="Dockerfile.dev", tag=image)
    lab.build(APP, tag=f"{image}:small")
    yield image
    for tag in (image, f"{image}:small"):
        session_client.images.remove(tag, force=True)


@pytest.fixture
def folder(engine: Engine) -> Path:
    """A copy of the app that containers of the engine may write into."""
    place = engine.shared_folder() / "app"
    shutil.copytree(APP, place, ignore=shutil.ignore_patterns("node_modules", "dist"))
    for path in (place, *place.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    return place


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def run(client: DockerClient, image: str, *command: str, **options: object) -> tuple[int, str]:
    """Exit code and output of a container that ends by itself."""
    box = client.containers.create(image, list(command) or None, **options)
    try:
        box.start()
        code = box.wait(timeout=60)["StatusCode"]
        return code, COLOUR.sub("", box.logs().decode())
    finally:
        box.remove(force=True, v=True)


def test_tests_run_once_without_a_terminal(
    client: DockerClient, react: str, folder: Path, name: str
) -> None:
    code, text = run(client, react, "npm", "run", "test", name=name)
    assert (code, "3 passed" in text) == (0, True), text
    edit(folder / "src" / "Ship.jsx", CAPTION, "containers")
    binds = {str(folder / "src"): {"bind": "/usr/src/app/src"}}
    code, text = run(client, react, "npm", "run", "test", name=name, volumes=binds)
    assert code == 1
    assert "expected '1 containers on board' to be '1 container on board'" in text
    assert "1 failed | 2 passed" in text


def test_the_finished_page_is_small_and_served(
    client: DockerClient, lab: Lab, react: str, name: str
) -> None:
    small, large = (client.images.get(tag) for tag in (f"{react}:small", react))
    assert small.attrs["Size"] < large.attrs["Size"] / 5
    lab.run(f"{react}:small", name=name, ports=[f"127.0.0.1:{free_port()}:80"], detach=True)
    page = lab.fetch(name)
    assert (page.status, page.title) == (200, "On board")
    parts = re.findall(r'(?:src|href)="\.(/assets/[^"]+)"', page.text)
    assert {Path(part).suffix for part in parts} == {".js", ".css"}
    assert "Hello from React" in "".join(lab.fetch(name, path=part).text for part in parts)
    listing = client.containers.get(name).exec_run("ls /usr/share/nginx/html /usr/src").output
    assert b"node_modules" not in listing
    assert b"package.json" not in listing


def test_an_edit_is_served_and_tested_at_once(
    client: DockerClient, lab: Lab, react: str, folder: Path, name: str
) -> None:
    edit(folder / "compose.yaml", "5100", str(free_port()))
    with cleared(client, name):
        project = lab.compose(folder, name=name)
        project.up()
        tests = lab.container(f"{name}-tests-1").wait_for_log(
            "Waiting for file changes", timeout=60
        )
        says(lab, f"{name}-web-1", "/src/App.jsx", "Hello from React")
        edit(folder / "src" / "App.jsx", "Hello from React", "Hello, live")
        says(lab, f"{name}-web-1", "/src/App.jsx", "Hello, live")
        edit(folder / "src" / "Ship.jsx", CAPTION, "containers")
        tests.wait_for_log("Tests failed", timeout=30)
        project.down(timeout=2)


def says(lab: Lab, container: str, path: str, text: str) -> None:
    asked: Callable[[], bool] = lambda: text in lab.fetch(container, path=path).text  # noqa: E731
    dockerlab.wait_until(asked, timeout=30, what=text)
