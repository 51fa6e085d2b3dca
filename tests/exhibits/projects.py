"""A Compose project: its graph, who reaches whom, what its services say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerlab.formats.composed.lines import LogLine, ProjectLog
from dockerlab.formats.composed.reach import Attempt, Place, Reach, Way
from dockerlab.formats.composed.state import (
    ContainerState,
    Endpoint,
    PublishedPort,
    ServiceState,
)
from dockerlab.formats.composefile.model import (
    Dependency,
    Mount,
    Network,
    Port,
    Project,
    Service,
    Volume,
)
from dockerlab.views import ComposeView, show

HOME = "/home/kim/shop"


def service(name: str, *after: str, **more: Any) -> Service:
    waits = {one: Dependency("service_healthy") for one in after}
    networks = {"back": None} | ({"front": None} if "ports" in more else {})
    return Service(name, image=name, networks=networks, depends_on=waits, **more)


SHOP = Project(
    "shop",
    HOME,
    services={
        "web": service(
            "web", "db", "queue", ports=(Port(3000, "8080"),), replicas=2,
            volumes=(Mount("bind", "/src", f"{HOME}/web", read_only=True),),
        ),
        "db": service("db", volumes=(Mount("volume", "/data", "data"),)),
        "queue": service("queue"),
        "worker": service("worker", "queue"),
        "once": service("once"),
    },
    networks={
        "front": Network("front", "shop_front"),
        "back": Network("back", "shop_back", internal=True),
    },
    volumes={"data": Volume("data", "shop_data")},
)  # fmt: skip


def box(service: str, number: int = 1, **more: Any) -> ContainerState:
    facts = {"state": "running"} | more
    return ContainerState(f"{number}" * 64, f"shop-{service}-{number}", number, **facts)


STATES = (
    ServiceState("db", (box("db", health="healthy", networks=(Endpoint("b", "172.18.0.2"),)),)),
    ServiceState("queue", (box("queue", health="unhealthy"),)),
    ServiceState(
        "web",
        (
            box("web", 1, ports=(PublishedPort(3000, "tcp", 8080, url="/proxy/8080/"),)),
            box("web", 2, state="exited", exit_code=137, current=False),
        ),
    ),
    ServiceState("once", (box("once", state="exited", exit_code=0),)),
)


class Shop:
    """A project whose buttons act, on nothing but itself."""

    project = SHOP

    def __init__(self) -> None:
        self._states: tuple[ServiceState, ...] = STATES
        self._listeners: list[Callable[[Any], None]] = []

    def state(self) -> tuple[ServiceState, ...]:
        return self._states

    def listen(self, listener: Callable[[Any], None]) -> None:
        self._listeners.append(listener)

    def do(self, action: str) -> None:
        self._states = () if action == "down" else STATES
        for listener in self._listeners:
            listener(self)


PLACES = (
    Place("web", "1" * 64, ("front", "back"), ("web",), ("172.18.0.3",), (3000,), 3, "nc"),
    Place("db", "2" * 64, ("back",), ("db", "store"), ("172.18.0.2",), (6379,)),
    Place("dumb", "3" * 64, ("front",), ("dumb",), (), (9000,), why="its image has no tool"),
)
WAYS = (
    Way("web", "db", ("back",), (Attempt("db", 6379, "open"),)),
    Way("web", "dumb", ("front",), (Attempt("dumb", 9000, "refused"),)),
    Way("db", "web", ("back",), (Attempt("172.18.0.3", 3000, "open", "address"),)),
    Way("db", "dumb", (), (Attempt("dumb", 9000, "noname"),)),
    Way("dumb", "web", ("front",)),
    Way("dumb", "db"),
)
AT = 1_800_000_000.0
LOG = ProjectLog(
    "shop",
    ("db", "web", "worker"),
    (
        LogLine("db", "db-1", "* Ready to accept connections", at=AT),
        LogLine("web", "web-2", "\x1b[32mGET\x1b[0m / \x1b[31m500\x1b[0m \x1b[33m12 ms", at=AT),
        LogLine("web", "web-2", "\x1b[34mblue\x1b[0m \x1b[35mpurple\x1b[0m \x1b[90mgrey", at=AT),
        LogLine("worker", "worker-1", "Error: connect ECONNREFUSED " + "x" * 90, "err", at=AT),
    ),
)  # fmt: skip
EXHIBITS: dict[str, Callable[[Any], Any]] = {
    "project": lambda lang: ComposeView(Shop(), lang),
    "reach": lambda lang: show(Reach(PLACES, WAYS, "shop"), lang),
    "lines": lambda lang: show(LOG, lang),
}
