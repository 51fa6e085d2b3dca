"""Port map and mount map: what leads where, in words and as a drawing."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.formats.filetree import Change, Entry, Kind, LayerTree
from dockerlab.formats.layers import stacked
from dockerlab.formats.mounts import Mount, MountMap
from dockerlab.formats.ports import PortMap, declared
from dockerlab.views import MountsView, PortsView, show
from tests.exhibits.containers import PORTS

SVG = "{http://www.w3.org/2000/svg}"
IMAGE = stacked(
    "app:1",
    "i",
    [{"created_by": "base"}, {"created_by": "/bin/sh -c npm install"}],
    [
        LayerTree((Entry("/app/index.js", "file", size=9),)),
        LayerTree(tuple(Entry(f"/app/node_modules/{n}", "file", size=10) for n in range(5))),
    ],
)
MOUNTS = MountMap(
    "web",
    IMAGE,
    (
        Mount("/app", "bind", "/home/kim/" + "long/" * 30 + "app"),
        Mount("/app/node_modules", "anonymous", "f" * 64),
        Mount("/data", "volume", "notes", writable=False),
        Mount("/scratch", "tmpfs"),
        Mount("/var/log", "anonymous", "e" * 64, image=True),
    ),
    (Change("/new", Kind.ADDED),),
    "/app",
)


def _texts(svg: str) -> list[str]:
    return ["".join(part.itertext()) for part in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_what_inspect_says_of_ports() -> None:
    facts = {
        "Name": "/web",
        "Config": {"ExposedPorts": {"80/tcp": {}, "9/udp": {}}},
        "NetworkSettings": {
            "Ports": {
                "80/tcp": [
                    {"HostIp": "0.0.0.0", "HostPort": "8080"},
                    {"HostIp": "::", "HostPort": "8080"},
                    {"HostIp": "127.0.0.1", "HostPort": "9090"},
                ],
                "443/tcp": None,
            }
        },
        "HostConfig": {"NetworkMode": "default"},
    }
    assert list(map(str, declared(facts))) == [
        "*:8080 → web:80/tcp",
        "127.0.0.1:9090 → web:80/tcp",
        "(nothing) → web:9/udp",
        "(nothing) → web:443/tcp",
    ]
    shared = declared(facts | {"HostConfig": {"NetworkMode": "host"}, "NetworkSettings": {}})
    assert [(port.reach, port.host_port) for port in shared] == [("shared", 9), ("shared", 80)]


def test_ports_in_words() -> None:
    lines = PortsView(PORTS, "en").text.splitlines()
    assert lines[1].startswith("port 3000 of app: a program waits there, but it is not published")
    assert lines[1].endswith("-p is missing: docker run -p 3000:3000 …")
    assert lines[2].startswith("port 4000 of app: exposed, not published")
    assert lines[4] == "silent: no port"
    assert lines[5] == (
        "at all addresses: other machines too, port 8080 → port 80 of web; "
        "a program listens; http://127.0.0.1:8080/"
    )
    assert "nobody listens" in lines[6]
    assert "127.0.0.1 of the container only" in lines[7]
    assert "port 53 → port 53/udp of web" in lines[8]
    assert PortsView(PortMap(), "en").text.endswith("No container is running.")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_ports_drawn(lang: Any) -> None:
    view = PortsView(PORTS, lang)
    texts = _texts(view.svg)
    assert texts.count(view.words("port.wall")) == 2
    assert {"http://127.0.0.1:8080/", ":53/udp", "web", "silent"} <= set(texts)
    assert "<a " not in view.svg
    ElementTree.fromstring(PortsView(PortMap(), lang).svg)


def test_the_live_ports_are_links() -> None:
    pytest.importorskip("anywidget")
    widget = PortsView(PORTS, "en").widget
    assert widget is not None
    root = ElementTree.fromstring(widget.svg)
    assert [link.get("href") for link in root.iter(f"{SVG}a")] == [
        "http://127.0.0.1:22/",
        "http://127.0.0.1:8080/",
        "/hub/proxy/8081/",
        "http://127.0.0.1:8082/",
    ]


def test_mounts_in_words() -> None:
    lines = MountsView(MOUNTS, "en").text.splitlines()
    assert lines[1] == (
        "/ comes from the image app:1 (2 read-only layers; own layer on top: 1 paths changed)."
    )
    assert "not a copy, the very same files" in lines[2]
    assert "node_modules (5 files, 50B, layer 2), index.js (9B, layer 1)" in lines[2]
    assert "Not missing all the same: node_modules," in lines[2]
    assert lines[2].endswith("is missing in the container: index.js.")
    assert "It stands inside /app and covers" in lines[3]
    assert "Docker copied the image's files of that path into it: 5 files, 50B, layer 2" in lines[3]
    assert "read-only" in lines[4]
    plain = MountsView(MountMap("web", IMAGE, read_only=True), "en").text
    assert "Nothing is mounted" in plain
    assert "no layer to write on" in plain


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_mounts_drawn(lang: Any) -> None:
    view = MountsView(MOUNTS, lang)
    texts = _texts(view.svg)
    for kind in ("bind", "volume", "tmpfs"):
        assert texts.count(view.words(f"mount.{kind}")) == 1
    assert texts.count(view.words("mount.anonymous")) == 2
    assert texts.count(view.words("mount.ro")) == 1
    assert view.words("mount.again", names="node_modules") in texts
    assert any(text.startswith("…") and text.endswith("/app") for text in texts)
    assert show(MOUNTS, lang).text == view.text


def test_a_path_is_looked_up() -> None:
    view = MountsView(MOUNTS, "en")
    assert view.answer("node_modules/1") == (
        f"/app/node_modules/1 ← the anonymous volume {'f' * 12}; hidden below: the host: "
        f"{MOUNTS.mounts[0].source}/node_modules/1 ← image layer 2: RUN npm install"
    )
    assert view.answer("/nowhere") == "/nowhere ← there is no such path"
    pytest.importorskip("anywidget")
    widget: Any = view.widget
    widget.path = "/etc/hosts"
    assert widget.answer == "/etc/hosts ← made by the engine for this container"
    widget.path = ""
    assert widget.answer == ""
