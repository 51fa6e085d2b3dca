"""The graph of a Compose project: in words, as a drawing, and live."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal
from xml.etree import ElementTree

import pytest

from dockerlab.errors import EngineRefused
from dockerlab.formats.composed.state import (
    ContainerState,
    Endpoint,
    PublishedPort,
    ServiceState,
    State,
)
from dockerlab.formats.composefile.model import (
    Build,
    Dependency,
    Mount,
    Network,
    Port,
    Project,
    Service,
    Volume,
)
from dockerlab.views import ComposeView, show
from dockerlab.views.compose.graph import MOST
from dockerlab.views.compose.scene import Snapshot, scene, start_levels

SVG = "{http://www.w3.org/2000/svg}"
HOME = "/home/kim/app"


def project(**services: Service) -> Project:
    found = services or {
        "web": Service(
            "web",
            build=Build(f"{HOME}/web"),
            networks={"front": None, "back": None},
            depends_on={"db": Dependency("service_healthy")},
            ports=(Port(3000, "8080"), Port(9229)),
            volumes=(Mount("bind", "/src", f"{HOME}/web", read_only=True),),
            replicas=2,
        ),
        "db": Service(
            "db",
            image="redis",
            networks={"back": None},
            volumes=(Mount("volume", "/data", "data"),),
        ),
    }
    return Project(
        "app",
        HOME,
        services=found,
        networks={
            "front": Network("front", "app_front"),
            "back": Network("back", "app_back", internal=True),
        },
        volumes={"data": Volume("data", "app_data")},
    )


def box(service: str, number: int = 1, state: State = "running", **more: Any) -> ContainerState:
    return ContainerState(f"{number}" * 64, f"app-{service}-{number}", number, state, **more)


RUNNING = (
    ServiceState(
        "db", (box("db", health="healthy", networks=(Endpoint("app_back", "172.18.0.2"),)),)
    ),
    ServiceState(
        "web",
        (
            box("web", 1, ports=(PublishedPort(3000, "tcp", 8080, url="/hub/proxy/8080/"),)),
            box("web", 2, "exited", exit_code=137, current=False),
        ),
    ),
)


def texts(svg: str) -> list[str]:
    return ["".join(part.itertext()) for part in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def tips(svg: str) -> dict[str, str]:
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return {g.attrib["data-key"]: g.attrib["data-tip"] for g in groups if "data-key" in g.attrib}


def test_who_starts_when() -> None:
    after = {"a": Dependency()}
    chain = project(
        c=Service("c", depends_on={"b": Dependency(), "a": Dependency()}),
        b=Service("b", depends_on=after),
        a=Service("a"),
        d=Service("d", depends_on={"gone": Dependency(required=False)}),
    )
    assert start_levels(chain) == {"a": 1, "b": 2, "c": 3, "d": 1}
    assert [card.name for card in scene(Snapshot(chain)).cards] == ["a", "d", "b", "c"]


@pytest.mark.parametrize(
    ("containers", "look"),
    [
        ([], "absent"),
        ([box("web", state="created")], "created"),
        ([box("web"), box("web", 2)], "running"),
        ([box("web")], "partly"),
        ([box("web", health="healthy"), box("web", 2, health="starting")], "starting"),
        ([box("web", health="healthy"), box("web", 2, health="unhealthy")], "unhealthy"),
        ([box("web", state="exited", exit_code=0)], "done"),
        ([box("web"), box("web", 2, "exited", exit_code=1)], "failed"),
        ([box("web", state="paused"), box("web", 2)], "paused"),
        ([box("web", state="restarting", exit_code=None)], "restarting"),
    ],
)
def test_how_a_service_looks(containers: list[ContainerState], look: str) -> None:
    drawn = scene(Snapshot(project(), (ServiceState("web", tuple(containers)),)))
    assert {card.name: card.look for card in drawn.cards}["web"] == look


def test_in_words() -> None:
    told = ComposeView(Snapshot(project(), RUNNING), "en").text.splitlines()
    assert told == [
        "The project app",
        "services: 2, networks: 2, volumes: 1",
        "Start order: 1. db → 2. web",
        "1. db (redis): healthy",
        "  Container app-db-1: running (healthy), app_back 172.18.0.2",
        "2. web (build ./web): exited (137) · 1/2. web starts after db has become healthy",
        "port 8080 of this machine → port 3000 of web",
        "  Container app-web-1: running, 0.0.0.0:8080->3000/tcp",
        "  Container app-web-2: exited, made from an older compose file; the next up makes it anew",
        "network front (app_front): web only",
        "network back (app_back), internal, no way out: db, web reach each other by name",
        "volume data (app_data) is mounted in db at /data; it outlives the containers",
        "folder ./web of the host is mounted in web at /src (ro): the very same files",
    ]


def test_what_a_profile_switches_off_is_named() -> None:
    off = {"tests": Service("tests", image="node", profiles=("ci", "all"))}
    told = ComposeView(Snapshot(replace(project(), disabled=off)), "en").text
    assert "Switched off, of profiles: tests (ci, all)" in told.splitlines()


def test_before_it_runs_the_ports_are_a_plan() -> None:
    view = ComposeView(Snapshot(project()), "ko")
    assert "이 컴퓨터의 포트 8080 → web의 포트 3000, 실행하면 열림" in view.text
    assert "호스트의 빈 포트 → web의 포트 9229, 실행하면 열림" in view.text
    assert ":8080 → 3000" in texts(view.svg)


def test_every_part_of_the_drawing_tells_itself() -> None:
    told = tips(ComposeView(Snapshot(project(), RUNNING), "en").svg)
    assert set(told) == {
        "service-db",
        "service-web",
        "container-app-db-1",
        "container-app-web-1",
        "container-app-web-2",
        "port-web-0.0.0.0:8080->3000/tcp",
        "need-web-db",
        "rail-network-front",
        "rail-network-back",
        "rail-volume-data",
        "rail-bind-./web",
    }
    assert told["need-web-db"] == "web starts after db has become healthy"


def test_running_ports_are_links_of_the_live_form_only() -> None:
    view = ComposeView(Snapshot(project(), RUNNING), "en")
    assert "<a " not in view.svg
    live = view.widget
    assert live is not None
    assert 'href="/hub/proxy/8080/"' in live.svg
    assert live.buttons == []


def test_names_that_would_break_the_page() -> None:
    hostile = '<script>alert("&")</script>\x1b[31m'
    view = ComposeView(
        Snapshot(
            project(
                bad=Service("bad", image=hostile, volumes=(Mount("bind", hostile, "/" + hostile),))
            ),
            (ServiceState("bad", (box(hostile, status=hostile),)),),
        ),
        "en",
    )
    root = ElementTree.fromstring(view.svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "\x1b" not in view.svg


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 9, 200])
def test_any_number_of_services_fits(count: int) -> None:
    names = [f"svc{number:03}" for number in range(count)]
    many = replace(
        project(),
        services={name: Service(name, image="alpine", networks={"back": None}) for name in names},
    )
    view = ComposeView(Snapshot(many), "en")
    root = ElementTree.fromstring(view.svg)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    drawn = tips(view.svg)
    assert sum(key.startswith("service-") for key in drawn) == min(count, MOST)
    for shape in root.iter(f"{SVG}rect"):
        assert float(shape.attrib["x"]) + float(shape.attrib["width"]) <= width
        assert float(shape.attrib["y"]) + float(shape.attrib["height"]) <= height
    assert all(name in view.text for name in names)
    if count > MOST:
        assert f"{count - MOST} more services are listed in the text below." in texts(view.svg)


class Moving:
    """A project that moves when it is told to."""

    def __init__(self) -> None:
        self.project = project()
        self.states: Sequence[ServiceState] = ()
        self.done: list[str] = []
        self.error: Exception | None = None
        self.acted = threading.Event()
        self._listeners: list[Callable[[Any], None]] = []

    def state(self) -> Sequence[ServiceState]:
        return self.states

    def listen(self, listener: Callable[[Any], None]) -> None:
        self._listeners.append(listener)

    def do(self, action: str) -> None:
        self.done.append(action)
        if self.error:
            raise self.error
        self.states = RUNNING if action == "up" else ()
        for listener in self._listeners:
            listener(self)


def buttons(widget: Any) -> dict[str, bool]:
    return {one["action"]: one["enabled"] for one in widget.buttons}


def click(widget: Any, action: object) -> None:
    """As the browser's message does; waits until the action is over."""
    widget._handle_custom_msg({"action": action}, [])
    for _ in range(200):
        if not widget.busy:
            return
        threading.Event().wait(0.01)


def test_it_follows_and_acts() -> None:
    moving = Moving()
    widget: Any = ComposeView(moving, "en").widget
    assert buttons(widget) == {
        "up": True, "stop": False, "start": False, "restart": False, "down": False,
    }  # fmt: skip
    assert "not created" in widget.text
    click(widget, "up")
    assert moving.done == ["up"]
    assert "1. db (redis): healthy" in widget.text
    assert buttons(widget)["down"]
    click(widget, "explode")
    click(widget, ["up"])
    click(widget, "down")
    assert moving.done == ["up", "down"]
    assert "not created" in widget.text


def test_an_error_is_shown() -> None:
    moving = Moving()
    moving.error = EngineRefused("port is already allocated", "free the port")
    widget: Any = ComposeView(moving, "en").widget
    click(widget, "up")
    assert widget.error == "port is already allocated\n→ free the port"
    moving.error = None
    click(widget, "up")
    assert widget.error == ""


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_a_notebook_keeps(lang: Literal["en", "ko"]) -> None:
    data, metadata = show(Snapshot(project(), RUNNING), lang)._repr_mimebundle_()
    assert set(data) >= {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"}
    assert metadata["image/svg+xml"]["alt"] == data["text/plain"]
