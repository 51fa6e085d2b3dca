"""``lab.open`` and ``lab.fetch``: a container's page, or why there is none."""

from __future__ import annotations

import pytest
from docker.client import DockerClient
from engines import Engine

import dockerlab
from dockerlab import DockerlabError, Lab, PageUnreachable

SERVE = """
mkdir /www
echo '<html><head><title>A page</title></head><h1>Hello</h1>you</html>' > /www/index.html
echo plain > /www/file.txt
httpd -f -p {port} -h /www
"""


def serve(lab: Lab, name: str, port: str = "8080", published: str = "8080") -> dockerlab.Container:
    return lab.run(
        "busybox",
        ["sh", "-c", SERVE.format(port=port)],
        name=name,
        detach=True,
        ports=[f"0:{published}"] if published else [],
    )


def test_a_page(lab: Lab, client: DockerClient, name: str) -> None:
    box = serve(lab, name)
    page = lab.open(name, 8080)
    address = f"http://{box.ports['8080/tcp']}/"
    assert (page.container, page.port, page.url) == (name, 8080, address)
    assert repr(page) == f"{address} → 200 OK\ntitle: A page\ntext:  Hello"
    assert f'<iframe src="{address}"' in page._repr_html_()
    assert repr(lab.open(box)) == repr(page)


def test_a_page_that_loads_from_its_root(
    lab: Lab, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the development servers of web apps do; below a path of a hub that leads nowhere."""
    command = """mkdir /www; echo '<p>x</p><script type="module" src="/src/main.jsx"></script>' \
        > /www/index.html; httpd -f -p 8080 -h /www"""
    lab.run("busybox", ["sh", "-c", command], name=name, detach=True, ports=["0:8080"])
    assert "/src/main.jsx" not in lab.open(name, 8080)._repr_html_()
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/kim/")
    shown = lab.open(name, 8080)._repr_html_()
    assert "loads /src/main.jsx from the root" in shown
    assert f"lab.fetch(&quot;{name}&quot;, 8080, &quot;/src/main.jsx&quot;)" in shown


def test_an_answer(lab: Lab, client: DockerClient, name: str) -> None:
    serve(lab, name)
    answer = lab.fetch(name, 8080, "/file.txt")
    assert (answer.status, answer.text, answer.body) == (200, "plain\n", b"plain\n")
    assert repr(answer) == "200 OK\nplain"
    assert lab.fetch(name, path="nowhere").status == 404


def test_it_waits_until_the_program_is_ready(lab: Lab, client: DockerClient, name: str) -> None:
    command = "sleep 1; mkdir /www; echo late > /www/index.html; httpd -f -p 8080 -h /www"
    lab.run("busybox", ["sh", "-c", command], name=name, detach=True, ports=["0:8080"])
    assert lab.fetch(name, 8080).text == "late\n"


def test_a_port_that_is_not_published(lab: Lab, client: DockerClient, name: str) -> None:
    serve(lab, name, published="")
    with pytest.raises(PageUnreachable, match="is not published") as caught:
        lab.open(name, 8080)
    assert "-p 8080:8080" in caught.value.hint
    with pytest.raises(PageUnreachable, match="no published port"):
        lab.fetch(name)


def test_the_hosts_port_given_for_the_containers(lab: Lab, client: DockerClient, name: str) -> None:
    box = serve(lab, name, port="80", published="80")
    outside = int(box.ports["80/tcp"].rpartition(":")[2])
    with pytest.raises(PageUnreachable) as caught:
        lab.open(name, outside)
    assert caught.value.hint == f"{outside} is the host's side of it; name the container's: 80"


def test_several_ports(lab: Lab, client: DockerClient, name: str) -> None:
    box = lab.run("busybox", "sleep 600", name=name, detach=True, ports=["0:80", "0:81"])
    with pytest.raises(DockerlabError, match="has several ports: 80, 81"):
        lab.open(box)


def test_a_program_that_has_ended(lab: Lab, client: DockerClient, name: str) -> None:
    command = ["sh", "-c", "echo cannot find index.js; exit 3"]
    box = lab.run("busybox", command, name=name, detach=True, ports=["0:8080"])
    box.wait()
    with pytest.raises(PageUnreachable, match="has ended with exit code 3") as caught:
        lab.open(name, 8080)
    assert caught.value.log == "cannot find index.js"
    assert "    cannot find index.js" in str(caught.value)


def test_a_container_never_started(lab: Lab, client: DockerClient, name: str) -> None:
    lab.create("busybox", "sleep 600", name=name, ports=("0:8080",))
    with pytest.raises(PageUnreachable, match="has not been started"):
        lab.open(name, 8080)


def test_a_paused_container(lab: Lab, client: DockerClient, name: str) -> None:
    box = serve(lab, name)
    box.pause()
    with pytest.raises(PageUnreachable, match="is paused"):
        lab.open(name, 8080)


def test_a_program_at_another_port(lab: Lab, client: DockerClient, name: str) -> None:
    serve(lab, name, port="3000")
    with pytest.raises(PageUnreachable, match="its program listens at 3000 instead"):
        lab.open(name, 8080, timeout=1)


def test_a_program_that_listens_nowhere(lab: Lab, client: DockerClient, name: str) -> None:
    lab.run("busybox", "sleep 600", name=name, detach=True, ports=["0:8080"])
    with pytest.raises(PageUnreachable, match="no program in it listens at any port"):
        lab.open(name, 8080, timeout=1)


def test_a_program_that_listens_inside_only(
    lab: Lab, client: DockerClient, engine: Engine, name: str
) -> None:
    serve(lab, name, port="127.0.0.1:8080")
    if engine.kind == "proot-user":
        # The limitations say so: a container has one address there for inside and outside.
        assert lab.fetch(name, 8080).status == 200
        return
    with pytest.raises(PageUnreachable, match=r"listens on 127\.0\.0\.1 only"):
        lab.open(name, 8080, timeout=1)


def test_what_is_no_web_server(lab: Lab, client: DockerClient, name: str) -> None:
    command = ["sh", "-c", "while true; do echo +hello | nc -l -p 8080; done"]
    lab.run("busybox", command, name=name, detach=True, ports=["0:8080"])
    with pytest.raises(PageUnreachable, match=r"does not speak HTTP: it said '\+hello'"):
        lab.open(name, 8080)


def test_a_container_that_is_not_there(lab: Lab, name: str) -> None:
    with pytest.raises(dockerlab.NotFoundHere):
        lab.open(name, 8080)
