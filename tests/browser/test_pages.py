"""``lab.open``: a container's page inside the notebook, wherever the notebook runs."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import NotFound

from tests.browser import jupyter

pytestmark = pytest.mark.timeout(180)

# A page with a style and a script of its own: both must load as well.
SERVE = """
mkdir /www; cd /www
echo 'h1 { color: rgb(1, 2, 3) }' > style.css
echo 'document.querySelector("p").textContent = "the script ran"' > script.js
echo '<link rel=stylesheet href=style.css><h1>Served</h1><p></p><script src=script.js></script>' \
> index.html
exec httpd -f -p 8080
"""
OPEN = """
import dockerlab
lab = dockerlab.connect("{url}")
lab.open("{name}", 8080)
"""


@pytest.fixture
def web(engine_url: str) -> Iterator[tuple[str, int]]:
    """A container's name and the port of the host where its page is."""
    client = docker.DockerClient(base_url=engine_url, version="1.41")
    box = client.containers.run(
        "busybox",
        ["sh", "-c", SERVE],
        name=f"pages-{uuid.uuid4().hex[:8]}",
        detach=True,
        ports={"8080/tcp": ("127.0.0.1", None)},
    )
    box.reload()
    yield str(box.name), int(box.ports["8080/tcp"][0]["HostPort"])
    with contextlib.suppress(NotFound):
        box.remove(force=True)
    client.close()


def test_a_page_on_the_learners_own_machine(
    lab: Callable[..., jupyter.Lab], engine_url: str, web: tuple[str, int], shots: Path
) -> None:
    name, port = web
    opened = lab([OPEN.format(url=engine_url, name=name)], "page")
    assert shown(opened) == f"http://127.0.0.1:{port}/"
    opened.page.screenshot(path=shots / "page.png")
    opened.save()
    stored = json.loads((opened.server.folder / "page.ipynb").read_text())
    bundle = stored["cells"][0]["outputs"][-1]["data"]
    assert "200 OK\n" in "".join(bundle["text/plain"])
    assert opened.problems == []


@pytest.mark.parametrize("base", ["/user/kim/", "/"], ids=["base url", "hub"])
def test_a_page_through_the_notebook_server(
    base: str, chromium: Any, engine_url: str, web: tuple[str, int], tmp_path: Path, shots: Path
) -> None:
    name, port = web
    hub = {"JUPYTERHUB_SERVICE_PREFIX": "/"} if base == "/" else {}
    folder = tmp_path / "notebooks"
    folder.mkdir()
    jupyter.notebook(folder / "page.ipynb", [OPEN.format(url=engine_url, name=name)])
    server = jupyter.Server(folder, tmp_path, hub, base=base)
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    try:
        server.wait()
        opened = jupyter.Lab(page, server)
        opened.open("page.ipynb")
        opened.run_all()
        assert shown(opened) == f"{base}proxy/{port}/"
        page.screenshot(path=shots / f"page-proxied{base.replace('/', '-')}.png")
        assert opened.problems == []
        refused = chromium.new_context().new_page()
        refused.goto(f"http://127.0.0.1:{server.port}{base}proxy/{port}/")
        assert "Served" not in refused.content(), "without the token there is no way in"
        refused.context.close()
    finally:
        page.close()
        server.stop()


def shown(opened: jupyter.Lab) -> str:
    """The frame's address, once the page stands in it with its style and its script."""
    element = opened.page.locator("iframe[title^='Port 8080']")
    element.scroll_into_view_if_needed()
    frame = element.content_frame
    frame.locator("p", has_text="the script ran").wait_for()
    heading = frame.locator("h1")
    assert heading.evaluate("h => getComputedStyle(h).color") == "rgb(1, 2, 3)"
    return str(element.get_attribute("src"))
