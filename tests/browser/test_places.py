"""The layer explorer, the port map and the mount map in a real JupyterLab, by keyboard too."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import APIError, NotFound

from tests.browser.jupyter import Lab, Server, notebook

pytestmark = pytest.mark.timeout(180)

BEGIN = "import dockerlab\nlab = dockerlab.connect()"
LAYERS = 'dockerlab.show(lab.layers("{image}"), "en")'
PORTS = 'dockerlab.show(lab.ports("{name}"), "en")'
MOUNTS = 'dockerlab.show(lab.mounts("{name}"), "ko")'


@pytest.fixture
def engine(engine_url: str) -> Iterator[docker.DockerClient]:
    client = docker.DockerClient(base_url=engine_url, version="1.41")
    yield client
    client.close()


@pytest.fixture
def name(engine: docker.DockerClient) -> Iterator[str]:
    made = f"dltest-{uuid.uuid4().hex[:8]}"
    yield made
    with contextlib.suppress(NotFound):
        engine.containers.get(made).remove(force=True, v=True)
    with contextlib.suppress(APIError):
        engine.images.remove(made)


@pytest.fixture
def image(engine: docker.DockerClient, small_image: str, name: str) -> str:
    """A layer that writes /srv/app/… and takes a file of the base away."""
    script = "mkdir -p /srv/app/deep; echo a > /srv/app/deep/needle; echo b > /srv/app/hay; rm /etc/services"  # noqa: E501
    box = engine.containers.run(small_image, ["sh", "-c", script], name=name, detach=True)
    box.wait(timeout=60)
    box.commit(name)
    box.remove()
    return name


def test_layers_are_explored_by_keyboard(lab: Callable[..., Lab], image: str, shots: Path) -> None:
    opened = lab([BEGIN, LAYERS.format(image=image)], "layers")
    page = opened.page
    view = page.locator(".dl-view")
    view.wait_for()
    tree = view.get_by_role("tree")
    tree.get_by_role("treeitem", name="/srv/app/hay, added").wait_for()
    assert tree.get_by_role("treeitem", name="/etc/services, removed").count() == 1
    view.screenshot(path=shots / "layers.png")

    # Down the stack: the layer below, then the base.
    view.get_by_role("listbox").focus()
    page.keyboard.press("End")
    view.get_by_role("option", selected=True).filter(has_text="busybox").wait_for()
    tree.get_by_role("treeitem", name="/usr, added, folder").wait_for()
    page.keyboard.press("Home")
    hay = tree.get_by_role("treeitem", name="/srv/app/hay, added")
    hay.wait_for()

    # In the tree: to its top, close the folder, open it again.
    hay.click()
    page.keyboard.press("Home")
    for _ in range(20):
        if page.evaluate("document.activeElement.dataset.path") == "/srv/app":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    hay.wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"
    page.keyboard.press("ArrowRight")
    hay.wait_for()

    # The filter finds by a part of the path.
    view.get_by_role("searchbox").fill("needle")
    hay.wait_for(state="detached")
    assert tree.get_by_role("treeitem").all_inner_texts()[-1].split()[-2:] == ["needle", "2B"]
    view.get_by_role("searchbox").fill("")
    hay.wait_for()
    view.get_by_role("button", name="All files up to here").click()
    tree.get_by_role("treeitem", name="/usr, folder").wait_for()

    # What wastes leads to the layer that wrote it.
    view.get_by_role("button", name="/etc/services").click()
    view.get_by_role("option", selected=True).filter(has_text="busybox").wait_for()
    tree.get_by_role("treeitem", name="/etc/services, added").wait_for()
    opened.dark()
    page.wait_for_timeout(800)
    view.screenshot(path=shots / "layers-dark.png")
    opened.dark(False)
    assert opened.problems == []


@pytest.fixture
def web(engine: docker.DockerClient, small_image: str, name: str) -> str:
    """A container that serves at 8080; nobody is at 9999."""
    serve = "echo '<h1>hello from inside</h1>' > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"
    here = {8080: ("127.0.0.1", None), 9999: ("127.0.0.1", None)}
    engine.containers.run(small_image, ["sh", "-c", serve], name=name, ports=here, detach=True)
    return name


def test_a_port_of_the_map_answers(lab: Callable[..., Lab], web: str, shots: Path) -> None:
    opened = lab([BEGIN, f"lab.fetch('{web}', 8080)\n{PORTS.format(name=web)}"], "ports")
    view = opened.page.locator(".dl-view")
    view.wait_for()
    view.screenshot(path=shots / "ports.png")
    assert "nobody listens" in (view.locator("svg").text_content() or "")
    assert followed(opened).startswith("http://127.0.0.1:")
    assert opened.problems == []


def test_a_port_of_the_map_answers_through_the_notebook_server(
    chromium: Any, engine_url: str, web: str, tmp_path: Path
) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells = [BEGIN, f"lab.fetch('{web}', 8080)\n{PORTS.format(name=web)}"]
    notebook(folder / "ports.ipynb", cells)
    server = Server(folder, tmp_path, {"DOCKER_HOST": engine_url}, base="/user/kim/")
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    try:
        server.wait()
        opened = Lab(page, server)
        opened.open("ports.ipynb")
        opened.run_all()
        assert followed(opened).startswith(f"{server.url}/proxy/")
        assert opened.problems == []
    finally:
        page.close()
        server.stop()


def followed(opened: Lab) -> str:
    """The address that the map's first link leads to, by keyboard, once its page is there."""
    link = opened.page.locator(".dl-view svg a").first
    with opened.page.context.expect_page() as reached:
        link.focus()
        opened.page.keyboard.press("Enter")
    page = reached.value
    page.get_by_role("heading", name="hello from inside").wait_for(timeout=15_000)
    address = str(page.url)
    assert address.endswith(link.get_attribute("href") or "no address")
    page.close()
    return address


def test_a_path_is_looked_up(
    lab: Callable[..., Lab],
    engine: docker.DockerClient,
    small_image: str,
    name: str,
    shots: Path,
) -> None:
    with tempfile.TemporaryDirectory(prefix="dltest-") as folder:
        Path(folder).chmod(0o755)
        engine.containers.create(
            small_image,
            ["sleep", "600"],
            name=name,
            volumes=[f"{folder}:/etc/ssl", "/etc/ssl/certs"],
        )
        opened = lab([BEGIN, MOUNTS.format(name=name)], "mounts")
    view = opened.page.locator(".dl-view")
    view.wait_for()
    view.screenshot(path=shots / "mounts-ko.png")
    view.get_by_role("textbox").fill("/etc/ssl/certs/ca-certificates.crt")
    opened.page.keyboard.press("Enter")
    status = view.locator("[role=status]")
    status.filter(has_text="이름 없는 볼륨").wait_for()
    assert f"호스트: {folder}/certs/ca-certificates.crt" in status.inner_text()
    part = view.locator("[data-tip]").nth(1)
    part.focus()
    assert folder in status.inner_text()
    assert opened.problems == []
